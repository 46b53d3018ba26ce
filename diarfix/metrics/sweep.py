"""Words as turns, and two sets of turns cut at every time where anything begins or ends.

Between two neighbouring cuts nobody starts or stops, so every metric over turns is a sum over these
pieces. Only counts per piece are held, never a (speakers x pieces) table: memory is linear in turns
for any number of speakers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diarfix.core import F64, I32, TIME_EPS, Shared, Turns, Words
from diarfix.errors import NotMeasured

#: Scored regions as ``(starts, ends)``, each (U,) float64, s; they may overlap, in any order.
Uem = tuple[F64, F64]

Index = NDArray[np.intp]

#: Silence (s) between words that still belongs to one turn.
MAX_GAP = 0.5

#: Meetings of two turns that are looked at together, and that are looked at at all.
_BLOCK, _MOST = 1 << 20, 10_000_000


def extent(ref: Turns, hyp: Turns) -> tuple[float, float]:
    """The first start and the last end of all turns, s; (0, 0) if there are none."""
    start = np.concatenate((ref.start, hyp.start))
    end = np.concatenate((ref.end, hyp.end))
    return (float(start.min()), float(end.max())) if len(start) else (0.0, 0.0)


@dataclass(frozen=True, eq=False, slots=True)
class Speech:
    """One side's turns on the cuts, each speaker's own overlaps merged.

    start, stop  (P,)  int, a piece of speech covers the pieces ``start:stop`` of the sweep
    speaker      (P,)  int32 code
    n_speakers   S
    active       (K,)  int, how many speakers talk in each piece of the sweep
    """

    start: Index
    stop: Index
    speaker: I32
    n_speakers: int
    active: NDArray[np.int64]

    def seconds(self, weight: F64) -> F64:
        """Each speaker's speech (S,), where a piece of the sweep counts ``weight`` (K,) seconds."""
        before = np.append(0.0, np.cumsum(weight))
        spoken = before[self.stop] - before[self.start]
        total = np.bincount(self.speaker, weights=spoken, minlength=self.n_speakers)
        return total.astype(np.float64)


@dataclass(frozen=True, eq=False, slots=True)
class CommonCuts:
    """Reference and hypothesis on common cuts.

    seconds  (K,)    length of each piece; 0 outside the UEM
    ref, hyp         who talks where
    collar   (K,)    bool, within ``collar`` of a boundary of a reference turn as written
    """

    seconds: F64
    ref: Speech
    hyp: Speech
    collar: NDArray[np.bool_]

    def together(self, weight: F64) -> Shared:
        """Seconds that a hypothesis and a reference speaker talk at once.

        Each stretch in which a piece of one meets a piece of the other is looked at by itself.

        Raises NotMeasured where too many speakers talk at once for anybody to tell who is who.
        """
        before = np.append(0.0, np.cumsum(weight))
        ref, hyp = self.ref, self.hyp
        shape = (hyp.n_speakers, ref.n_speakers)
        by_ref, by_hyp = np.argsort(ref.start, kind="stable"), np.argsort(hyp.start, kind="stable")
        # Of two that meet, the later begins inside the other; of two that begin at once, hyp does.
        inside = (
            _between(ref.start, ref.stop, hyp.start[by_hyp], "left"),
            _between(hyp.start, hyp.stop, ref.start[by_ref], "right"),
        )
        n_met = sum(int(count.sum()) for _, count in inside)
        if n_met > _MOST:
            raise NotMeasured(
                f"{n_met:,} pairs of turns overlap, at most {_MOST:,} can be told apart",
                hint="more than a thousand people talk at once: is it one recording?",
            )
        met: list[tuple[I32, I32, F64]] = [(hyp.speaker[:0], ref.speaker[:0], before[:0])]
        for side, (first, count) in enumerate(inside):
            for long, late in _expanded(first, count):
                i, j = (long, by_hyp[late]) if side == 0 else (by_ref[late], long)
                stop, start = (
                    np.minimum(ref.stop[i], hyp.stop[j]),
                    np.maximum(ref.start[i], hyp.start[j]),
                )
                met.append((hyp.speaker[j], ref.speaker[i], before[stop] - before[start]))
        row, column, seconds = (np.concatenate(column) for column in zip(*met, strict=True))
        return Shared.of(row, column, shape, seconds)


def _between(
    start: Index, stop: Index, at: Index, side: Literal["left", "right"]
) -> tuple[Index, Index]:
    """Which of the places ``at``, ascending, lie in each range: the first, and how many."""
    first = np.searchsorted(at, start, side=side)
    return first, np.maximum(np.searchsorted(at, stop, side="left") - first, 0)


def _expanded(first: Index, count: Index) -> Iterator[tuple[Index, Index]]:
    """Each range's number, and each place in it, some million at a time."""
    total = np.cumsum(count)
    at = 0
    while at < len(count):
        done = total[at - 1] if at else 0
        stop = max(int(np.searchsorted(total, done + _BLOCK, side="right")), at + 1)
        n = count[at:stop]
        begins = np.cumsum(n) - n
        offset = np.arange(int(n.sum())) - np.repeat(begins, n)
        yield np.repeat(np.arange(at, stop), n), np.repeat(first[at:stop], n) + offset
        at = stop


def sweep(ref: Turns, hyp: Turns, *, uem: Uem | None = None, collar: float = 0.0) -> CommonCuts:
    """Cut ``ref`` and ``hyp`` at all their boundaries, those of the UEM, and of the collars.

    uem     scored regions; the union of both extents if None
    collar  s, on each side of every reference boundary

    Raises ValueError for a collar that is negative or no number.
    """
    if not collar >= 0:
        msg = f"collar must be at least 0 s, not {collar}"
        raise ValueError(msg)
    region = regions(ref, hyp, uem)
    ref_pieces, hyp_pieces = merged_turns(ref), merged_turns(hyp)
    edge = np.concatenate((ref.start, ref.end)) if collar > 0 else np.empty(0)
    zone = (edge - collar, edge + collar)
    spans = (region, ref_pieces[:2], hyp_pieces[:2], zone)
    cuts, place = np.unique(
        np.concatenate([column for span in spans for column in span]), return_inverse=True
    )
    n = max(len(cuts) - 1, 0)
    lengths = [len(column) for span in spans for column in span]
    at = np.split(place, np.cumsum(lengths)[:-1])
    scored = _active(at[0], at[1], n) > 0
    return CommonCuts(
        np.where(scored, np.diff(cuts), 0.0),
        Speech(at[2], at[3], ref_pieces[2], len(ref.speakers), _active(at[2], at[3], n)),
        Speech(at[4], at[5], hyp_pieces[2], len(hyp.speakers), _active(at[4], at[5], n)),
        _active(at[6], at[7], n) > 0,
    )


def regions(ref: Turns, hyp: Turns, uem: Uem | None) -> Uem:
    """The scored regions: those of the UEM that have a length, or the whole extent."""
    if uem is None:
        first, last = extent(ref, hyp)
        return np.array([first]), np.array([last])
    return with_length(uem)


def with_length(uem: Uem) -> Uem:
    """The regions of a UEM that have a length."""
    start, end = (np.asarray(column, dtype=np.float64) for column in uem)
    keep = end > start
    return start[keep], end[keep]


def words_to_turns(words: Words, *, max_gap: float = MAX_GAP) -> Turns:
    """Join consecutive words of one label over gaps of at most ``max_gap`` seconds.

    Consecutive in time, whatever the order of the document: a word of another speaker, or one
    without label, ends the turn. Words without time are left out. The speaker codes stay.

    ::

        words   A A  A    A  B A        | the fourth A begins more than max_gap after the third
        turns   AAAAAA    A  B A
    """
    index = np.flatnonzero(words.timed)
    index = index[np.lexsort((words.end[index], words.start[index]))]
    start, end, speaker = words.start[index], words.end[index], words.speaker[index]
    n = len(index)
    changes = np.append(True, speaker[1:] != speaker[:-1])[:n]
    reach = reach_so_far(end, np.cumsum(changes, dtype=np.int64))
    opens = changes.copy()
    opens[1:] |= start[1:] > reach[:-1] + max_gap + TIME_EPS
    first = np.flatnonzero(opens)
    last = np.append(first[1:], n)[: len(first)] - 1
    known = speaker[first] >= 0
    return Turns(start[first][known], reach[last][known], speaker[first][known], words.speakers)


def merged_turns(turns: Turns) -> tuple[F64, F64, I32]:
    """Starts, ends and speakers (P,) of the turns, each speaker's own overlaps merged."""
    order = np.lexsort((turns.start, turns.speaker))
    start, end, speaker = turns.start[order], turns.end[order], turns.speaker[order]
    reach = reach_so_far(end, speaker)
    opens = np.ones(len(start), dtype=np.bool_)
    opens[1:] = (speaker[1:] != speaker[:-1]) | (start[1:] > reach[:-1])
    first = np.flatnonzero(opens)
    last = np.append(first[1:], len(start))[: len(first)] - 1
    return start[first], reach[last], speaker[first]


def reach_so_far(end: F64, group: NDArray[np.integer]) -> F64:
    """The latest end so far (N,), beginning anew with each group, whose numbers ascend."""
    order = np.argsort(end, kind="stable")
    rank = np.empty(len(end), dtype=np.int64)
    rank[order] = np.arange(len(end))
    # Whole numbers, so that a running maximum over all groups is exact within each.
    base = group.astype(np.int64) * len(end)
    return end[order[np.maximum.accumulate(base + rank) - base]]


def _active(start: Index, stop: Index, n: int) -> NDArray[np.int64]:
    """How many of the ranges ``start:stop`` cover each of ``n`` places."""
    step = np.bincount(start, minlength=n + 1) - np.bincount(stop, minlength=n + 1)
    return np.cumsum(step[:n])
