import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.core import overlap
from diarfix.core.overlap import merge, overlap_regions, pieces_by_speaker, touching
from diarfix.core.words import turns_from_rows
from diarfix.errors import InputError
from tests import strategies

STEP = 0.05


def cells(rows):
    """The 50 ms cells that intervals on the grid of the strategies cover."""
    return {k for a, b, *_ in rows for k in range(round(a / STEP), round(b / STEP))}


def as_cells(pieces):
    return cells(zip(pieces.start.tolist(), pieces.end.tolist(), strict=True))


@given(strategies.turn_rows(min_size=0))
def test_merged_pieces_cover_what_the_intervals_cover(rows):
    start, end = (np.array([row[k] for row in rows]) for k in (0, 1))
    pieces = merge(start, end)
    assert as_cells(pieces) == cells(rows)
    assert (pieces.start[1:] > pieces.end[:-1]).all()
    np.testing.assert_allclose(pieces.seconds, len(cells(rows)) * STEP, atol=1e-9)


@given(strategies.turn_rows(), st.integers(0, 200), st.integers(0, 60))
def test_overlap_is_what_is_covered_of_the_interval(rows, at, n):
    turns = turns_from_rows(rows)
    window = set(range(at, at + n))
    for code, pieces in enumerate(pieces_by_speaker(turns)):
        mine = cells(row for row in rows if row[2] == turns.speakers[code])
        found = pieces.overlap(np.array([at * STEP]), np.array([(at + n) * STEP]))
        np.testing.assert_allclose(found, len(mine & window) * STEP, atol=1e-9)


@given(strategies.turn_rows(min_size=0))
def test_overlap_regions_are_where_two_speakers_have_a_turn(rows):
    by_speaker = [cells(r for r in rows if r[2] == v) for v in {r[2] for r in rows}]
    both = {k for mine in by_speaker for k in mine if sum(k in o for o in by_speaker) > 1}
    assert as_cells(overlap_regions(turns_from_rows(rows))) == both


def test_gaps_up_to_the_bound_are_closed():
    start, end = np.array([0.0, 1.5, 4.0]), np.array([1.0, 2.0, 5.0])
    assert merge(start, end, gap=0.5).start.tolist() == [0.0, 4.0]


def test_a_time_that_is_none_overlaps_nothing_known():
    pieces = merge(np.array([0.0]), np.array([1.0]))
    assert np.isnan(pieces.speech(np.array([np.nan]))).all()


@pytest.fixture
def many(monkeypatch):
    """Any number of speakers counts as many."""
    monkeypatch.setattr(overlap, "_FEW", 0)


@given(strategies.turn_rows(), st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60))))
def test_whom_a_turn_covers_it_touches(rows, intervals):
    """Each once, ascending; intervals of no length are touched where a turn stands around them."""
    speakers = pieces_by_speaker(turns_from_rows(rows))
    start = np.array([a * STEP for a, _ in intervals] + [np.nan])
    end = np.array([(a + n) * STEP for a, n in intervals] + [np.nan])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap, "_FEW", 0)
        touched = touching(start, end, speakers)
    assert len(touched) == len(speakers)
    for pieces, at in zip(speakers, touched, strict=True):
        covered = np.nan_to_num(pieces.overlap(start, end)) > 0
        needed = np.flatnonzero(covered | (pieces.holds(start) & (start == end)))
        assert np.isin(needed, at).all()
        assert (np.diff(at) > 0).all()
        assert not np.isin(len(intervals), at)


def test_a_crowd_that_all_talks_at_once_is_refused(many, monkeypatch):
    """Evidence of each on each word would need memory out of proportion to the file."""
    monkeypatch.setattr(overlap, "_MOST_PAIRS", 1000)
    speakers = pieces_by_speaker(turns_from_rows([(0.0, 99.0, f"s{i}") for i in range(70)]))
    start = np.arange(90.0)
    with pytest.raises(InputError, match="70 turns stand around every word on average"):
        touching(start, start + 1, speakers)
    assert len(touching(start, start + 1, speakers[:60])) == 60
