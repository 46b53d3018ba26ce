"""Words become turns by who spoke when, not by where they stand in the file."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.core.words import turns_from_rows, words_from_rows
from diarfix.metrics.der import CoverageCounts, covered_speech
from diarfix.metrics.sweep import words_to_turns

law = settings(deadline=None, max_examples=100)

word = st.tuples(
    st.just("w"),
    st.integers(0, 60) | st.none(),
    st.integers(0, 9),
    st.sampled_from(["A", "B", None]),
)
documents = st.lists(word, max_size=14).map(
    lambda rows: [
        (text, None, None, s) if at is None else (text, at / 10, (at + n) / 10, s)
        for text, at, n, s in rows
    ]
)


def rows_of(turns):
    return list(zip(turns.start.tolist(), turns.end.tolist(), turns.labels, strict=True))


def by_hand(rows, gap):
    """One word after the other, in time."""
    timed = sorted((a, b, k) for k, (_, a, b, _) in enumerate(rows) if a is not None)
    turns = []
    for a, b, k in timed:
        label = rows[k][3]
        if turns and turns[-1][2] == label and a <= turns[-1][1] + gap + 1e-6:
            turns[-1][1] = max(turns[-1][1], b)
        else:
            turns.append([a, b, label])
    return [tuple(turn) for turn in turns if turn[2] is not None and turn[1] > turn[0]]


@law
@given(documents, st.sampled_from([0.0, 0.3, 0.5]))
def test_consecutive_words_of_one_label_are_joined(rows, gap):
    """The columns give what a loop over the words in time gives."""
    assert rows_of(words_to_turns(words_from_rows(rows), max_gap=gap)) == by_hand(rows, gap)


@law
@given(documents, st.randoms(use_true_random=False))
def test_the_order_of_the_document_does_not_matter(rows, random):
    """Words with distinct times give the same turns in any order."""
    distinct = list({(a, b): (t, a, b, s) for t, a, b, s in rows}.values())
    shuffled = random.sample(distinct, len(distinct))
    assert rows_of(words_to_turns(words_from_rows(distinct))) == rows_of(
        words_to_turns(words_from_rows(shuffled))
    )


@pytest.mark.parametrize(
    ("rows", "turns"),
    [
        ([], []),
        # A gap of exactly half a second is closed, whatever the rounding; more is not.
        ([(9.3, 9.8, "A"), (10.3, 10.5, "A")], [(9.3, 10.5, "A")]),
        ([(9.3, 9.8, "A"), (10.31, 10.5, "A")], [(9.3, 9.8, "A"), (10.31, 10.5, "A")]),
        # Another speaker in between ends the turn, and so does a word of nobody.
        ([(0, 1, "A"), (1, 1.1, "B"), (1.2, 2, "A")], [(0, 1, "A"), (1, 1.1, "B"), (1.2, 2, "A")]),
        ([(0, 1, "A"), (1, 1.1, None), (1.2, 2, "A")], [(0, 1, "A"), (1.2, 2, "A")]),
        # A word without time is nowhere.
        ([(0, 1, "A"), (None, None, "B"), (1.2, 2, "A")], [(0, 2, "A")]),
        # The end of a turn is the latest end; a long word of another does not reach into it.
        ([(0, 3, "A"), (1, 2, "A"), (3.4, 4, "A")], [(0, 4, "A")]),
        (
            [(0, 9, "A"), (1, 2, "B"), (3, 4, "B")],
            [(0, 9, "A"), (1, 2, "B"), (3, 4, "B")],
        ),
        # A word of no length holds no speech.
        ([(5, 5, "A")], []),
    ],
)
def test_gaps_strangers_and_gaps_in_the_data(rows, turns):
    """The cases that words in the wild bring."""
    words = words_from_rows([("w", a, b, s) for a, b, s in rows])
    assert rows_of(words_to_turns(words)) == turns


def test_the_speaker_codes_stay():
    """Turns are coded as the words are, speakers without a turn included."""
    words = words_from_rows([("a", None, None, "A"), ("b", 0.0, 1.0, "B")])
    turns = words_to_turns(words)
    assert turns.speakers == ("A", "B")
    assert turns.speaker.tolist() == [1]


@law
@given(documents, st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=4))
def test_coverage_is_what_a_grid_counts(rows, spans):
    """Looking at every 50 ms gives the same seconds."""
    ref = turns_from_rows([(a / 10, (a + n) / 10, f"S{k % 2}") for k, (a, n) in enumerate(spans)])
    n = 200
    middle = (np.arange(n) + 0.5) / 20
    talks = np.array(
        [
            [
                any(
                    a <= t < b
                    for a, b, c in zip(ref.start, ref.end, ref.speaker, strict=True)
                    if c == code
                )
                for t in middle
            ]
            for code in range(len(ref.speakers))
        ]
    ).reshape(-1, n)
    alone = talks.sum(axis=0) == 1
    merged = by_hand([(w, a, b, "x") for w, a, b, _ in rows], 0.5)
    heard = np.array([any(a <= t < b for a, b, _ in merged) for t in middle], dtype=bool)
    found = covered_speech(ref, words_from_rows(rows))
    assert found.total == pytest.approx(alone.sum() / 20)
    assert found.covered == pytest.approx((alone & heard).sum() / 20)


def test_coverage_counts_add_and_may_be_none():
    """No reference speech has no coverage; a UEM confines it."""
    ref = turns_from_rows([(0, 4, "A")])
    words = words_from_rows([("w", 0.0, 1.0, None), ("w", 1.5, 2.0, "x")])
    assert covered_speech(ref, words) == CoverageCounts(2.0, 4.0)
    assert covered_speech(ref, words, uem=(np.array([1.0]), np.array([4.0]))) == CoverageCounts(
        1.0, 3.0
    )
    assert (covered_speech(ref, words) + CoverageCounts()).rate == 0.5
    assert covered_speech(turns_from_rows([]), words).rate is None
