"""Clean speech of each speaker, and windows cut from it that are like the words in doubt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarfix.core.words import F64, I32, I64, Bool, Words

#: Longest pause (s) inside a stretch of one speaker.
_PAUSE = 0.5

#: Shortest and longest piece (s) that goes into a centroid. WeSpeaker trains on 2 s.
_PIECE = (1.0, 3.0)

#: Pieces per speaker at most, spread over the recording: a minute of speech is plenty.
_MAX_PIECES = 20

#: A speaker with less clean speech (s), or with one piece only, gets no centroid.
LEAST_SPEECH = 3.0

#: Length classes of windows (s): how far a voice can be trusted depends on the length above all.
EDGES = (0.3, 0.5, 0.8)

#: Probes per length class at most.
_MAX_PROBES = 200


def length_class(seconds: F64) -> I64:
    """The class (W,) of windows by length: 0 below 0.3 s, ... 3 from 0.8 s on."""
    # Sums of floats: 0.3 s must not read as less.
    return np.searchsorted(EDGES, np.asarray(seconds) + 1e-9, side="right").astype(np.int64)


def class_name(kind: int) -> str:
    """A length class as people read it.

    >>> class_name(1)
    '0.3-0.5 s'
    """
    if kind == 0:
        return f"below {EDGES[0]:g} s"
    if kind == len(EDGES):
        return f"from {EDGES[-1]:g} s"
    return f"{EDGES[kind - 1]:g}-{EDGES[kind]:g} s"


@dataclass(frozen=True, eq=False, slots=True)
class Windows:
    """W windows of sound, each of one speaker.

    start, end  (W,) float64, s
    speaker     (W,) int32 code
    piece       (W,) int64, the piece of clean speech that a window is, or was cut from
    """

    start: F64
    end: F64
    speaker: I32
    piece: I64

    def __len__(self) -> int:
        return len(self.start)

    def take(self, index: I64) -> Windows:
        """The windows at ``index`` (K,)."""
        return Windows(self.start[index], self.end[index], self.speaker[index], self.piece[index])


@dataclass(frozen=True, eq=False, slots=True)
class Enrolment:
    """Clean speech of a recording.

    pieces  1 to 3 s each, those of speakers with enough; disjoint, holding no candidate
    probes  short windows inside pieces, as long as the words in doubt
    """

    pieces: Windows
    probes: Windows


def enrol(words: Words, clean: Bool, seconds: F64) -> Enrolment:
    """Choose what centroids are made of, and what they are tried on.

    clean    (N,) words that are not in doubt
    seconds  (C,) lengths of the windows in doubt; probes have these lengths
    """
    first, stop = _clean_runs(words, clean)
    pieces = _pieces(words.start[first], words.end[stop - 1], words.speaker[first])
    return Enrolment(pieces, _probes(words, clean, pieces, seconds))


def _clean_runs(words: Words, clean: Bool) -> tuple[I64, I64]:
    """``[first, stop)`` of runs of clean words that ascend in time, one label, without a pause."""
    n = len(words)
    if not n:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    with np.errstate(invalid="ignore"):
        gap = words.start[1:] - words.end[:-1]
        goes_on = (gap >= 0) & (gap <= _PAUSE) & (words.speaker[1:] == words.speaker[:-1])
    goes_on &= clean[1:] & clean[:-1]
    first = np.flatnonzero(clean & np.append(True, ~goes_on)).astype(np.int64)
    stop = np.flatnonzero(clean & np.append(~goes_on, True)).astype(np.int64) + 1
    return first, stop


def _pieces(start: F64, end: F64, speaker: I32) -> Windows:
    """Cut stretches into equal pieces, and keep a spread of them for speakers with enough."""
    shortest, longest = _PIECE
    keep = end - start >= shortest
    start, end, speaker = start[keep], end[keep], speaker[keep]
    n_parts = np.ceil((end - start) / longest - 1e-9).astype(np.int64)
    owner = np.repeat(np.arange(len(start)), n_parts)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(n_parts) - n_parts, n_parts)
    step = ((end - start) / n_parts)[owner]
    begin = start[owner] + rank * step
    stop = np.where(rank + 1 == n_parts[owner], end[owner], begin + step)
    code = speaker[owner]
    chosen: list[int] = []
    for mine in _by_speaker(code):
        if len(mine) >= 2 and (stop[mine] - begin[mine]).sum() >= LEAST_SPEECH:
            chosen += _spread(mine, _MAX_PIECES).tolist()
    index = np.array(sorted(chosen), dtype=np.int64)
    index = index[np.argsort(begin[index], kind="stable")]
    return Windows(begin[index], stop[index], code[index], np.arange(len(index), dtype=np.int64))


def _by_speaker(code: I32) -> list[I64]:
    """The places in ``code`` (N,) of each speaker that there is, ascending."""
    order = np.argsort(code, kind="stable").astype(np.int64)
    return np.split(order, np.flatnonzero(np.diff(code[order])) + 1) if len(order) else []


def _spread(index: I64, most: int) -> I64:
    """At most ``most`` of ``index``, evenly spread over it."""
    if len(index) <= most:
        return index
    return index[np.linspace(0, len(index) - 1, most).round().astype(np.int64)]


def _probes(words: Words, clean: Bool, pieces: Windows, seconds: F64) -> Windows:
    """For each length class in ``seconds``, windows that begin with a word and stay in a piece."""
    starts = np.sort(words.start[clean])
    speakers = np.unique(pieces.speaker).tolist()
    found: list[Windows] = []
    kinds = length_class(seconds)
    for kind in np.unique(kinds).tolist() if speakers else []:
        # Lengths go round among those in doubt, long and short by turns.
        lengths = np.quantile(seconds[kinds == kind], (0.5, 0.1, 0.9, 0.3, 0.7)).tolist()
        cut = _cut(starts, pieces, lengths)
        quota = -(-_MAX_PROBES // len(speakers))
        rows = [_spread(mine, quota) for mine in _by_speaker(cut.speaker)]
        index = np.concatenate([np.empty(0, dtype=np.int64), *rows])
        found.append(cut.take(np.sort(index)))
    if not found:
        return pieces.take(np.empty(0, dtype=np.int64))
    return Windows(
        np.concatenate([w.start for w in found]),
        np.concatenate([w.end for w in found]),
        np.concatenate([w.speaker for w in found]),
        np.concatenate([w.piece for w in found]),
    )


def _cut(starts: F64, pieces: Windows, lengths: list[float]) -> Windows:
    """Windows of the ``lengths`` by turns, from word starts on, overlapping by half at most."""
    rows: list[tuple[float, float, int, int]] = []
    for p, (begin, end) in enumerate(zip(pieces.start.tolist(), pieces.end.tolist(), strict=True)):
        first, stop = np.searchsorted(starts, (begin - 1e-9, end))
        free = begin
        for start in starts[first:stop].tolist():
            length = lengths[len(rows) % len(lengths)]
            if start >= free - 1e-9 and start + length <= end + 1e-9:
                rows.append((start, start + length, int(pieces.speaker[p]), p))
                free = start + length / 2
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    return Windows(
        table[:, 0],
        table[:, 1],
        table[:, 2].astype(np.int32),
        table[:, 3].astype(np.int64),
    )
