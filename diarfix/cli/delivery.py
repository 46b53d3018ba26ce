"""Run the jobs of the commands that edit files, and hand their results over."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import typer

from diarfix.cli import console
from diarfix.cli.console import Messages
from diarfix.cli.inputs import destinations, input_files
from diarfix.cli.job import FileJob, FileOutcome, write_result
from diarfix.cli.sets import FileEditOptions
from diarfix.config import METHODS, knob_specs
from diarfix.config.resolve import Resolved
from diarfix.core.segments import Segments
from diarfix.core.words import Turns
from diarfix.engine import Engine, run_ordered
from diarfix.errors import EXIT_NO, DiarfixError, InputError, UsageError, worst_exit
from diarfix.files.local import show, write_text
from diarfix.files.paths import STREAM, is_url


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputPlan:
    """What one call reads and where its results go, its options checked against each other."""

    command: str
    options: FileEditOptions
    engine: Engine

    @property
    def has_target(self) -> bool:
        """Whether an option names a place for the results."""
        chosen = self.options
        return chosen.output is not None or chosen.output_dir is not None or chosen.in_place

    @property
    def writes(self) -> bool:
        """Whether results leave the program: not with --check, nor with --diff alone."""
        chosen = self.options
        return not chosen.check and (self.has_target or not (chosen.diff or chosen.json))

    @property
    def verb(self) -> str:
        """What happens to words, for messages."""
        if self.command == "rename":
            return "would be renamed" if self.options.check else "renamed"
        return "would move" if self.options.check else "moved"

    def paths(self, arguments: Sequence[str]) -> list[str]:
        """The input files. Raises UsageError for calls that cannot be meant."""
        if not arguments:
            raise UsageError("no FILE given", hint=f"diarfix {self.command} transcript.json")
        self._check_options()
        paths = input_files(arguments)
        if len(paths) > 1 and not (self.has_target or self.options.check or self.options.diff):
            raise UsageError(f"{len(paths)} files need --in-place, --output-dir, --check or --diff")
        if STREAM in paths and self.engine.name == "ray":
            raise UsageError("standard input cannot be read by --engine ray")
        if STREAM in paths and self.engine.apart and len(paths) > 1:
            raise UsageError("standard input cannot be read by --jobs")
        return paths

    def _check_options(self) -> None:
        chosen = self.options
        if chosen.backup is not None and not chosen.in_place:
            raise UsageError("--backup goes with --in-place")
        if chosen.backup is not None and (not chosen.backup or "/" in chosen.backup):
            raise UsageError("--backup needs a suffix such as .bak")
        if chosen.json and chosen.diff:
            raise UsageError("--json and --diff both want stdout")
        if chosen.json and not (self.has_target or chosen.check):
            raise UsageError("--json needs -o, --output-dir, -i or --check")
        if chosen.check and self.has_target:
            raise UsageError("--check writes nothing: leave the output option out")
        streams = [chosen.output, chosen.rttm, chosen.changes].count(STREAM)
        plain = not (self.has_target or chosen.diff or chosen.json or chosen.check)
        if streams + chosen.diff + chosen.json + (plain and streams > 0) > 1:
            raise UsageError("only one result can go to stdout")

    def jobs(self, paths: Sequence[str], segments: Segments = "keep") -> list[FileJob]:
        """One job per file. Raises UsageError for results that would be written over each other."""
        chosen = self.options
        targets = destinations(
            paths, output=chosen.output, output_dir=chosen.output_dir, in_place=chosen.in_place
        )
        return [
            FileJob(
                path=path,
                format=chosen.format,
                time_unit=chosen.time_unit,
                segments=segments,
                target=target,
                write=self.writes,
                backup=chosen.backup,
                want_hunks=chosen.diff,
                want_changes=chosen.changes is not None,
                want_turns=chosen.rttm is not None,
            )
            for path, target in zip(paths, targets, strict=True)
        ]


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
    changes: list[str] = []
    turns: dict[str, Turns] = {}
    codes: list[int] = []
    with console.progress(len(jobs), plan.command, say) as tick:
        jobs = _repeatable(jobs) if plan.engine.repeats else jobs
        for job, outcome in zip(jobs, run_ordered(work, jobs, plan.engine, _lost), strict=True):
            tick()
            error: DiarfixError | None = outcome.error or _write_handed(job, outcome)
            if error is not None:
                say.error(error)
                codes.append(error.exit_code)
                failed.append({"path": outcome.path, "error": error.message})
                continue
            _tell(plan, outcome, say)
            summaries.append(outcome.summary)
            changes += [json.dumps(c, ensure_ascii=False) for c in outcome.changes]
            for recording in sorted(turns.keys() & outcome.turns.keys()):
                error = UsageError(f"{outcome.path}: a second recording {recording!r} for --rttm")
                say.error(error)
                codes.append(error.exit_code)
            turns |= outcome.turns
    if plan.options.changes is not None:
        write_text(plan.options.changes, "".join(line + "\n" for line in changes))
    if plan.options.rttm is not None:
        from diarfix.formats.text.rttm import write_rttm

        write_text(plan.options.rttm, write_rttm(turns))
    if plan.options.check and any(s["file_changes"] for s in summaries):
        codes.append(EXIT_NO)
    if plan.options.json:
        tree = {"command": plan.command, "files": summaries}
        console.print_json(tree | ({"errors": failed} if failed else {}))
    elif len(jobs) > 1:
        _total(plan, summaries, len(failed), say)
    if code := worst_exit(codes):
        raise typer.Exit(code)


def _repeatable(jobs: Sequence[FileJob]) -> list[FileJob]:
    """Jobs of which any may run twice: none writes where one reads, or to its own stdout.

    What was repaired in place by a worker that then got lost would be repaired once more, and told
    as a file in which nothing moved.
    """
    read = {_place(job.path) for job in jobs}

    def mine(target: str | None) -> bool:
        return target is not None and (target == STREAM or _place(target) in read)

    return [replace(job, hand_back=mine(job.target)) for job in jobs]


def _place(path: str) -> str:
    return path if is_url(path) else os.path.realpath(path)


def _write_handed(job: FileJob, outcome: FileOutcome) -> DiarfixError | None:
    try:
        if job.target is not None:
            write_result(job, outcome)
    except DiarfixError as error:
        return error
    return None


def _lost(job: FileJob, error: InputError) -> FileOutcome:
    told = InputError(f"{show(job.path)}: {error.message}", hint=error.hint)
    return FileOutcome(path=job.path, error=told)


def _tell(plan: OutputPlan, outcome: FileOutcome, say: Messages) -> None:
    for note in outcome.notes:
        say.note(f"{outcome.path}: {note}")
    if outcome.text is not None and outcome.summary["output"] is None:
        write_text(STREAM, outcome.text)
    if plan.options.diff:
        from diarfix.report.hunks import draw

        console.print_wrapped(draw(outcome.path, outcome.hunks, console.terminal_width()))
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
    where = f" -> {s['output']}" if plan.writes and s["output"] not in {None, STREAM} else ""
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
