"""Give each word the speaker whose turns cover most of it: the baseline called ``off``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diarfix.core.overlap import Pieces, pieces_by_speaker, touching
from diarfix.core.words import F64, I32, I64, TIME_EPS, UNKNOWN, Bool, Turns, Words, encode


@dataclass(frozen=True, eq=False, slots=True)
class Assignment:
    """What :func:`assign` found for N words.

    words      the words under their new labels
    margin     (N,)  float64, s, largest minus second largest overlap; 0 where no turn touches the
               word; NaN where the word has no time; None where no turns are known
    tied       (N,)  bool, decided by which turn began earlier, or by label
    nearest    (N,)  bool, no turn touches the word: the nearest turn in time decided
    kept       (N,)  bool, a word without time that kept its own label because its timed neighbours
               disagree or are missing
    """

    words: Words
    margin: F64 | None
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
    the speaker whose turn on the word began earlier; if they began together, to the label that
    sorts first, so that the order of the turns never matters. A word of no length is covered by the
    turns it stands in, equally. Where no turn touches the word, the turn nearest in time (gap to
    the interval, not to its midpoint) decides, by the same rule. A labelled word without time takes
    the label on which the nearest timed words on both sides agree, else it keeps its own.

    Raises ValueError if there are no turns.
    """
    if not len(turns):
        msg = "assign needs at least one turn"
        raise ValueError(msg)
    kept = np.zeros(len(words), dtype=np.bool_)
    target = ~kept if only is None else only
    best, margin, tied, nearest = by_overlap(words.start, words.end, turns)
    joint, speakers = encode([*turns.speakers, *words.speakers])
    table = np.append(joint[len(turns.speakers) :], np.int32(UNKNOWN))
    codes = table[words.speaker]
    timed = words.timed
    codes[timed & target] = best[timed & target]
    loose = ~timed & target & (codes != UNKNOWN)
    if loose.any():
        agreed = agreeing_neighbours(codes, timed)
        kept = loose & (agreed == UNKNOWN)
        codes = np.where(loose & ~kept, agreed, codes)
    return Assignment(
        words.with_speaker(codes, speakers), margin, tied & target, nearest & target, kept
    )


def baseline_of(words: Words, turns: Turns | None, *, only: Bool | None = None) -> Assignment:
    """:func:`assign` where turns are known; else the words as they are, without margins."""
    if turns is not None and len(turns):
        return assign(words, turns, only=only)
    none = np.zeros(len(words), dtype=np.bool_)
    return Assignment(words, None, none, none, none)


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
    timed = ~np.isnan(start)
    speakers = pieces_by_speaker(turns)
    touched = touching(start, end, speakers)
    code = np.zeros(len(start), dtype=np.int32)
    most, second = np.zeros((2, len(start)))
    for k, (pieces, at) in enumerate(zip(speakers, touched, strict=True)):
        seconds = np.nan_to_num(_covered(pieces, start[at], end[at]))
        before = most[at]
        code[at] = np.where(seconds > before, k, code[at])
        second[at] = np.maximum(second[at], np.minimum(seconds, before))
        most[at] = np.maximum(seconds, before)
    tied = (most > 0) & (second >= most - TIME_EPS)
    margin = np.where(tied, 0.0, most - second)
    margin[end - start < TIME_EPS] = 0.0
    margin[~timed] = np.nan
    if tied.any():
        least = np.where(tied, most - TIME_EPS, np.inf)
        code[tied] = _first_begun(start, end, turns, speakers, touched, least)[tied]
    nearest = timed & (most == 0)
    best = np.where(timed, code, UNKNOWN).astype(np.int32)
    lone = np.flatnonzero(nearest)
    best[lone] = _nearest(start[lone], end[lone], turns)
    return best, margin, tied, nearest


def _covered(pieces: Pieces, start: F64, end: F64) -> F64:
    """Seconds (K,) of each interval that a speaker covers; 1 for an instant in one of the turns."""
    instant = end - start < TIME_EPS
    if not instant.any():
        return pieces.overlap(start, end)
    return np.where(instant, pieces.holds(start), pieces.overlap(start, end))


def _first_begun(
    start: F64,
    end: F64,
    turns: Turns,
    speakers: Sequence[Pieces],
    touched: Sequence[I64 | slice],
    least: F64,
) -> I32:
    """For each interval (N,) the speaker whose turn on it began earliest, of those that cover at
    least so much of it.
    """
    every = np.arange(len(start))
    winner = np.zeros(len(start), dtype=np.int32)
    began = np.full(len(start), np.inf)
    order = np.lexsort((turns.start, turns.speaker))
    cuts = np.searchsorted(turns.speaker[order], np.arange(len(turns.speakers) + 1))
    for code in _by_label(turns):
        rows = every[touched[code]]
        rows = rows[_covered(speakers[code], start[rows], end[rows]) >= least[rows]]
        if not len(rows):
            continue
        mine = order[cuts[code] : cuts[code + 1]]
        begin, reach = turns.start[mine], np.maximum.accumulate(turns.end[mine])
        # The first turn whose end passes the start sets a new reach there, so it is that turn. An
        # end that passes by rounding alone belongs to a turn before the word.
        j = np.searchsorted(reach, start[rows] + TIME_EPS, side="right")
        j = np.minimum(j, len(begin) - 1)
        sooner = begin[j] < began[rows]
        winner[rows[sooner]], began[rows[sooner]] = code, begin[j[sooner]]
    return winner


def _by_label(turns: Turns) -> list[int]:
    """The codes of speakers in the order in which their labels sort, as text."""
    names = [(str(label), type(label).__name__) for label in turns.speakers]
    return sorted(range(len(names)), key=names.__getitem__)


def _nearest(start: F64, end: F64, turns: Turns) -> I32:
    """The speaker of the turn nearest in time to each interval (K,), which touches none."""
    rank = np.argsort(_by_label(turns))
    order = np.lexsort((turns.end, rank[turns.speaker], turns.start))
    begin = turns.start[order]
    reach = np.maximum.accumulate(turns.end[order])
    code = turns.speaker[order]
    # Before: among the turns that began by `end`, the one that reaches furthest (earliest began).
    n_begun = np.searchsorted(begin, end, side="right")
    furthest = reach[np.maximum(n_begun - 1, 0)]
    left = np.where(n_begun > 0, np.maximum(start - furthest, 0.0), np.inf)
    within = np.minimum(furthest, start) - TIME_EPS
    left_code = code[np.searchsorted(reach, within, side="left")]
    # After: the first turn to begin.
    nxt = np.minimum(n_begun, len(begin) - 1)
    right = np.where(n_begun < len(begin), begin[nxt] - end, np.inf)
    return np.where(left <= right + TIME_EPS, left_code, code[nxt]).astype(np.int32)
