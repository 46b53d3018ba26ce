"""What the turns say about each word: how much of it they cover, how deep inside, and how often.

Only speakers whose turns touch a word get a row there; a word that no turn touches has one row, for
the speaker of the nearest turn. All others are worth 0 nats, so the table grows with the words, not
with words times speakers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarfix.config.knobs import ViterbiKnobs
from diarfix.core.assign import by_overlap
from diarfix.core.overlap import Pieces, pieces_by_speaker
from diarfix.core.path import I64, Rows
from diarfix.core.words import F64, I32, Bool, Turns

#: Whole numbers of this many make one nat: sums are exact, and equal on every machine.
MICRO = 1_000_000

#: A word lasts at least this long (s): aligners write words of no length.
_SHORTEST = 0.03

#: A turn's neighbourhood is joined over pauses of at most this length (s) to tell a short turn from
#: a long one that the diarizer cut at a breath.
_BREATH = 0.5


@dataclass(frozen=True, eq=False, slots=True)
class TurnEvidence:
    """Evidence of the turns on N words, one row for each speaker touching a word (E rows).

    rows      the evidence itself, in micro-nats
    covered   (E,)  float64, s of the word inside the speaker's turns
    depth     (E,)  float64, s from the word's middle to the nearer edge of the turn around it
    disputed  (N,)  bool, turns of two or more speakers touch the word
    """

    rows: Rows
    covered: F64
    depth: F64
    disputed: Bool

    def at(self, word: int, speaker: int) -> tuple[float, float]:
        """The seconds covered and the depth of one word for one speaker, 0 without a row."""
        first, stop = np.searchsorted(self.rows.word, (word, word + 1)).tolist()
        for row in range(first, stop):
            if self.rows.speaker[row] == speaker:
                return float(self.covered[row]), float(self.depth[row])
        return 0.0, 0.0


def turn_evidence(start: F64, end: F64, turns: Turns, knobs: ViterbiKnobs) -> TurnEvidence:
    """Weigh N timed words ``[start, end)`` (s) by the turns around them."""
    n, n_speakers = len(start), len(turns.speakers)
    pieces = pieces_by_speaker(turns)
    touches = [_touch(start, end, mine) for mine in pieces]
    word = np.concatenate([t[0] for t in touches])
    speaker = np.repeat(np.arange(n_speakers, dtype=np.int32), [len(t[0]) for t in touches])
    covered = np.concatenate([t[1] for t in touches])
    depth = np.concatenate([t[2] for t in touches])
    order = np.lexsort((speaker, word))
    word, speaker, covered, depth = word[order], speaker[order], covered[order], depth[order]
    touching = np.bincount(word, minlength=n)
    length = np.maximum(end - start, _SHORTEST)
    weight = np.minimum(length / knobs.full_word, 1.0)
    share = np.minimum(covered / length[word], 1.0)
    floor = knobs.coverage_floor
    nats = weight[word] * np.log((share + floor) / floor)
    disputed = touching > 1
    among = disputed[word]
    if among.any():
        w, k = word[among], speaker[among]
        nats[among] += knobs.depth_weight * np.clip(depth[among] / knobs.depth_scale, 0.0, 1.0)
        talk = _talk(start[w], end[w], w, k, turns, pieces, knobs)
        nats[among] += weight[w] * talk
    word, speaker, nats, covered, depth = _with_nearest(
        word, speaker, nats, covered, depth, np.flatnonzero(touching == 0), start, end, turns
    )
    gain = np.rint(np.maximum(nats, 0.0) * MICRO).astype(np.int64)
    return TurnEvidence(Rows(word, speaker, gain), covered, depth, disputed)


def _with_nearest(
    word: I64,
    speaker: I32,
    nats: F64,
    covered: F64,
    depth: F64,
    lone: I64,
    start: F64,
    end: F64,
    turns: Turns,
) -> tuple[I64, I32, F64, F64, F64]:
    """Add a row of 1 nat for the nearest turn's speaker at each word in ``lone`` (K,)."""
    if not len(lone):
        return word, speaker, nats, covered, depth
    near = by_overlap(start[lone], end[lone], turns)[0]
    word = np.append(word, lone)
    order = np.argsort(word, kind="stable")
    none = np.zeros(len(lone))
    return (
        word[order],
        np.append(speaker, near)[order],
        np.append(nats, none + 1.0)[order],
        np.append(covered, none)[order],
        np.append(depth, none)[order],
    )


def _touch(start: F64, end: F64, mine: Pieces) -> tuple[I64, F64, F64]:
    """The words one speaker's turns touch, the seconds covered and the depth, each (K,)."""
    first = np.searchsorted(mine.end, start, side="right")
    last = np.searchsorted(mine.start, end, side="left")
    word = np.flatnonzero(last > first).astype(np.int64)
    covered = mine.overlap(start[word], end[word])
    kept = covered > 0
    word, covered = word[kept], covered[kept]
    middle = (start[word] + end[word]) / 2
    around = np.maximum(np.searchsorted(mine.start, middle, side="right") - 1, 0)
    depth = np.minimum(middle - mine.start[around], mine.end[around] - middle)
    return word, covered, np.maximum(depth, 0.0)


def _talk(
    start: F64,
    end: F64,
    word: I64,
    speaker: I32,
    turns: Turns,
    pieces: list[Pieces],
    knobs: ViterbiKnobs,
) -> F64:
    """Who talks much in all, but little just here, per row (K,) of the disputed words.

    The least of each word's rows is the zero: a speaker who touches the word is never worth less
    than one who does not.
    """
    total = np.array([mine.seconds for mine in pieces])
    overall = np.log(total / total.sum() + 0.001)[speaker]
    joined = pieces_by_speaker(turns, gap=_BREATH)
    local = np.empty(len(word))
    short = np.zeros(len(word), dtype=np.bool_)
    middle = (start + end) / 2
    reach = knobs.local_window
    for code in np.unique(speaker).tolist():
        at = np.flatnonzero(speaker == code)
        begin, stop = start[at] - reach, end[at] + reach
        seconds = pieces[code].overlap(begin, stop)
        local[at] = -np.log(seconds / (stop - begin) + 0.05)
        whole = joined[code]
        nearest = np.clip(np.searchsorted(whole.end, middle[at]), 0, len(whole.end) - 1)
        short[at] = whole.end[nearest] - whole.start[nearest] < knobs.flicker_duration
    first = np.flatnonzero(np.diff(word, prepend=-1))
    counts = np.diff(np.append(first, len(word)))
    least = np.repeat(np.minimum.reduceat(local, first), counts)
    local = np.where(short, least, local)
    nats: F64 = knobs.talk_weight * overall + knobs.local_weight * local
    return np.asarray(nats - np.repeat(np.minimum.reduceat(nats, first), counts))


def label_rows(start: F64, end: F64, present: I32, knobs: ViterbiKnobs) -> Rows:
    """Weigh N timed words ``[start, end)`` (s) by the labels ``present`` (N,) alone."""
    weight = np.minimum(np.maximum(end - start, _SHORTEST) / knobs.label_full_word, 1.0)
    gain = np.rint(knobs.label_weight * weight * MICRO).astype(np.int64)
    return Rows(np.arange(len(present), dtype=np.int64), present, gain)


def with_present(rows: Rows, present: I32, n_speakers: int) -> Rows:
    """Add rows of no gain where the present speaker (N,) of a word has none, as its path needs."""
    word = np.arange(len(present), dtype=np.int64)
    wanted = word * n_speakers + present
    key = rows.word * n_speakers + rows.speaker
    missing = np.flatnonzero(~np.isin(wanted, key, assume_unique=True))
    if not len(missing):
        return rows
    order = np.argsort(np.append(key, wanted[missing]), kind="stable")
    return Rows(
        np.append(rows.word, missing)[order],
        np.append(rows.speaker, present[missing])[order],
        np.append(rows.gain, np.zeros(len(missing), dtype=np.int64))[order],
    )
