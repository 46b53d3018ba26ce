"""The page of a score: figures in plain words, a timeline, and the transcript with its errors."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from diarfix.metrics import COMPARISONS, LabelCounts, MovedCounts, RecordingScore, on_pages, pool
from diarfix.report.html.data import Compared, page_columns, within_budget
from diarfix.report.html.page import page
from diarfix.report.html.wording import KINDS, TERMS, metric_rows

#: Words one page holds. Beyond it recordings show their figures alone, those of fewest errors
#: first: a page of ten million words opens in no browser.
MAX_WORDS = 600_000


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
    moved = recording.moved
    return {
        "id": recording.name,
        "after": _figures(recording.after.score),
        "before": None if recording.before is None else _figures(recording.before.score),
        **_moved(moved),
    }


def _overall(recordings: Sequence[Compared]) -> dict[str, Any]:
    moved = [found for r in recordings if (found := r.moved) is not None]
    before = [r.before.score for r in recordings if r.before is not None]
    after = pool([r.after.score for r in recordings])
    return {
        "after": _figures(after),
        "before": _figures(pool(before)) if before else None,
        **_moved(MovedCounts.together(moved) if moved else None),
        "brief": {row.name: row.brief(of) for row in on_pages() if (of := after.of(row.counts))},
    }


def _moved(counts: MovedCounts | None) -> dict[str, Any]:
    return {name: row.of(counts) for name, row in COMPARISONS.items()}


def _figures(score: RecordingScore) -> dict[str, Any]:
    """The metrics that have a value."""
    return {name: value for name, value in score.document().items() if value is not None}
