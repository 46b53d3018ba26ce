"""The best path where changes cost differently by who leaves and who begins."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.core.smooth.handover import best_handover
from diarfix.core.smooth.path import Rows, Terms, best_path


def _terms(table, cost):
    keys = sorted(table)
    word = np.array([word for word, _ in keys], dtype=np.int64)
    speaker = np.array([speaker for _, speaker in keys], dtype=np.int32)
    gain, enter, leave = np.array([table[key] for key in keys], dtype=np.int64).T
    return Terms(Rows(word, speaker, gain), enter, leave, np.array(cost, dtype=np.int64))


def _value(path, table, cost, present):
    score, seams = 0, 0
    for i, k in enumerate(path):
        score += table.get((i, k), (0, 0, 0))[0]
    for i, (left, begun) in enumerate(pairwise(path), start=1):
        if left != begun:
            seams += 1
            score += table.get((i, begun), (0, 0, 0))[1] + table.get((i, left), (0, 0, 0))[2]
            score -= cost[i]
    kept = sum(a == b for a, b in zip(path, present, strict=True))
    return score, kept, -seams


@st.composite
def problems(draw):
    n, n_speakers = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    present = draw(st.lists(st.integers(0, n_speakers - 1), min_size=n, max_size=n))
    # Few distinct values, so that ties are common.
    cost = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    one = st.integers(-3, 4)
    table = {
        (i, k): draw(st.tuples(one, one, one))
        for i in range(n)
        for k in range(n_speakers)
        if k == present[i] or draw(st.booleans())
    }
    # Nobody without a row anywhere is anybody.
    return table, cost, present, 1 + max(k for _, k in table)


@settings(max_examples=500, deadline=None)
@given(problems())
def test_no_path_beats_the_best_handover(problem):
    table, cost, present, n_speakers = problem
    found = best_handover(_terms(table, cost), np.array(present, dtype=np.int32)).tolist()
    everything = product(range(n_speakers), repeat=len(cost))
    best = max(_value(path, table, cost, present) for path in everything)
    assert _value(found, table, cost, present) == best


@settings(max_examples=200, deadline=None)
@given(problems())
def test_without_terms_of_speakers_it_is_worth_what_the_best_path_is(problem):
    table, cost, present, _ = problem
    table = {key: (abs(gain), 0, 0) for key, (gain, _, _) in table.items()}
    terms = _terms(table, cost)
    labels = np.array(present, dtype=np.int32)
    plain = best_path(terms.rows, terms.cost, labels).tolist()
    found = best_handover(terms, labels).tolist()
    assert _value(found, table, cost, present) == _value(plain, table, cost, present)


def test_scores_beyond_64_bits_stay_exact():
    high = 1 << 60
    table = {(i, k): (high + i * k, 0, 0) for i in range(9) for k in range(2)}
    path = best_handover(_terms(table, [1] * 9), np.zeros(9, dtype=np.int32))
    assert path.tolist() == [1] * 9
