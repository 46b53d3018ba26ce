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

import functools
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from diarfix.config import ViterbiKnobs
from diarfix.core.smooth.evidence import (
    TurnEvidence,
    change_costs,
    label_rows,
    silences,
    turn_evidence,
)
from diarfix.core.smooth.method import Change, Smoothed, opinions_of
from diarfix.core.smooth.path import MICRO, Rows, Terms, best_path
from diarfix.core.words import F64, I32, I64, TIME_EPS, UNKNOWN, Bool, Turns, Words

if TYPE_CHECKING:
    from diarfix.core.smooth.opinions import OpinionEvidence
    from diarfix.core.smooth.weighing import Decode

Numbers = dict[str, float | int | str]
Told: TypeAlias = "TurnEvidence | OpinionEvidence"

#: What one diarizer's turns say on words (index, cost of a change before each): the evidence of the
#: turns by themselves, and all that a path goes by.
Tell: TypeAlias = Callable[[Words, I64, I64, Turns], tuple[TurnEvidence, Terms]]


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

    def tell(words: Words, index: I64, cost: I64, turns: Turns) -> tuple[TurnEvidence, Terms]:
        told = turn_evidence(words.start[index], words.end[index], turns, knobs)
        return told, Terms.plain(told.rows, cost)

    return along_path(words, turns, knobs, tell, plain_path, pinned=pinned, heard=heard)


def plain_path(terms: Terms, present: I32) -> I32:
    """:func:`best_path` of terms by which it does not matter who ends and who begins."""
    return best_path(terms.rows, terms.cost, present)


def along_path(
    words: Words,
    turns: Turns | Sequence[Turns] | None,
    knobs: ViterbiKnobs,
    tell: Tell,
    decode: Decode,
    *,
    pinned: Bool | None,
    heard: Rows | None,
    edge_weight: float = 1.0,
    beyond: str | None = None,
) -> Smoothed:
    """Relabel ``words`` along the best path by whatever is told of turns: see :func:`viterbi`.

    tell         all that a path goes by, of one diarizer's turns
    decode       finds the path
    edge_weight  of several diarizers: how far it counts that a speaker begins or ends
    beyond       the name under which changes say what was told beyond :func:`turn_evidence`
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
    if not given:
        terms = Terms.plain(label_rows(start, end, present, knobs), cost)
    elif len(given) == 1:
        told, terms = tell(words, index, cost, given[0])
    else:
        from diarfix.core.smooth.opinions import opinion_evidence  # most have one diarizer

        mine = functools.partial(tell, words, index, cost)
        words, told = opinion_evidence(
            words, index, opinions, knobs, mine, decode, edge_weight=edge_weight
        )
        terms = told.terms
    if told is not None:  # the path needs a row for every present speaker
        terms = terms.plus(np.arange(len(index)), present, np.zeros(len(index), dtype=np.int64))
    if heard is not None:
        place = np.searchsorted(index, heard.word)
        there = np.append(index, -1)[place] == heard.word
        terms = terms.plus(place[there], heard.speaker[there], heard.gain[there])
    if pinned is not None:
        at = np.flatnonzero(pinned[index])
        terms = terms.plus(at, present[at], np.full(len(at), terms.certain))
    path = decode(terms, present)
    moved = words.with_speaker(_follow(words, index, path))
    done = _explained(words, moved, index, terms, told, beyond)
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
    words: Words, moved: Words, index: I64, terms: Terms, told: Told | None, beyond: str | None
) -> Smoothed:
    """Say for each moved word what decided, and by how much.

    words, moved  the words under their old and new labels
    index         (K,)  int64, which words were decoded, ascending
    terms         what the path went by, by position in ``index``
    told          what the turns said, None where none are known
    beyond        see :func:`along_path`

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
    opens = (np.diff(at, prepend=-2) > 1) | (np.diff(old, prepend=-1) != 0)
    opens |= np.diff(new, prepend=-1) != 0
    begins = np.flatnonzero(opens)
    gained = _gained(terms.rows, at, old, new, begins)
    saved = _saved(terms, before, after, at, begins)
    columns = {
        "saved_nats": gained + saved, "evidence_nats": gained, "changes_nats": saved,
    }  # fmt: skip
    if beyond is not None and isinstance(told, TurnEvidence):
        columns[beyond] = gained - _gained(told.rows, at, old, new, begins)
    sums = [[number / MICRO for number in column.tolist()] for column in columns.values()]
    gap = silences(words.start[index], words.end[index])
    numbers = [{}] * len(at) if told is None else told.numbers(at, old, new)
    changes: list[Change] = []
    shapes: list[str] = []
    for n, (a, b) in enumerate(pairwise([*begins.tolist(), len(at)])):
        first, stop = int(at[a]), int(at[b - 1]) + 1
        shape = _shape(before, after, first, stop)
        shapes.append(shape)
        nats = dict(zip(columns, (column[n] for column in sums), strict=True))
        common = {"stretch_words": stop - first, **nats, **_pauses(gap, first, stop, shape)}
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


def _gained(rows: Rows, at: I64, old: I32, new: I32, begins: I64) -> I64:
    """What stretches (S,) that begin at some of the moved words (K,) gained of evidence."""
    value = np.append(rows.gain, 0)
    gain = value[rows.find(at, new)] - value[rows.find(at, old)]
    return np.add.reduceat(gain, begins) if len(begins) else gain


def _saved(terms: Terms, before: I32, after: I32, at: I64, begins: I64) -> I64:
    """What the same stretches saved at their two ends: the old seams' cost, less the new ones'."""
    first = at[begins]
    stop = np.append(at, 0)[np.append(begins[1:], len(at))[: len(begins)] - 1] + 1
    old, new = before[first], after[first]
    left, right = after[first - 1], np.append(after, UNKNOWN)[stop]
    opens = terms.price(first, left, old) - terms.price(first, left, new)
    closes = terms.price(stop, old, right) - terms.price(stop, new, right)
    return np.where(first > 0, opens, 0) + np.where(stop < len(after), closes, 0)


def _pauses(gap: F64, first: int, stop: int, shape: str) -> Numbers:
    """The silence where a stretch's seam stood, and where it stands."""
    if not shape.startswith("seam"):
        return {}
    was, now = (first, stop) if shape == "seam after" else (stop, first)
    numbers: Numbers = {"pause_before_s": round(float(gap[was]), 6)}
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
