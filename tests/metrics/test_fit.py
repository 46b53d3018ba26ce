"""Sides that cannot be of one recording are refused; those that seem odd are told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.core.words import turns_from_rows, words_from_rows
from diarfix.errors import InputError
from diarfix.metrics.recording import compare
from diarfix.metrics.sides import Side
from diarfix.metrics.sweep import words_to_turns
from diarfix.metrics.task import ScoreTask

TALK = [(0.0, 5.0, "Ann"), (5.5, 9.0, "Ben"), (9.0, 12.0, "Ann"), (13.0, 20.0, "Ben")]


def turns(rows=TALK, *, times=1.0, plus=0.0):
    return Side(
        "r", None, turns_from_rows([(a * times + plus, b * times + plus, s) for a, b, s in rows])
    )


def words(labels, *, plus=0.0, text="w"):
    rows = [(f"{text}{i}", i + plus, i + plus + 0.9, s) for i, s in enumerate(labels)]
    table = words_from_rows(rows)
    return Side("r", table, words_to_turns(table))


def notes(ref, hyp, uem=None):
    return compare(ScoreTask("r", ref, hyp, uem=uem)).notes


@given(
    ref=st.lists(st.tuples(st.integers(0, 90), st.integers(1, 9)), min_size=1, max_size=6),
    hyp=st.lists(st.tuples(st.integers(0, 90), st.integers(1, 9)), min_size=1, max_size=6),
)
def test_sides_that_meet_by_a_tenth_are_scored_without_a_word(ref, hyp):
    """However bad a hypothesis is: what it hears of the reference shows that it is of it."""
    sides = [
        turns([(a, a + n, "Ann") for a, n in rows] + [(100, 110, "Ben")]) for rows in (ref, hyp)
    ]
    assert notes(*sides) == ()


@pytest.mark.parametrize(("times", "unit"), [(1000, "milliseconds"), (100, "hundredths")])
def test_another_unit_is_refused_on_either_side(times, unit):
    for sides, which in (
        ((turns(), turns(times=times)), "hypothesis"),
        ((turns(times=times), turns()), "reference"),
    ):
        with pytest.raises(InputError, match=f"the {which} seems to be in {unit}"):
            compare(ScoreTask("r", *sides))
    talk = [(0.0, 5.0, "Ann"), (5.0, 10.0, "Ben")]  # no silence between
    with pytest.raises(InputError, match=f"the hypothesis seems to be in {unit}"):
        compare(ScoreTask("r", turns(talk), turns(talk, times=times)))
    assert notes(turns(talk[:1]), turns([(0.0, 5.0 * times, "Ann")])) == ()
    with pytest.raises(InputError, match="the reference seems to be in milli"):
        compare(ScoreTask("r", turns(times=1000), words("A" * 9 + "B" * 11)))


def test_a_recording_that_lies_elsewhere_is_refused_with_what_was_seen():
    with pytest.raises(InputError) as caught:
        compare(ScoreTask("r", turns(plus=500), turns()))
    assert "at 500.0-520.0 s, the hypothesis at 0.0-20.0 s, and 0.0 s of 18.5 s meet" in str(
        caught.value
    )
    assert "another recording" in caught.value.hint


def test_little_speech_elsewhere_is_no_proof_and_told():
    (note,) = notes(turns(), turns([(30.0, 33.0, "Ann")]))
    assert "0.0 s of 3.0 s meet" in note
    (note,) = notes(turns(), turns([(5.1, 5.4, "Ann"), (12.1, 12.9, "Ann")]))
    assert "meet" in note


def test_the_same_words_at_other_times_are_told_for_their_labels_can_be_scored():
    found = compare(ScoreTask("r", words("AAAAABBBBB"), words("AAAABBBBBB", plus=60)))
    assert found.score.metrics()["wser"] == 0.1
    assert "meet" in found.notes[0]


def test_sides_in_the_wrong_order_are_told():
    machine = turns([(a, b, {"Ann": "SPEAKER_00", "Ben": "SPEAKER_01"}[s]) for a, b, s in TALK])
    (note,) = notes(machine, turns())
    assert note.startswith("a machine named the speakers of the reference")
    assert notes(turns(), machine) == notes(machine, machine) == ()
    (note,) = notes(words("A" * 10 + "B" * 10), turns())
    assert "the hypothesis turns alone" in note


def test_turns_that_begin_before_the_recording_are_told():
    early = turns([(-1.0, 5.0, "Ann"), *TALK[1:]])
    assert notes(early, turns()) == ("1 turn begins before 0 s in the reference",)
    assert notes(turns(), early) == ("1 turn begins before 0 s in the hypothesis",)


def uem(*spans):
    return tuple(np.array(column, dtype=float) for column in zip(*spans, strict=True))


def test_regions_beside_all_speech_are_refused_and_narrow_ones_told():
    for spans, hint in (([(500, 560)], "another recording"), ([(21_000, 30_000)], "milliseconds")):
        with pytest.raises(InputError, match=r"0\.0 s of 18\.5 s are scored") as caught:
            compare(ScoreTask("r", turns(), turns(), uem=uem(*spans)))
        assert hint in caught.value.hint
    assert notes(turns(), turns(), uem((0, 10))) == ()
    assert "another recording" in notes(turns(), turns(), uem((0, 1)))[0]
    assert "milliseconds" in notes(turns(), turns(), uem((0, 20_000)))[0]
