"""Turns that cannot be of these words are told, and refused only beyond doubt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.core.fit import misfit
from diarfix.core.words import turns_from_rows, words_from_rows


def words(n, *, at=0.0, step=0.4, scale=1.0):
    return words_from_rows(
        [(f"w{i}", (at + i * step) * scale, (at + i * step + 0.3) * scale, None) for i in range(n)]
    )


def turns(spec, *, scale=1.0):
    return turns_from_rows([(a * scale, b * scale, label) for a, b, label in spec])


TALK = [(0.0, 3.0, "A"), (3.2, 6.0, "B"), (6.1, 8.0, "A")]


def test_what_fits_is_not_told():
    assert misfit(words(20), turns(TALK)) is None
    assert misfit(words(20), turns([])) is None
    assert misfit(words(0), turns(TALK)) is None


@pytest.mark.parametrize("scale", [100, 1000, 16_000])
def test_turns_in_frames_or_milliseconds_are_refused(scale):
    found = misfit(words(20), turns([(0, 2, "A"), (2, 6, "B"), (6, 8, "A")], scale=scale))
    assert found is not None
    assert found.certain
    assert "times further" in found.what


def test_words_in_milliseconds_are_refused():
    found = misfit(words(20, scale=1000), turns(TALK))
    assert found is not None
    assert found.certain
    assert found.what.startswith("1 of 20 words lie in a turn")


def test_turns_of_elsewhere_are_refused_for_many_words_and_told_for_few():
    elsewhere = turns([(500.0, 530.0, "A"), (531.0, 560.0, "B")])
    many, few = misfit(words(20), elsewhere), misfit(words(3), elsewhere)
    assert many is not None
    assert many.certain
    assert few is not None
    assert not few.certain


def test_a_clip_of_a_long_recording_is_told_and_not_refused():
    long = [(n * 9.3, n * 9.3 + 8.7, "AB"[n % 2]) for n in range(400)]
    found = misfit(words(20), turns(long))
    assert found is not None
    assert not found.certain


@given(st.integers(1, 60), st.floats(0, 3), st.floats(0.2, 5))
def test_turns_around_the_words_always_fit(n, at, step):
    table = words(n, at=at, step=step)
    spans = np.array_split(np.arange(n), min(n, 5))
    rows = [(table.start[s[0]] + 0.1, table.end[s[-1]], str(i % 2)) for i, s in enumerate(spans)]
    assert misfit(table, turns_from_rows(rows)) is None
