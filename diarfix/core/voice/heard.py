"""What voices are worth to the label path: rows of evidence beside those of turns or labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diarfix.core.smooth.evidence import MICRO
from diarfix.core.smooth.path import Rows
from diarfix.core.words import F64, I32, I64, Bool

if TYPE_CHECKING:
    from diarfix.core.voice.trust import Trust


@dataclass(frozen=True, eq=False, slots=True)
class Heard:
    """Evidence of voices, in document positions.

    word     (E,) int64, ascending
    speaker  (E,) int32
    gain     (E,) int64 >= 0, micro-nats over the speaker whose voice fits the word least
    """

    word: I64
    speaker: I32
    gain: I64


def as_evidence(
    at: I64, present: I32, scores: F64, kind: I64, trust: Mapping[int, Trust]
) -> Heard | None:
    """Log-likelihood ratios of windows, calibrated by the probes of their length class.

    at       (C,) words heard
    present  (N,) labels of all words
    scores   (C, S) cosines, NaN where there is none
    kind     (C,) length classes; those missing in ``trust`` say nothing

    A window is worth ``weight`` nats per unit of corrected cosine, and at most log(n + 1) nats
    after n probes: nothing rarer than once in n + 1 windows has been tried. A window without
    vector, or of a speaker without centroid, says nothing.
    """
    own = scores[np.arange(len(at)), present[at]] if len(at) else np.empty(0)
    usable = np.isfinite(own) & np.isin(kind, list(trust))
    words: list[I64] = []
    speakers: list[NDArray[np.int64]] = []
    gains: list[F64] = []
    for row in np.flatnonzero(usable).tolist():
        measured = trust[int(kind[row])]
        known = np.flatnonzero(np.isfinite(scores[row]))
        nats = measured.weight * (scores[row, known] - measured.offset[known])
        nats = np.maximum(nats - nats.max(), -measured.cap)
        words.append(np.full(len(known), at[row]))
        speakers.append(known)
        gains.append(nats - nats.min())
    if not words:
        return None
    gain = np.rint(np.concatenate(gains) * MICRO).astype(np.int64)
    return Heard(np.concatenate(words), np.concatenate(speakers).astype(np.int32), gain)


def with_heard(rows: Rows, heard: Heard, index: I64, n_speakers: int) -> Rows:
    """Add what was heard to the evidence on the K decoded words ``index``."""
    place = np.searchsorted(index, heard.word)
    there = np.append(index, -1)[place] == heard.word
    return _plus(rows, place[there], heard.speaker[there], heard.gain[there], n_speakers)


def with_pins(rows: Rows, cost: I64, present: I32, pinned: Bool, n_speakers: int) -> Rows:
    """Make the present labels (K,) of pinned words (K,) worth more than any path could lose."""
    word = np.flatnonzero(pinned).astype(np.int64)
    certain = int(rows.gain.sum()) + int(cost.sum()) + MICRO
    return _plus(rows, word, present[word], np.full(len(word), certain), n_speakers)


def _plus(rows: Rows, word: I64, speaker: I32, gain: I64, n_speakers: int) -> Rows:
    """Rows with further evidence; what stands on one word for one speaker adds up."""
    key = np.append(rows.word, word) * n_speakers + np.append(rows.speaker, speaker)
    total = np.append(rows.gain, gain)
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    kept = key[order][first]
    summed = np.add.reduceat(total[order], first) if len(first) else total
    return Rows(kept // n_speakers, (kept % n_speakers).astype(np.int32), summed)
