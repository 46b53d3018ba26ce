"""The map between speakers is the best one-to-one map, and a pure function of the matrix."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.metrics import mapping
from diarfix.metrics.mapping import Shared


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
