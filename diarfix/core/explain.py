"""Say for each moved word what decided, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from diarfix.core.evidence import MICRO, TurnEvidence
from diarfix.core.path import I64, Rows
from diarfix.core.seams import silences
from diarfix.core.smoothed import Change, Smoothed
from diarfix.core.words import F64, I32, TIME_EPS, Bool, Words


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
    on one side has moved a *seam*. A word equally covered by both speakers' turns is a *tie*, and
    *disputed* if both touch it and the stretch is neither; the rest is the *path*'s. Words without
    time follow their *run*.
    """
    index = decision.index
    before, after = decision.words.speaker[index], decision.moved.speaker[index]
    changed = before != after
    stretches = _stretches(before, after, changed)
    changes: list[Change] = []
    islands = seams = 0
    gap = silences(decision.words.start[index], decision.words.end[index])
    for first, stop in stretches:
        shape = _shape(before, after, first, stop)
        islands += shape == "island"
        seams += shape in {"seam before", "seam after"}
        common = _numbers(decision, before, after, gap, first, stop, shape)
        changes += _changes(decision, before, after, first, stop, shape, common)
    loose = decision.words.speaker != decision.moved.speaker
    loose[index] = False
    changes += [
        Change(i, int(decision.words.speaker[i]), int(decision.moved.speaker[i]), "run")
        for i in np.flatnonzero(loose).tolist()
    ]
    changes.sort(key=lambda change: change.index)
    return Smoothed(decision.moved, tuple(changes), islands, seams)


def _stretches(before: I32, after: I32, changed: Bool) -> list[tuple[int, int]]:
    """The ``[first, stop)`` of each maximal stretch of moved words with equal labels."""
    pair = np.where(changed, before.astype(np.int64) << 32 | after, -1)
    edges = np.flatnonzero(np.diff(pair)) + 1
    bounds = [0, *edges.tolist(), len(pair)]
    return [(a, b) for a, b in pairwise(bounds) if changed[a]]


def _shape(before: I32, after: I32, first: int, stop: int) -> str:
    """What a stretch was: an island, the edge of a run that has moved, or neither."""
    old, new = before[first], after[first]
    opens = first > 0 and before[first - 1] != old and after[first - 1] == new
    closes = stop < len(before) and before[stop] != old and after[stop] == new
    if opens and closes:
        return "island"
    if opens:
        return "seam after"
    return "seam before" if closes else ""


def _numbers(
    decision: Decision,
    before: I32,
    after: I32,
    gap: F64,
    first: int,
    stop: int,
    shape: str,
) -> dict[str, float | int | str]:
    """What a stretch's words share: how many, the evidence for and against, the seams' silence."""
    n_speakers = len(decision.words.speakers)
    here = np.arange(first, stop, dtype=np.int64)
    gained = decision.rows.of(here, after[first:stop], n_speakers)
    lost = decision.rows.of(here, before[first:stop], n_speakers)
    seams = 0
    for at, other in ((first, first - 1), (stop, stop)):
        if 0 < at < len(before):
            neighbour = after[other]
            seams += int(decision.cost[at]) * (
                int(neighbour != before[first]) - int(neighbour != after[first])
            )
    evidence = int(gained.sum() - lost.sum())
    numbers: dict[str, float | int | str] = {
        "stretch_words": stop - first,
        "saved_nats": (evidence + seams) / MICRO,
        "evidence_nats": evidence / MICRO,
        "changes_nats": seams / MICRO,
    }
    if shape == "seam after":
        numbers |= _pauses(gap, old=first, new=stop)
    elif shape == "seam before":
        numbers |= _pauses(gap, old=stop, new=first)
    return numbers


def _pauses(gap: F64, *, old: int, new: int) -> dict[str, float]:
    """The silence where a seam stood and where it stands now."""
    found = {}
    for name, at in (("pause_before_s", old), ("pause_after_s", new)):
        if 0 < at < len(gap):
            found[name] = round(float(gap[at]), 6)
    return found


def _changes(
    decision: Decision,
    before: I32,
    after: I32,
    first: int,
    stop: int,
    shape: str,
    common: dict[str, float | int | str],
) -> list[Change]:
    """One change for each word of a stretch."""
    changes = []
    for at in range(first, stop):
        old, new = int(before[at]), int(after[at])
        rule = shape.partition(" ")[0] or "path"
        numbers = dict(common)
        if decision.turns is not None:
            covered_old, depth_old = decision.turns.at(at, old)
            covered_new, depth_new = decision.turns.at(at, new)
            numbers |= {
                "covered_before_s": round(covered_old, 6),
                "covered_after_s": round(covered_new, 6),
                "depth_before_s": round(depth_old, 6),
                "depth_after_s": round(depth_new, 6),
            }
            if min(covered_old, covered_new) > 0 and rule != "island":
                tied = abs(covered_old - covered_new) <= TIME_EPS
                rule = "tie" if tied else "disputed" if rule == "path" else rule
        changes.append(Change(int(decision.index[at]), old, new, rule, numbers))
    return changes
