"""Two sets of turns cut at every time where anything begins or ends.

Between two neighbouring cuts nobody starts or stops, so every metric over turns is a sum over these
pieces. Only counts per piece are held, never a (speakers x pieces) table: memory is linear in turns
for any number of speakers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diarfix.core.overlap import pieces_by_speaker
from diarfix.core.words import F64, I32, Turns

#: Scored regions as ``(starts, ends)``, each (U,) float64, s; they may overlap, in any order.
Uem = tuple[F64, F64]

Index = NDArray[np.intp]


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

    def of(self, code: int, weight: F64) -> F64:
        """``weight`` (K,) where one speaker talks, 0 elsewhere."""
        mine = self.speaker == code
        return np.where(_active(self.start[mine], self.stop[mine], len(weight)), weight, 0.0)


@dataclass(frozen=True, eq=False, slots=True)
class CommonCuts:
    """Reference and hypothesis on common cuts.

    cuts     (K+1,)  float64, s, ascending
    seconds  (K,)    length of each piece; 0 outside the UEM
    ref, hyp         who talks where
    collar   (K,)    bool, within ``collar`` of a boundary of a reference turn as written
    """

    cuts: F64
    seconds: F64
    ref: Speech
    hyp: Speech
    collar: NDArray[np.bool_]

    def together(self, weight: F64) -> F64:
        """Seconds (H, R) that a hypothesis and a reference speaker talk at once."""
        columns = [
            self.hyp.seconds(self.ref.of(code, weight)) for code in range(self.ref.n_speakers)
        ]
        return np.column_stack(columns) if columns else np.zeros((self.hyp.n_speakers, 0))


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
    ref_pieces, hyp_pieces = _merged(ref), _merged(hyp)
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
        cuts,
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
    start, end = (np.asarray(column, dtype=np.float64) for column in uem)
    keep = end > start
    return start[keep], end[keep]


def _merged(turns: Turns) -> tuple[F64, F64, I32]:
    pieces = pieces_by_speaker(turns)
    codes = np.repeat(np.arange(len(pieces), dtype=np.int32), [len(p.start) for p in pieces])
    if not pieces:
        return np.empty(0), np.empty(0), codes
    start = np.concatenate([p.start for p in pieces])
    end = np.concatenate([p.end for p in pieces])
    return start, end, codes


def _active(start: Index, stop: Index, n: int) -> NDArray[np.int64]:
    """How many of the ranges ``start:stop`` cover each of ``n`` places."""
    step = np.bincount(start, minlength=n + 1) - np.bincount(stop, minlength=n + 1)
    return np.cumsum(step[:n])
