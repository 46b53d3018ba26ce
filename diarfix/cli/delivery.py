"""Run the jobs of the commands that edit files, and hand their results over."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import typer

from diarfix.cli import console
from diarfix.cli.console import Messages
from diarfix.cli.job import FileJob, FileOutcome, write_results
from diarfix.cli.outputs import OutputPlan
from diarfix.cli.record import Record, recording
from diarfix.config import METHODS, Resolved, knob_specs
from diarfix.core import Turns
from diarfix.engine import run_ordered
from diarfix.errors import EXIT_NO, DiarfixError, InputError, UsageError, worst_exit
from diarfix.files import STREAM, descriptor, is_url, show, write_text
from diarfix.report import one_line


def deliver(
    plan: OutputPlan,
    jobs: Sequence[FileJob],
    say: Messages,
    work: Callable[[FileJob], FileOutcome],
) -> None:
    """Process every file in order; one that fails is told and the rest goes on.

    Ends by ``typer.Exit`` with the code that the table of exit codes gives.
    """
    summaries: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    passed_over: list[str] = []
    turns: dict[str, Turns] = {}
    codes: list[int] = []
    with (
        recording(plan.options.changes) as record,
        console.progress(len(jobs), plan.command, say) as tick,
    ):
        jobs = _handed_back(plan, jobs)
        for job, done in zip(jobs, run_ordered(work, jobs, plan.engine, _lost), strict=True):
            tick()
            if done.passed_over is not None:
                say.note(f"passed over: {done.passed_over}")
                passed_over.append(done.path)
                continue
            outcome = _written(job, done, record)
            if outcome.error is not None:
                say.error(outcome.error)
                codes.append(outcome.error.exit_code)
                failed.append({"path": outcome.path, "error": outcome.error.message})
                continue
            _tell(plan, outcome, say)
            summaries.append(outcome.summary)
            codes += _collect(turns, outcome, say)
    if plan.options.rttm is not None:
        from diarfix.formats import write_rttm

        write_text(plan.options.rttm, write_rttm(turns))
    if plan.options.check and any(s["file_changes"] for s in summaries):
        codes.append(EXIT_NO)
    if plan.options.json:
        tree: dict[str, Any] = {"command": plan.command, "files": summaries}
        tree |= {"passed_over": passed_over} if passed_over else {}
        console.print_json(tree | ({"errors": failed} if failed else {}))
    elif len(jobs) > 1:
        _total(plan, summaries, len(failed), say)
    if code := worst_exit(codes):
        raise typer.Exit(code)


def _handed_back(plan: OutputPlan, jobs: Sequence[FileJob]) -> list[FileJob]:
    """Jobs whose results come back before they are written, where that must be.

    With ``--changes`` the record is to be on disk first. And where a task may run twice, none may
    write where one reads, or to its own stdout: what was repaired in place by a worker that then
    got lost would be repaired once more, and told as a file in which nothing moved.
    """
    if plan.options.changes is not None:
        return [replace(job, hand_back=True) for job in jobs]
    if not plan.engine.repeats:
        return list(jobs)
    read = {_place(job.path) for job in jobs}

    def mine(target: str | None) -> bool:
        return target is not None and (
            target == STREAM or descriptor(target) is not None or _place(target) in read
        )

    return [replace(job, hand_back=any(mine(o.place) for o in job.outputs)) for job in jobs]


def _place(path: str) -> str:
    return path if is_url(path) else os.path.realpath(path)


def _written(job: FileJob, outcome: FileOutcome, record: Record) -> FileOutcome:
    """What became of a file once its results are where they belong, and its changes on record."""
    if outcome.error is not None or not job.hand_back:
        return outcome
    record.add(outcome.changes)
    try:
        outcome = write_results(job, outcome)
    except DiarfixError as error:
        outcome = replace(outcome, error=error)
    record.settle(done=outcome.error is None)
    return outcome


def _collect(turns: dict[str, Turns], outcome: FileOutcome, say: Messages) -> list[int]:
    """Add a file's recordings to those for ``--rttm``; exit codes of what stands there already."""
    errors = [
        UsageError(f"{outcome.path}: a second recording {name!r} for --rttm")
        for name in sorted(turns.keys() & outcome.turns.keys())
    ]
    for error in errors:
        say.error(error)
    turns |= outcome.turns
    return [error.exit_code for error in errors]


def _lost(job: FileJob, error: InputError) -> FileOutcome:
    told = InputError(f"{show(job.path)}: {error.message}", hint=error.hint)
    return FileOutcome(path=job.path, error=told)


def _tell(plan: OutputPlan, outcome: FileOutcome, say: Messages) -> None:
    for note in outcome.notes:
        say.note(f"{outcome.path}: {note}")
    for _, text in outcome.results:
        console.print_result(text)
    if plan.options.diff:
        from diarfix.report import draw

        console.print_wrapped(draw(one_line(outcome.path), outcome.hunks, console.terminal_width()))
    if not plan.options.json:
        say.say(_line(plan, outcome.summary))


def _line(plan: OutputPlan, s: dict[str, Any]) -> str:
    moved = _count(s["changed"], "word")
    parts = [f"{moved} of {s['words']} {plan.verb}"]
    for key, what in (("islands_collapsed", "island"), ("seams_moved", "seam")):
        if s[key]:
            parts.append(f"{_count(s[key], what)} {'collapsed' if what == 'island' else 'moved'}")
    if "candidates" in s:
        parts.append(_heard(s))
    for key, what in (
        ("words_assigned", "labelled from turns"),
        ("words_without_time", "without time"),
        ("words_without_speaker", "without speaker"),
    ):
        if s[key]:
            parts.append(f"{s[key]} {what}")
    named = [place for place in s.get("outputs", [s["output"]]) if place not in {None, STREAM}]
    where = f" -> {', '.join(named)}" if plan.writes and named else ""
    return f"{s['path']} ({s['dialect']}): {', '.join(parts)}{where}"


def _heard(s: dict[str, Any]) -> str:
    text = f"{s['moved']} by voice ({s['embedded']} of {s['candidates']} in doubt heard"
    if s["failed"]:
        text += f", {s['failed']} failed"
    if s["estimated_precision"] is not None:
        text += f", precision estimated {s['estimated_precision']:.2f}"
    return f"{text})"


def _total(plan: OutputPlan, summaries: list[dict[str, Any]], n_failed: int, say: Messages) -> None:
    changed = sum(s["changed"] for s in summaries)
    words = sum(s["words"] for s in summaries)
    islands = sum(s["islands_collapsed"] for s in summaries)
    failed = f", {_count(n_failed, 'file')} failed" if n_failed else ""
    say.say(
        f"{_count(len(summaries), 'file')}: {_count(changed, 'word')} of {words} {plan.verb},"
        f" {_count(islands, 'island')} collapsed{failed}"
    )


def show_settings(resolved: Resolved, *, json: bool) -> None:
    """Print every setting with its value, unit, range and source."""
    specs = knob_specs()
    rows = [
        (
            name,
            str(value).lower() if isinstance(value, bool) else str(value),
            specs[name].unit if name in specs else "",
            specs[name].range if name in specs else " | ".join(METHODS),
            resolved.sources[name],
        )
        for name, value in resolved.flat().items()
    ]
    if json:
        keys = ("name", "value", "unit", "range", "source")
        table = [dict(zip(keys, row, strict=True)) for row in rows]
        for row, value in zip(table, resolved.flat().values(), strict=True):
            row |= {"value": value}  # type: ignore[dict-item]
        console.print_json({"settings": table})
        return
    _settings_table(rows)


def _settings_table(rows: Sequence[tuple[str, str, str, str, str]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("name", "value", "unit", "range", "source"):
        table.add_column(column, justify="right" if column == "value" else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row, style=None if row[-1] == "default" else "bold")
    console.print_item(table)


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
