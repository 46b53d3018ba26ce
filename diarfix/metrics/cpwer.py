"""Word errors of speaker-attributed transcripts: cpWER by ourselves, tcpWER by meeteval.

Both are an assignment over the distances between the words of one reference and one hypothesis
speaker. meeteval refuses more than 20 speakers; we do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from diarfix.core import Label
from diarfix.errors import InputError
from diarfix.metrics.counts import Counts, NotMeasured, share
from diarfix.metrics.external import missing_package, outside
from diarfix.metrics.mapping import Shared, best_map
from diarfix.metrics.transcripts import next_column, normal_form

if TYPE_CHECKING:
    from diarfix.metrics.pair import Pair
    from diarfix.metrics.sides import Side

#: ``(session, speaker, start, end, text)``: a word or a segment, times in s or None.
Row = tuple[str, Label, float | None, float | None, str]

#: How far a hypothesis word may lie from the reference word for tcpWER, s.
TCP_COLLAR = 5.0

#: Speakers that meeteval takes at once, pairs of them that it is asked for one by one (some
#: milliseconds each), and pairs that cpWER is measured for.
_MEETEVAL, _PAIRS, _CELLS = 20, 2_500, 1 << 22


@dataclass(frozen=True, slots=True)
class Segment:
    """What one speaker says at once; times in s or NaN."""

    speaker: Label
    start: float
    end: float
    words: list[str]

    def row(self) -> dict[str, Any]:
        """The same in meeteval's words."""
        return {
            "speaker": self.speaker, "start_time": self.start, "end_time": self.end,
            "words": " ".join(self.words),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class WerCounts(Counts):
    """Word errors of speaker-attributed transcripts.

    errors  insertions, deletions and substitutions; a word under the wrong speaker is one of each
            of the first two
    length  reference words
    """

    errors: int = 0
    length: int = 0

    @property
    def rate(self) -> float | None:
        """Errors per reference word, may exceed 1; None without reference words."""
        return share(self.errors, self.length)


@dataclass(frozen=True, slots=True)
class CpwerCounts(WerCounts):
    """Word errors wherever the words stand."""

    family = "cpwer"

    @classmethod
    def measure(cls, pair: Pair) -> CpwerCounts | str:
        """The errors, where they are asked for."""
        rows = _asked_for(pair)
        return rows if isinstance(rows, str) else cls(*astuple(cpwer(*rows)))


@dataclass(frozen=True, slots=True)
class TcpwerCounts(WerCounts):
    """Word errors where words count as equal only close in time."""

    family = "tcpwer"

    @classmethod
    def measure(cls, pair: Pair) -> TcpwerCounts | str:
        """The errors, where they are asked for and both sides have times."""
        rows = _asked_for(pair)
        if isinstance(rows, str):
            return rows
        silent = not rows[1]  # who says nothing needs no times to have missed everything
        if pair.ref.turns is None or (pair.hyp.turns is None and not silent):
            return "needs times on both sides"
        return cls(*astuple(tcpwer(*rows)))


def _asked_for(pair: Pair) -> tuple[list[Row], list[Row]] | str:
    if isinstance(pair.words, str):
        return pair.words
    if not pair.options.cpwer:
        return "asked for by --cpwer"
    return _rows(pair.name, pair.ref), _rows(pair.name, pair.hyp)


def _rows(name: str, side: Side) -> list[Row]:
    """The rows of a recording: by utterance where only these have times, else by word."""
    if side.utterances:
        return [
            (name, _stream(u.speaker), _known(u.start), _known(u.end), form)
            for u in side.utterances
            if (form := " ".join(filter(None, map(normal_form, u.text.split()))))
        ]
    words = side.words
    if words is None:
        return []
    table = zip(words.text, words.start.tolist(), words.end.tolist(), words.labels, strict=True)
    return [
        (name, _stream(label), _known(start), _known(end), form)
        for text, start, end, label in table
        if (form := normal_form(text))
    ]


def _stream(label: Label | None) -> str:
    """Whom a row is told to be of; words without label are one more speaker."""
    return "" if label is None else str(label)


def _known(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None


def cpwer(ref_rows: Iterable[Row], hyp_rows: Iterable[Row]) -> WerCounts:
    """Count word errors under the best permutation of speakers (CHiME-6), for any number of them.

    Texts are compared as they are; normalise both sides before. Each speaker's rows are ordered by
    time where his session has times, else as they come. A session on one side only counts in full.

    Raises NotMeasured for too many speakers.
    """

    def count(ref: list[Segment], hyp: list[Segment]) -> WerCounts:
        left, right = _streams(ref), _streams(hyp)
        return _permuted(left, right, word_distances(_words(left), _words(right)))

    return _by_session(ref_rows, hyp_rows, count)


def tcpwer(
    ref_rows: Iterable[Row], hyp_rows: Iterable[Row], *, collar: float = TCP_COLLAR
) -> WerCounts:
    """Count word errors as :func:`cpwer` does, matching only words close in time, by meeteval.

    collar  s that a hypothesis word may lie beside the reference word

    A row without time stands where the row before it in its session ends.

    Raises MissingDependency without meeteval, InputError for a session without any time, and
    NotMeasured where meeteval fails or there are too many speakers.
    """
    try:
        from meeteval.io.seglst import SegLST
        from meeteval.wer.wer.time_constrained import tcp_word_error_rate
    except ImportError as reason:
        raise missing_package("tcpWER", "meeteval", reason) from reason

    def errors(ref: list[Segment], hyp: list[Segment]) -> int:
        # Built in memory: SegLST.parse needs simplejson, which meeteval does not install.
        with outside("meeteval"):
            sides = (SegLST([segment.row() for segment in side]) for side in (ref, hyp))
            return int(tcp_word_error_rate(*sides, collar=collar).errors)

    def count(ref: list[Segment], hyp: list[Segment]) -> WerCounts:
        left, right = _streams(ref), _streams(hyp)
        if max(len(left), len(right)) <= _MEETEVAL:
            n = _n_words(ref)
            # It takes no empty side; every word there is then an error.
            return WerCounts(errors(ref, hyp) if ref and hyp else n + _n_words(hyp), n)
        if len(left) * len(right) > _PAIRS:
            raise NotMeasured(f"{len(left)} by {len(right)} speakers are too many for tcpWER")
        apart = np.empty((len(left), len(right)), dtype=np.int64)
        for i, a in enumerate(left):
            for j, b in enumerate(right):
                far = max(a[0].start, b[0].start) - collar > min(
                    max(s.end for s in own) for own in (a, b)
                )
                apart[i, j] = _n_words(a) + _n_words(b) if far else errors(a, b)
        return _permuted(left, right, apart)

    return _by_session(ref_rows, hyp_rows, count, need_times=True)


def _permuted(
    ref: list[list[Segment]], hyp: list[list[Segment]], distance: NDArray[np.int64]
) -> WerCounts:
    """Word errors under the best permutation, by the distances (R, H) of the speakers' words.

    Who is left over costs all his words. What a pair saves against both being left over is never
    negative, so the best permutation is the best map by savings.
    """
    n_ref, n_hyp = (
        np.array([_n_words(own) for own in side], dtype=np.int64) for side in (ref, hyp)
    )
    saved = (n_ref[:, None] + n_hyp - distance).T
    row, column = np.nonzero(saved)
    shared = Shared(row, column, saved[row, column], saved.shape)
    total, length = int(n_ref.sum() + n_hyp.sum()), int(n_ref.sum())
    return WerCounts(total - int(shared.under(best_map(shared))), length)


def word_distances(ref: list[list[str]], hyp: list[list[str]]) -> NDArray[np.int64]:
    """The Levenshtein distances (R, H) between the words of speakers.

    All hypothesis speakers at once: their columns lie in one number, a bit between two of them that
    no carry passes. So time grows with the words of both sides, whoever speaks them.

    Raises NotMeasured for too many speakers.

    >>> word_distances([["so", "we", "go"]], [["so", "go"], ["no"]]).tolist()
    [[1, 3]]
    """
    if len(ref) * len(hyp) > _CELLS:
        raise NotMeasured(f"{len(ref)} by {len(hyp)} speakers are too many for cpWER")
    begins = np.cumsum([0, *(len(words) + 1 for words in hyp)])
    where: dict[str, int] = {}
    every = firsts = 0
    for begin, words in zip(begins.tolist(), hyp, strict=False):
        firsts |= 1 << begin
        every |= ((1 << len(words)) - 1) << begin
        for at, word in enumerate(words, start=begin):
            where[word] = where.get(word, 0) | 1 << at
    found = np.empty((len(ref), len(hyp)), dtype=np.int64)
    for i, words in enumerate(ref):
        column = (every, 0)
        for word in words:
            column = next_column(column, where.get(word, 0), every, firsts)
        size = (int(begins[-1]) + 7) // 8
        bits = [
            np.unpackbits(np.frombuffer(part.to_bytes(size, "little"), np.uint8), bitorder="little")
            for part in column
        ]
        step = bits[0].astype(np.int64) - bits[1]
        found[i] = len(words) + (np.add.reduceat(step, begins[:-1]) if len(hyp) else 0)
    return found


def _by_session(
    ref_rows: Iterable[Row],
    hyp_rows: Iterable[Row],
    count: Callable[[list[Segment], list[Segment]], WerCounts],
    *,
    need_times: bool = False,
) -> WerCounts:
    ref, hyp = _sessions(ref_rows), _sessions(hyp_rows)
    total = WerCounts.zero()
    for session in dict.fromkeys((*ref, *hyp)):
        left, right = (
            _segments(rows.get(session, ()), need_times=need_times) for rows in (ref, hyp)
        )
        total += count(left, right)
    return total


def _sessions(rows: Iterable[Row]) -> dict[str, list[Row]]:
    by_session: dict[str, list[Row]] = {}
    for row in rows:
        if row[4].split():
            by_session.setdefault(row[0], []).append(row)
    return by_session


def _segments(rows: Sequence[Row], *, need_times: bool) -> list[Segment]:
    """The rows of one session in order of time, with times for all of them or NaN for all."""
    times = [_times(row) for row in rows]
    first = next((time for time in times if time is not None), None)
    if first is None:
        if need_times and rows:
            raise InputError(f"tcpWER needs times, and no word of {rows[0][0]} has any")
        return [Segment(row[1], math.nan, math.nan, row[4].split()) for row in rows]
    at = first[0]
    segments = []
    for row, time in zip(rows, times, strict=True):
        start, end = (at, at) if time is None else time
        at = end
        segments.append(Segment(row[1], start, end, row[4].split()))
    return sorted(segments, key=lambda segment: segment.start)


def _streams(segments: list[Segment]) -> list[list[Segment]]:
    """What each speaker says."""
    by_speaker: dict[Label, list[Segment]] = {}
    for segment in segments:
        by_speaker.setdefault(segment.speaker, []).append(segment)
    return list(by_speaker.values())


def _words(streams: list[list[Segment]]) -> list[list[str]]:
    return [[word for segment in own for word in segment.words] for own in streams]


def _n_words(segments: list[Segment]) -> int:
    return sum(len(segment.words) for segment in segments)


def _times(row: Row) -> tuple[float, float] | None:
    _, _, start, end, _ = row
    known = start is not None and end is not None and not math.isnan(start + end)
    return (start, end) if known else None  # type: ignore[return-value]
