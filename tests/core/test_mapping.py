"""The map between speakers is the best one-to-one map, and a pure function of the matrix."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.core import mapping
from diarfix.core.mapping import Shared
from diarfix.errors import NotMeasured


def best(table, **how):
    row, column = np.nonzero(table)
    return mapping.best_map(Shared(row, column, table[row, column], table.shape), **how)


@st.composite
def matrices(draw, high=9):
    rows, columns = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    cells = draw(st.lists(st.integers(0, high), min_size=rows * columns, max_size=rows * columns))
    return np.array(cells, dtype=np.int64).reshape(rows, columns)


def total(table, ref_of):
    mapped = np.flatnonzero(ref_of >= 0)
    return table[mapped, ref_of[mapped]].sum()


def brute_force(table):
    rows, columns = table.shape
    slots = [*range(columns), *[None] * rows]
    return max(
        sum(table[row, column] for row, column in enumerate(choice) if column is not None)
        for choice in permutations(slots, rows)
    )


@settings(deadline=None)
@given(matrices())
def test_the_total_is_the_largest_of_all_maps(table):
    """No one-to-one map weighs more."""
    assert total(table, best(table)) == brute_force(table)


@settings(deadline=None)
@given(matrices(high=2))
def test_no_column_is_used_twice_and_no_pair_is_mapped_for_nothing(table):
    """A map is one-to-one, and who shares nothing is left over."""
    ref_of = best(table)
    used = ref_of[ref_of >= 0]
    assert ref_of.dtype == np.int32
    assert len(ref_of) == len(table)
    assert len(set(used.tolist())) == len(used)
    assert all(table[row, column] > 0 for row, column in enumerate(ref_of) if column >= 0)


@settings(deadline=None)
@given(matrices(), st.floats(-1e-9, 1e-9))
def test_noise_below_the_quantum_breaks_no_tie(table, noise):
    """Seconds that differ by rounding are the same seconds."""
    signs = np.where(np.indices(table.shape).sum(axis=0) % 2, noise, -noise)
    assert best(table + signs).tolist() == best(table.astype(float)).tolist()


def test_integers_are_compared_exactly():
    """Whole numbers are never rounded, however large."""
    big = 2**50
    assert best(np.array([[big, big + 1], [big, big]])).tolist() == [1, 0]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_a_side_without_speakers_leaves_all_over(shape):
    """With nobody to map to, everybody is left over."""
    assert best(np.zeros(shape)).tolist() == [-1] * shape[0]


def test_greedy_choice_would_lose():
    """The heaviest pair is not taken where it costs more elsewhere."""
    assert best(np.array([[10, 9], [9, 1]])).tolist() == [1, 0]


@settings(deadline=None)
@given(matrices(), st.booleans())
def test_tables_too_large_to_hold_have_the_same_total(table, whole):
    """Only what is in them is looked at, and those who share nothing are still left over."""
    weights = table if whole else table.astype(float)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapping, "_CELLS", int((table > 0).sum()))
        ref_of = best(weights)
    used = ref_of[ref_of >= 0]
    assert len(set(used.tolist())) == len(used)
    assert all(table[row, column] > 0 for row, column in enumerate(ref_of) if column >= 0)
    assert total(table, ref_of) == brute_force(table)


def test_what_would_take_minutes_is_refused():
    """Everybody meets everybody, and wants the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mapping, "_CELLS", 3)
        with pytest.raises(NotMeasured, match="2 and 2 speakers, 4 pairs of them at once"):
            best(np.array([[3, 1], [3, 1]]))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 9)), max_size=30),
)
def test_pairs_add_up_however_they_are_held(rows):
    """In a small table or in a large one, weighted or counted."""
    row, column, weight = (np.array([r[i] for r in rows], dtype=np.int64) for i in range(3))
    for size in (4, 400):
        table = np.zeros((size, size))
        np.add.at(table, (row, column), weight)
        found = Shared.of(row, column, (size, size), weight.astype(float))
        assert found.weight.sum() == table.sum()
        assert (table[found.row, found.column] == found.weight).all()
        counted = Shared.of(row, column, (size, size))
        assert int(counted.weight.sum()) == len(rows)
        assert counted.weight.dtype.kind == "i"
