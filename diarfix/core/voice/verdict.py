"""Which candidates move, by margins that the recording's own undisputed words have earned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from diarfix.config import RecheckKnobs
from diarfix.core.voice.calibration import (
    FEWEST,
    STEP,
    Calibration,
    Leads,
    calibrate,
    least_to_show,
    precision_at,
)
from diarfix.core.voice.enrolment import LEAST_SPEECH, Voices, length_class
from diarfix.core.voice.plan import ListeningPlan
from diarfix.core.words import F64, I64, TIME_EPS, Bool


@dataclass(frozen=True, eq=False, slots=True)
class Verdict:
    """What becomes of C candidates, and by what measure.

    kind         (C,) int64, length classes of their windows
    needed       (C,) float64, cosine by which the nearest voice has to win, NaN where nothing moves
    moves        (C,) bool, those that take its label
    calibration  what the probes of each length class showed
    reached      classes in which some margin shows the precision
    telling      classes the label path may go by
    margins      by class, the margin in force, None where nothing may move
    precision    share of the moves expected to be right, None without moves
    """

    kind: I64
    needed: F64
    moves: Bool
    calibration: dict[int, Calibration]
    reached: frozenset[int]
    telling: dict[int, Calibration]
    margins: dict[int, float | None]
    precision: float | None


class _Threshold(NamedTuple):
    """What it takes to move a word of one length class.

    reached  some margin shows the precision
    margin   the one in force, None if none is enough for the candidates there are
    wrong    false moves to be expected under it
    """

    reached: bool
    margin: float | None = None
    wrong: float = 0.0


def judge(plan: ListeningPlan, voices: Voices, heard: Leads, knobs: RecheckKnobs) -> Verdict:
    """Decide on the candidates, given how they (C,) stand to the voices."""
    least, target = knobs.acoustic_cosine_margin, knobs.acoustic_precision
    kind = length_class((plan.end - plan.start)[: len(plan.at)])
    eligible = long_enough(plan, knobs) & np.isfinite(heard.own)
    probes = plan.enrolment.probes
    tried, speaker = length_class(probes.end - probes.start), voices.places(probes.speaker)
    calibration = {
        k: calibrate(voices.probes[tried == k], speaker[tried == k], least)
        for k in np.unique(kind).tolist()
    }
    needed = np.full(len(kind), np.nan)
    moves = np.zeros(len(kind), dtype=np.bool_)
    thresholds: dict[int, _Threshold] = {}
    for k, measured in calibration.items():
        rows = np.flatnonzero((kind == k) & eligible)
        force = heard.strength(measured.offset, least)[rows]
        nearest, present = heard.nearest[rows], heard.present[rows]
        witnesses = _witnesses(calibration, k, target)
        thresholds[k] = one = _threshold(witnesses, force, present, target)
        if one.margin is not None:
            lean = measured.offset[nearest] - measured.offset[present]
            needed[rows] = np.maximum(least, one.margin + lean)
            moves[rows] = force >= one.margin
    n_moved, wrong = int(moves.sum()), sum(one.wrong for one in thresholds.values())
    reached = frozenset(k for k, one in thresholds.items() if one.reached)
    return Verdict(
        kind=kind,
        needed=needed,
        moves=moves,
        calibration=calibration,
        reached=reached,
        telling={k: one for k, one in calibration.items() if reached and _tells(one, target)},
        margins={k: one.margin for k, one in thresholds.items()},
        precision=1.0 - wrong / n_moved if n_moved else None,
    )


def long_enough(plan: ListeningPlan, knobs: RecheckKnobs) -> Bool:
    """(C,) bool: the candidate lasts so long that the voice alone may decide."""
    duration = plan.words.end[plan.at] - plan.words.start[plan.at]
    return np.asarray(duration >= knobs.acoustic_min_word_dur - TIME_EPS)


def _tells(measured: Calibration, precision: float) -> bool:
    """Whether windows of a class tell voices apart as they are, with no margin to help.

    A margin lets through the few clear windows of two like voices. The label path hears them all,
    and words in doubt are harder than probes.
    """
    return measured.weight > 0 and precision_at([measured], 0.0).share >= precision


def _witnesses(
    calibration: Mapping[int, Calibration], kind: int, precision: float
) -> list[Calibration]:
    """The probes that speak for a class: its own, and if those are too few to show a precision,
    those of the next shorter class too, on which voices are told apart no better.
    """
    own, shorter = calibration[kind], calibration.get(kind - 1)
    few = own.n < 2 * least_to_show(precision)
    return [own, shorter] if few and shorter is not None else [own]


def _threshold(
    witnesses: Sequence[Calibration], force: F64, present: I64, precision: float
) -> _Threshold:
    """The least margin at which moves are right often enough.

    witnesses  probes of the class, first its own
    force      (K,) strength of the voice against each word that may move; present (K,) its place

    Two things must hold. At even odds between a right and a wrong label the probes show the
    precision with 95 % confidence. And here, where most labels may be right, no more than the rest
    of the moves there would be may be false ones. Of n probes none may have failed, but a rate of
    less than one in n + 1 is never counted on: words in doubt are harder than probes.
    """
    own, reached = witnesses[0], False
    if own.n < FEWEST:
        return _Threshold(reached=False)
    tried = 1.0 / (1.0 + sum(witness.n for witness in witnesses))
    labels = np.bincount(present, minlength=len(own.mean))
    for step in range(round(2.0 / STEP)):
        margin = round(step * STEP, 6)
        if precision_at(witnesses, margin).low < precision:
            continue
        reached = True
        n_moved = int((force >= margin).sum())
        if not n_moved:
            # Where nothing may move the least margin still says how far voices are apart.
            return _Threshold(reached=True, margin=None if len(force) else margin)
        wrong = float(labels @ np.maximum(own.false_rate(margin), tried))
        if 1.0 - wrong / n_moved >= precision:
            return _Threshold(reached=True, margin=margin, wrong=wrong)
    return _Threshold(reached)


def why_not(
    plan: ListeningPlan, voices: Voices, embedded: Bool, verdict: Verdict, knobs: RecheckKnobs
) -> str:
    """Why nothing moved, in one clause; ``embedded`` (C,), candidates that have a vector."""
    if not len(plan.at):
        return "no word is in doubt"
    if not embedded.any():
        return "no window could be embedded"
    if len(voices.speaker) < 2:
        return f"fewer than two speakers have {LEAST_SPEECH:g} s of clean speech to compare with"
    lasting = long_enough(plan, knobs)
    if not lasting.any():
        return f"no word in doubt lasts {knobs.acoustic_min_word_dur:g} s"
    tried = set(verdict.kind[lasting].tolist())
    if tried & verdict.reached:
        return "no voice speaks clearly enough against a label"
    return _too_little(verdict, tried, knobs.acoustic_precision)


def _too_little(verdict: Verdict, tried: set[int], target: float) -> str:
    """Why the probes show no precision: too few of them, or voices too near each other."""
    if target >= 1.0:
        return "a precision of 1 cannot be shown"
    best = max(
        (
            precision_at(_witnesses(verdict.calibration, kind, target), step * STEP)
            for kind in tried
            for step in range(round(1.0 / STEP))
        ),
        key=lambda found: found.low,
    )
    shown = "no window of a known speaker is clear enough to count"
    if best.n:
        shown = f"{best.share:.2f} right on {best.n} windows of known speaker"
    if best.share < target:
        return f"the voices cannot be told apart: {shown}, {target:g} needed"
    enough = f"{least_to_show(target)} without error would do"
    return f"too little undisputed speech to show a precision of {target:g}: {shown}; {enough}"
