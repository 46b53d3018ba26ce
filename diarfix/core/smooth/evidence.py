"""What turns, or the labels alone, say about each word, and what a change of speaker costs before
it; what else is known is added to that.

Only speakers whose turns touch a word get a row there; all others are worth 0 nats, so the table
grows with the words, not with words times speakers. A word that no turn touches says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarfix.config import ViterbiKnobs
from diarfix.core.overlap import Pieces, pieces_by_speaker, touching
from diarfix.core.smooth.path import MICRO, Rows
from diarfix.core.words import F64, I32, I64, TIME_EPS, Bool, Turns, Words

#: No spoken word is shorter (s): of such a one the recogniser told where it is, not how long.
_SHORTEST = 0.08

#: What such a word is taken to last at most (s): that of a usual word.
_USUAL = 0.3

#: A turn that the diarizer cut at a breath of at most this length (s) counts as one.
_BREATH = 0.5

#: Keeps the logarithm of a talk-time share finite for speakers of a second in an hour.
_SHARE_FLOOR = 0.001

#: What ends a sentence: Latin, Greek, CJK, Arabic, Urdu, Indic, Armenian, Ethiopic, Burmese, Khmer.
_SENTENCE_ENDS = frozenset(".?!…。．｡？！‼⁇⁈⁉؟۔।॥։።፧။។\u037e")

#: What may stand after it: white space, closing quotes and brackets.
_CLOSERS = " \t\n\r\u00a0\u3000\"'”’»›)]}）］｝】」』》〉*_"

#: The share of a recording's own gaps that lie at or below its offset.
_OFFSET_QUANTILE = 0.9


@dataclass(frozen=True, eq=False, slots=True)
class TurnEvidence:
    """Evidence of the turns on N words, one row (E in all) for each speaker touching a word.

    rows     the evidence in micro-nats
    covered  (E,)  float64, s of the word inside the speaker's turns
    depth    (E,)  float64, s from the word's middle to the nearer edge of the turn around it, 0 if
             its middle lies outside
    """

    rows: Rows
    covered: F64
    depth: F64

    def numbers(self, at: I64, old: I32, new: I32) -> list[dict[str, float | int | str]]:
        """What the turns say of words (K,) for their old and their new speakers (K,)."""
        rows = [self.rows.find(at, speaker) for speaker in (old, new)]
        columns = (
            np.append(column, 0.0)[row].round(6).tolist()
            for column in (self.covered, self.depth)
            for row in rows
        )
        names = ("covered_before_s", "covered_after_s", "depth_before_s", "depth_after_s")
        return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def turn_evidence(start: F64, end: F64, turns: Turns, knobs: ViterbiKnobs) -> TurnEvidence:
    """Weigh N timed words ``[start, end)`` (s) by the turns around them.

    A word is *disputed* if turns of two or more speakers touch it; depth, talk time and brevity
    count only there.
    """
    pieces = pieces_by_speaker(turns)
    touches = [
        _touch(start, end, mine, at)
        for mine, at in zip(pieces, touching(start, end, pieces), strict=True)
    ]
    word, covered, depth = (np.concatenate(column) for column in zip(*touches, strict=True))
    counts = [len(touch[0]) for touch in touches]
    speaker = np.repeat(np.arange(len(pieces), dtype=np.int32), counts)
    order = np.argsort(word, kind="stable")
    word, speaker, covered, depth = word[order], speaker[order], covered[order], depth[order]
    # An instant is covered whole or has no row.
    length = (end - start)[word]
    share = np.where(length < TIME_EPS, 1.0, covered / np.maximum(length, TIME_EPS))
    floor = knobs.coverage_floor
    # By so much a speaker covering this share of a word beats one who covers none of it.
    nats = np.log((np.minimum(share, 1.0) + floor) / floor)
    disputed = np.bincount(word, minlength=len(start))[word] > 1
    if disputed.any():
        w, k = word[disputed], speaker[disputed]
        middle = (start[w] + end[w]) / 2
        nats[disputed] += _prior(w, k, middle, turns, pieces, knobs)
    nats *= _weight(start, end, knobs)[word]
    deep = np.minimum(depth[disputed] / knobs.depth_scale, 1.0)
    nats[disputed] += knobs.depth_weight * deep
    return TurnEvidence(Rows(word, speaker, _micro(nats)), covered, depth)


def label_rows(start: F64, end: F64, present: I32, knobs: ViterbiKnobs) -> Rows:
    """Weigh N timed words ``[start, end)`` (s) by the labels ``present`` (N,) alone."""
    gain = _micro(knobs.label_weight * _weight(start, end, knobs))
    return Rows(np.arange(len(present), dtype=np.int64), present, gain)


def sentence_ends(text: tuple[str, ...]) -> Bool:
    """Whether each word (N,) ends a sentence, closing quotes and brackets aside.

    >>> sentence_ends(("so", "what?”", "3.5", "そう。")).tolist()
    [False, True, False, True]
    """
    ends = {word: word.rstrip(_CLOSERS)[-1:] in _SENTENCE_ENDS for word in {*text}}
    return np.fromiter(map(ends.__getitem__, text), np.bool_, len(text))


def silences(start: F64, end: F64) -> F64:
    """Seconds of silence before each word (N,), negative where words overlap; inf for the first."""
    return np.append(np.inf, start[1:] - end[:-1])[: len(start)]


def breaks(words: Words, index: I64, knobs: ViterbiKnobs) -> tuple[F64, F64, Bool]:
    """What stands before each of the words ``index`` (K,), ascending: the silence (s), as much of
    it as is a pause, beyond the recogniser's habit (s), and whether a sentence has ended.

    Across passed-over words (no time, or no label) the silence is unknown and reads as none, but
    their punctuation counts.
    """
    ends = np.append(0, np.cumsum(sentence_ends(words.text)))
    previous = np.append(0, index[:-1])
    gap = silences(words.start[index], words.end[index])
    gap[1:][np.diff(index) > 1] = 0.0
    known = gap[np.isfinite(gap)]
    offset = _quantile(known, _OFFSET_QUANTILE) if len(known) else 0.0
    pause = np.maximum(gap - min(max(offset, 0.0), knobs.pause_offset), 0.0)
    return gap, pause, ends[index] > ends[previous]


def change_costs(words: Words, index: I64, knobs: ViterbiKnobs) -> I64:
    """Micro-nats (K,) that a change costs before each of the words ``index`` (K,), ascending."""
    _, pause, after_sentence = breaks(words, index, knobs)
    base = np.where(after_sentence, knobs.sentence_end_cost, knobs.change_cost)
    left = knobs.pause_share + (1.0 - knobs.pause_share) * np.exp(-pause / knobs.pause_scale)
    return _micro(base * left)


def _quantile(values: F64, share: float) -> float:
    """``np.quantile``, bit for bit, which loads what masked arrays need."""
    place = share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    below, above = np.partition(values, (low, high))[[low, high]].tolist()
    part = place - low
    if part < 0.5:
        return float(below + (above - below) * part)
    return float(above - (above - below) * (1 - part))


def _micro(nats: F64) -> I64:
    return np.rint(nats * MICRO).astype(np.int64)


def _weight(start: F64, end: F64, knobs: ViterbiKnobs) -> F64:
    """The votes (N,) of N timed words in a row: short ones are often placed or timed wrongly.

    A word too short to be one (many recognisers write instants) lasts until the next begins, but no
    longer than usual.
    """
    length = end - start
    short = length < _SHORTEST
    if short.any():
        until = np.append(start[1:] - start[:-1], _USUAL)
        length[short] = np.clip(until[short], _SHORTEST, _USUAL)
    return np.minimum(length / knobs.full_word, 1.0)


def _touch(start: F64, end: F64, mine: Pieces, at: I64 | slice) -> tuple[I64, F64, F64]:
    """The words one speaker's turns touch, ascending, with seconds covered and depth, each (K,).

    at  those that they may touch
    """
    start, end = start[at], end[at]
    first = np.searchsorted(mine.end, start, side="right")
    last = np.searchsorted(mine.start, end, side="left")
    instant = end - start < TIME_EPS
    touched = last > first
    touched[instant] = mine.holds(start[instant])
    word = np.flatnonzero(touched).astype(np.int64)
    covered = mine.overlap(start[word], end[word])
    there = instant[word] | (covered > 0)
    word, covered = word[there], covered[there]
    middle = (start[word] + end[word]) / 2
    around = np.maximum(np.searchsorted(mine.start, middle, side="right") - 1, 0)
    depth = np.minimum(middle - mine.start[around], mine.end[around] - middle)
    return word if isinstance(at, slice) else at[word], covered, np.maximum(depth, 0.0)


def _prior(
    word: I64, speaker: I32, middle: F64, turns: Turns, pieces: list[Pieces], knobs: ViterbiKnobs
) -> F64:
    """Nats (K,) for who talks much in all and is in a short turn here, per row of disputed words.

    Who breaks in talks briefly; who talks much is more often right. The least of a word's rows is
    its zero, so that touching a word is never worth less than not touching it.
    """
    total = np.array([mine.seconds for mine in pieces])
    talk = np.log(total / total.sum() + _SHARE_FLOOR)[speaker]
    length = np.empty(len(word))
    order = np.argsort(speaker, kind="stable")
    cuts = np.searchsorted(speaker[order], np.arange(1, len(pieces)))
    for joined, at in zip(
        pieces_by_speaker(turns, gap=_BREATH), np.split(order, cuts), strict=True
    ):
        around = np.minimum(np.searchsorted(joined.end, middle[at]), len(joined.end) - 1)
        length[at] = joined.end[around] - joined.start[around]
    longest = max(knobs.brevity_longest, knobs.brevity_shortest)
    brevity = -np.log(np.clip(length, knobs.brevity_shortest, longest))
    nats = knobs.talk_weight * talk + knobs.brevity_weight * brevity
    first = np.flatnonzero(np.diff(word, prepend=-1))
    counts = np.diff(np.append(first, len(word)))
    return np.asarray(nats - np.repeat(np.minimum.reduceat(nats, first), counts))
