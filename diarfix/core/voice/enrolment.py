"""Clean speech of each speaker, windows cut from it that are like the words in doubt, and what
vectors of both tell of the voices: a probe never meets a centroid that holds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

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
_EDGES = (0.3, 0.5, 0.8)
CLASSES = (
    f"below {_EDGES[0]:g} s",
    *(f"{low:g}-{high:g} s" for low, high in pairwise(_EDGES)),
    f"from {_EDGES[-1]:g} s",
)

#: Probes per length class at most.
_MAX_PROBES = 200

#: Cosines are rounded to this many digits, so that the order of a sum decides nothing.
_DIGITS = 6

#: So many cosines are held at once.
_CELLS = 1 << 20


def length_class(seconds: F64) -> I64:
    """The place in ``CLASSES`` (W,) of windows by length."""
    # Sums of floats: 0.3 s must not read as less.
    return np.searchsorted(_EDGES, seconds + 1e-9, side="right")


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
    with np.errstate(invalid="ignore"):
        gap = words.start[1:] - words.end[:-1]
        goes_on = (gap >= 0) & (gap <= _PAUSE) & (words.speaker[1:] == words.speaker[:-1])
    goes_on &= clean[1:] & clean[:-1]
    breaks = np.append(True, ~goes_on)[: len(words)], np.append(~goes_on, True)[: len(words)]
    return np.flatnonzero(clean & breaks[0]), np.flatnonzero(clean & breaks[1]) + 1


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


def _by_speaker(code: I32 | F64) -> list[I64]:
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
    quota = -(-_MAX_PROBES // max(len(np.unique(pieces.speaker)), 1))
    tables = [np.empty((0, 4))]
    kinds = length_class(seconds)
    for kind in np.unique(kinds).tolist():
        # Lengths go round among those in doubt, long and short by turns.
        lengths = np.quantile(seconds[kinds == kind], (0.5, 0.1, 0.9, 0.3, 0.7)).tolist()
        table = _cut(starts, pieces, lengths)
        rows = [_spread(mine, quota) for mine in _by_speaker(table[:, 2])]
        tables.append(table[np.sort(np.concatenate([np.empty(0, dtype=np.int64), *rows]))])
    start, end, speaker, piece = np.concatenate(tables).T
    return Windows(start, end, speaker.astype(np.int32), piece.astype(np.int64))


def _cut(starts: F64, pieces: Windows, lengths: list[float]) -> F64:
    """Windows (W, 4) of the ``lengths`` by turns, from word starts on, overlapping by half at most:
    start, end, speaker, piece.
    """
    rows: list[tuple[float, float, int, int]] = []
    for p, (begin, end) in enumerate(zip(pieces.start.tolist(), pieces.end.tolist(), strict=True)):
        first, stop = np.searchsorted(starts, (begin - 1e-9, end))
        free = begin
        for start in starts[first:stop].tolist():
            length = lengths[len(rows) % len(lengths)]
            if start >= free - 1e-9 and start + length <= end + 1e-9:
                rows.append((start, start + length, int(pieces.speaker[p]), p))
                free = start + length / 2
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


@dataclass(frozen=True, eq=False, slots=True)
class Voices:
    """What is known of the voices of K speakers.

    speaker    (K,) int64, codes of those who have a centroid, ascending
    centroids  (K, D) float64, unit length
    probes     (P, K) float64, cosine of each probe to each centroid; to its own speaker's without
               the piece that the probe was cut from. NaN where one of the two has no vector
    """

    speaker: I64
    centroids: F64
    probes: F64

    def places(self, speaker: I32) -> I64:
        """The place among the K of each of some speakers (W,), -1 for one without a centroid."""
        at = np.searchsorted(self.speaker, speaker)
        return np.where(np.append(self.speaker, -1)[at] == speaker, at, -1)

    def cosines(self, vectors: F64) -> Iterator[tuple[slice, F64]]:
        """Cosines of unit rows (W, D) to the centroids (K, D), NaN where a row is NaN: some rows at
        a time, since thousands of windows and of speakers make a table that no memory holds.
        """
        step = max(_CELLS // max(len(self.speaker), 1), 1)
        for at in range(0, max(len(vectors), 1), step):
            some = slice(at, at + step)
            yield some, _cosines(vectors[some], self.centroids)


def from_pieces(enrolment: Enrolment, pieces: F64, probes: F64, n_speakers: int) -> Voices:
    """Voices among ``n_speakers`` from vectors of the pieces (Q, D) and probes (P, D).

    A centroid is the mean of the unit vectors of two pieces at least, so that every probe can be
    tried against one that does not hold it.
    """
    rows, tries = unit(pieces), unit(probes)
    heard = finite_rows(rows)
    speaker = enrolment.pieces.speaker
    total = np.zeros((n_speakers, rows.shape[1]))
    np.add.at(total, speaker[heard], rows[heard])
    several = np.bincount(speaker[heard], minlength=n_speakers) >= 2
    voices = _voices(np.where(several[:, None], unit(total), np.nan), tries)
    own, piece = enrolment.probes.speaker, enrolment.probes.piece
    place = voices.places(own)
    known = np.flatnonzero(place >= 0)
    inside = np.where(heard[piece, None], rows[piece], 0.0)
    without = unit(total[own] - inside)
    exact = np.round((tries * without).sum(axis=1), _DIGITS)
    voices.probes[known, place[known]] = exact[known]
    return voices


def from_given(given: F64, probes: F64) -> Voices:
    """Voices from given centroids (S, D), NaN for speakers without; whether they hold the probes
    (P, D) is not known.
    """
    return _voices(unit(given), unit(probes))


def _voices(centroids: F64, probes: F64) -> Voices:
    known = np.flatnonzero(finite_rows(centroids))
    return Voices(known, centroids[known], _cosines(probes, centroids[known]))


def finite_rows(table: F64) -> Bool:
    """(W,) bool: the row of a table (W, D) holds numbers only."""
    return np.asarray(np.isfinite(table).all(axis=1))


def unit(vectors: F64) -> F64:
    """Rows (W, D) at unit length; NaN where a row is zero or not finite.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [nan, nan]]
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        norm = np.linalg.norm(vectors, axis=1, keepdims=True)
        good = np.isfinite(norm) & (norm > 0)
        return np.where(good, vectors / np.where(good, norm, 1.0), np.nan)


def _cosines(vectors: F64, centroids: F64) -> F64:
    # One row of NaN must not reach the others through the BLAS.
    heard = finite_rows(vectors)
    found = np.full((len(vectors), len(centroids)), np.nan)
    found[heard] = vectors[heard] @ centroids.T
    return np.round(found, _DIGITS)
