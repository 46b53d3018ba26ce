"""Score many recordings, each by itself, on one process or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from diarfix.core import UNKNOWN
from diarfix.errors import DiarfixError, InputError, NothingScored
from diarfix.metrics.der import DerCounts
from diarfix.metrics.examples import WrongStretch, worst, wrong_stretches
from diarfix.metrics.labels import LabelScore
from diarfix.metrics.pair import Pair, ScoreSettings
from diarfix.metrics.recording import RecordingScore, compare
from diarfix.metrics.sides import Side
from diarfix.metrics.sweep import Uem

#: Wrong stretches kept per recording.
_KEEP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTask:
    """One recording to score; ``hyp`` is None where the hypothesis lacks it: all is missed."""

    name: str
    ref: Side
    hyp: Side | None
    uem: Uem | None
    options: ScoreSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One recording's score, the map of its speakers and its longest wrong stretches.

    mapping  hypothesis label -> reference label, None for one left over
    error    why there is no score; beside a score, that the hypothesis names nobody
    notes    what a person should know of it
    """

    name: str
    score: RecordingScore | None = None
    mapping: Mapping[str, str | None] = field(default_factory=dict)
    worst: tuple[WrongStretch, ...] = ()
    error: DiarfixError | None = None
    notes: tuple[str, ...] = ()


def score_task(task: ScoreTask) -> Scored:
    """Score one recording; what fails becomes an error in the result."""
    try:
        return _score(task)
    except DiarfixError as error:
        return Scored(name=task.name, error=error)


def _score(task: ScoreTask) -> Scored:
    ref, hyp = task.ref, task.hyp or silent(task.ref)
    if not ref.labelled:
        raise NothingScored(f"{task.name}: the reference {_lacks(ref)}")
    found = compare(task.name, ref, hyp, uem=task.uem, options=task.options)
    error = None
    if task.hyp is not None and not hyp.labelled:
        error = NothingScored(
            f"{task.name}: the hypothesis {_lacks(hyp)}", hint="it counts: all speech is missed"
        )
    elif hyp.labelled and not found.score.scored:
        if found.failed:
            raise InputError(f"{task.name}: {found.failed[0]}")
        who = "no word or second of the hypothesis meets a single reference speaker"
        hint = "is the reference of another recording?"
        spoken = found.score.of(DerCounts)
        if spoken is not None and not spoken.scored and (task.options.collar or task.uem):
            who = "no reference speech is left inside the UEM and outside the collars"
            hint = "lower --collar, or look at --uem"
        raise NothingScored(f"{task.name}: nothing to score: {who}", hint=hint)
    detail = found.pair.detail
    wrong: list[WrongStretch] = []
    if hyp.words is not None and not isinstance(detail, str):
        wrong = worst(wrong_stretches(hyp.words, detail), _KEEP)
    return Scored(
        name=task.name,
        score=found.score,
        mapping=_mapping(found.pair),
        worst=tuple(wrong),
        error=error,
        notes=(*found.notes, *found.failed),
    )


def silent(ref: Side) -> Side:
    """The hypothesis of a recording for which there is none."""
    words = None if ref.words is None else ref.words.take(np.empty(0, dtype=np.intp))
    return Side(ref.name, words, None)


def _lacks(side: Side) -> str:
    return "has no words" if side.words is not None and not len(side.words) else "names no speaker"


def _mapping(pair: Pair) -> dict[str, str | None]:
    """Whom each label stands for, by name."""
    if isinstance(pair.detail, LabelScore):
        heard, names, used = pair.hyp.speakers, pair.detail.names, pair.detail.hyp
    elif pair.ref.turns is not None and pair.hyp.turns is not None:
        heard, names = pair.hyp.turns.speakers, pair.ref.turns.speakers
        used = pair.hyp.turns.speaker
    else:
        return {}
    codes = pair.mapped
    partner = {int(h): int(codes[h]) for h in np.unique(used) if h != UNKNOWN}
    return {str(heard[h]): None if r == UNKNOWN else str(names[r]) for h, r in partner.items()}
