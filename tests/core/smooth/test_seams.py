"""A change is dear inside a sentence, cheap at its end or in a pause; a habit is no pause."""

from __future__ import annotations

import numpy as np
import pytest

from diarfix.config.knobs import ViterbiKnobs
from diarfix.core.smooth.evidence import change_costs, sentence_ends, silences
from diarfix.core.smooth.path import MICRO
from diarfix.core.words import words_from_rows

KNOBS = ViterbiKnobs()


def _costs(rows, knobs=KNOBS):
    words = words_from_rows([(text, start, end, "A") for text, start, end in rows])
    index = np.flatnonzero(words.timed).astype(np.int64)
    return (change_costs(words, index, knobs) / MICRO).tolist()


def _evenly(texts, *, gap=0.0, length=0.3):
    return [(text, i * (length + gap), i * (length + gap) + length) for i, text in enumerate(texts)]


@pytest.mark.parametrize(
    "text",
    [
        "so.",
        "so?",
        "so!",
        "so…",
        "so.”",
        'so."',
        "so.)",
        "そう。",
        "そう？」",
        "好！",
        "كيف؟",
        "है।",
    ],
)
def test_sentence_ends_in_any_script(text):
    assert sentence_ends((text,)).all()


@pytest.mark.parametrize("text", ["so", "so,", "so:", "3.5", "", ".so", "そう、", "(so)"])
def test_what_is_no_sentence_end(text):
    assert not sentence_ends((text,)).any()


def test_inside_a_sentence_and_after_a_comma_a_change_costs_the_same():
    costs = _costs(_evenly(["so,", "we", "go.", "yes"]))
    assert costs[1:] == [KNOBS.change_cost, KNOBS.change_cost, KNOBS.sentence_end_cost]


def test_a_pause_leaves_a_small_share_of_the_cost():
    rows = [("a", 0.0, 0.3), ("b", 0.3, 0.6), ("c.", 1.6, 1.9), ("d", 2.9, 3.2)]
    rows += [(f"e{i}", 3.2 + 0.3 * i, 3.5 + 0.3 * i) for i in range(20)]
    costs = _costs(rows)
    assert costs[2] == pytest.approx(KNOBS.pause_share * KNOBS.change_cost, abs=1e-6)
    assert costs[3] == pytest.approx(KNOBS.pause_share * KNOBS.sentence_end_cost, abs=1e-6)


def test_gaps_that_a_recogniser_leaves_between_all_words_are_no_pauses():
    dense = _costs(_evenly(["a"] * 30))
    gappy = _costs(_evenly(["a"] * 30, gap=0.05))
    assert gappy[1:] == pytest.approx(dense[1:])


def test_gaps_beyond_the_offset_are_pauses_however_common():
    costs = _costs(_evenly(["a"] * 30, gap=0.5))
    assert max(costs[1:]) < KNOBS.change_cost / 10


def test_words_passed_over_leave_no_pause_but_their_punctuation_counts():
    rows = [("a", 0.0, 0.3), ("in", None, None), ("b", 1.0, 1.3), ("1990.", None, None)]
    rows += [("c", 2.0, 2.3)]
    costs = _costs(rows)
    assert costs[1:] == [KNOBS.change_cost, KNOBS.sentence_end_cost]


def test_silence_is_negative_where_words_overlap():
    assert silences(np.array([0.0, 0.2, 1.0]), np.array([0.5, 0.4, 1.1])).tolist() == [
        np.inf,
        -0.3,
        0.6,
    ]
