"""How much of each word every speaker's turns cover, from cumulative speech.

For each speaker the turns are merged into disjoint pieces, and ``speech(t)`` is the number of
seconds spoken before ``t``: piecewise linear, so the overlap with ``[start, end)`` is
``speech(end) - speech(start)``, two interpolations. Overlapping turns of one speaker therefore
count once, and no (words x turns) table is ever made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diarfix.core.words import F64, I64, TIME_EPS, Bool, Turns
from diarfix.errors import InputError

#: Among so few speakers it is faster to ask each about every word.
_FEW = 64

#: Turns that may stand around a word on average, where there are more pairs than so many in all.
_MOST_AT_ONCE, _MOST_PAIRS = 64, 10_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Pieces:
    """The merged turns of one speaker: disjoint, ascending, with the speech spoken before each.

    start, end  (P,)  float64, s; end[i] < start[i + 1]
    before      (P,)  float64, s of speech before start[i]
    """

    start: F64
    end: F64
    before: F64

    @property
    def seconds(self) -> float:
        """Seconds of speech in all."""
        return float(self.before[-1] + self.end[-1] - self.start[-1]) if len(self.start) else 0.0

    def speech(self, at: F64) -> F64:
        """Seconds spoken before each time in ``at``; NaN stays NaN."""
        if not len(self.start):
            return np.where(np.isnan(at), np.nan, 0.0)
        knots = np.column_stack((self.start, self.end)).ravel()
        spoken = np.column_stack((self.before, self.before + self.end - self.start)).ravel()
        return np.interp(at, knots, spoken)

    def overlap(self, start: F64, end: F64) -> F64:
        """Seconds of each ``[start, end)`` that are covered; below 1 us reads as none."""
        seconds = self.speech(end) - self.speech(start)
        return np.where(seconds < TIME_EPS, 0.0, seconds)

    def holds(self, at: F64) -> Bool:
        """Whether a turn is on at each time in ``at``, and for more than 1 us from there."""
        begun = np.searchsorted(self.start, at, side="right")
        return begun > np.searchsorted(self.end, at + TIME_EPS, side="right")


def merge(start: F64, end: F64, *, gap: float = 0.0) -> Pieces:
    """Merge intervals (M,) of any order, joining those at most ``gap`` seconds apart.

    >>> merge(np.array([3.0, 0.0, 1.0]), np.array([4.0, 2.0, 2.5])).end.tolist()
    [2.5, 4.0]
    """
    if not len(start):
        nothing = np.empty(0)
        return Pieces(nothing, nothing, nothing)
    order = np.argsort(start, kind="stable")
    start = start[order]
    reach = np.maximum.accumulate(end[order])
    opens = np.append(True, start[1:] > reach[:-1] + gap)
    first = np.flatnonzero(opens)
    piece_start = start[first]
    piece_end = reach[np.append(first[1:] - 1, len(start) - 1)]
    before = np.append(0.0, np.cumsum(piece_end - piece_start)[:-1])
    return Pieces(piece_start, piece_end, before)


def pieces_by_speaker(turns: Turns, *, gap: float = 0.0) -> list[Pieces]:
    """The merged turns of each speaker (S,), gaps of at most ``gap`` seconds closed."""
    order = np.argsort(turns.speaker, kind="stable")
    cuts = np.searchsorted(turns.speaker[order], np.arange(len(turns.speakers) + 1))
    return [
        merge(turns.start[order[a:b]], turns.end[order[a:b]], gap=gap)
        for a, b in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)
    ]


def touching(start: F64, end: F64, speakers: Sequence[Pieces]) -> list[I64 | slice]:
    """For each of some speakers the intervals (N,) that its turns may touch, ascending.

    Few speakers may touch all. Raises InputError where so many talk at once that no recording
    could hold them.
    """
    if len(speakers) <= _FEW:
        return [slice(None)] * len(speakers)
    owner = np.repeat(np.arange(len(speakers)), [len(p.start) for p in speakers])
    begin = np.concatenate([p.start for p in speakers])
    stop = np.concatenate([p.end for p in speakers])
    by_start = np.argsort(begin, kind="stable")
    place = np.flatnonzero(~np.isnan(start))
    place = place[np.argsort(start[place], kind="stable")]
    first, last = start[place], end[place]
    # An interval and a turn touch if the one begins in the other.
    inside = np.searchsorted(first, begin, "left"), np.searchsorted(first, stop, "left")
    around = (
        np.searchsorted(begin[by_start], first, "right"),
        np.searchsorted(begin[by_start], last, "left"),
    )
    n_pairs = sum(int(np.maximum(b - a, 0).sum()) for a, b in (inside, around))
    if n_pairs > max(_MOST_PAIRS, _MOST_AT_ONCE * len(start)):
        raise InputError(
            f"{n_pairs // max(len(place), 1)} turns stand around every word on average,"
            f" at most {_MOST_AT_ONCE} are taken"
        )
    turn, word = _spread(*inside)
    other, piece = _spread(*around)
    key = np.concatenate(
        (
            owner[turn] * len(start) + place[word],
            owner[by_start[piece]] * len(start) + place[other],
        )
    )
    found, at = np.divmod(np.unique(key), max(len(start), 1))
    cuts = np.searchsorted(found, np.arange(1, len(speakers)))
    return list(np.split(at, cuts))


def _spread(first: I64, stop: I64) -> tuple[I64, I64]:
    """Ranges ``[first, stop)`` (K,) as pairs: which range, and which number in it."""
    counts = np.maximum(stop - first, 0)
    owner = np.repeat(np.arange(len(counts)), counts)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return owner, first[owner] + rank


def overlap_regions(turns: Turns) -> Pieces:
    """The stretches in which two or more speakers have a turn at once."""
    speakers = pieces_by_speaker(turns)
    if len(speakers) < 2:
        return merge(np.empty(0), np.empty(0))
    edge = np.concatenate([*(p.start for p in speakers), *(p.end for p in speakers)])
    half = len(edge) // 2
    step = np.append(np.ones(half), -np.ones(half))
    # At one instant ends go first: touching turns do not overlap.
    order = np.lexsort((step, edge))
    active = np.cumsum(step[order])
    inside = np.flatnonzero(active[:-1] >= 2)
    a, b = edge[order][inside], edge[order][inside + 1]
    keep = b > a
    return merge(a[keep], b[keep])
