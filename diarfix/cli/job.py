"""One file: read, edit, write, and an account of it."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from diarfix.core.segments import Segments
from diarfix.core.voice.account import Account
from diarfix.core.words import Turns
from diarfix.edits.repair import Edit, Repair, doubtful_turns, match_turns
from diarfix.errors import DiarfixError
from diarfix.files.local import read_bytes, read_text, show, write_bytes, write_text
from diarfix.files.paths import STREAM
from diarfix.formats.document import Document, TimeUnit, read_document

if TYPE_CHECKING:  # what few runs ask for loads when one does
    from diarfix.report.diff import Hunk


@dataclass(frozen=True, slots=True, kw_only=True)
class FileJob:
    """What to do with one file.

    path        the file, "-" for standard input
    segments    what becomes of the containers of words
    target      where the result goes; None: it is handed back in ``FileOutcome.text``
    write       False: nothing is written and no text is handed back
    backup      suffix for a copy of a file that is overwritten in place
    hand_back   the result is handed back whatever the target, for :func:`write_result`
    want_hunks, want_changes, want_turns  what the account should hold
    """

    path: str
    format: str | None
    time_unit: TimeUnit
    segments: Segments
    target: str | None
    write: bool
    backup: str | None = None
    hand_back: bool = False
    want_hunks: bool = False
    want_changes: bool = False
    want_turns: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """What became of one file; ``error`` is set and the rest empty where it failed."""

    path: str
    error: DiarfixError | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    text: str | None = None
    hunks: list[Hunk] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    turns: dict[str, Turns] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def process(job: FileJob, edit: Callable[[Document], Edit]) -> FileOutcome:
    """Edit one file. A file that cannot be read or written becomes an outcome with an error."""
    try:
        with _collector_paused():
            return _process(job, edit)
    except DiarfixError as error:
        return FileOutcome(path=job.path, error=error)


def with_turns(
    document: Document,
    run: Callable[..., Repair],
    recordings: Mapping[str, Turns] | None,
    *,
    alone: bool,
) -> Repair:
    """Repair a document, given turns by recording, or None; ``alone``: see :func:`match_turns`."""
    if recordings is None:
        return run(document, turns=None)
    turns = match_turns(document, recordings, alone=alone)
    told = (*document.notes, *doubtful_turns(document, turns))
    return run(dataclasses.replace(document, notes=told), turns=turns)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep Python's cycle collector out: a parsed file is many objects and no cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _process(job: FileJob, edit: Callable[[Document], Edit]) -> FileOutcome:
    name = show(job.path)
    document = read_document(read_text(job.path), name, format=job.format, time_unit=job.time_unit)
    result = edit(document)
    text = result.document.render(result.words, segments=job.segments)
    differs = text is not document.source
    # A file that stays as it is keeps its time stamp and needs no backup.
    goes = job.write and (differs or job.target != job.path or job.path == STREAM)
    account = result.recheck if isinstance(result, Repair) else None
    here = job.target is None or job.hand_back
    if goes and not here:
        _write(job, text)
    return FileOutcome(
        path=job.path,
        summary=_summary(job, result, differs=differs),
        text=text if goes and here else None,
        hunks=_hunks(result) if job.want_hunks else [],
        changes=_changes(name, result) if job.want_changes else [],
        turns=_turns(document, result) if job.want_turns else {},
        notes=(*result.document.notes, *_heard_notes(account)),
    )


def _hunks(result: Edit) -> list[Hunk]:
    from diarfix.report.diff import hunks

    return hunks(result)


def _turns(document: Document, result: Edit) -> dict[str, Turns]:
    from diarfix.formats.recordings import recordings_of
    from diarfix.formats.text.rttm import run_turns

    return run_turns(recordings_of(document, result.words, apart=False))


def write_result(job: FileJob, outcome: FileOutcome) -> None:
    """Write a result that was handed back. Raises InputError if the place cannot be written."""
    if outcome.text is not None:
        _write(job, outcome.text)


def _write(job: FileJob, text: str) -> None:
    target = str(job.target)
    if job.backup and target == job.path:
        write_bytes(target + job.backup, read_bytes(target))
    write_text(target, text)


def _summary(job: FileJob, result: Edit, *, differs: bool) -> dict[str, Any]:
    words = result.words
    repair = result if isinstance(result, Repair) else None
    return {
        "path": show(job.path),
        "dialect": result.document.dialect.name,
        "words": len(words),
        "changed": len(result.moved),
        "islands_collapsed": repair.islands_collapsed if repair else 0,
        "seams_moved": repair.seams_moved if repair else 0,
        "words_without_time": int((~words.timed).sum()),
        "words_ending_before_start": result.document.inverted,
        "words_without_speaker": int((words.speaker < 0).sum()),
        "words_assigned": repair.assigned if repair else 0,
        "words_tied": repair.tied if repair else 0,
        "words_by_nearest_turn": repair.nearest if repair else 0,
        "words_keeping_label": repair.kept if repair else 0,
        "file_changes": differs,
        "output": job.target,
        **(repair.recheck.facts() if repair and repair.recheck else {}),
    }


def _heard_notes(account: Account | None) -> tuple[str, ...]:
    if account is None:
        return ()
    failed = [f"{n} windows could not be heard: {why}" for why, n in account.failed.items()]
    unmoved = [f"the voice moved nothing: {account.why}"] if account.why else []
    return (*account.notes, *failed, *unmoved)


def _changes(name: str, result: Edit) -> list[dict[str, Any]]:
    words = result.words

    def seconds(value: float) -> float | None:
        return None if value != value else round(float(value), 6)  # noqa: PLR0124 - NaN

    return [
        {
            "file": name,
            "index": moved.index,
            "word": words.text[moved.index].strip(),
            "start": seconds(words.start[moved.index]),
            "end": seconds(words.end[moved.index]),
            "from": moved.before,
            "to": moved.after,
            "rule": moved.rule,
            "evidence": moved.evidence,
        }
        for moved in result.moved
    ]
