"""Several diarizers' turns of one recording as one evidence, each weighed by how right it seems.

The opinions are matched to a consensus and the consensus is found from the opinions, by turns, as
Dawid and Skene (1979) do for raters whose skill nobody knows: vote, weigh each by its agreement
with the vote, find the best path, weigh anew. Three things are known beforehand (docs/method.md):
a short turn is missed far more often than made up, so who has one outweighs who has none; turns
that overlap in one opinion are weak evidence; and opinions whose hand-overs lie at the same instant
are two runs of one system, and share one vote. Nothing hangs on the order of the opinions but
the names: those of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from diarfix.config import ViterbiKnobs
from diarfix.core.mapping import Shared, best_map
from diarfix.core.smooth.evidence import MICRO, turn_evidence
from diarfix.core.smooth.kinship import distinct, kinship
from diarfix.core.smooth.path import Rows, best_path
from diarfix.core.words import F64, I32, I64, UNKNOWN, Label, Turns

#: How often the consensus is found before the opinions are weighed by it for good.
_ROUNDS = 3

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


@dataclass(frozen=True, slots=True)
class Trust:
    """What one opinion was trusted with.

    weight     what its evidence counts, where that of one diarizer alone counts 1; 0 for one that
               says nothing
    agreement  share of the seconds it speaks on in which it says what all together say; None for
               one that says nothing
    copy_of    position of an earlier opinion with the very same turns, else None
    """

    weight: float
    agreement: float | None
    copy_of: int | None = None


@dataclass(frozen=True, eq=False, slots=True)
class OpinionEvidence:
    """Evidence of several opinions (O) on N words.

    rows      the weighted sum, in codes of ``speakers``
    speakers  those of the first opinion, then those that only others know
    said      (O, N) int32, whom each opinion has on each word; -1 where none of its turns is
    trust     (O,)
    """

    rows: Rows
    speakers: tuple[Label, ...]
    said: I32
    trust: tuple[Trust, ...]

    def recoded(self, code: I32, speakers: tuple[Label, ...]) -> OpinionEvidence:
        """The same under other codes: those of the present speakers (S,) among ``speakers``."""
        rows = Rows.summed(self.rows.word, code[self.rows.speaker], self.rows.gain)
        said = np.append(code, np.int32(UNKNOWN))[self.said]
        return OpinionEvidence(rows, speakers, said, self.trust)

    def numbers(self, at: I64, old: I32, new: I32) -> list[dict[str, float | int | str]]:
        """Which opinions, numbered from 1, stand for the old and new speaker (K,) of words (K,)."""
        sides = [
            [",".join(str(i) for i, yes in enumerate(column, start=1) if yes) for column in found]
            for found in ((self.said[:, at] == side).T.tolist() for side in (old, new))
        ]
        names = ("opinions_before", "opinions_after")
        return [dict(zip(names, pair, strict=True)) for pair in zip(*sides, strict=True)]


@dataclass(frozen=True, eq=False, slots=True)
class _View:
    """One opinion on N words, E rows.

    turns      M turns
    word, speaker  (E,) as in :class:`Rows`
    nats       (E,) float64, evidence before anything is known of the opinion
    said       (N,) int32, the speaker with most evidence, -1 where there is none
    seconds    (N,) float64, whole us of each word it speaks on, else 0
    brief      (N,) float64, 1 in the shortest of its runs, 0 in the longest
    """

    turns: Turns
    word: I64
    speaker: I32
    nats: F64
    said: I32
    seconds: F64
    brief: F64


def opinion_evidence(
    start: F64, end: F64, opinions: Sequence[Turns], cost: I64, knobs: ViterbiKnobs
) -> OpinionEvidence:
    """Weigh N timed words ``[start, end)`` (s) by two or more opinions on who speaks.

    opinions  the turns of each; those without turns say nothing, copies count once
    cost      (N,) micro-nats, of a change before each word

    Raises ValueError if none has turns.
    """
    kept, copy_of, first = distinct(opinions)
    views = [_view(start, end, opinions[i], knobs) for i in kept]
    voice = 1.0 / kinship([(v.turns, v.said) for v in views], start, end).sum(axis=1)
    consensus = max(views, key=lambda view: view.seconds.sum()).said
    alone = len(views) == 1
    if alone:  # somebody says the same twice, and counts as if once
        knobs = replace(
            knobs, opinion_weight=1.0, opinion_brief_weight=0.0, opinion_overlap_weight=1.0
        )
        views = [_view(start, end, opinions[kept[0]], knobs)]
    found = _weigh(views, consensus, voice, knobs, anew=True)
    consensus = _vote(found.rows, consensus)
    for _ in range(_ROUNDS - 1):
        found = _weigh(views, consensus, voice, knobs, anew=alone)
        consensus = _vote(found.rows, consensus)
        every, nothing = np.arange(len(start)), np.zeros(len(start), dtype=np.int64)
        consensus = best_path(found.rows.plus(every, consensus, nothing), cost, consensus)
    found = _weigh(views, consensus, voice, knobs, anew=alone)
    speakers, code = _named(views, found.maps, kept.index(first))
    rows, code_of = found.rows, np.append(code, UNKNOWN)
    known = code[rows.speaker] != UNKNOWN
    rows = Rows.summed(rows.word[known], code[rows.speaker[known]], rows.gain[known])
    said = np.full((len(opinions), len(start)), UNKNOWN, dtype=np.int32)
    trust = [Trust(0.0, None)] * len(opinions)
    for at, view, mine, weight, share in zip(
        kept, views, found.maps, found.weight, found.agreement, strict=True
    ):
        said[at] = code_of[np.append(mine, UNKNOWN)[view.said]]
        if view.seconds.any():
            trust[at] = Trust(float(weight), round(float(share), 4))
    for at, other in copy_of.items():
        said[at] = said[other]
        trust[at] = replace(trust[other], copy_of=other)
    return OpinionEvidence(rows, speakers, said, tuple(trust))


@dataclass(frozen=True, eq=False, slots=True)
class _Weighed:
    """What views (V) say together once they are weighed.

    rows       the weighted sum, in columns: one for each speaker of the consensus, and one for
               each of a view whom it does not know
    maps       the column of each speaker of each view
    weight     (V,) float64, what each view counts
    agreement  (V,) float64, share of its seconds in which it says what the consensus says
    """

    rows: Rows
    maps: list[I32]
    weight: F64
    agreement: F64


def _weigh(
    views: list[_View], consensus: I32, voice: F64, knobs: ViterbiKnobs, *, anew: bool = False
) -> _Weighed:
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
    gains = []
    for view, mine, factor, short in zip(views, weight, factors, credit, strict=True):
        bonus = 1.0 + knobs.opinion_brief_weight * short * view.brief[view.word]
        gains.append(np.rint(mine * factor[view.speaker] * bonus * view.nats * MICRO))
    rows = Rows.summed(
        np.concatenate([view.word for view in views]),
        np.concatenate([m[view.speaker] for m, view in zip(maps, views, strict=True)]),
        np.concatenate(gains).astype(np.int64),
    )
    return _Weighed(rows, maps, weight, agreement)


def _view(start: F64, end: F64, turns: Turns, knobs: ViterbiKnobs) -> _View:
    rows = turn_evidence(start, end, turns, knobs).rows
    nats = rows.gain / MICRO
    first = np.flatnonzero(np.diff(rows.word, prepend=-1))
    counts = np.diff(np.append(first, len(rows.word)))
    nats[np.repeat(counts, counts) > 1] *= knobs.opinion_overlap_weight
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
    return _View(turns, rows.word, rows.speaker, nats, said, seconds, brief)


def _credit(views: list[_View], maps: list[I32], n_columns: int) -> list[float]:
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


def _map(view: _View, consensus: I32, n_columns: int) -> I32:
    """The column of each speaker of a view that agrees most, one to one; -1 for who has none."""
    both = np.flatnonzero((view.said != UNKNOWN) & (consensus != UNKNOWN))
    shape = (len(view.turns.speakers), n_columns)
    shared = Shared.of(view.said[both], consensus[both], shape, view.seconds[both])
    return best_map(shared, quantum=1.0)


def _matched(views: list[_View], consensus: I32) -> tuple[list[I32], int]:
    """The column of each speaker of each view, and how many there are; others get new ones."""
    n_columns = known = int(consensus.max(initial=UNKNOWN)) + 1
    maps = []
    for view in views:
        found = _map(view, consensus, known)
        alone = np.flatnonzero(found == UNKNOWN)
        found[alone] = n_columns + np.arange(len(alone), dtype=np.int32)
        n_columns += len(alone)
        maps.append(found)
    return maps, n_columns


def _agreement(views: list[_View], maps: list[I32], consensus: I32) -> tuple[F64, list[F64]]:
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


def _vote(rows: Rows, otherwise: I32) -> I32:
    """The speaker with most evidence on each word (N,), else whom there was; never -1."""
    found = np.maximum(otherwise, 0)
    first = np.flatnonzero(np.diff(rows.word, prepend=-1))
    if len(first):
        counts = np.diff(np.append(first, len(rows.word)))
        best = rows.gain == np.repeat(np.maximum.reduceat(rows.gain, first), counts)
        found[rows.word[best][::-1]] = rows.speaker[best][::-1]
    return found


def _named(views: list[_View], maps: list[I32], first: int) -> tuple[tuple[Label, ...], I32]:
    """The speakers, and the code of each column; -1 for one that no name is left for.

    The first view names its own. Others keep the name they have where it is free, else they take
    one that their view has and nobody bears: a name is never made up.
    """
    speakers = list(views[first].turns.speakers)
    n_columns = 1 + max(int(mine.max()) for mine in maps)
    code = np.full(n_columns, UNKNOWN, dtype=np.int32)
    code[maps[first]] = np.arange(len(speakers), dtype=np.int32)
    taken = {str(label) for label in speakers}
    for column in np.flatnonzero(code == UNKNOWN).tolist():
        own: list[Label] = []
        spare: list[Label] = []
        for view, mine in zip(views, maps, strict=True):
            at = np.flatnonzero(mine == column)
            own += [view.turns.speakers[k] for k in at.tolist()]
            spare += view.turns.speakers if len(at) else ()
        names = [*sorted(own, key=str), *sorted(spare, key=str)]
        label = next((name for name in names if str(name) not in taken), None)
        if label is not None:
            code[column] = len(speakers)
            speakers.append(label)
            taken.add(str(label))
    return tuple(speakers), code
