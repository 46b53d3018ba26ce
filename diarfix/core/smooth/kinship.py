"""Whether two opinions on a recording are two witnesses, or one heard twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diarfix.core.overlap import pieces_by_speaker
from diarfix.core.words import F64, I32, I64, UNKNOWN, Turns

#: Hand-overs at most so far apart (s) are one; others that near are so by chance, in this share.
_SAME_INSTANT, _BY_CHANCE = 0.02, 0.05

#: A speaker who begins or ends this near (s) to another's speech takes over from them.
_NEAR = 0.05

#: Times that are nearly all multiples of this (s) tell no instant.
_COARSE = 0.05

#: Opinions that share more than the first of their changes of speaker, word by word, may be one,
#: and are, from the second on. Independent ones share a third to three quarters.
_SAME_CHANGES, _ONE = 0.7, 0.85

#: Added to the number of hand-overs: a few that coincide prove little.
_FEW = 5


def distinct(opinions: Sequence[Turns]) -> tuple[list[int], dict[int, int], int]:
    """The opinions with turns, each once and in an order that is theirs; which are copies of which;
    and the first of them.

    What is the very same but for names is a copy. Raises ValueError if none has turns.
    """
    given = [i for i, turns in enumerate(opinions) if len(turns)]
    if not given:
        msg = "no opinion has turns"
        raise ValueError(msg)
    kept: dict[bytes, int] = {}
    copy_of: dict[int, int] = {}
    for i in given:
        turns = opinions[i]
        order = np.lexsort((turns.speaker, turns.end, turns.start))
        columns = (turns.start[order], turns.end[order], turns.speaker[order])
        at = kept.setdefault(b"".join(column.tobytes() for column in columns), i)
        if at != i:
            copy_of[i] = at
    return [kept[key] for key in sorted(kept)], copy_of, given[0]


def kinship(views: Sequence[tuple[Turns, I32]], start: F64, end: F64) -> F64:
    """How far each two opinions (V, V) are of one origin: 0 not at all, 1 the same.

    views  the turns of each, and whom it has on each of N words ``[start, end)``: (N,) codes

    Two systems hear the same hand-over, but never end one and begin the other at the same instant,
    again and again; two runs of one system do, and a vote of several with each of them. Where
    times tell no instant (turns made of the words themselves, or in tenths of a second), only
    nearly equal changes, word by word, tell.
    """
    n = len(views)
    instants = [_instants(turns, start, end) for turns, _ in views]
    changes = [_changes(said) for _, said in views]
    kin = np.eye(n)
    for i in range(n):
        for j in range(i):
            a, b = instants[i], instants[j]
            if a is not None and b is not None:
                shared = min(_near(a, b), _near(b, a))
                found = np.sqrt(max(shared - _BY_CHANCE, 0.0) / (1.0 - _BY_CHANCE))
            else:
                common = len(np.intersect1d(changes[i], changes[j]))
                shared = 2 * common / (len(changes[i]) + len(changes[j]) + 2 * _FEW)
                found = min(max(shared - _SAME_CHANGES, 0.0) / (_ONE - _SAME_CHANGES), 1.0)
            kin[i, j] = kin[j, i] = found
    return kin


def _instants(turns: Turns, start: F64, end: F64) -> F64 | None:
    """When speakers begin or end beside another's speech, ascending; None if times are coarse."""
    pieces = pieces_by_speaker(turns, gap=2 * _NEAR)
    begins = np.sort(np.concatenate([p.start for p in pieces]))
    ends = np.sort(np.concatenate([p.end for p in pieces]))
    times = np.concatenate((begins, ends))
    beside = np.concatenate((begins - _NEAR, ends + _NEAR))
    on = np.searchsorted(begins, beside, "right") - np.searchsorted(ends, beside, "right")
    found = np.sort(times[on > 0])
    coarse = np.abs(found - _COARSE * np.rint(found / _COARSE)) < 1e-4
    of_words = np.sort(np.concatenate((start, end)))
    if coarse.sum() > 0.9 * len(found) or _near(found, of_words, 1e-3) > 0.5:
        return None
    return found


def _near(times: F64, others: F64, reach: float = _SAME_INSTANT) -> float:
    """The share of times that lie near one of others, both ascending; a few prove little."""
    if not len(others):
        return 0.0
    after = np.searchsorted(others, times)
    gap = np.minimum(
        np.abs(times - others[np.maximum(after - 1, 0)]),
        np.abs(others[np.minimum(after, len(others) - 1)] - times),
    )
    return float((gap < reach).sum() / (len(times) + _FEW))


def _changes(said: I32) -> I64:
    """The words, of those that a view has somebody on, on which it has another than before."""
    spoken = np.flatnonzero(said != UNKNOWN)
    changes: I64 = spoken[1:][np.diff(said[spoken]) != 0]
    return changes
