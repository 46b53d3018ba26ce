"""One file: read, edit, write, an account of it, and the record that ``--changes`` keeps."""

from __future__ import annotations

import gc
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from diarfix.cli import console
from diarfix.core import Segments, Turns
from diarfix.edits import Edit, Repair
from diarfix.errors import DiarfixError, InputError, os_errors
from diarfix.files import (
    STREAM,
    back_up,
    descriptor,
    is_url,
    read_text,
    show,
    write_all,
    write_text,
)
from diarfix.formats import Document, TimeUnit, read_document

if TYPE_CHECKING:  # what few runs ask for loads when one does
    from diarfix.core.voice import Account
    from diarfix.report import Hunk


class Output(NamedTuple):
    """A place for the result of one file.

    place  None: standard output, once the account is told
    form   what is written: None the document, else a format as ``convert`` writes it
    """

    place: str | None
    form: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileJob:
    """What to do with one file.

    path        the file, "-" for standard input
    segments    what becomes of the containers of words
    outputs     where the result goes; nowhere if there is none
    backup      suffix for a copy of a file that is overwritten in place
    hand_back   results are handed back whatever their place, for :func:`write_results`
    skip_unknown  a file that is no transcript with speakers is passed over
    want_hunks, want_changes, want_turns  what the account should hold
    """

    path: str
    format: str | None
    time_unit: TimeUnit
    segments: Segments
    outputs: tuple[Output, ...] = ()
    backup: str | None = None
    hand_back: bool = False
    skip_unknown: bool = False
    want_hunks: bool = False
    want_changes: bool = False
    want_turns: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOutcome:
    """What became of one file; ``error`` or ``passed_over`` is set and the rest empty if nothing.

    results  what was not written yet, by place
    passed_over  why the file was not looked at
    """

    path: str
    error: DiarfixError | None = None
    passed_over: str | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    results: tuple[tuple[str | None, str], ...] = ()
    hunks: list[Hunk] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    turns: dict[str, Turns] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def process(job: FileJob, edit: Callable[[Document], Edit]) -> FileOutcome:
    """Edit one file. A file that cannot be read or written becomes an outcome with an error."""
    document = result = None
    try:
        with _collector_paused():
            source = read_text(job.path)
            document = read_document(
                source, show(job.path), format=job.format, time_unit=job.time_unit
            )
            result = edit(document)
            return _outcome(job, document, result)
    except DiarfixError as error:
        unread = isinstance(error, InputError) and not isinstance(error.__cause__, OSError)
        nobody = document is None or not (document.words.speaker >= 0).any()
        if job.skip_unknown and unread and nobody and result is None:
            return FileOutcome(path=job.path, passed_over=error.message)
        return FileOutcome(path=job.path, error=error)


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


def _outcome(job: FileJob, document: Document, result: Edit) -> FileOutcome:
    text = result.document.source
    if isinstance(result, Repair):
        text = result.document.render(result.words, segments=job.segments)
    differs = text is not document.source
    account = result.recheck if isinstance(result, Repair) else None
    results, notes = _results(job, result, text, differs=differs)
    hunks: list[Hunk] = []
    turns: dict[str, Turns] = {}
    if job.want_hunks:
        from diarfix.report import hunks as hunks_of

        hunks = hunks_of(result)
    if job.want_turns:
        from diarfix.formats import recordings_of, run_turns

        turns = run_turns(recordings_of(document, result.words, apart=False))
    outcome = FileOutcome(
        path=job.path,
        summary=_summary(job, result, differs=differs),
        results=results,
        hunks=hunks,
        changes=_changes(document.name, result) if job.want_changes else [],
        turns=turns,
        notes=(*result.document.notes, *_heard_notes(account), *notes),
    )
    return outcome if job.hand_back else write_results(job, outcome)


def _results(
    job: FileJob, result: Edit, text: str, *, differs: bool
) -> tuple[tuple[tuple[str | None, str], ...], list[str]]:
    """What is to be written, by place, and what there is to know about it."""
    results: list[tuple[str | None, str]] = []
    notes: list[str] = []
    for place, form in job.outputs:
        if form is not None:
            from diarfix.cli.convert import converted
            from diarfix.formats import WriteOptions

            made = converted(result.document, result.words, form, WriteOptions())
            results.append((place, made.text))
            notes += made.notes
        # A file that stays as it is keeps its time stamp and needs no backup.
        elif differs or place != job.path or job.path == STREAM:
            results.append((place, text))
    return tuple(results), notes


def write_results(job: FileJob, outcome: FileOutcome) -> FileOutcome:
    """Write what has a place; what has none is left in the outcome.

    Raises InputError if a place cannot be written.
    """
    left, notes = [], []
    for place, text in outcome.results:
        if place is None:
            left.append((place, text))
            continue
        if job.backup and place == job.path:
            copy = back_up(place, job.backup)
            notes += [] if copy == place + job.backup else [f"the file before is kept as {copy}"]
        console.print_result(text) if place == STREAM else write_text(place, text)
    return replace(outcome, results=tuple(left), notes=(*outcome.notes, *notes))


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
        "output": job.outputs[0].place if job.outputs else None,
        **({"outputs": [o.place for o in job.outputs]} if len(job.outputs) > 1 else {}),
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


class Record:
    """Changes of one file after another. Every call raises InputError if its place takes no more.

    Lines are on disk before the file that they tell of is written, and stay there once they are
    settled. A stream or a pipe gets them when they are settled; a store, which replaces files and
    appends nothing, gets all at the end.
    """

    def __init__(self, path: str | None, handle: int | None) -> None:
        self._path = path
        self._handle = handle
        self._grows = handle is not None and stat.S_ISREG(os.fstat(handle).st_mode)
        self._size = 0
        self._lines = b""
        self._kept = ""
        self.unused = self._grows  # the file is as it was found

    def add(self, changes: Sequence[dict[str, Any]]) -> None:
        """Put down what is about to be written."""
        self._lines = "".join(console.json_text(change) + "\n" for change in changes).encode()
        self.begin()
        if self._grows:
            try:
                self._write()
            except InputError:
                self._cut()  # no half of it
                raise

    def begin(self) -> None:
        """Do away with an earlier record, which stays until there is anything to tell."""
        if self.unused:
            self.unused = False
            self._cut()

    def settle(self, *, done: bool) -> None:
        """Keep what was put down, or take it back because it did not come about."""
        if self._grows and done:
            self._size += len(self._lines)
        elif self._grows:
            self._cut()
        elif done and self._lines and self._path is not None:
            if self._handle is not None:
                self._write()
            elif is_url(self._path):
                self._kept += self._lines.decode()
            else:
                write_text(self._path, self._lines.decode())

    def close(self) -> None:
        """Bring what waits to where it belongs."""
        if self._path is not None and is_url(self._path):
            write_text(self._path, self._kept)

    def _write(self) -> None:
        if self._handle is not None:
            with os_errors(str(self._path), "cannot be written"):
                write_all(self._handle, self._lines)
                if self._grows:
                    os.fsync(self._handle)

    def _cut(self) -> None:
        if self._handle is not None:
            with os_errors(str(self._path), "cannot be written"):
                os.ftruncate(self._handle, self._size)
                os.lseek(self._handle, self._size, os.SEEK_SET)


@contextmanager
def recording(path: str | None) -> Iterator[Record]:
    """A record at a place, made anew; one that keeps nothing if that is None."""
    if path is None or path == STREAM or is_url(path) or descriptor(path) is not None:
        record = Record(path, None)
        yield record
        record.close()
        return
    made = not os.path.lexists(path)
    with os_errors(path, "cannot be written"):
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        handle = os.open(path, flags, 0o666)
    record = Record(path, handle)
    try:
        yield record
        record.begin()
    except BaseException:
        if made and record.unused:
            os.unlink(path)  # noqa: PTH108
        raise
    finally:
        os.close(handle)
