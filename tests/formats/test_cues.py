"""Subtitles that players accept and people can read."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.formats.text.cues import (
    COLUMNS,
    LONGEST,
    SHORTEST,
    cues_of,
    pieces,
    width,
    wrap,
)
from tests import strategies
from tests.formats.converted import recording, talk

TEXTS = [
    "so",
    "perhaps,",
    "growth.",
    "你好吗？",
    "「そうですか。」と彼は言いました、本当に。",
    "antidis" * 9,
    "da",
]


def cues(rows, *, names=False):
    return cues_of([recording(rows)], names=names)


@st.composite
def speech(draw):
    rows = draw(strategies.rows(n_runs=12))
    return [(draw(st.sampled_from(TEXTS)), *row[1:]) for row in rows]


def letters(text):
    return "".join(text.split())


def timed(rows):
    return bool(recording(rows).words.timed.any())


@settings(deadline=None, max_examples=200)
@given(speech().filter(timed), st.booleans())
def test_cues_fit_the_screen_follow_each_other_and_lose_no_letter(rows, names):
    found = cues(rows, names=names)
    for cue in found:
        assert 1 <= len(cue.lines) <= 2
        assert all(0 < width(line) <= COLUMNS for line in cue.lines)
        assert 0 < cue.end - cue.start <= LONGEST + 1e-9
    for cue, after in itertools.pairwise(found):
        assert cue.end <= after.start + 1e-9
    if not names:
        shown = sorted(letters("".join("".join(c.lines) for c in found)))
        assert shown == sorted(letters("".join(text for text, *_ in rows)))


def test_calm_speech_keeps_every_limit():
    texts = ["When", "we", "began,", "nobody", "knew", "whether", "it", "would", "work.", "So"] * 30
    found = cues(talk("A40 B60 A30 B90 A80", length=0.3, pause=0.1, texts=texts), names=True)
    assert len(found) > 20
    for cue in found:
        assert SHORTEST <= cue.end - cue.start <= LONGEST
        assert sum(map(width, cue.lines)) / (cue.end - cue.start) <= 20


def test_a_cue_never_holds_two_speakers_and_says_who_begins():
    found = cues(talk("A3 B2 A4"), names=True)
    assert [c.label for c in found] == ["A", "B", "A"]
    assert [c.lines[0].split(":")[0] for c in found] == ["A", "B", "A"]
    assert [c.lines for c in cues(talk("A3"), names=False)] == [("word0 word1 word2",)]


def together(*talks):
    """Cues of speakers who talk at once, each on a channel."""
    heard = [recording(rows, part=f"channel {n}", channel=n) for n, rows in enumerate(talks)]
    return cues_of(heard, names=True)


def steady(label, start, end):
    times = [start + 0.4 * n for n in range(round((end - start) / 0.4))]
    return [(f"{label.lower()}{n}", t, t + 0.35, label) for n, t in enumerate(times)]


def test_a_turn_is_cut_in_two_around_an_answer_that_falls_into_it():
    found = together(steady("A", 0, 10), [("mhm", 3.1, 3.5, "B")])
    assert [c.label for c in found] == ["A", "B", "A"]
    assert found[1].lines == ("B: mhm",)
    assert found[2].lines[0].startswith("A: ")
    assert all(c.end - c.start >= SHORTEST - 1e-9 for c in found)
    assert abs(found[1].start - 3.1) <= 0.5


def test_two_who_talk_at_once_are_both_shown_in_turn():
    found = together(steady("A", 0, 12), steady("B", 2, 10))
    assert all(c.end - c.start >= SHORTEST - 1e-9 for c in found)
    shown = " ".join(" ".join(c.lines) for c in found).split()
    said = [word for word in shown if not word.endswith(":")]
    assert sorted(said) == sorted(text for text, *_ in [*steady("A", 0, 12), *steady("B", 2, 10)])
    assert len([c for c in found if c.label == "B"]) >= 3


def test_a_seam_that_overlaps_by_a_word_cuts_nothing():
    rows = [*steady("A", 0, 6), *steady("B", 5.7, 9)]
    assert [c.label for c in cues(rows)] == ["A", "B"]


@settings(deadline=None, max_examples=100)
@given(speech().filter(timed), speech().filter(timed))
def test_overlapping_talk_loses_no_letter_and_no_cue_overlaps(one, other):
    found = cues_of([recording(one), recording(other, channel=2)], names=False)
    for cue, after in itertools.pairwise(found):
        assert cue.start < cue.end <= after.start + 1e-9
    shown = sorted(letters("".join("".join(c.lines) for c in found)))
    assert shown == sorted(letters("".join(text for text, *_ in (*one, *other))))


def test_a_long_silence_ends_a_cue():
    rows = [("one", 0.0, 0.5, "A"), ("two", 9.0, 9.5, "A")]
    assert [(c.start, c.end) for c in cues(rows)] == [(0.0, 1.0), (9.0, 10.0)]


def test_a_word_that_ends_long_after_it_was_said_keeps_no_cue_on_the_screen():
    assert cues([("pense", 3.0, 60.0, "A")])[0].end == 10.0


def test_a_short_answer_in_fast_talk_stays_readable_and_the_next_cue_is_hardly_late():
    rows = talk("A9 B1 A9")
    yes, after = cues(rows)[1:3]
    assert yes.end - yes.start >= 0.7
    assert after.start - rows[10][1] <= 0.5 + 1e-9


def test_a_word_without_a_time_stands_between_its_neighbours():
    rows = [("in", 0.0, 0.5, "A"), ("1974,", None, None, None), ("she", 2.0, 2.3, "A")]
    assert [c.lines for c in cues(rows)] == [("in 1974, she",)]


def test_unspaced_scripts_break_between_characters_and_count_double():
    text = "今日はとても良い天気ですね、散歩に行きましょう。" * 3
    found = cues([(text, 0.0, 14.0, "A")])
    assert "".join("".join(c.lines) for c in found) == text
    assert all(not line.startswith(("、", "。")) for c in found for line in c.lines)


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ([" short"], ["short"]),
        ([" It", " rained", " all", " day,", " and", " then", " the", " sun", " came", " out",
          " again"], ["It rained all day,", "and then the sun came out again"]),
        ([" " + "x" * 42, " " + "y" * 43], None),
    ],
)  # fmt: skip
def test_wrap_breaks_evenly_and_after_punctuation(parts, lines):
    assert wrap(parts) == lines


@given(st.text(min_size=1))
def test_pieces_are_the_word(word):
    assert "".join(pieces(word)) == word
