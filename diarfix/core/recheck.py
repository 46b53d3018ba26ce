"""Listen again: move a doubtful word where the voice says so clearly, and say why it stays.

    plan    which words, which seconds of sound: nothing is heard yet
    decide  given a vector per window: what moves, and what the label path may make of the rest

Between the two somebody embeds the windows (:mod:`diarfix.recheck`). Candidates, centroids and
margins are fixed once; nothing that moves changes what another word is measured by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diarfix.config.knobs import RecheckKnobs
from diarfix.core.doubt import Doubt, doubt, windows
from diarfix.core.enrolment import LEAST_SPEECH, Enrolment, class_name, enrol, length_class
from diarfix.core.heard import Heard, as_evidence
from diarfix.core.overlap import Pieces
from diarfix.core.smoothed import Change
from diarfix.core.trust import FEWEST, STEP, Trust, learn, shown, strength, wilson_low
from diarfix.core.voices import Voices, cosines, finite_rows, from_given, from_pieces, unit
from diarfix.core.words import F64, I32, TIME_EPS, Bool, Words

I64 = NDArray[np.int64]

VOICE = "voice"


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """What has to be heard for one recording.

    words       N words under their labels before recheck
    doubts      which of them are candidates
    at          (C,) int64, the candidates, ascending
    start, end  (W,) float64, s: C windows of candidates, then the probes, then the pieces
    enrolment   pieces and probes
    """

    words: Words
    doubts: Doubt
    at: I64
    start: F64
    end: F64
    enrolment: Enrolment

    def split(self, vectors: F64) -> tuple[F64, F64, F64]:
        """The rows (W, D) of candidates, probes and pieces."""
        a = len(self.at)
        b = a + len(self.enrolment.probes)
        return vectors[:a], vectors[a:b], vectors[b:]


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


def pooled(accounts: Sequence[Account]) -> Account | None:
    """One account of several parts of a document; None of none.

    Margins are the largest in force, probes the fewest.
    """
    if len(accounts) < 2:
        return accounts[0] if accounts else None
    failed: Counter[str] = Counter()
    margins: dict[str, float | None] = {}
    probes: dict[str, int] = {}
    for account in accounts:
        failed.update(account.failed)
        for name, margin in account.margins.items():
            old = margins.get(name)
            margins[name] = margin if old is None or margin is None else max(old, margin)
        for name, n in account.probes.items():
            probes[name] = min(n, probes.get(name, n))
    moved = sum(a.moved for a in accounts)
    right = sum(a.moved * (a.estimated_precision or 0.0) for a in accounts)
    return Account(
        candidates=sum(a.candidates for a in accounts),
        embedded=sum(a.embedded for a in accounts),
        failed=dict(failed),
        moved=moved,
        estimated_precision=right / moved if moved else None,
        probes=probes,
        margins=margins,
        trusted=any(a.trusted for a in accounts),
        why="" if moved else "; ".join(dict.fromkeys(a.why for a in accounts)),
        centroids=accounts[0].centroids,
        notes=tuple(dict.fromkeys(note for a in accounts for note in a.notes)),
    )


@dataclass(frozen=True, eq=False, slots=True)
class Rechecked:
    """Labels after listening again.

    words    the words under their new labels
    changes  one per moved word, ascending
    pinned   (N,) bool, words that moved: a smoother may not take them back
    heard    what the voices are worth to the label path, None if they are not trusted
    account  counts and reasons
    """

    words: Words
    changes: tuple[Change, ...]
    pinned: Bool
    heard: Heard | None
    account: Account


def plan(words: Words, margin: F64 | None, overlapped: Pieces | None, knobs: RecheckKnobs) -> Plan:
    """Choose candidates and windows; see :func:`~diarfix.core.doubt.doubt` for the arguments."""
    doubts = doubt(words, margin, overlapped, knobs)
    at = np.flatnonzero(doubts.candidate).astype(np.int64)
    start, end = windows(words, doubts, at, knobs.acoustic_pad)
    enrolment = enrol(words, doubts, end - start)
    probes, pieces = enrolment.probes, enrolment.pieces
    return Plan(
        words,
        doubts,
        at,
        np.concatenate((start, probes.start, pieces.start)),
        np.concatenate((end, probes.end, pieces.end)),
        enrolment,
    )


def decide(
    plan: Plan,
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
    heard = finite_rows(mine)
    verdict = _judge(plan, voices, scores, knobs)
    found = verdict.moves
    codes = words.speaker.copy()
    codes[plan.at[found]] = verdict.nearest[found]
    pinned = np.zeros(len(words), dtype=np.bool_)
    pinned[plan.at[found]] = True
    failed = Counter(
        reason or "the model gave no finite vector"
        for reason, fine in zip(reasons[: len(plan.at)], heard.tolist(), strict=True)
        if not fine
    )
    account = Account(
        candidates=len(plan.at),
        embedded=int(heard.sum()),
        failed=dict(failed),
        moved=int(found.sum()),
        estimated_precision=verdict.precision,
        probes={class_name(k): t.n for k, t in verdict.trust.items()},
        margins={class_name(k): m for k, m in verdict.margins.items()},
        trusted=bool(verdict.reached),
        why="" if found.any() else _why(plan, voices, heard, verdict, knobs),
        centroids=source,
    )
    changes = _changes(plan, scores, verdict)
    evidence = as_evidence(plan.at, words.speaker, scores, verdict.kind, verdict.usable)
    return Rechecked(words.with_speaker(codes), changes, pinned, evidence, account)


@dataclass(frozen=True, eq=False, slots=True)
class _Verdict:
    """Per candidate (C,): what moves, where to, by what strength it had to and did.

    trust     what the probes of each length class showed
    reached   classes in which some margin shows the precision
    margins   by class, the margin in force, None where nothing may move
    """

    kind: I64
    nearest: I64
    needed: F64
    moves: Bool
    trust: dict[int, Trust]
    reached: set[int]
    margins: dict[int, float | None]
    precision: float | None

    @property
    def usable(self) -> dict[int, Trust]:
        """The classes the label path may go by: none unless some class shows the precision."""
        return {k: t for k, t in self.trust.items() if t.weight > 0} if self.reached else {}


def _judge(plan: Plan, voices: Voices, scores: F64, knobs: RecheckKnobs) -> _Verdict:
    at = plan.at
    least = knobs.acoustic_cosine_margin
    present = plan.words.speaker[at]
    kind = length_class(plan.end[: len(at)] - plan.start[: len(at)])
    duration = plan.words.end[at] - plan.words.start[at]
    eligible = duration >= knobs.acoustic_min_word_dur - TIME_EPS
    eligible &= np.isfinite(scores[np.arange(len(at)), present]) if len(at) else eligible
    probes = plan.enrolment.probes
    probe_kind = length_class(probes.end - probes.start)
    nearest = np.zeros(len(at), dtype=np.int64)
    needed = np.full(len(at), np.nan)
    moves = np.zeros(len(at), dtype=np.bool_)
    trust: dict[int, Trust] = {}
    margins: dict[int, float | None] = {}
    reached: set[int] = set()
    wrong = 0.0
    for k in np.unique(kind).tolist():
        own = probe_kind == k
        trust[k] = learn(voices.probes[own], probes.speaker[own], least)
        rows = np.flatnonzero((kind == k) & eligible)
        force, nearest[rows] = strength(scores[rows], present[rows], trust[k].offset, least)
        is_shown, margin, expected = _margin(
            _witnesses(trust, k, knobs.acoustic_precision),
            force,
            present[rows],
            knobs.acoustic_precision,
        )
        margins[k] = margin
        if is_shown:
            reached.add(k)
        if margin is None or not len(rows):
            continue
        offset = trust[k].offset
        needed[rows] = np.maximum(least, margin + offset[nearest[rows]] - offset[present[rows]])
        moves[rows] = force >= margin
        wrong += expected if moves[rows].any() else 0.0
    n_moved = int(moves.sum())
    precision = max(0.0, 1.0 - wrong / n_moved) if n_moved else None
    return _Verdict(kind, nearest, needed, moves, trust, reached, margins, precision)


def _witnesses(trust: Mapping[int, Trust], kind: int, precision: float) -> list[Trust]:
    """The probes that speak for a class: its own, and if those are too few to show a precision,
    those of the next shorter class too, on which voices are told apart no better.
    """
    own = trust[kind]
    shorter = trust.get(kind - 1)
    needed = _least_probes(precision)
    enough = needed is None or own.n >= 2 * needed
    return [own] if enough or shorter is None else [own, shorter]


def _margin(
    witnesses: Sequence[Trust], force: F64, present: I32, precision: float
) -> tuple[bool, float | None, float]:
    """The least margin at which moves are right often enough, and how many are expected wrong.

    Two things must hold. At even odds between a right and a wrong label the probes show the
    precision with 95 % confidence. And here, where most labels may be right, the moves there would
    be must outnumber the false ones to be expected by as much.

    Returns whether the first holds anywhere, the margin or None, and the false moves expected.
    """
    trust, is_shown = witnesses[0], False
    if trust.n < FEWEST:
        return False, None, 0.0
    at = np.bincount(present, minlength=len(trust.mean)) if len(present) else None
    for step in range(round(2.0 / STEP)):
        margin = round(step * STEP, 6)
        if shown(witnesses, margin)[1] < precision:
            continue
        is_shown = True
        if at is None:
            return True, margin, 0.0
        n_moved = int((force >= margin).sum())
        if not n_moved:
            break
        wrong = float(at @ trust.false_rate(margin))
        if 1.0 - wrong / n_moved >= precision:
            return True, margin, wrong
    return is_shown, None, 0.0


def _why(plan: Plan, voices: Voices, heard: Bool, verdict: _Verdict, knobs: RecheckKnobs) -> str:
    """Why nothing moved, in one clause."""
    if not len(plan.at):
        return "no word is in doubt"
    if not heard.any():
        return "no window could be embedded"
    if voices.known.sum() < 2:
        return f"fewer than two speakers have {LEAST_SPEECH:g} s of clean speech to compare with"
    duration = plan.words.end[plan.at] - plan.words.start[plan.at]
    long_enough = duration >= knobs.acoustic_min_word_dur - TIME_EPS
    if not long_enough.any():
        return f"no word in doubt lasts {knobs.acoustic_min_word_dur:g} s"
    tried = set(verdict.kind[long_enough].tolist())
    if tried & verdict.reached:
        return "no voice speaks clearly enough against a label"
    n = max(verdict.trust[k].n for k in tried)
    needed = _least_probes(knobs.acoustic_precision)
    if needed is None:
        return "a precision of 1 cannot be shown"
    if n < needed:
        return (
            f"too little undisputed speech to show a precision of {knobs.acoustic_precision:g}:"
            f" {n} windows of known speaker, at least {needed} needed"
        )
    best = max(
        shown(_witnesses(verdict.trust, k, knobs.acoustic_precision), m * STEP)[0]
        for k in tried
        for m in range(0, 100, 2)
    )
    return (
        f"the voices cannot be told apart: precision {best:.2f} on {n} windows of known speaker,"
        f" {knobs.acoustic_precision:g} is not shown"
    )


@cache
def _least_probes(precision: float) -> int | None:
    """Windows told apart without error that show a precision."""
    return next((n for n in range(FEWEST, 100_000) if wilson_low(n, n) >= precision), None)


def _changes(plan: Plan, scores: F64, verdict: _Verdict) -> tuple[Change, ...]:
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
