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

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from diarfix.config import ViterbiKnobs
from diarfix.core.smooth.evidence import (
    MICRO,
    TurnEvidence,
    change_costs,
    label_rows,
    silences,
    turn_evidence,
)
from diarfix.core.smooth.method import Change, Smoothed, opinions_of
from diarfix.core.smooth.path import Rows, best_path
from diarfix.core.words import F64, I32, I64, TIME_EPS, UNKNOWN, Bool, Turns, Words

if TYPE_CHECKING:
    from diarfix.core.smooth.opinions import OpinionEvidence

Numbers = dict[str, float | int | str]
Told: TypeAlias = "TurnEvidence | OpinionEvidence"


def viterbi(
    words: Words,
    turns: Turns | Sequence[Turns] | None,
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
    turns  the diarizer's turns, those of several, or None to go by the labels alone
    pinned (N,) bool, words whose label may not change
    heard  what voices are worth beside turns or labels, by place in ``words``

    Raises ValueError if the words' speakers do not begin with the turns' (of the first who has
    any).
    """
    opinions = opinions_of(turns)
    given = [opinion for opinion in opinions if len(opinion)]
    if given and words.speakers[: len(given[0].speakers)] != given[0].speakers:
        msg = "the words' speakers must begin with the turns': label them with assign first"
        raise ValueError(msg)
    index = np.flatnonzero(words.timed & (words.speaker != UNKNOWN)).astype(np.int64)
    if not len(index):
        return Smoothed(words)
    start, end, present = words.start[index], words.end[index], words.speaker[index]
    cost = change_costs(words, index, knobs)
    told: Told | None = None
    if len(given) == 1:
        told = turn_evidence(start, end, given[0], knobs)
    elif given:
        from diarfix.core.smooth.handover import Terms  # most have one diarizer
        from diarfix.core.smooth.opinions import opinion_evidence

        def tell(turns: Turns) -> tuple[Rows, Terms]:
            rows = turn_evidence(start, end, turns, knobs).rows
            nothing = np.zeros(len(rows.word), dtype=np.int64)
            return rows, Terms(rows, nothing, nothing, cost)

        def decode(terms: Terms, kept: I32) -> I32:
            return best_path(terms.rows, terms.cost, kept)

        words, told = opinion_evidence(words, index, opinions, knobs, tell, decode)
    if told is None:
        rows = label_rows(start, end, present, knobs)
    else:  # the path needs a row for every present speaker
        rows = told.rows if isinstance(told, TurnEvidence) else told.terms.rows
        rows = rows.plus(np.arange(len(index)), present, np.zeros(len(index), dtype=np.int64))
    if heard is not None:
        place = np.searchsorted(index, heard.word)
        there = np.append(index, -1)[place] == heard.word
        rows = rows.plus(place[there], heard.speaker[there], heard.gain[there])
    if pinned is not None:  # worth more than any path could lose
        certain = int(rows.gain.sum()) + int(cost.sum()) + MICRO
        at = np.flatnonzero(pinned[index])
        rows = rows.plus(at, present[at], np.full(len(at), certain))
    path = best_path(rows, cost, present)
    moved = words.with_speaker(_follow(words, index, path))
    done = _explained(words, moved, index, rows, cost, told)
    return done if isinstance(told, TurnEvidence | None) else told.told(done, index, path)


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


def _explained(
    words: Words, moved: Words, index: I64, rows: Rows, cost: I64, told: Told | None
) -> Smoothed:
    """Say for each moved word what decided, and by how much.

    words, moved  the words under their old and new labels
    index         (K,)  int64, which words were decoded, ascending
    rows          the evidence, by position in ``index``
    cost          (K,)  int64, micro-nats, of a change before each
    told          what the turns said, None where none are known

    Moved words are taken in stretches that share the old and the new label. A stretch that was a
    whole run and has gone to both its neighbours is an *island*; one that has joined its neighbour
    on one side has moved a *seam*. A word that both speakers' turns cover equally is a *tie*, and
    *disputed* if both touch it and the stretch is neither; the rest is the *path*'s. Words without
    time follow their *run*. Where several diarizers are heard, *disputed* is what some of them have
    for the old and some for the new speaker.
    """
    before, after = words.speaker[index], moved.speaker[index]
    at = np.flatnonzero(before != after)
    old, new = before[at], after[at]
    value = np.append(rows.gain, 0)
    gain = (value[rows.find(at, new)] - value[rows.find(at, old)]).tolist()
    gap = silences(words.start[index], words.end[index])
    numbers = [{}] * len(at) if told is None else told.numbers(at, old, new)
    opens = (np.diff(at, prepend=-2) > 1) | (np.diff(old, prepend=-1) != 0)
    opens |= np.diff(new, prepend=-1) != 0
    changes: list[Change] = []
    shapes: list[str] = []
    for a, b in pairwise([*np.flatnonzero(opens).tolist(), len(at)]):
        first, stop = int(at[a]), int(at[b - 1]) + 1
        shape = _shape(before, after, first, stop)
        shapes.append(shape)
        common = _numbers(cost, before, after, gap, sum(gain[a:b]), first, stop, shape)
        changes += [
            Change(i, int(old[a]), int(new[a]), _rule(shape, own), {**common, **own})
            for i, own in zip(index[first:stop].tolist(), numbers[a:b], strict=True)
        ]
    loose = words.speaker != moved.speaker
    loose[index] = False
    changes += [
        Change(i, int(words.speaker[i]), int(moved.speaker[i]), "run")
        for i in np.flatnonzero(loose).tolist()
    ]
    changes.sort(key=lambda change: change.index)
    n_seams = shapes.count("seam before") + shapes.count("seam after")
    return Smoothed(moved, tuple(changes), shapes.count("island"), n_seams)


def _shape(before: I32, after: I32, first: int, stop: int) -> str:
    """What a stretch was: an island, the edge of a run that has moved, or neither ("")."""
    old, new = before[first], after[first]
    opens = first > 0 and before[first - 1] != old and after[first - 1] == new
    closes = stop < len(before) and before[stop] != old and after[stop] == new
    if opens and closes:
        return "island"
    if opens:
        return "seam after"
    return "seam before" if closes else ""


def _numbers(
    cost: I64, before: I32, after: I32, gap: F64, gained: int, first: int, stop: int, shape: str
) -> Numbers:
    """What a stretch's words share: how many, the cost saved, the silence where its seam stands."""
    seams = 0
    for at, neighbour in ((first, first - 1), (stop, stop)):
        if 0 < at < len(before):
            other = after[neighbour]
            seams += int(cost[at]) * (int(other != before[first]) - int(other != after[first]))
    numbers: Numbers = {
        "stretch_words": stop - first,
        "saved_nats": (gained + seams) / MICRO,
        "evidence_nats": gained / MICRO,
        "changes_nats": seams / MICRO,
    }
    if shape.startswith("seam"):
        was, now = (first, stop) if shape == "seam after" else (stop, first)
        numbers["pause_before_s"] = round(float(gap[was]), 6)
        if 0 < now < len(gap):
            numbers["pause_after_s"] = round(float(gap[now]), 6)
    return numbers


def _rule(shape: str, own: Numbers) -> str:
    """The name of what decided for one word of a stretch."""
    if shape == "island":
        return "island"
    covered = (float(own.get("covered_before_s", 0)), float(own.get("covered_after_s", 0)))
    if min(covered) > 0 and abs(covered[0] - covered[1]) <= TIME_EPS:
        return "tie"
    if shape:
        return "seam"
    several = own.get("opinions_before") and own.get("opinions_after")
    return "disputed" if min(covered) > 0 or several else "path"
