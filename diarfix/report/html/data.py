"""What the score page knows of one recording, as columns the browser can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diarfix.core.words import F64, I32, UNKNOWN, Label, Turns, Words
from diarfix.errors import InputError
from diarfix.metrics.der import speaker_map
from diarfix.metrics.examples import stretches
from diarfix.metrics.labels import LabelScore, are_parallel, repaired_and_broken
from diarfix.metrics.recording import RecordingScore, compare
from diarfix.metrics.run import Task
from diarfix.metrics.sides import Side


@dataclass(frozen=True, eq=False, slots=True)
class Version:
    """One hypothesis of a recording and how it scored.

    side    its words and turns
    score   all metrics
    detail  the comparison word by word, None where only turns can be compared
    people  hypothesis code -> reference code, -1 for a label that stands for nobody
    """

    side: Side
    score: RecordingScore
    detail: LabelScore | None
    people: I32


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """One recording: the reference, what is scored, and what it was before a repair, if known."""

    name: str
    ref: Side
    after: Version
    before: Version | None

    @property
    def moved(self) -> tuple[int, int] | None:
        """Words repaired and broken since ``before``."""
        if self.before is None or self.before.detail is None or self.after.detail is None:
            return None
        return repaired_and_broken(self.before.detail, self.after.detail)

    @property
    def n_words(self) -> int:
        """Words the page would have to hold."""
        words = self.after.side.words
        return 0 if words is None else len(words)

    @property
    def n_errors(self) -> int:
        """Wrong words, before and after."""
        versions = (self.after, self.before)
        return sum(
            v.detail.counts.n_word_errors
            for v in versions
            if v is not None and v.detail is not None
        )


def compared(task: Task, before: Side | None = None) -> Compared:
    """Score a recording, and what it was before, for the page.

    Raises InputError if ``before`` does not hold the same words, or no label.
    """
    if before is not None:
        _check_same_words(task, before)
    then = None if before is None else _version(task, before)
    # A recording that the hypothesis lacks is missed whole.
    now = Side(task.name, None, None) if task.hyp is None else task.hyp
    return Compared(task.name, task.ref, _version(task, now), then)


def _check_same_words(task: Task, before: Side) -> None:
    old, new = before.words, None if task.hyp is None else task.hyp.words
    if not before.labelled:
        raise InputError(f"{task.name}: --before names no speaker")
    if (old is None) != (new is None) or (
        old is not None and new is not None and not are_parallel(old, new)
    ):
        raise InputError(
            f"{task.name}: --before holds other words than HYP",
            hint="give the file that HYP was made of; a repair moves labels and nothing else",
        )


def _version(task: Task, hyp: Side) -> Version:
    score, detail = compare(task.name, task.ref, hyp, uem=task.uem, options=task.options)
    return Version(hyp, score, detail, _people(task, hyp, detail))


def _people(task: Task, hyp: Side, detail: LabelScore | None) -> I32:
    if detail is not None:
        return detail.mapped
    if task.ref.turns is not None and hyp.turns is not None:
        return speaker_map(task.ref.turns, hyp.turns, uem=task.uem)
    return np.full(len(_labels(hyp)), UNKNOWN, dtype=np.int32)


def _labels(side: Side) -> tuple[Label, ...]:
    """The labels that the codes of a side name."""
    if side.words is not None:
        return side.words.speakers
    return side.turns.speakers if side.turns is not None else ()


def columns(recording: Compared) -> dict[str, Any]:
    """One recording for the browser: times in whole milliseconds, null where there is none.

    people    the names of the reference, then labels that stand for nobody in it
    n_ref     how many of them are of the reference
    ref       {turns} and, per word, ``who``: codes into ``people``, run-length encoded, -1 where
              the word is not scored
    words     {text, start, end}, or null
    versions  for "before" (where known) and "after": labels, the person each stands for, per word
              ``who`` (codes into labels, run-length encoded, -1 for none), turns, and the wrong
              stretches ``errors`` {first, stop, kind}, positions in words
    """
    detail = recording.after.detail
    names = _reference_names(recording)
    people = [str(name) for name in names]
    versions = {"after": recording.after}
    if recording.before is not None:
        versions = {"before": recording.before, **versions}
    shown = {
        key: _version_columns(version, people, len(names)) for key, version in versions.items()
    }
    words = recording.after.side.words
    return {
        "people": people,
        "n_ref": len(names),
        "ref": {
            "turns": _turn_columns(recording.ref.turns),
            "who": None if detail is None else _run_lengths(detail.ref),
        },
        "words": None if words is None else _word_columns(words),
        "versions": shown,
    }


def _reference_names(recording: Compared) -> tuple[Label, ...]:
    detail = recording.after.detail
    return detail.names if detail is not None else _labels(recording.ref)


def _version_columns(version: Version, people: list[str], n_ref: int) -> dict[str, Any]:
    words, labels = version.side.words, [str(label) for label in _labels(version.side)]
    person = []
    for label, code in zip(labels, version.people.tolist(), strict=True):
        person.append(code if 0 <= code < n_ref else _stranger(label, people, n_ref))
    found: dict[str, Any] = {"labels": labels, "person": person}
    found["who"] = None if words is None else _run_lengths(words.speaker)
    found["turns"] = _turn_columns(version.side.turns)
    found["errors"] = None
    if words is not None and version.detail is not None:
        wrong = stretches(words, version.detail)
        found["errors"] = {
            "first": [s.first for s in wrong],
            "stop": [s.stop for s in wrong],
            "kind": [s.kind for s in wrong],
        }
    return found


def _stranger(label: str, people: list[str], n_ref: int) -> int:
    """The code of a label that stands for nobody, shared by both versions."""
    if label in people[n_ref:]:
        return people.index(label, n_ref)
    people.append(label)
    return len(people) - 1


def _word_columns(words: Words) -> dict[str, Any]:
    return {
        "text": [text.strip() for text in words.text],
        "start": _milliseconds(words.start),
        "end": _milliseconds(words.end),
    }


def _turn_columns(turns: Turns | None) -> dict[str, Any] | None:
    if turns is None:
        return None
    order = np.argsort(turns.start, kind="stable")
    return {
        "start": _milliseconds(turns.start[order]),
        "end": _milliseconds(turns.end[order]),
        "who": turns.speaker[order].tolist(),
    }


def _milliseconds(seconds: F64) -> list[int | None]:
    return [None if s != s else round(1000 * s) for s in seconds.tolist()]  # noqa: PLR0124 - NaN


def _run_lengths(codes: I32) -> list[int]:
    """Codes (N,) as value, count, value, count, ...

    >>> _run_lengths(np.array([4, 4, 4, -1], dtype=np.int32))
    [4, 3, -1, 1]
    """
    if not len(codes):
        return []
    first = np.append(0, np.flatnonzero(np.diff(codes)) + 1)
    count = np.diff(np.append(first, len(codes)))
    return np.column_stack((codes[first], count)).ravel().tolist()


def within_budget(recordings: Sequence[Compared], budget: int) -> set[str]:
    """The recordings whose words are embedded: those of most errors first, up to ``budget`` words.

    The first always is, however long.
    """
    found: set[str] = set()
    held = 0
    for recording in sorted(recordings, key=lambda r: (-r.n_errors, r.name)):
        if found and held + recording.n_words > budget:
            continue
        found.add(recording.name)
        held += recording.n_words
    return found
