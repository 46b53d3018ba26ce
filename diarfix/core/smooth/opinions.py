"""Several diarizers' turns of one recording as one evidence, each weighed by how right it seems.

The opinions are matched to a consensus and the consensus is found from the opinions, by turns, as
Dawid and Skene (1979) do for raters whose skill nobody knows: vote, weigh each by its agreement
with the vote, find the best path, weigh anew. Three things are known beforehand (docs/opinions.md):
a short turn is missed far more often than made up, so who has one outweighs who has none; turns
that overlap in one opinion are weak evidence; and opinions whose hand-overs lie at the same instant
are two runs of one system, and share one vote. Nothing hangs on the order of the opinions but
the names: those of the first.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from diarfix.config import ViterbiKnobs
from diarfix.core.smooth.kinship import distinct, kinship
from diarfix.core.smooth.method import Smoothed
from diarfix.core.smooth.path import Terms
from diarfix.core.smooth.weighing import Decode, Said, View, agreements, leading, view_of, weigh
from diarfix.core.words import F64, I32, I64, UNKNOWN, Label, Turns, Words, encode

#: Two that agree on less than this share of their seconds cannot be told apart: the first leads.
_STRANGERS = 0.75

#: Kinship from which on it is told.
_KIN = 0.25

#: How often the consensus is found before the opinions are weighed by it for good.
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Trust:
    """What one opinion was trusted with.

    weight     what its evidence counts, where that of one diarizer alone counts 1; 0 for one that
               says nothing
    agreement  share of the seconds it speaks on in which it says what all together say; None for
               one that says nothing
    kin        position of the opinion that is most of one origin with it, and shares its vote; None
               if none is
    copy_of    position of an earlier opinion with the very same turns, else None
    """

    weight: float
    agreement: float | None
    kin: int | None = None
    copy_of: int | None = None


@dataclass(frozen=True, eq=False, slots=True)
class OpinionEvidence:
    """Evidence of several opinions (O) on N words.

    terms     the weighted sum, in codes of ``speakers``
    speakers  those of the first opinion, then those that only others know
    said      (O, N) int32, whom each opinion has on each word; -1 where none of its turns is
    trust     (O,)
    """

    terms: Terms
    speakers: tuple[Label, ...]
    said: I32
    trust: tuple[Trust, ...]

    def told(self, done: Smoothed, index: I64, path: I32) -> Smoothed:
        """What was done by this evidence on the words ``index`` (N,), with an account of it."""
        disputed = np.zeros(len(done.words), dtype=np.bool_)
        disputed[index] = ((self.said != UNKNOWN) & (self.said != path)).any(axis=0)
        return replace(done, trust=self.trust, disputed=disputed)

    def numbers(self, at: I64, old: I32, new: I32) -> list[dict[str, float | int | str]]:
        """Which opinions, numbered from 1, stand for the old and new speaker (K,) of words (K,)."""
        sides = [
            [",".join(str(i) for i, yes in enumerate(column, start=1) if yes) for column in found]
            for found in ((self.said[:, at] == side).T.tolist() for side in (old, new))
        ]
        names = ("opinions_before", "opinions_after")
        return [dict(zip(names, pair, strict=True)) for pair in zip(*sides, strict=True)]


def opinion_evidence(
    words: Words,
    index: I64,
    opinions: Sequence[Turns],
    knobs: ViterbiKnobs,
    tell: Said,
    decode: Decode,
    *,
    edge_weight: float = 1.0,
) -> tuple[Words, OpinionEvidence]:
    """Weigh the timed words ``index`` (N,), ascending, by several opinions on who speaks.

    opinions  the turns of each; those without turns say nothing, copies count once
    tell      what the turns of one say on the words
    decode    finds the consensus
    edge_weight  how far it counts that a speaker begins or ends, beside the evidence

    Returns the words with those among their speakers whom only some opinions know, and the evidence
    in their codes. Raises ValueError if no opinion has turns.
    """
    start, end = words.start[index], words.end[index]
    kept, copy_of, first = distinct(opinions)
    alone = len(kept) == 1
    if alone:  # somebody says the same twice, and counts as if once
        knobs = replace(
            knobs, opinion_weight=1.0, opinion_brief_weight=0.0, opinion_overlap_weight=1.0
        )
        edge_weight = 1.0
    views = [view_of(start, end, opinions[i], knobs, tell) for i in kept]
    kin = kinship([(v.turns, v.said) for v in views], start, end)
    voice = 1.0 / kin.sum(axis=1)
    weighed = functools.partial(weigh, views, voice=voice, knobs=knobs, edge_weight=edge_weight)
    agreed = agreements(views)
    at = int((agreed @ voice).argmax())
    strangers = len(views) == 2 and agreed[0, 1] < _STRANGERS
    consensus = views[kept.index(first) if strangers else at].said
    found = weighed(consensus, anew=not strangers)
    consensus = leading(found.terms.rows, consensus)
    for _ in range(_ROUNDS - 1):
        found = weighed(consensus, anew=alone)
        consensus = leading(found.terms.rows, consensus)
        every, nothing = np.arange(len(start)), np.zeros(len(start), dtype=np.int64)
        consensus = decode(found.terms.plus(every, consensus, nothing), consensus)
    found = weighed(consensus, anew=alone)
    heard = np.unique(leading(found.terms.rows, consensus))
    names, code = _named(views, found.maps, kept.index(first), heard)
    table, speakers = encode([*words.speakers, *names])
    code = np.append(table[len(words.speakers) :], np.int32(UNKNOWN))[code]
    said = np.full((len(opinions), len(start)), UNKNOWN, dtype=np.int32)
    trust = [Trust(0.0, None)] * len(opinions)
    for at, view, mine, weight, share in zip(
        kept, views, found.maps, found.weight, found.agreement, strict=True
    ):
        said[at] = np.append(code[mine], np.int32(UNKNOWN))[view.said]
        if view.seconds.any():
            trust[at] = Trust(float(weight), round(float(share), 4), _kin(kin, kept, at))
    for at, other in copy_of.items():
        said[at] = said[other]
        trust[at] = replace(trust[other], copy_of=other)
    evidence = OpinionEvidence(found.terms.recoded(code), speakers, said, tuple(trust))
    return words.with_speaker(words.speaker, speakers), evidence


def _kin(kin: F64, kept: list[int], at: int) -> int | None:
    mine = kin[kept.index(at)].copy()
    mine[kept.index(at)] = 0.0
    return kept[int(mine.argmax())] if mine.max() >= _KIN else None


def _named(
    views: list[View], maps: list[I32], first: int, heard: I32
) -> tuple[tuple[Label, ...], I32]:
    """The speakers, and the code of each column; -1 for one that no name is left for.

    heard  the columns that have words

    The first view names its own. Others keep the name they have where it is free, else they take
    one that their view has and nobody bears, else that of a speaker of the first who has no word: a
    name is never made up.
    """
    speakers = list(views[first].turns.speakers)
    code = np.full(1 + max(int(mine.max()) for mine in maps), UNKNOWN, dtype=np.int32)
    code[maps[first]] = np.arange(len(speakers), dtype=np.int32)
    taken = {str(label) for label in speakers}
    spare = [iter(sorted(view.turns.speakers, key=str)) for view in views]
    idle = [k for k, column in enumerate(maps[first].tolist()) if column not in {*heard.tolist()}]
    silent = set(range(len(code))) - {*heard.tolist()}
    for column in sorted(np.flatnonzero(code == UNKNOWN).tolist(), key=lambda c: (c in silent, c)):
        known = [(v, np.flatnonzero(mine == column)) for v, mine in enumerate(maps)]
        own = [views[v].turns.speakers[k] for v, at in known for k in at.tolist()]
        pool = itertools.chain(sorted(own, key=str), *(spare[v] for v, at in known if len(at)))
        label = next((name for name in pool if str(name) not in taken), None)
        if label is not None:
            code[column] = len(speakers)
            speakers.append(label)
            taken.add(str(label))
        elif idle and column not in silent:
            k = idle.pop(0)
            code[maps[first][k]], code[column] = UNKNOWN, k
    return tuple(speakers), code
