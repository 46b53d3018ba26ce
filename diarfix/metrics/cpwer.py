"""Word errors of speaker-attributed transcripts: cpWER by ourselves, tcpWER by meeteval.

Both are an assignment over the distances between the words of one reference and one hypothesis
speaker. meeteval refuses more than 20 speakers; we do not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diarfix.core import Label, Shared, best_map
from diarfix.errors import NotMeasured
from diarfix.metrics.counts import Counts, outside, share
from diarfix.metrics.transcripts import next_column, normal_form

if TYPE_CHECKING:
    from diarfix.metrics.sides import Side
    from diarfix.metrics.task import ScoreTask

#: How far a hypothesis word may lie from the reference word for tcpWER, s.
TCP_COLLAR = 5.0

#: Speakers that meeteval takes at once, pairs of them that it is asked for one by one (some
#: milliseconds each), and pairs that cpWER is measured for.
_MEETEVAL, _PAIRS, _CELLS = 20, 2_500, 1 << 22


@dataclass(frozen=True, slots=True)
class Segment:
    """What one speaker says at once, a word or more; times in s or NaN."""

    speaker: Label
    start: float
    end: float
    words: list[str]


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
    def measure(cls, task: ScoreTask) -> CpwerCounts | str:
        """The errors, where they are asked for."""
        said = _asked_for(task)
        return said if isinstance(said, str) else cls(*astuple(cpwer(*said)))


@dataclass(frozen=True, slots=True)
class TcpwerCounts(WerCounts):
    """Word errors where words count as equal only close in time."""

    family = "tcpwer"

    @classmethod
    def measure(cls, task: ScoreTask) -> TcpwerCounts | str:
        """The errors, where they are asked for and both sides have times."""
        said = _asked_for(task)
        if isinstance(said, str):
            return said
        silent = not said[1]  # who says nothing needs no times to have missed everything
        if task.ref.turns is None or (task.given.turns is None and not silent):
            return "needs times on both sides"
        return cls(*astuple(tcpwer(*said)))


def _asked_for(task: ScoreTask) -> tuple[list[Segment], list[Segment]] | str:
    if isinstance(task.words, str):
        return task.words
    if not task.options.cpwer:
        return "asked for by --cpwer"
    return _segments(task.ref), _segments(task.given)


def _segments(side: Side) -> list[Segment]:
    """What a side says: by utterance where only these have times, else by word.

    Words without label are of one more speaker.
    """
    told: Iterable[tuple[Label | None, float, float, str]] = ()
    words = side.words
    if side.utterances:
        told = ((u.speaker, u.start, u.end, u.text) for u in side.utterances)
    elif words is not None:
        told = zip(words.labels, words.start.tolist(), words.end.tolist(), words.text, strict=True)
    return [
        Segment("" if label is None else str(label), start, end, forms)
        for label, start, end, text in told
        if (forms := " ".join(map(normal_form, text.split())).split())
    ]


def cpwer(ref: Iterable[Segment], hyp: Iterable[Segment]) -> WerCounts:
    """Count word errors under the best permutation of speakers (CHiME-6), for any number of them.

    Texts are compared as they are; normalise both sides before. Each speaker's segments are ordered
    by time where any has one, else as they come.

    Raises NotMeasured for too many speakers.
    """
    left, right = (_streams(_in_order(side)) for side in (ref, hyp))
    words = (
        [[word for segment in own for word in segment.words] for own in side]
        for side in (left, right)
    )
    return _permuted(left, right, word_distances(*words))


def tcpwer(
    ref: Iterable[Segment], hyp: Iterable[Segment], *, collar: float = TCP_COLLAR
) -> WerCounts:
    """Count word errors as :func:`cpwer` does, matching only words close in time, by meeteval.

    collar  s that a hypothesis word may lie beside the reference word

    A segment without time stands where the one before it ends.

    Raises MissingDependency without meeteval, and NotMeasured where no word of a side has a time,
    meeteval fails or there are too many speakers.
    """
    with outside("tcpWER", "meeteval"):
        from meeteval.io.seglst import SegLST
        from meeteval.wer.wer.time_constrained import tcp_word_error_rate

    def errors(ref: list[Segment], hyp: list[Segment]) -> int:
        # Built in memory: SegLST.parse needs simplejson, which meeteval does not install.
        rows = ([_row(segment) for segment in side] for side in (ref, hyp))
        with outside("tcpWER", "meeteval"):
            return int(tcp_word_error_rate(*map(SegLST, rows), collar=collar).errors)

    said, heard = _in_order(ref), _in_order(hyp)
    if any(side and math.isnan(side[0].start) for side in (said, heard)):
        raise NotMeasured("no word of one side has a time")
    left, right = _streams(said), _streams(heard)
    if max(len(left), len(right)) <= _MEETEVAL:
        n = _n_words(said)
        # It takes no empty side; every word there is then an error.
        return WerCounts(errors(said, heard) if said and heard else n + _n_words(heard), n)
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


def _in_order(segments: Iterable[Segment]) -> list[Segment]:
    """Those that hold words in order of time, with times for all of them or for none."""
    kept = [segment for segment in segments if segment.words]
    at = next((s.start for s in kept if _timed(s)), math.nan)
    found = []
    for segment in kept:
        own = segment if _timed(segment) else replace(segment, start=at, end=at)
        found.append(own)
        at = own.end
    return found if math.isnan(at) else sorted(found, key=lambda segment: segment.start)


def _timed(segment: Segment) -> bool:
    return not math.isnan(segment.start + segment.end)


def _row(segment: Segment) -> dict[str, object]:
    """A segment in meeteval's words."""
    return {
        "speaker": segment.speaker, "start_time": segment.start, "end_time": segment.end,
        "words": " ".join(segment.words),
    }  # fmt: skip


def _streams(segments: list[Segment]) -> list[list[Segment]]:
    """What each speaker says."""
    by_speaker: dict[Label, list[Segment]] = {}
    for segment in segments:
        by_speaker.setdefault(segment.speaker, []).append(segment)
    return list(by_speaker.values())


def _n_words(segments: list[Segment]) -> int:
    return sum(len(segment.words) for segment in segments)
