"""Score many recordings, each by itself, on one process or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from diarfix.core.words import UNKNOWN, Label
from diarfix.errors import DiarfixError, NothingScored
from diarfix.metrics.der import speaker_map
from diarfix.metrics.examples import Stretch, stretches, worst
from diarfix.metrics.labels import LabelScore
from diarfix.metrics.recording import Options, RecordingScore, compare
from diarfix.metrics.sides import Side
from diarfix.metrics.sweep import Uem

#: Wrong stretches kept per recording.
_KEEP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One recording to score; ``hyp`` is None where the hypothesis lacks it: all is missed."""

    name: str
    ref: Side
    hyp: Side | None
    uem: Uem | None
    options: Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One recording's score, the map of its speakers and its longest wrong stretches.

    mapping  hypothesis label -> reference label, None for one left over
    """

    name: str
    score: RecordingScore | None = None
    mapping: Mapping[str, str | None] = field(default_factory=dict)
    worst: tuple[Stretch, ...] = ()
    error: DiarfixError | None = None


def score_task(task: Task) -> Scored:
    """Score one recording; what fails becomes an error in the result."""
    try:
        return _score(task)
    except DiarfixError as error:
        return Scored(name=task.name, error=error)


def _score(task: Task) -> Scored:
    hyp = task.hyp
    if hyp is None:
        if task.ref.turns is None:
            return Scored(name=task.name)
        missing = Side(task.name, None, None)
        score, _ = compare(task.name, task.ref, missing, uem=task.uem, options=task.options)
        return Scored(name=task.name, score=score)
    for what, side in (("reference", task.ref), ("hypothesis", hyp)):
        if not side.labelled:
            lacks = "has no words" if side.words is not None and not len(side.words) else None
            raise NothingScored(f"{task.name}: the {what} {lacks or 'names no speaker'}")
    score, detail = compare(task.name, task.ref, hyp, uem=task.uem, options=task.options)
    if not score.scored:
        raise NothingScored(
            f"{task.name}: nothing to score: no word or second of the hypothesis meets a"
            " single reference speaker",
            hint="is the reference of another recording?",
        )
    found: list[Stretch] = []
    if detail is not None and hyp.words is not None:
        found = worst(stretches(hyp.words, detail), _KEEP)
    mapping = _mapping(task.ref, hyp, task.uem, detail)
    return Scored(name=task.name, score=score, mapping=mapping, worst=tuple(found))


def _mapping(
    ref: Side, hyp: Side, uem: Uem | None, detail: LabelScore | None
) -> dict[str, str | None]:
    heard: tuple[Label, ...]
    if detail is not None and hyp.words is not None:
        heard, names, codes = hyp.words.speakers, detail.names, detail.mapped
        used = np.unique(detail.hyp)
    elif ref.turns is not None and hyp.turns is not None:
        heard, names = hyp.turns.speakers, ref.turns.speakers
        codes = speaker_map(ref.turns, hyp.turns, uem=uem)
        used = np.unique(hyp.turns.speaker)
    else:
        return {}
    partner = {int(h): int(codes[h]) for h in used if h != UNKNOWN}
    return {str(heard[h]): None if r == UNKNOWN else str(names[r]) for h, r in partner.items()}
