"""Wrong words are shown as stretches, each of one kind, the longest first."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.core.words import words_from_rows
from diarfix.metrics.labels import score_against_words
from diarfix.metrics.recording import wrong_stretches


def found(ref, hyp, *, timed=True):
    """Stretches where one letter is one word; a space in ``hyp`` is a word without label."""
    time = float if timed else lambda _: None
    here = words_from_rows((f"w{i}", time(i), time(i + 1), c) for i, c in enumerate(ref))
    there = words_from_rows(
        (f"w{i}", time(i), time(i + 1), None if c == " " else c) for i, c in enumerate(hyp)
    )
    return wrong_stretches(there, score_against_words(there, here))


@pytest.mark.parametrize(
    ("ref", "hyp", "kind", "n"),
    [
        ("AAAAABBBBB", "xxyxxyyyyy", "island", 1),
        ("AAAAABBBBB", "xxxyyyyyyy", "seam", 2),
        ("AAAABBAAAA", "xxxxxxxxxx", "absorption", 2),
        ("AAAAABBBBAAAAA", "xxxxxxxxxxxxxx", "turn", 4),
        ("AAAAAAAAAA", "xxxyyyyxxx", "confusion", 4),
        ("AAAAAAAAAA", "xxx xxxxxx", "confusion", 1),
    ],
)
def test_each_stretch_has_its_kind(ref, hyp, kind, n):
    (stretch,) = found(ref, hyp)
    assert (stretch.kind, stretch.n_words) == (kind, n)


def test_a_stretch_tells_when_what_whose_and_who_got_it():
    (stretch,) = found("AAAAABBBBB", "xxxyyyyyyy")
    assert (stretch.first, stretch.stop) == (3, 5)
    assert stretch.start == 3.0
    assert (stretch.text, stretch.ref, stretch.hyp) == ("w3 w4", "A", "y")


def test_words_left_out_are_passed_over_and_times_may_lack():
    (stretch,) = found("AAAAA?ABBBBBBB", "xxxxy?yyyyyyyy", timed=False)
    assert (stretch.n_words, stretch.text) == (2, "w4 w6")
    assert math.isnan(stretch.start)
    assert found("", "") == []


labels = st.lists(st.tuples(st.sampled_from("AB?"), st.sampled_from("xyz ")), max_size=30)


@settings(deadline=None)
@given(labels)
def test_the_stretches_hold_every_wrong_word_once(pairs):
    ref, hyp = ("".join(side) for side in zip(*pairs, strict=True)) if pairs else ("", "")
    table = found(ref, hyp)
    there = words_from_rows((f"w{i}", i, i + 1, None if c == " " else c) for i, c in enumerate(hyp))
    here = words_from_rows((f"w{i}", i, i + 1, c) for i, c in enumerate(ref))
    score = score_against_words(there, here)
    told = [word for stretch in table for word in stretch.text.split()]
    assert told == [f"w{i}" for i in score.wrong.nonzero()[0]]
