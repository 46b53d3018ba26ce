"""The best path is the best of all paths, by score, then kept labels, then seams."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.core.smooth.path import Rows, best_path


def _rows(table: dict[tuple[int, int], int]) -> Rows:
    keys = sorted(table)
    return Rows(
        np.array([word for word, _ in keys], dtype=np.int64),
        np.array([speaker for _, speaker in keys], dtype=np.int32),
        np.array([table[key] for key in keys], dtype=np.int64),
    )


def _value(path, table, cost, present) -> tuple[int, int, int]:
    seams = [i for i, (a, b) in enumerate(pairwise(path), start=1) if a != b]
    score = sum(table.get((i, k), 0) for i, k in enumerate(path)) - sum(cost[i] for i in seams)
    return score, sum(a == b for a, b in zip(path, present, strict=True)), -len(seams)


@st.composite
def problems(draw):
    n, n_speakers = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    present = draw(st.lists(st.integers(0, n_speakers - 1), min_size=n, max_size=n))
    # Few distinct values, so that ties are common.
    cost = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    table = {
        (i, k): draw(st.integers(0, 4))
        for i in range(n)
        for k in range(n_speakers)
        if k == present[i] or draw(st.booleans())
    }
    return table, cost, present, n_speakers


@settings(max_examples=300, deadline=None)
@given(problems())
def test_no_path_beats_the_best_path(problem):
    table, cost, present, n_speakers = problem
    costs, labels = np.array(cost, dtype=np.int64), np.array(present, dtype=np.int32)
    found = best_path(_rows(table), costs, labels).tolist()
    everything = product(range(n_speakers), repeat=len(cost))
    best = max(_value(path, table, cost, present) for path in everything)
    assert _value(found, table, cost, present) == best


def test_a_perfect_tie_goes_to_the_lower_code():
    rows = _rows({(0, 0): 3, (0, 1): 3, (0, 2): 0})
    cost = np.zeros(1, dtype=np.int64)
    assert best_path(rows, cost, np.array([2], dtype=np.int32)).tolist() == [0]


def test_a_speaker_unheard_for_long_is_entered_at_the_cheapest_place_since():
    table = {(i, 0): 1 for i in range(8)} | {(i, 1): 5 for i in range(6, 8)}
    cost = np.array([9, 9, 9, 9, 1, 9, 9, 9])
    path = best_path(_rows(table), cost, np.zeros(8, dtype=np.int32))
    assert path.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_rows_are_found_and_further_evidence_adds_up():
    rows = _rows({(0, 0): 7, (2, 1): 5})
    word, speaker = np.array([2, 0, 0]), np.array([1, 1, 0], dtype=np.int32)
    assert rows.find(word, speaker).tolist() == [1, -1, 0]
    more = rows.plus(word, speaker, np.array([3, 2, 0]))
    assert more.word.tolist() == [0, 0, 2]
    assert more.speaker.tolist() == [0, 1, 1]
    assert more.gain.tolist() == [7, 2, 8]
