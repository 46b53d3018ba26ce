"""Listen again: move a doubtful word where the voice says so clearly, and say why it stays.

    plan    which words, which seconds of sound: nothing is heard yet
    decide  given a vector per window: what moves, and what the label path may make of the rest

Between the two somebody embeds the windows (:mod:`diarfix.edits`). Candidates, centroids and
margins are fixed once; nothing that moves changes what another word is measured by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from diarfix.config import RecheckKnobs
from diarfix.core.smooth import MICRO, Change, Rows
from diarfix.core.voice.calibration import Leads, leads
from diarfix.core.voice.enrolment import CLASSES, Voices, finite_rows, from_given, from_pieces, unit
from diarfix.core.voice.plan import ListeningPlan
from diarfix.core.voice.verdict import Verdict, judge, why_not
from diarfix.core.words import F64, Bool, Words

VOICE = "voice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What recheck did on one recording.

    candidates  words in doubt that are short enough
    embedded    candidates that have a vector
    failed      candidates that have none, by reason
    moved       words the voice moved
    estimated_precision  share of the moves that is expected to be right, None without moves
    probes      windows of known speaker that trust was measured on, by length class
    margins     by length class, the cosine by which another voice had to win (before the speakers'
                offsets); None where no margin was enough
    trusted     the voices reach the precision on some class of windows
    why         why nothing moved, "" if something did
    centroids   where they came from: "audio", "file" or "given"
    notes       what else a person should know
    """

    candidates: int = 0
    embedded: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    moved: int = 0
    estimated_precision: float | None = None
    probes: Mapping[str, int] = field(default_factory=dict)
    margins: Mapping[str, float | None] = field(default_factory=dict)
    trusted: bool = False
    why: str = ""
    centroids: str = "audio"
    notes: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """The account as summaries and benchmarks tell it."""
        precision = self.estimated_precision
        return {
            "candidates": self.candidates,
            "embedded": self.embedded,
            "failed": sum(self.failed.values()),
            "failed_reasons": dict(self.failed),
            "moved": self.moved,
            "estimated_precision": None if precision is None else round(precision, 4),
            "why_nothing_moved": self.why or None,
            "needed_margins": dict(self.margins),
            "probes": dict(self.probes),
            "centroids": self.centroids,
        }


@dataclass(frozen=True, eq=False, slots=True)
class Rechecked:
    """Labels after listening again.

    words    the words under their new labels
    changes  one per moved word, ascending
    pinned   (N,) bool, words that moved: a smoother may not take them back
    heard    what the voices are worth to the label path, by place in ``words``; None if they are
             not trusted
    account  counts and reasons
    """

    words: Words
    changes: tuple[Change, ...]
    pinned: Bool
    heard: Rows | None
    account: Account


def decide(
    plan: ListeningPlan,
    vectors: F64,
    reasons: tuple[str, ...],
    knobs: RecheckKnobs,
    *,
    given: F64 | None = None,
    source: str = "audio",
) -> Rechecked:
    """Move what the voices move clearly.

    vectors  (W, D) one row per window of the plan; NaN where it could not be embedded
    reasons  (W,) why not, "" where it could
    given    (S, D) centroids by speaker code, NaN rows for speakers without; None: from the pieces
    source   where ``given`` came from
    """
    words = plan.words
    cuts = np.cumsum((len(plan.at), len(plan.enrolment.probes)))
    mine, probes, pieces = np.split(np.asarray(vectors, dtype=np.float64), cuts)
    if given is None:
        voices = from_pieces(plan.enrolment, pieces, probes, len(words.speakers))
    else:
        voices = from_given(given, probes)
    present = voices.places(words.speaker[plan.at])
    heard, embedded = unit(mine), finite_rows(mine)
    tables = (leads(scores, present[some]) for some, scores in voices.cosines(heard))
    stand = Leads(*map(np.concatenate, zip(*tables, strict=True)))
    verdict = judge(plan, voices, stand, knobs)
    found = verdict.moves
    codes = words.speaker.copy()
    codes[plan.at[found]] = voices.speaker[stand.nearest[found]]
    pinned = np.zeros(len(words), dtype=np.bool_)
    pinned[plan.at[found]] = True
    failed = Counter(
        reason or "the model gave no finite vector"
        for reason, fine in zip(reasons[: len(plan.at)], embedded.tolist(), strict=True)
        if not fine
    )
    account = Account(
        candidates=len(plan.at),
        embedded=int(embedded.sum()),
        failed=dict(failed),
        moved=int(found.sum()),
        estimated_precision=verdict.precision,
        probes={CLASSES[k]: measured.n for k, measured in verdict.calibration.items()},
        margins={CLASSES[k]: margin for k, margin in verdict.margins.items()},
        trusted=bool(verdict.reached),
        why="" if found.any() else why_not(plan, voices, embedded, verdict, knobs),
        centroids=source,
    )
    moved = words.with_speaker(codes)
    comparable = np.isfinite(stand.own)
    evidence = as_evidence(plan, voices, heard, comparable, verdict) if verdict.telling else None
    return Rechecked(moved, _changes(plan, moved, stand, verdict), pinned, evidence, account)


def _changes(
    plan: ListeningPlan, moved: Words, stand: Leads, verdict: Verdict
) -> tuple[Change, ...]:
    found = []
    for row in np.flatnonzero(verdict.moves).tolist():
        index = int(plan.at[row])
        own, other = float(stand.own[row]), float(stand.best[row])
        evidence: dict[str, float | int | str] = {
            "cosine_before": round(own, 4),
            "cosine_after": round(other, 4),
            "margin": round(other - own, 4),
            "needed_margin": round(float(verdict.needed[row]), 4),
            "heard_s": round(float(plan.end[row] - plan.start[row]), 3),
        }
        before, after = int(plan.words.speaker[index]), int(moved.speaker[index])
        found.append(Change(index, before, after, VOICE, evidence))
    return tuple(found)


def as_evidence(
    plan: ListeningPlan, voices: Voices, heard: F64, comparable: Bool, verdict: Verdict
) -> Rows:
    """Log-likelihood ratios of windows, calibrated by the probes of their length class.

    heard       (C, D) unit vectors of the candidates, NaN rows for those without
    comparable  (C,) bool, candidates with a vector, of a speaker with a centroid: others say
                nothing, nor do those of a length class that is not ``telling``

    A window is worth ``weight`` nats per unit of corrected cosine, and at most log(n + 1) nats
    after n probes: nothing rarer than once in n + 1 windows has been tried.
    """
    nothing = np.empty(0, dtype=np.int64)
    parts = [(nothing, nothing, nothing)]
    for some, scores in voices.cosines(heard):
        for kind, measured in verdict.telling.items():
            at = np.flatnonzero(comparable[some] & (verdict.kind[some] == kind))
            nats = measured.weight * (scores[at] - measured.offset)
            nats = np.maximum(nats - nats.max(axis=1, keepdims=True), -measured.cap)
            nats -= nats.min(axis=1, keepdims=True)
            gain = np.rint(nats * MICRO).astype(np.int64)
            row, voice = np.nonzero(gain)
            parts.append((plan.at[some][at[row]], voices.speaker[voice], gain[row, voice]))
    word, speaker, gain = map(np.concatenate, zip(*parts, strict=True))
    empty = Rows(nothing, nothing.astype(np.int32), nothing)
    return empty.plus(word, speaker.astype(np.int32), gain)


def pool_accounts(accounts: Sequence[Account]) -> Account | None:
    """One account of several parts of a document; None of none.

    Margins are the largest in force, probes the fewest.
    """
    if len(accounts) < 2:
        return accounts[0] if accounts else None
    kinds = dict.fromkeys(kind for a in accounts for kind in a.probes)
    force = {k: [m for a in accounts if (m := a.margins.get(k)) is not None] for k in kinds}
    failed = sum((Counter(a.failed) for a in accounts), Counter[str]())
    moved = sum(a.moved for a in accounts)
    right = sum(a.moved * (a.estimated_precision or 0.0) for a in accounts)
    return Account(
        candidates=sum(a.candidates for a in accounts),
        embedded=sum(a.embedded for a in accounts),
        failed=dict(failed),
        moved=moved,
        estimated_precision=right / moved if moved else None,
        probes={k: min(a.probes[k] for a in accounts if k in a.probes) for k in kinds},
        margins={k: max(some, default=None) for k, some in force.items()},
        trusted=any(a.trusted for a in accounts),
        why="" if moved else "; ".join(dict.fromkeys(a.why for a in accounts)),
        centroids=accounts[0].centroids,
        notes=tuple(dict.fromkeys(note for a in accounts for note in a.notes)),
    )
