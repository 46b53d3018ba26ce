"""The page of a score: figures in plain words, a timeline, and the transcript with its errors."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from diarfix.core import F64, I32, Turns, Words
from diarfix.errors import InputError
from diarfix.metrics import (
    COMPARISONS,
    LEFT_OUT,
    Comparison,
    LabelCounts,
    LabelScore,
    MovedCounts,
    RecordingScore,
    ScoreTask,
    Side,
    are_parallel,
    compare,
    on_pages,
    pool,
    words_to_turns,
    wrong_stretches,
)
from diarfix.report.html.page import KINDS, TERMS, WHY_LEFT_OUT, metric_rows, page

#: Words one page holds. Beyond it recordings show their figures alone, those of fewest errors
#: first: a page of ten million words opens in no browser.
MAX_WORDS = 600_000


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """One recording: the reference, what is scored, and what it was before a repair, if known."""

    after: Comparison
    before: Comparison | None

    @property
    def name(self) -> str:
        """The recording's."""
        return self.after.task.name

    @property
    def moved(self) -> MovedCounts | None:
        """Words repaired and broken since ``before``."""
        if self.before is None:
            return None
        before, after = self.before.task.detail, self.after.task.detail
        if isinstance(before, str) or isinstance(after, str):
            return None
        return MovedCounts.between(before.wrong, after.wrong)

    @property
    def n_words(self) -> int:
        """Words the page would have to hold."""
        words = self.after.task.given.words
        return 0 if words is None else len(words)

    @property
    def n_errors(self) -> int:
        """Wrong words, before and after."""
        versions = [self.after] if self.before is None else [self.after, self.before]
        counts = [version.score.of(LabelCounts) for version in versions]
        return sum(c.n_word_errors for c in counts if c is not None)


def compared(task: ScoreTask, before: Side | None = None) -> Compared:
    """Score a recording, and what it was before, for the page.

    Raises InputError if ``before`` does not hold the same words, or no label.
    """
    if before is not None:
        _check_same_words(task, before)
    then = None if before is None else compare(replace(task, hyp=before))
    return Compared(compare(task), then)


def _check_same_words(task: ScoreTask, before: Side) -> None:
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


def page_columns(recording: Compared) -> dict[str, Any]:
    """One recording for the browser: times in whole milliseconds, null where there is none.

    people    the names of the reference, then labels that stand for nobody in it
    n_ref     how many of them are of the reference
    ref       {turns} and, per word, run-length encoded, ``who``: codes into ``people``, -1 where it
              is not scored, and ``left_out``: the number of why it is not, 0 where it is
    words     {text, start, end}, or null
    versions  for "before" (where known) and "after": labels, the person each stands for, per word
              ``who`` (codes into labels, run-length encoded, -1 for none), turns (its timed words
              joined, if there are any), and the wrong stretches ``errors`` {first, stop, kind},
              positions in words
    """
    after = recording.after.task
    names = after.ref.speakers if isinstance(after.detail, str) else after.detail.names
    people = [str(name) for name in names]
    versions = {"after": recording.after}
    if recording.before is not None:
        versions = {"before": recording.before, **versions}
    shown = {
        key: _version_columns(version.task, people, len(names)) for key, version in versions.items()
    }
    words = after.given.words
    ref: dict[str, Any] = {"turns": _turn_columns(after.ref.turns), "who": None}
    if not isinstance(after.detail, str):
        ref["who"] = _run_lengths(after.detail.ref)
        ref["left_out"] = _run_lengths(after.detail.left_out)
    return {
        "people": people,
        "n_ref": len(names),
        "ref": ref,
        "words": None if words is None else _word_columns(words),
        "versions": shown,
    }


def _version_columns(task: ScoreTask, people: list[str], n_ref: int) -> dict[str, Any]:
    hyp, words = task.given, task.given.words
    labels = [str(label) for label in hyp.speakers]
    person = []
    for label, code in zip(labels, task.mapped.tolist(), strict=True):
        person.append(code if 0 <= code < n_ref else _stranger(label, people, n_ref))
    found: dict[str, Any] = {"labels": labels, "person": person}
    found["who"] = None if words is None else _run_lengths(words.speaker)
    spoken = hyp.turns if words is None or not words.timed.any() else words_to_turns(words)
    found["turns"] = _turn_columns(spoken)
    found["errors"] = None
    if words is not None and not isinstance(task.detail, str):
        wrong = wrong_stretches(words, task.detail)
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


def score_page(
    recordings: Sequence[Compared],
    *,
    settings: Mapping[str, object],
    errors: Sequence[str] = (),
    audio: str | None = None,
    max_words: int = MAX_WORDS,
) -> str:
    """Make the page of one or more recordings.

    settings   how it was measured, name -> value
    errors     what could not be scored, one line each
    audio      URL of the recording, relative to the page; for one recording only
    max_words  words embedded at most
    """
    held = within_budget(recordings, max_words)
    blocks: dict[str, object] = {}
    rows = []
    for i, recording in enumerate(recordings):
        block = f"recording-{i}" if recording.name in held else None
        rows.append(_row(recording) | {"block": block})
        if block is not None:
            blocks[block] = page_columns(recording)
    data = {
        "recordings": rows,
        "overall": _overall(recordings),
        "settings": dict(settings),
        "errors": list(errors),
        "audio": audio,
        "metrics": metric_rows(),
        "kinds": KINDS,
        "left_out": WHY_LEFT_OUT,
        "terms": {name: TERMS[name] for name in ("reference", "repaired, broken")},
    }
    title = "diarfix score" + (f": {recordings[0].name}" if len(recordings) == 1 else "")
    scripts = (
        "common.js",
        "table.js",
        "model.js",
        "painter.js",
        "timeline.js",
        "transcript.js",
        "figures.js",
        "score.js",
    )
    summary = _summary(pool([r.after.score for r in recordings]))
    return page(title, summary, "score.html", scripts, {"data": data, **blocks})


def _summary(score: RecordingScore) -> str:
    c = score.of(LabelCounts)
    if c is not None and c.wser is not None:
        return (
            f"{c.n_word_errors} of {c.n_scored} words carry the wrong speaker"
            f" (WSER {100 * c.wser:.2f} %)."
        )
    return "How well the speaker turns agree with the reference."


def audio_url(audio: str, beside: str) -> str:
    """The URL of an audio file, relative to the folder of the page ``beside``."""
    folder = Path(beside).resolve().parent
    return quote(Path(os.path.relpath(Path(audio).resolve(), folder)).as_posix())


def _row(recording: Compared) -> dict[str, Any]:
    return {
        "id": recording.name,
        "after": _figures(recording.after.score),
        "before": None if recording.before is None else _figures(recording.before.score),
        **_moved(recording.moved),
    }


def _overall(recordings: Sequence[Compared]) -> dict[str, Any]:
    moved = [found for r in recordings if (found := r.moved) is not None]
    before = [r.before.score for r in recordings if r.before is not None]
    after = pool([r.after.score for r in recordings])
    return {
        "after": _figures(after),
        "before": _figures(pool(before)) if before else None,
        **_moved(MovedCounts.together(moved) if moved else None),
        "left_out": _left_out([r.after.task.detail for r in recordings]),
        "brief": {row.name: row.brief(of) for row in on_pages() if (of := after.of(row.counts))},
    }


def _left_out(details: Sequence[LabelScore | str]) -> list[int]:
    """How many words are left out, by why."""
    counts = np.zeros(len(LEFT_OUT), dtype=np.int64)
    for detail in details:
        if not isinstance(detail, str):
            counts += np.bincount(detail.left_out, minlength=len(LEFT_OUT))
    return [0, *counts[1:].tolist()]


def _moved(counts: MovedCounts | None) -> dict[str, Any]:
    return {name: row.of(counts) for name, row in COMPARISONS.items()}


def _figures(score: RecordingScore) -> dict[str, Any]:
    """The metrics that have a value."""
    return {name: value for name, value in score.document().items() if value is not None}
