"""When cues come and go: long enough to be read, one after another, close to what is heard.

Cues are first laid out in order, each as long as it can be. Where one of them then is too fast to
be read, or gone too soon, those around it move by tenths of a second so that all share the time.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from diarfix.core import Label

SHORTEST, LONGEST = 1.0, 7.0  # s
FASTEST = 20.0  # characters a second

#: How late a cue may begin (s) so that the one before it can be read.
_LAG = 0.5

#: How late it may begin where two speak at once: both must be read.
_LAG_IN_OVERLAP = 1.0

#: How early it may begin, where its own speaker or nobody is heard.
_LEAD = 0.3

#: No cue is shorter than this (s), whatever the words say: players drop them.
_LEAST = 0.1

#: What rounding both ends to milliseconds may take from it (s).
_ROUNDED = 0.002

_STEP = 0.1  # s
#: How many cues before and after one that cannot be read may make room for it.
_AROUND = 3

#: Where reading becomes hard, characters a second; from here on one very fast cue is worse than
#: two fast ones.
_HARD = 24.0
#: Costs of a character a second too many, of a second below the shortest, of a second late or
#: early: what is readable never moves but for its neighbours, and then no more than they need.
_TOO_FAST, _TOO_SHORT, _LATE, _EARLY = 0.1, 25.0, 0.2, 0.3


class Span(NamedTuple):
    """What one cue shows: when its words are spoken (s), columns of text, who speaks."""

    start: float
    end: float
    columns: int
    label: Label | None

    def shown_until(self, start: float, room: float) -> float:
        """When a cue that comes at ``start`` goes, if another comes at ``room``."""
        wanted = max(self.end, start + max(SHORTEST, self.columns / FASTEST))
        return min(wanted, start + LONGEST, room)

    def cost(self, start: float, room: float) -> float:
        """How badly the cue can be read between two moments, and how far it is from its words."""
        lasting = self.shown_until(start, room) - start
        if lasting < _LEAST - _ROUNDED:
            return math.inf
        rate = self.columns / lasting
        return (
            _TOO_FAST * max(rate - FASTEST - 1e-6, 0.0)
            + (max(rate - _HARD, 0.0) / 5) ** 2
            + _TOO_SHORT * max(SHORTEST - lasting - 1e-6, 0.0)
            + (_LATE if start > self.start else _EARLY) * abs(start - self.start)
        )


def paced(spans: Sequence[Span]) -> list[tuple[float, float]]:
    """When each cue comes and goes (s, to the millisecond), none before the one before is gone.

    spans  by start

    A cue lasts until it can be read, in the silence that follows, 7 s at most. It comes at most
    half a second late, a second where two speak at once, and up to 0.3 s early where a neighbour
    could not be read otherwise; more only where so many speak at once that nothing else is left.
    """
    plain = _in_order(spans)
    starts = _evened(spans, plain)
    if starts == [start for start, _ in plain]:
        return plain
    rooms = (*starts[1:], math.inf)
    return [
        (start, round(max(span.shown_until(start, room), start + _LEAST), 3))
        for span, start, room in zip(spans, starts, rooms, strict=True)
    ]


def _in_order(spans: Sequence[Span]) -> list[tuple[float, float]]:
    found = []
    clock = 0.0
    for span, after in itertools.zip_longest(spans, spans[1:]):
        start = max(span.start, clock)
        room = math.inf if after is None else after.start
        end = min(max(span.end, start + max(SHORTEST, span.columns / FASTEST)), room)
        if after is not None and end < start + SHORTEST:
            # A short answer in fast talk: the next cue waits, but not for long.
            both = room < span.end
            end = min(start + SHORTEST, room + (_LAG_IN_OVERLAP if both else _LAG))
            if both:
                # Where two speak at once each is shown for as long as its text is.
                share = span.columns / max(span.columns + after.columns, 1)
                window = max(span.end, after.end) - start
                end = max(end, min(start + window * share, after.end - SHORTEST))
        clock = round(min(max(end, start + _LEAST), start + LONGEST), 3)
        found.append((round(start, 3), clock))
    return found


def _evened(spans: Sequence[Span], plain: Sequence[tuple[float, float]]) -> list[float]:
    """The starts that cost least in all, by dynamic programming over a few for each cue.

    Where nothing can be won they are those of ``plain``, which is among them.
    """
    lasting = [end - start for start, end in plain]
    hard = [
        length < SHORTEST - 1e-6 or span.columns > length * FASTEST + 1e-6
        for span, length in zip(spans, lasting, strict=True)
    ]
    chosen: list[list[float]] = []
    backs: list[list[int]] = []
    costs: list[float] = [0.0]
    before: Span | None = None
    heard = -math.inf  # until when the spans before speak
    for i, (span, (start, _)) in enumerate(zip(spans, plain, strict=True)):
        starts = [start]
        if any(hard[max(i - _AROUND, 0) : i + _AROUND + 1]):
            starts += sorted(_around(span, before, heard) - {start})
        if before is not None:
            links = [_cheapest(before, chosen[-1], costs, s) for s in starts]
            costs = [cost for cost, _ in links]
            backs.append([back for _, back in links])
        else:
            costs = [0.0] * len(starts)
        chosen.append(starts)
        before, heard = span, max(heard, span.end)
    if before is None:
        return []
    _, at = min((c + before.cost(s, math.inf), n) for n, (c, s) in _numbered(costs, chosen[-1]))
    found = [chosen[-1][at]]
    for starts, back in zip(reversed(chosen[:-1]), reversed(backs), strict=True):
        at = back[at]
        found.append(starts[at])
    return found[::-1]


def _numbered(
    costs: Iterable[float], starts: Iterable[float]
) -> Iterable[tuple[int, tuple[float, float]]]:
    return enumerate(zip(costs, starts, strict=True))


def _around(span: Span, before: Span | None, heard: float) -> set[float]:
    """Starts at which a cue may come instead."""
    lag = _LAG_IN_OVERLAP if heard > span.start + 1e-9 else _LAG
    found = {round(span.start + n * _STEP, 3) for n in range(round(lag / _STEP) + 1)}
    if before is not None:
        for n in range(1, round(_LEAD / _STEP) + 1):
            early = round(span.start - n * _STEP, 3)
            if early >= 0 and (before.label == span.label or early >= heard):
                found.add(early)
    return found


def _cheapest(
    span: Span, starts: Sequence[float], costs: Sequence[float], room: float
) -> tuple[float, int]:
    """The least cost of all cues up to one if the next comes at ``room``, and by which start.

    Of equal ones the first: what is laid out in order stays where nothing can be won.
    """
    best, at = math.inf, 0
    for n, (cost, start) in _numbered(costs, starts):
        if room - start >= _LEAST - _ROUNDED and cost < best:
            total = cost + span.cost(start, room)
            if total < best - 1e-9:
                best, at = total, n
    return best, at
