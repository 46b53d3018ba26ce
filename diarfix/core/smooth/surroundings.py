"""What stands around words: the turns near each, the phrase and the sentence it is in.

Everything is told in whole milliseconds, so that it compares alike on every machine, and only of
speakers who have a turn near a word: the tables grow with words and rows, not with words times
speakers. Nothing here looks at the labels that words carry, nor at what is true of a recording as
a whole: how many speak in it, or how much each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diarfix.core.overlap import Pieces, pieces_by_speaker, touching
from diarfix.core.words import F64, I32, I64, Bool, Turns

#: A time, or a share, as the trees compare it.
I16 = NDArray[np.int16]

#: A speaker without a turn this near (s) has no row.
_REACH = 3.0

#: A turn cut at a breath of at most this length (s) counts as one.
_BREATH = 0.5

#: Times beyond this (s) are as good as never.
_FAR = 30.0


def milliseconds(seconds: F64) -> I16:
    """Whole milliseconds, at most half a minute either way."""
    return np.rint(np.clip(seconds, -_FAR, _FAR) * 1000).astype(np.int16)


@dataclass(frozen=True, eq=False, slots=True)
class Stretches:
    """Phrases or sentences: to which each of N words belongs, and what it is like.

    start, end  (N,)  float64, s, of the whole stretch around the word
    place       (N,)  int64, words before this one in it
    n_words     (N,)  int64
    """

    start: F64
    end: F64
    place: I64
    n_words: I64


def stretches_around(start: F64, end: F64, opens: Bool) -> Stretches:
    """The stretches that begin at the words ``opens`` (N,), the first always."""
    n = len(start)
    opens = opens.copy()
    opens[:1] = True
    first = np.flatnonzero(opens)
    which = np.cumsum(opens) - 1
    stop = np.append(first[1:], n)
    begin = start[first]
    finish = np.maximum(end[stop - 1], begin)
    length = stop - first
    return Stretches(begin[which], finish[which], np.arange(n) - first[which], length[which])


@dataclass(frozen=True, eq=False, slots=True)
class Near:
    """E rows, one for each word and speaker with a turn near it, by speaker, then by word.

    word, speaker    (E,)  int64, int32
    before, after    (E,)  int64, the row of the same speaker on the neighbouring word, E if none
    rival            (E,)  int64, the row of whoever else covers most of the word, or is nearest; E
                     if nobody
    first            (E,)  bool, nobody else covers more of it, or is nearer
    covered          (E,)  float64, s of the word inside the speaker's turns
    depth            (E,)  float64, s from the word's middle to the nearer edge of the turn around
                     it; negative, to the nearest turn, where it stands in none
    since, left      (E,)  float64, s from the start, and to the end, of the turn (joined) there
    last, next       (E,)  float64, s from the turn before to that one, and from it to the one after
    near, wide       (E,)  float64, s of speech within 5 and 15 s either side
    phrase, sentence (E,)  float64, s of the phrase and the sentence around the word inside turns
    begun, ended     (E,)  float64, s from the nearest start and the nearest end of a turn of the
                     speaker to the place between the word and the one before; negative if to come
    """

    word: I64
    speaker: I32
    before: I64
    after: I64
    rival: I64
    first: Bool
    covered: F64
    depth: F64
    since: F64
    left: F64
    last: F64
    next: F64
    near: F64
    wide: F64
    phrase: F64
    sentence: F64
    begun: F64
    ended: F64


def between(start: F64, end: F64) -> F64:
    """The time (N,) between each word and the one before, of the first its start."""
    return np.append(start[:1], (end[:-1] + start[1:]) / 2)


def signed_distance(at: F64, marks: F64) -> F64:
    """Seconds (N,) from the nearest of the ascending ``marks`` to each time, negative before it."""
    marks = np.concatenate(([-np.inf], marks, [np.inf]))
    i = np.searchsorted(marks, at, side="right")
    since, until = at - marks[i - 1], marks[i] - at
    return np.where(since <= until, since, -until)


def turns_near(
    start: F64, end: F64, turns: Turns, phrases: Stretches, sentences: Stretches
) -> Near:
    """Tell of each of N timed words ``[start, end)`` (s) the speakers near it."""
    pieces = pieces_by_speaker(turns)
    joined = pieces_by_speaker(turns, gap=_BREATH)
    reached = touching(start - _REACH, end + _REACH, pieces)
    middle, edge = (start + end) / 2, between(start, end)
    parts: list[tuple[I64, tuple[F64, ...]]] = []
    n = len(start)
    every = np.arange(n)
    for mine, whole, at in zip(pieces, joined, reached, strict=True):
        word = every[at]
        covered = mine.overlap(start[word], end[word])
        depth = _depth(middle[word], mine)
        there = (depth >= -_REACH) | (covered > 0)
        word, covered, depth = word[there], covered[there], depth[there]
        mid = middle[word]
        columns = (
            covered,
            depth,
            *_turn_there(mid, whole),
            mine.speech(mid + 5.0) - mine.speech(mid - 5.0),
            mine.speech(mid + 15.0) - mine.speech(mid - 15.0),
            mine.overlap(phrases.start[word], phrases.end[word]),
            mine.overlap(sentences.start[word], sentences.end[word]),
            signed_distance(edge[word], mine.start),
            signed_distance(edge[word], mine.end),
        )
        parts.append((word, columns))
    word = np.concatenate([word for word, _ in parts])
    speaker = np.repeat(np.arange(len(parts), dtype=np.int32), [len(own) for own, _ in parts])
    joint = [np.concatenate(column) for column in zip(*(c for _, c in parts), strict=True)]
    rival, first = _rivals(n, [own for own, _ in parts], joint[0], joint[1])
    follows = np.flatnonzero((np.diff(word) == 1) & (np.diff(speaker) == 0))
    before = np.full(len(word), len(word))
    after = before.copy()
    before[follows + 1], after[follows] = follows, follows + 1
    return Near(word, speaker, before, after, rival, first, *joint)


def _depth(at: F64, mine: Pieces) -> F64:
    i = np.searchsorted(mine.start, at, side="right")
    begin = np.concatenate(([-np.inf], mine.start, [np.inf]))
    stop = np.concatenate(([-np.inf], mine.end, [np.inf]))
    past = at - stop[i]
    return np.where(
        past < 0, np.minimum(at - begin[i], -past), -np.minimum(past, begin[i + 1] - at)
    )


def _turn_there(at: F64, whole: Pieces) -> tuple[F64, F64, F64, F64]:
    """Of the turn around each time (K,), else the nearest: s since its start, s left to its end, s
    from the one before it and to the one after it.
    """
    i = np.searchsorted(whole.start, at, side="right")
    begin = np.concatenate(([-np.inf], whole.start, [np.inf]))
    stop = np.concatenate(([-np.inf], whole.end, [np.inf]))
    i = np.where(at - stop[i] <= begin[i + 1] - at, i, i + 1)
    earlier = np.append(np.inf, whole.start - np.append(-np.inf, whole.end[:-1])[: len(whole.end)])
    later = np.append(earlier[1:], np.inf)
    return at - begin[i], stop[i] - at, earlier[i], later[i]


def _rivals(n: int, words: list[I64], covered: F64, depth: F64) -> tuple[I64, Bool]:
    """For each row (E,) the first of the others on its word, and whether it is the first itself."""
    standing = np.where(covered > 0, covered, np.minimum(depth, 0.0))
    nobody = len(standing)
    most, second = np.full((2, n), -np.inf)
    leader, runner = np.full((2, n), nobody)
    row = 0
    for word in words:
        rows = np.arange(row, row + len(word))
        row += len(word)
        mine, best, next_best = standing[rows], most[word], second[word]
        wins, places = mine > best, mine > next_best
        runner[word] = np.where(wins, leader[word], np.where(places, rows, runner[word]))
        second[word] = np.where(wins, best, np.where(places, mine, next_best))
        leader[word] = np.where(wins, rows, leader[word])
        most[word] = np.where(wins, mine, best)
    word = np.concatenate(words)
    first = leader[word] == np.arange(nobody)
    return np.where(first, runner[word], leader[word]), first
