"""One file: read, edit, write, and an account of it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from diarfix.cli import console
from diarfix.core import Segments, Turns
from diarfix.edits import Edit, Repair
from diarfix.errors import DiarfixError, InputError
from diarfix.files import (
    STREAM,
    back_up,
    read_text,
    show,
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
        notes=(*result.document.notes, *_trust_notes(result), *_heard_notes(account), *notes),
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
        **({"opinions": _opinions(repair)} if repair and repair.trust else {}),
        **(repair.recheck.facts() if repair and repair.recheck else {}),
    }


#: An opinion that agrees with what all say on less than this is doubted.
_STRANGE = 0.6


def _trust_notes(result: Edit) -> list[str]:
    """A line for each part that several opinions are of: what each counted."""
    lines = []
    for part, trust in result.trust.items() if isinstance(result, Repair) else ():
        names = list(trust)
        told = []
        for name, one in trust.items():
            if one.copy_of is not None:
                told.append(f"{name} (the same turns as {names[one.copy_of]})")
            elif one.agreement is None:
                told.append(f"{name} (silent)")
            else:
                shares = "" if one.kin is None else f", shares its vote with {names[one.kin]}"
                doubt = ": is it right?" if one.agreement < _STRANGE else ""
                figures = f"weight {one.weight:.2f}, agrees on {one.agreement:.1%}{doubt}{shares}"
                told.append(f"{name} ({figures})")
        lines.append(f"heard{f' of {part}' if part else ''}: {', '.join(told)}")
    return lines


def _opinions(repair: Repair) -> list[dict[str, Any]]:
    return [
        {
            **({"recording": part} if part else {}),
            "turns": name,
            "weight": one.weight,
            "agreement": one.agreement,
            "shares_vote_with": None if one.kin is None else list(trust)[one.kin],
            "copy_of": None if one.copy_of is None else list(trust)[one.copy_of],
        }
        for part, trust in repair.trust.items()
        for name, one in trust.items()
    ]


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
