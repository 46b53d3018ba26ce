"""Give each word the speaker whose turns cover most of it: the baseline called ``off``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diarfix.core.overlap import overlap
from diarfix.core.words import F64, I32, TIME_EPS, UNKNOWN, Bool, Turns, Words

#: Words handled at once, so that memory is bounded by words plus turns, never their product.
_BLOCK = 1 << 15


@dataclass(frozen=True, eq=False, slots=True)
class Assignment:
    """What :func:`assign` found for N words.

    words      the words under their new labels
    margin     (N,)  float64, s, largest minus second largest overlap; 0 where no turn touches the
               word; NaN where the word has no time
    tied       (N,)  bool, decided by which turn began earlier
    nearest    (N,)  bool, no turn touches the word: the nearest turn in time decided
    kept       (N,)  bool, a word without time that kept its own label because its timed neighbours
               disagree or are missing
    """

    words: Words
    margin: F64
    tied: Bool
    nearest: Bool
    kept: Bool


def assign(words: Words, turns: Turns, *, only: Bool | None = None) -> Assignment:
    """Label every timed word by its largest total overlap with a speaker's turns.

    words  N words, whatever they are labelled
    turns  at least one turn; their speakers become the first labels of the result
    only   (N,) bool, the words to label (all if None); the others keep what they carry. Margins
           are measured for all.

    Overlapping turns of one speaker count once. Overlaps equal within 1 us are a tie, which goes to
    the speaker whose turn on the word began earlier; if they began together, whose turn stands
    first in the input. Where no turn touches the word, the turn nearest in time (gap to the
    interval, not to its midpoint) decides, by the same rule. A labelled word without time takes the
    label on which the nearest timed words on both sides agree, else it keeps its own.

    Raises ValueError if there are no turns.
    """
    if not len(turns):
        msg = "assign needs at least one turn"
        raise ValueError(msg)
    n = len(words)
    target = np.ones(n, dtype=np.bool_) if only is None else np.asarray(only, dtype=np.bool_)
    best, margin, tied, nearest = by_overlap(words.start, words.end, turns)
    speakers = (*turns.speakers, *(s for s in words.speakers if not _holds(turns.speakers, s)))
    book = {(type(label), label): code for code, label in enumerate(speakers)}
    table = np.array([book[type(s), s] for s in words.speakers] + [UNKNOWN], dtype=np.int32)
    codes = table[words.speaker]
    timed = words.timed
    codes[timed & target] = best[timed & target]
    kept = np.zeros(n, dtype=np.bool_)
    loose = ~timed & target & (codes != UNKNOWN)
    if loose.any():
        agreed = agreeing_neighbours(codes, timed)
        kept = loose & (agreed == UNKNOWN)
        codes = np.where(loose & ~kept, agreed, codes)
    return Assignment(
        words.with_speaker(codes, speakers), margin, tied & target, nearest & target, kept
    )


def _holds(labels: tuple[object, ...], label: object) -> bool:
    return any(type(other) is type(label) and other == label for other in labels)


def agreeing_neighbours(codes: I32, timed: Bool) -> I32:
    """For each word (N,) the code on which the nearest timed labelled words before and after it
    agree; -1 where they differ or one side has none.
    """
    n = len(codes)
    known = timed & (codes != UNKNOWN)
    place = np.arange(n)
    before = np.maximum.accumulate(np.where(known, place, -1))
    after = np.minimum.accumulate(np.where(known, place, n)[::-1])[::-1]
    padded = np.append(codes, UNKNOWN)  # index -1 and n both land on the pad
    left, right = padded[before], padded[after]
    return np.where(left == right, left, UNKNOWN).astype(np.int32)


def by_overlap(start: F64, end: F64, turns: Turns) -> tuple[I32, F64, Bool, Bool]:
    """The best speaker of each interval (N,), as ``(code, margin, tied, nearest)``.

    Intervals with NaN times get code -1 and margin NaN.
    """
    n = len(start)
    best = np.full(n, UNKNOWN, dtype=np.int32)
    margin = np.full(n, np.nan)
    tied = np.zeros(n, dtype=np.bool_)
    timed = ~np.isnan(start)
    index = np.flatnonzero(timed)
    arrivals = _Arrivals(turns)
    for at in range(0, len(index), _BLOCK):
        block = index[at : at + _BLOCK]
        seconds = overlap(start[block], end[block], turns)
        most = seconds.max(axis=1)
        best[block] = seconds.argmax(axis=1)
        among = seconds >= (most - TIME_EPS)[:, None]
        tie = (among.sum(axis=1) > 1) & (most > 0)
        tied[block] = tie
        seconds[np.arange(len(block)), best[block]] = -np.inf
        second = seconds.max(axis=1) if seconds.shape[1] > 1 else np.zeros(len(block))
        margin[block] = np.where(tie, 0.0, most - np.maximum(second, 0.0))
        if tie.any():
            best[block[tie]] = arrivals.first(start[block[tie]], among[tie])
    nearest = timed & (np.nan_to_num(margin, nan=1.0) == 0) & ~tied
    lone = np.flatnonzero(nearest)
    best[lone] = _nearest(start[lone], end[lone], turns)
    return best, margin, tied, nearest


class _Arrivals:
    """Looks up which of a speaker's turns that reach past a time began first."""

    def __init__(self, turns: Turns) -> None:
        self._rows: list[tuple[F64, F64, NDArray[np.intp]]] = []
        for code in range(len(turns.speakers)):
            mine = np.flatnonzero(turns.speaker == code)
            mine = mine[np.lexsort((mine, turns.start[mine]))]
            reach = np.maximum.accumulate(turns.end[mine]) if len(mine) else np.empty(0)
            self._rows.append((turns.start[mine], reach, mine))

    def first(self, at: F64, among: Bool) -> I32:
        """The speaker (K,) among ``among`` (K, S) whose turn around ``at`` (K,) began earliest."""
        began = np.full(among.shape, np.inf)
        rank = np.full(among.shape, np.inf)
        for code, (start, reach, order) in enumerate(self._rows):
            rows = np.flatnonzero(among[:, code])
            # The first turn whose end passes `at` sets a new reach there, so it is that turn.
            j = np.minimum(np.searchsorted(reach, at[rows], side="right"), len(start) - 1)
            began[rows, code] = start[j]
            rank[rows, code] = order[j]
        earliest = began.min(axis=1, keepdims=True)
        rank[began > earliest] = np.inf
        winner: I32 = rank.argmin(axis=1).astype(np.int32)
        return winner


def _nearest(start: F64, end: F64, turns: Turns) -> I32:
    """The speaker of the turn nearest in time to each interval (K,), which touches none."""
    order = np.lexsort((np.arange(len(turns)), turns.start))
    begin = turns.start[order]
    reach = np.maximum.accumulate(turns.end[order])
    code = turns.speaker[order]
    # Before: among the turns that began by `end`, the one that reaches furthest (earliest began).
    n_begun = np.searchsorted(begin, end, side="right")
    furthest = reach[np.maximum(n_begun - 1, 0)]
    left = np.where(n_begun > 0, np.maximum(start - furthest, 0.0), np.inf)
    left_code = code[np.searchsorted(reach, np.minimum(furthest, start), side="left")]
    # After: the first turn to begin.
    nxt = np.minimum(n_begun, len(begin) - 1)
    right = np.where(n_begun < len(begin), begin[nxt] - end, np.inf)
    return np.where(left <= right + TIME_EPS, left_code, code[nxt]).astype(np.int32)
