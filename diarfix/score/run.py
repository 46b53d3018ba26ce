"""Score many recordings, each by itself, on one process or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diarfix.core.words import UNKNOWN, Label
from diarfix.errors import DiarfixError, NothingScored
from diarfix.score.der import speaker_map
from diarfix.score.examples import Stretch, stretches, worst
from diarfix.score.labels import LabelScore
from diarfix.score.recording import Options, RecordingScore, compare
from diarfix.score.sides import Side
from diarfix.score.sweep import Uem

#: Wrong stretches kept per recording.
_KEEP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One recording to score."""

    name: str
    ref: Side
    hyp: Side
    uem: Uem | None
    options: Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One recording's score, the map of its speakers and its longest wrong stretches."""

    name: str
    score: RecordingScore | None = None
    mapping: Mapping[str, str] | None = None
    worst: tuple[Stretch, ...] = ()
    error: DiarfixError | None = None


def score_task(task: Task) -> Scored:
    """Score one recording; what fails becomes an error in the result."""
    try:
        if not task.hyp.labelled:
            raise NothingScored(f"{task.name}: the hypothesis names no speaker")
        score, detail = compare(task.name, task.ref, task.hyp, uem=task.uem, options=task.options)
        if not score.scored:
            raise NothingScored(
                f"{task.name}: nothing to score: no word or second of the hypothesis meets a"
                " single reference speaker",
                hint="is the reference of another recording?",
            )
    except DiarfixError as error:
        return Scored(name=task.name, error=error)
    found: list[Stretch] = []
    if detail is not None and task.hyp.words is not None:
        found = worst(stretches(task.hyp.words, detail), _KEEP)
    return Scored(name=task.name, score=score, mapping=_mapping(task, detail), worst=tuple(found))


def _mapping(task: Task, detail: LabelScore | None) -> dict[str, str]:
    hyp: tuple[Label, ...]
    if detail is not None and task.hyp.words is not None:
        hyp, ref, codes = task.hyp.words.speakers, detail.names, detail.mapped
    elif task.ref.turns is not None and task.hyp.turns is not None:
        hyp, ref = task.hyp.turns.speakers, task.ref.turns.speakers
        codes = speaker_map(task.ref.turns, task.hyp.turns, uem=task.uem)
    else:
        return {}
    return {
        str(label): "nobody" if code == UNKNOWN else str(ref[code])
        for label, code in zip(hyp, codes.tolist(), strict=True)
    }
