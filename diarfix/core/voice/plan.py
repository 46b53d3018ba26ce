"""What has to be heard of a recording: which words the voice is asked about, and which seconds of
sound belong to such a word alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diarfix.config import RecheckKnobs
from diarfix.core.overlap import Pieces
from diarfix.core.voice.enrolment import Enrolment, enrol
from diarfix.core.words import F64, I32, I64, TIME_EPS, UNKNOWN, Bool, Words


@dataclass(frozen=True, eq=False, slots=True)
class ListeningPlan:
    """What has to be heard for one recording.

    words       N words under their labels before recheck
    at          (C,) int64, the candidates, ascending
    start, end  (W,) float64, s: C windows of candidates, then the probes, then the pieces
    enrolment   whose probes and pieces these are
    """

    words: Words
    at: I64
    start: F64
    end: F64
    enrolment: Enrolment


def plan_listening(
    words: Words, margin: F64 | None, overlapped: Pieces | None, knobs: RecheckKnobs
) -> ListeningPlan:
    """Choose candidates and windows; arguments: :func:`find_candidates`."""
    candidate, clean = find_candidates(words, margin, overlapped, knobs)
    at = np.flatnonzero(candidate).astype(np.int64)
    start, end = windows(words, clean, at, knobs.acoustic_pad)
    enrolment = enrol(words, clean, end - start)
    probes, pieces = enrolment.probes, enrolment.pieces
    return ListeningPlan(
        words,
        at,
        np.concatenate((start, probes.start, pieces.start)),
        np.concatenate((end, probes.end, pieces.end)),
        enrolment,
    )


def find_candidates(
    words: Words, margin: F64 | None, overlapped: Pieces | None, knobs: RecheckKnobs
) -> tuple[Bool, Bool]:
    """Find the candidates of recheck (N,), and the clean words (N,), above suspicion.

    words       N labelled words
    margin      (N,) s, overlap margins of :func:`~diarfix.core.assign.assign`; None without turns
    overlapped  where turns overlap, or None

    A timed, labelled word is doubtful if its margin is at most ``acoustic_disputed_margin``, if it
    lies in overlapped turns, or if it stands next to a seam; a candidate, if it also lasts no
    longer than ``acoustic_max_word_dur``. It is clean if it is not doubtful and no word of another
    label, or of none, is spoken at that time.
    """
    sure = words.timed & (words.speaker != UNKNOWN)
    doubtful = _next_to_seam(words, sure)
    if margin is not None:
        doubtful |= sure & (np.nan_to_num(margin) <= knobs.acoustic_disputed_margin + TIME_EPS)
    if overlapped is not None:
        doubtful |= sure & (np.nan_to_num(overlapped.overlap(words.start, words.end)) > 0)
    duration = np.nan_to_num(words.end - words.start, nan=np.inf)
    short = duration <= knobs.acoustic_max_word_dur + TIME_EPS
    return doubtful & short, sure & ~doubtful & ~_talked_over(words)


def _next_to_seam(words: Words, among: Bool) -> Bool:
    """(N,) bool: the word before or after it, of those ``among`` (N,), has another label."""
    index = np.flatnonzero(among)
    changes = np.flatnonzero(np.diff(words.speaker[index]) != 0)
    found = np.zeros(len(words), dtype=np.bool_)
    found[index[changes]] = True
    found[index[changes + 1]] = True
    return found


def _talked_over(words: Words) -> Bool:
    """(N,) bool: a word of another label, or of none, overlaps it in time."""
    lasting = np.flatnonzero(words.timed & (words.end - words.start >= TIME_EPS))
    start, end, label = words.start[lasting], words.end[lasting], words.speaker[lasting]
    order = np.argsort(start, kind="stable")
    begun = np.searchsorted(start[order], end - TIME_EPS, side="right")
    found = np.zeros(len(words), dtype=np.bool_)
    found[lasting] = _furthest(end[order], label[order], begun, label) >= start + TIME_EPS
    return found


def windows(words: Words, clean: Bool, at: I64, pad: float) -> tuple[F64, F64]:
    """The seconds ``[start, end)`` (C,) to hear for each of the words ``at`` (C,).

    A word is extended by at most ``pad`` s on each side, and only into silence or ``clean`` (N,)
    words of its own label: 0.1 s of the other speaker turns the answer. Beside a word without time
    there is no telling what is silence, so there it is not extended.
    """
    start, end = words.start[at], words.end[at]
    # Whatever is not clean is foreign to all; what is, to those of another label.
    low, high = _room(words, np.where(clean, words.speaker, UNKNOWN - 1), at)
    timeless = np.append(~words.timed, False)  # also where it is asked for the one before the first
    padded = np.maximum(np.maximum(start - pad, low), 0.0)
    return (
        np.where(timeless[at - 1], start, padded),
        np.where(timeless[at + 1], end, np.minimum(end + pad, high)),
    )


def _room(words: Words, label: I32, at: I64) -> tuple[F64, F64]:
    """How far (C,) each word ``at`` reaches before it meets a foreign word; its edge if it does.

    label  (N,) whose each word is; foreign is what is another's than the word's speaker
    """
    timed = np.flatnonzero(words.timed)
    start, end, own = words.start[timed], words.end[timed], words.speaker[at]
    own_start, own_end, label = words.start[at], words.end[at], label[timed]
    order = np.argsort(start, kind="stable")
    before = np.searchsorted(start[order], own_start, side="left")
    low = _furthest(end[order], label[order], before, own)
    order = np.argsort(-end, kind="stable")
    after = np.searchsorted(-end[order], -own_end, side="left")
    high = -_furthest(-start[order], label[order], after, own)
    return np.minimum(low, own_start), np.maximum(high, own_end)


def _furthest(value: F64, label: I32, count: I64, own: I32) -> F64:
    """The largest of the first ``count`` (C,) values (N,) whose label is not ``own`` (C,)."""
    # The best so far, whose it is, and the best of all others.
    best, whose, second = -math.inf, UNKNOWN - 2, -math.inf
    table = [(best, whose, second)]
    for v, k in zip(value.tolist(), label.tolist(), strict=True):
        if k == whose:
            best = max(best, v)
        elif v > best:
            best, whose, second = v, k, best
        else:
            second = max(second, v)
        table.append((best, whose, second))
    columns = np.array(table, dtype=np.float64)[count]
    return np.where(columns[:, 1] == own, columns[:, 2], columns[:, 0])
