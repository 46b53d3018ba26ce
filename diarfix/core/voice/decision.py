"""Listen again: move a doubtful word where the voice says so clearly, and say why it stays.

    plan    which words, which seconds of sound: nothing is heard yet
    decide  given a vector per window: what moves, and what the label path may make of the rest

Between the two somebody embeds the windows (:mod:`diarfix.edits`). Candidates, centroids and
margins are fixed once; nothing that moves changes what another word is measured by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from diarfix.config import RecheckKnobs
from diarfix.core.smooth import MICRO, Change, Rows
from diarfix.core.voice.account import Account
from diarfix.core.voice.calibration import Calibration
from diarfix.core.voice.enrolment import class_name
from diarfix.core.voice.plan import ListeningPlan
from diarfix.core.voice.verdict import Verdict, judge, why_not
from diarfix.core.voice.voices import cosines, finite_rows, from_given, from_pieces, unit
from diarfix.core.words import F64, I32, I64, Bool, Words

VOICE = "voice"


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
    mine, probes, pieces = plan.split(np.asarray(vectors, dtype=np.float64))
    n_speakers = len(words.speakers)
    if given is None:
        voices = from_pieces(plan.enrolment, pieces, probes, n_speakers)
    else:
        voices = from_given(given, probes)
    scores = cosines(unit(mine), voices.centroids)
    embedded = finite_rows(mine)
    verdict = judge(plan, voices, scores, knobs)
    found = verdict.moves
    codes = words.speaker.copy()
    codes[plan.at[found]] = verdict.nearest[found]
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
        probes={class_name(k): t.n for k, t in verdict.calibration.items()},
        margins={class_name(k): m for k, m in verdict.margins.items()},
        trusted=bool(verdict.reached),
        why="" if found.any() else why_not(plan, voices, embedded, verdict, knobs),
        centroids=source,
    )
    changes = _changes(plan, scores, verdict)
    evidence = as_evidence(plan.at, words.speaker, scores, verdict.kind, verdict.telling)
    return Rechecked(words.with_speaker(codes), changes, pinned, evidence, account)


def _changes(plan: ListeningPlan, scores: F64, verdict: Verdict) -> tuple[Change, ...]:
    found = []
    for row in np.flatnonzero(verdict.moves).tolist():
        index = int(plan.at[row])
        before, after = int(plan.words.speaker[index]), int(verdict.nearest[row])
        own, other = float(scores[row, before]), float(scores[row, after])
        evidence: dict[str, float | int | str] = {
            "cosine_before": round(own, 4),
            "cosine_after": round(other, 4),
            "margin": round(other - own, 4),
            "needed_margin": round(float(verdict.needed[row]), 4),
            "heard_s": round(float(plan.end[row] - plan.start[row]), 3),
        }
        found.append(Change(index, before, after, VOICE, evidence))
    return tuple(found)


def as_evidence(
    at: I64, present: I32, scores: F64, kind: I64, calibration: Mapping[int, Calibration]
) -> Rows | None:
    """Log-likelihood ratios of windows, calibrated by the probes of their length class.

    at       (C,) words heard
    present  (N,) labels of all words
    scores   (C, S) cosines, NaN where there is none
    kind     (C,) length classes; those missing in ``calibration`` say nothing

    A window is worth ``weight`` nats per unit of corrected cosine, and at most log(n + 1) nats
    after n probes: nothing rarer than once in n + 1 windows has been tried. A window without
    vector, or of a speaker without centroid, says nothing.
    """
    own = scores[np.arange(len(at)), present[at]] if len(at) else np.empty(0)
    usable = np.isfinite(own) & np.isin(kind, list(calibration))
    words: list[I64] = []
    speakers: list[I64] = []
    gains: list[F64] = []
    for row in np.flatnonzero(usable).tolist():
        measured = calibration[int(kind[row])]
        known = np.flatnonzero(np.isfinite(scores[row]))
        nats = measured.weight * (scores[row, known] - measured.offset[known])
        nats = np.maximum(nats - nats.max(), -measured.cap)
        words.append(np.full(len(known), at[row]))
        speakers.append(known)
        gains.append(nats - nats.min())
    if not words:
        return None
    gain = np.rint(np.concatenate(gains) * MICRO).astype(np.int64)
    return Rows(np.concatenate(words), np.concatenate(speakers).astype(np.int32), gain)
