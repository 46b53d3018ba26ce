"""One optimal label path over all words: moves seams, removes islands, keeps real short turns.

The path maximises evidence minus the cost of its changes. Evidence comes from the turns around a
word where turns are known, else from the label the word carries; a change is dear inside a
sentence and cheap after a sentence end or a pause. Formulas, defaults and reasons: docs/method.md.

A second run changes nothing. With turns, neither evidence nor costs look at the labels, so the
labels written are again on a best path, and among best paths the one that changes fewest labels
wins: none. Without turns, let d(P, L) be the weight of the words on which path P leaves labels L,
and c(P) the cost of its changes. If P is best for L, then for any Q
c(P) + d(P, L) <= c(Q) + d(Q, L) <= c(Q) + d(Q, P) + d(P, L), hence c(P) <= c(Q) + d(Q, P): P is
best for itself, and again changes fewest labels. All sums are whole numbers, so this is exact.
"""

from __future__ import annotations

import numpy as np

from diarfix.config import ViterbiKnobs
from diarfix.core.smooth.evidence import (
    label_rows,
    turn_evidence,
    with_heard,
    with_pins,
    with_present,
)
from diarfix.core.smooth.explain import Decision, explain
from diarfix.core.smooth.path import Rows, best_path
from diarfix.core.smooth.seams import change_costs
from diarfix.core.smooth.smoothed import Smoothed
from diarfix.core.words import I32, I64, UNKNOWN, Bool, Turns, Words


def viterbi(
    words: Words,
    turns: Turns | None,
    knobs: ViterbiKnobs,
    *,
    pinned: Bool | None = None,
    heard: Rows | None = None,
) -> Smoothed:
    """Relabel ``words`` along the best path.

    words  N labelled words. With turns, their labels come from
           :func:`~diarfix.core.assign.assign`, so that their speakers begin with the turns';
           present labels then only break ties. Words without label are passed over and stay so; a
           word without time moves with its run.
    turns  the diarizer's turns, or None to go by the labels alone
    pinned (N,) bool, words whose label may not change
    heard  what voices are worth beside turns or labels, by place in ``words``

    Raises ValueError if the words' speakers do not begin with the turns'.
    """
    known = turns is not None and len(turns) > 0
    if turns is not None and known and words.speakers[: len(turns.speakers)] != turns.speakers:
        msg = "the words' speakers must begin with the turns': label them with assign first"
        raise ValueError(msg)
    index = np.flatnonzero(words.timed & (words.speaker != UNKNOWN)).astype(np.int64)
    if not len(index):
        return Smoothed(words)
    present = words.speaker[index]
    cost = change_costs(words, index, knobs)
    start, end = words.start[index], words.end[index]
    if turns is None or not known:
        evidence, rows = None, label_rows(start, end, present, knobs)
    else:
        evidence = turn_evidence(start, end, turns, knobs)
        rows = with_present(evidence.rows, present, len(words.speakers))
    if heard is not None:
        rows = with_heard(rows, heard, index, len(words.speakers))
    if pinned is not None:
        rows = with_pins(rows, cost, present, pinned[index], len(words.speakers))
    path = best_path(rows, cost, present, len(words.speakers))
    moved = words.with_speaker(_follow(words, index, path))
    return explain(Decision(words, moved, index, rows, cost, evidence))


def _follow(words: Words, index: I64, path: I32) -> I32:
    """The codes (N,) of all words, those without time following the run they stood in.

    The nearest timed words of the same run on both sides (of one side, at the end of a run) must
    carry the same label, else a word without time stays. At the end of a run it stays too if the
    timed word beyond took its label: following would have it change sides at every call.
    """
    codes = words.speaker.copy()
    codes[index] = path
    labelled = np.flatnonzero(words.speaker != UNKNOWN)
    loose = ~words.timed[labelled]
    if not loose.any():
        return codes
    old = words.speaker[labelled]
    run = np.cumsum(np.diff(old, prepend=UNKNOWN) != 0)
    place = np.arange(len(labelled))
    last = np.maximum.accumulate(np.where(loose, -1, place))
    after = np.minimum.accumulate(np.where(loose, len(place), place)[::-1])[::-1]
    sides = []
    stays = np.zeros(len(place), dtype=np.bool_)
    for near in (last, after):
        there = np.clip(near, 0, len(place) - 1)
        within = (near == there) & (run[there] == run)
        sides.append(np.where(within, codes[labelled][there], UNKNOWN))
        stays |= ~within & (near == there) & (codes[labelled][there] == old)
    left, right = sides
    agreed = np.where(left == UNKNOWN, right, left)
    split = (left != UNKNOWN) & (right != UNKNOWN) & (left != right)
    follows = loose & (agreed != UNKNOWN) & ~split & ~stays
    codes[labelled[follows]] = agreed[follows]
    return codes
