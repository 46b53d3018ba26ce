"""Cues that can be read: how long each is shown, and how far from its words."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.files.local import read_text
from diarfix.formats.document import read_document
from diarfix.formats.recordings import recordings_of
from diarfix.formats.text.cues import cues_of, width
from diarfix.formats.text.pacing import FASTEST, LONGEST, SHORTEST, Span, _in_order, paced


@st.composite
def talk(draw, *, overlapping=False):
    """Spans by start; one after another, or as they come."""
    found, at = [], draw(st.sampled_from([0.0, 0.2, 7200.0]))
    for _ in range(draw(st.integers(0, 14))):
        length = draw(st.sampled_from([0.0, 0.2, 0.7, 1.0, 1.6, 3.0, 4.2, 7.0]))
        columns = draw(st.sampled_from([0, 4, 20, 42, 60, 84]))
        found.append(Span(at, at + length, columns, draw(st.sampled_from(["A", "B", None]))))
        pause = draw(st.sampled_from([0.0, 0.0, 0.013, 0.4, 2.0]))
        at += draw(st.sampled_from([0.0, 0.3, length])) if overlapping else length + pause
    return found


def rate(span, start, end):
    return span.columns / (end - start)


def total(spans, starts):
    rooms = [*starts[1:], math.inf][: len(starts)]
    return sum(map(Span.cost, spans, starts, rooms))


@given(st.booleans().flatmap(lambda both: talk(overlapping=both)))
def test_cues_follow_each_other_and_are_never_harder_to_read_than_in_order(spans):
    found = paced(spans)
    assert len(found) == len(spans)
    for (start, end), (after, _) in itertools.pairwise([*found, (math.inf, 0)]):
        assert 0 <= start < end <= after
        assert 0.098 <= end - start <= LONGEST + 1e-6
    plain = [start for start, _ in _in_order(spans)]
    assert total(spans, [start for start, _ in found]) <= total(spans, plain) + 1e-6
    assert paced(spans) == found


@given(talk())
def test_where_one_speaks_after_another_no_cue_is_far_from_its_words(spans):
    for before, span, (start, _) in zip([None, *spans], spans, paced(spans), strict=False):
        early = span.start - start
        assert early <= 0.3 + 1e-3
        if before is not None and before.label != span.label and early > 1e-3:
            assert start >= before.end - 1e-3  # nobody is taken from the screen while they speak
    spans = [span for span in spans if span.end - span.start >= SHORTEST]
    for span, (start, _) in zip(spans, paced(spans), strict=True):
        assert start - span.start <= 0.5 + 1e-3


@given(st.booleans().flatmap(lambda both: talk(overlapping=both)))
def test_what_can_be_read_stays_where_it_is(spans):
    plain = _in_order(spans)
    calm = all(
        end - start >= SHORTEST and rate(span, start, end) <= FASTEST
        for span, (start, end) in zip(spans, plain, strict=True)
    )
    if calm:
        assert paced(spans) == plain


#: Cues that have no time to spare.
FULL = [(7, 11, 80, "A"), (11, 15, 80, "A")]


@pytest.mark.parametrize(
    ("rows", "starts"),
    [
        # The second has time to spare: it comes late, and the first can be read.
        ([(0, 3, 66, "A"), (3, 7, 40, "A")], [0, 3.3]),
        # The first has: the second comes early, where it takes the screen from nobody else.
        ([(0, 4, 20, "A"), (4, 7, 65, "A"), *FULL], [0, 3.7, 7, 11]),
        ([(0, 4, 20, "A"), (4, 7, 65, "A"), (7, 12, 60, "A")], [0, 4, 7.3]),
        ([(0, 3.8, 20, "B"), (4, 7, 65, "A"), *FULL], [0, 3.8, 7, 11]),
        # Nobody has but the last, before a silence.
        ([(0, 3, 84, "A"), (3, 6, 84, "A"), (6, 9, 84, "A")], [0, 3.2, 6.5]),
        # A short answer is shown for nearly a second.
        ([(0, 3, 40, "A"), (3, 3.3, 5, "B"), (3.3, 7, 60, "A")], [0, 3, 3.8]),
    ],
)
def test_time_goes_where_it_is_needed(rows, starts):
    spans = [Span(*row) for row in rows]
    assert [start for start, _ in paced(spans)] == pytest.approx(starts)


def test_thousands_of_cues_at_one_moment_follow_each_other():
    found = paced([Span(1.0, 1.0, 84, "AB"[n % 2]) for n in range(3000)])
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(found))


def test_a_fast_interview_can_be_read(data_dir):
    """20 characters a second on average: none is left far above it."""
    path = str(data_dir / "karpathy_10m" / "karpathy_10m.rawinfer.json")
    found = cues_of(recordings_of(read_document(read_text(path), path)), names=False)
    rates = [sum(map(width, cue.lines)) / (cue.end - cue.start) for cue in found]
    assert max(rates) < 26
    assert sum(rate > 25 for rate in rates) <= 0.02 * len(rates)
