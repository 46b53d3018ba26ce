"""Say for each moved word what decided, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from diarfix.core.smooth.evidence import MICRO, TurnEvidence
from diarfix.core.smooth.path import Rows
from diarfix.core.smooth.seams import silences
from diarfix.core.smooth.smoothed import Change, Smoothed
from diarfix.core.words import F64, I32, I64, TIME_EPS, Words

Numbers = dict[str, float | int | str]


@dataclass(frozen=True, eq=False, slots=True)
class Decision:
    """A finished path over the K decoded words of a document.

    words, moved  the words under their old and new labels
    index         (K,)  int64, which words were decoded, ascending
    rows          the evidence, by position in ``index``
    cost          (K,)  int64, micro-nats, of a change before each
    turns         what the turns said, None where none are known
    """

    words: Words
    moved: Words
    index: I64
    rows: Rows
    cost: I64
    turns: TurnEvidence | None


def explain(decision: Decision) -> Smoothed:
    """Turn a path into changes, with one rule and its numbers for each moved word.

    Moved words are taken in stretches that share the old and the new label. A stretch that was a
    whole run and has gone to both its neighbours is an *island*; one that has joined its neighbour
    on one side has moved a *seam*. A word that both speakers' turns cover equally is a *tie*, and
    *disputed* if both touch it and the stretch is neither; the rest is the *path*'s. Words without
    time follow their *run*.
    """
    index = decision.index
    before, after = decision.words.speaker[index], decision.moved.speaker[index]
    stretches = _stretches(before, after)
    shapes = [_shape(before, after, *stretch) for stretch in stretches]
    changes = _changes(decision, before, after, stretches, shapes)
    loose = decision.words.speaker != decision.moved.speaker
    loose[index] = False
    if loose.any():
        changes += [
            Change(i, int(decision.words.speaker[i]), int(decision.moved.speaker[i]), "run")
            for i in np.flatnonzero(loose).tolist()
        ]
        changes.sort(key=lambda change: change.index)
    n_islands = shapes.count("island")
    n_seams = shapes.count("seam before") + shapes.count("seam after")
    return Smoothed(decision.moved, tuple(changes), n_islands, n_seams)


def _stretches(before: I32, after: I32) -> list[tuple[int, int]]:
    """The ``[first, stop)`` of each maximal stretch of moved words with equal labels."""
    pair = np.where(before != after, before.astype(np.int64) << 32 | after, -1)
    bounds = [0, *(np.flatnonzero(np.diff(pair)) + 1).tolist(), len(pair)]
    return [(a, b) for a, b in pairwise(bounds) if pair[a] >= 0]


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


def _changes(
    decision: Decision,
    before: I32,
    after: I32,
    stretches: list[tuple[int, int]],
    shapes: list[str],
) -> list[Change]:
    """One change for each word of each stretch."""
    n_speakers = len(decision.words.speakers)
    at = np.flatnonzero(before != after).astype(np.int64)
    old, new = before[at], after[at]
    rows = decision.rows
    evidence = rows.gains(rows.find(at, new, n_speakers)) - rows.gains(
        rows.find(at, old, n_speakers)
    )
    sums = np.append(0, np.cumsum(evidence)).tolist()
    gap = silences(decision.words.start[decision.index], decision.words.end[decision.index])
    per_word = _turn_numbers(decision.turns, at, old, new, n_speakers)
    moved = zip(decision.index[at].tolist(), old.tolist(), new.tolist(), strict=True)
    changes: list[Change] = []
    for (first, stop), shape in zip(stretches, shapes, strict=True):
        k = len(changes)
        gained = sums[k + stop - first] - sums[k]
        common = _numbers(decision.cost, before, after, gap, gained, first, stop, shape)
        for own in per_word[k : k + stop - first]:
            rule = _rule(shape, own)
            changes.append(Change(*next(moved), rule, {**common, **own}))
    return changes


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


def _turn_numbers(
    turns: TurnEvidence | None, at: I64, old: I32, new: I32, n_speakers: int
) -> list[Numbers]:
    """What the turns said of each moved word (K,) for its old and its new speaker."""
    if turns is None:
        return [{} for _ in at]
    columns = []
    for speaker in (old, new):
        row = turns.rows.find(at, speaker, n_speakers)
        columns += [
            np.append(column, 0.0)[row].round(6).tolist() for column in (turns.covered, turns.depth)
        ]
    return [
        {
            "covered_before_s": covered_old,
            "covered_after_s": covered_new,
            "depth_before_s": depth_old,
            "depth_after_s": depth_new,
        }
        for covered_old, depth_old, covered_new, depth_new in zip(*columns, strict=True)
    ]


def _rule(shape: str, own: Numbers) -> str:
    """The name of what decided for one word of a stretch."""
    if shape == "island":
        return "island"
    covered = (float(own.get("covered_before_s", 0)), float(own.get("covered_after_s", 0)))
    if min(covered) > 0 and abs(covered[0] - covered[1]) <= TIME_EPS:
        return "tie"
    if shape:
        return "seam"
    return "disputed" if min(covered) > 0 else "path"
