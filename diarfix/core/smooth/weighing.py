"""Opinions matched to a consensus and weighed by it, each by how far it agrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from diarfix.config import ViterbiKnobs
from diarfix.core.mapping import Shared, best_map
from diarfix.core.smooth.evidence import TurnEvidence
from diarfix.core.smooth.path import MICRO, Rows, Terms
from diarfix.core.words import F64, I32, UNKNOWN, Turns

#: Agreement beyond these bounds is not told apart; nobody is worth less than the least logit.
_LEAST_AGREEMENT, _MOST_AGREEMENT, _LEAST_LOGIT = 0.3, 0.99, 0.05

#: Seconds of speech by which what a whole opinion shows counts for each of its speakers, and of
#: short turns by which they count as confirmed as usual.
_PRIOR, _BRIEF_PRIOR = 30.0, 5.0

#: The share of an opinion's short turns that another confirms: from the first on they begin to
#: count for more, at the second they count in full, as they usually do.
_FLICKERS, _USUAL = 0.4, 0.7

#: Words last at least this long (s), instants too.
_SHORTEST = 0.03

#: What one diarizer's turns say on N words: by themselves, and all that a path goes by.
Said: TypeAlias = Callable[[Turns], tuple[TurnEvidence, Terms]]

#: The best path (N,) by some terms; of equal ones that which keeps most of the speakers (N,).
Decode: TypeAlias = Callable[[Terms, I32], I32]


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """One opinion on N words, E rows.

    turns      M turns
    terms      all that it says
    sure       (N,) float64, what its evidence counts on each word, whoever it is
    said       (N,) int32, the speaker with most evidence, -1 where there is none
    seconds    (N,) float64, whole us of each word it speaks on, else 0
    brief      (N,) float64, 1 in the shortest of its runs, 0 in the longest
    """

    turns: Turns
    terms: Terms
    sure: F64
    said: I32
    seconds: F64
    brief: F64


@dataclass(frozen=True, eq=False, slots=True)
class Weighed:
    """What views (V) say together once they are weighed.

    terms      the weighted sum, in columns: one for each speaker of the consensus, and one for
               each of a view whom it does not know
    maps       the column of each speaker of each view
    weight     (V,) float64, what each view counts
    agreement  (V,) float64, share of its seconds in which it says what the consensus says
    """

    terms: Terms
    maps: list[I32]
    weight: F64
    agreement: F64


def weigh(
    views: list[View],
    consensus: I32,
    *,
    voice: F64,
    knobs: ViterbiKnobs,
    edge_weight: float,
    anew: bool,
) -> Weighed:
    """Match views (V) to a consensus (N,) and add up what they say.

    voice  (V,) the part of a vote that each has
    anew   nothing is known of them yet, and the consensus is one of them
    """
    maps, n_columns = _matched(views, consensus)
    agreement = np.ones(len(views))
    factors = [np.ones(len(view.turns.speakers)) for view in views]
    credit = [1.0] * len(views)
    logit = voice
    if not anew:
        agreement, factors = _agreement(views, maps, consensus)
        logit = _logit(agreement) * voice
        credit = _credit(views, maps, n_columns)
    weight = np.round(knobs.opinion_weight * logit * (voice.sum() / logit.sum()), 3)
    parts, price = [], np.zeros(len(consensus))
    for view, mine, w, factor, short in zip(views, maps, weight, factors, credit, strict=True):
        rows = view.terms.rows
        counts = w * factor[rows.speaker]
        bonus = 1.0 + knobs.opinion_brief_weight * short * view.brief
        edges = edge_weight * counts
        columns = (counts * (bonus * view.sure)[rows.word] * rows.gain, edges * view.terms.enter)
        parts.append((rows.word, mine[rows.speaker], *columns, edges * view.terms.leave))
        price += w / weight.sum() * view.terms.cost
    word, column, *numbers = (np.concatenate(part) for part in zip(*parts, strict=True))
    gain, enter, leave, cost = (np.rint(n).astype(np.int64) for n in (*numbers, price))
    terms = Terms.summed(word, column, gain, enter, leave, cost)
    return Weighed(terms, maps, weight, agreement)


def view_of(start: F64, end: F64, turns: Turns, knobs: ViterbiKnobs, tell: Said) -> View:
    """One opinion on N words ``[start, end)``, seconds."""
    told, terms = tell(turns)
    rows = told.rows
    first = np.flatnonzero(np.diff(rows.word, prepend=-1))
    counts = np.diff(np.append(first, len(rows.word)))
    sure = np.ones(len(start))
    sure[rows.word[first[counts > 1]]] = knobs.opinion_overlap_weight
    said = np.full(len(start), UNKNOWN, dtype=np.int32)
    if len(first):
        best = rows.gain == np.repeat(np.maximum.reduceat(rows.gain, first), counts)
        # Of equals the first row: assigned last, it stays.
        said[rows.word[best][::-1]] = rows.speaker[best][::-1]
    spoken = np.flatnonzero(said != UNKNOWN)
    seconds = np.zeros(len(start))
    length = np.maximum(end[spoken] - start[spoken], _SHORTEST)
    seconds[spoken] = np.rint(length * MICRO)
    brief = np.zeros(len(start))
    if len(spoken):
        opens = np.flatnonzero(np.diff(said[spoken], prepend=UNKNOWN))
        closes = np.append(opens[1:], len(spoken)) - 1
        lasts = np.maximum(end[spoken[closes]] - start[spoken[opens]], 0.0)
        brief[spoken] = np.repeat(np.exp(-lasts / knobs.opinion_brief), closes - opens + 1)
    return View(turns, terms, sure, said, seconds, brief)


def _credit(views: list[View], maps: list[I32], n_columns: int) -> list[float]:
    """What short turns of each view are credited with, 0 to 1, by how often another confirms them.

    Those that no other view ever has are flickers, and earn nothing.
    """
    spoken = [np.flatnonzero(view.said != UNKNOWN) for view in views]
    keys = [at * n_columns + m[v.said[at]] for at, m, v in zip(spoken, maps, views, strict=True)]
    _, place, count = np.unique(np.concatenate(keys), return_inverse=True, return_counts=True)
    others = np.split(count[place] > 1, np.cumsum([len(at) for at in spoken])[:-1])
    credit = []
    for view, at, confirmed in zip(views, spoken, others, strict=True):
        short = view.brief[at] * view.seconds[at] / MICRO
        share = (short[confirmed].sum() + _USUAL * _BRIEF_PRIOR) / (short.sum() + _BRIEF_PRIOR)
        credit.append(min(max((share - _FLICKERS) / (_USUAL - _FLICKERS), 0.0), 1.0))
    return credit


def _map(said: I32, view: View, consensus: I32, n_columns: int) -> I32:
    """The column of each speaker of a view that agrees most, one to one; -1 for who has none.

    said  (N,) what the view says, or a part of it
    """
    both = np.flatnonzero((said != UNKNOWN) & (consensus != UNKNOWN))
    shape = (len(view.turns.speakers), n_columns)
    shared = Shared.of(said[both], consensus[both], shape, view.seconds[both])
    return best_map(shared, quantum=1.0)


def _matched(views: list[View], consensus: I32) -> tuple[list[I32], int]:
    """The column of each speaker of each view, and how many there are.

    Whom the consensus does not know gets a new column, or that which an earlier view got for them.
    """
    n_columns = known = int(consensus.max(initial=UNKNOWN)) + 1
    newer = np.full(len(consensus), UNKNOWN, dtype=np.int32)
    maps = []
    for view in views:
        found = _map(view.said, view, consensus, known)
        left = np.append(found == UNKNOWN, False)[view.said]
        if n_columns > known and left.any():
            alike = _map(np.where(left, view.said, UNKNOWN), view, newer, n_columns)
            found = np.where(found == UNKNOWN, alike, found).astype(np.int32)
        alone = np.flatnonzero(found == UNKNOWN)
        found[alone] = n_columns + np.arange(len(alone), dtype=np.int32)
        n_columns += len(alone)
        newer = np.where(left & (newer == UNKNOWN), found[view.said], newer)
        maps.append(found)
    return maps, n_columns


def agreements(views: list[View]) -> F64:
    """The share of the seconds (V, V) on which two views both speak in which they agree."""
    found = np.eye(len(views))
    for i, a in enumerate(views):
        for j, b in enumerate(views[:i]):
            mine = np.append(_map(a.said, a, b.said, len(b.turns.speakers)), UNKNOWN)[a.said]
            both = np.minimum(a.seconds, b.seconds)
            agreed = both[(mine == b.said) & (mine != UNKNOWN)].sum()
            found[i, j] = found[j, i] = agreed / max(both.sum(), 1.0)
    return found


def _agreement(views: list[View], maps: list[I32], consensus: I32) -> tuple[F64, list[F64]]:
    """How far each view agrees with the consensus, and what each of its speakers is worth beside
    the others: the root of the ratio of logits, so that few errors of one do not silence it.
    """
    agreement = np.ones(len(views))
    factors: list[F64] = []
    for v, (view, mine) in enumerate(zip(views, maps, strict=True)):
        spoken = np.flatnonzero(view.said != UNKNOWN)
        said, seconds = view.said[spoken], view.seconds[spoken]
        right = seconds * (mine[said] == consensus[spoken])
        share = float(right.sum() / seconds.sum()) if len(spoken) else 1.0
        agreement[v] = share
        n = len(view.turns.speakers)
        total = np.bincount(said, seconds, n) / MICRO
        own = (np.bincount(said, right, n) / MICRO + share * _PRIOR) / (total + _PRIOR)
        ratio = np.maximum(_logit(own) / _logit(np.full(n, share)), _LEAST_LOGIT)
        factors.append(np.asarray(np.round(np.sqrt(ratio), 3), dtype=np.float64))
    return agreement, factors


def _logit(share: F64) -> F64:
    bounded = np.clip(share, _LEAST_AGREEMENT, _MOST_AGREEMENT)
    logit: F64 = np.maximum(np.log(bounded / (1.0 - bounded)), _LEAST_LOGIT)
    return logit


def leading(rows: Rows, otherwise: I32) -> I32:
    """The speaker with most evidence on each word (N,), else whom there was; never -1."""
    found = np.maximum(otherwise, 0)
    first = np.flatnonzero(np.diff(rows.word, prepend=-1))
    if len(first):
        counts = np.diff(np.append(first, len(rows.word)))
        best = rows.gain == np.repeat(np.maximum.reduceat(rows.gain, first), counts)
        found[rows.word[best][::-1]] = rows.speaker[best][::-1]
    return found
