"""``diarfix smooth``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from diarfix.cli import options
from diarfix.cli.options import (
    Config,
    EngineName,
    Jobs,
    Json,
    Quiet,
    ShowConfig,
    Verbose,
    with_knobs,
)
from diarfix.config import DEFAULT_METHOD, METHODS
from diarfix.errors import UsageError

if TYPE_CHECKING:
    from diarfix.cli.console import Messages
    from diarfix.cli.job import Job
    from diarfix.config.resolve import Resolved

FILES = typer.Argument(metavar="FILE...", help="Word files, patterns or folders; - is stdin.")
Turns = Annotated[
    str | None,
    typer.Option(
        "--turns", metavar="RTTM", help="The diarizer's turns (RTTM, pyannote JSON): label anew."
    ),
]
Output = Annotated[
    str | None, typer.Option("--output", "-o", metavar="OUT", help="Write the result here.")
]
OutputDir = Annotated[
    str | None,
    typer.Option("--output-dir", metavar="DIR", help="Write every result here, names kept."),
]
InPlace = Annotated[
    bool, typer.Option("--in-place", "-i", help="Write every result over its input.")
]
Backup = Annotated[
    str | None,
    typer.Option("--backup", metavar="SUFFIX", help="With -i: keep the input under this suffix."),
]
Rttm = Annotated[
    str | None, typer.Option("--rttm", metavar="OUT", help="Also write the runs as turns.")
]
Diff = Annotated[bool, typer.Option("--diff", help="Show what changes, turn by turn.")]
Check = Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if a label moves.")]
Changes = Annotated[
    str | None,
    typer.Option("--changes", metavar="JSONL", help="Write a line per moved word: why."),
]
SegmentMode = Annotated[
    Literal["keep", "split", "merge"],
    typer.Option(
        "--segments", help="Containers: keep and re-vote, split at speaker changes, or merge."
    ),
]
Format = Annotated[
    str | None, typer.Option("--format", metavar="NAME", help="Read as this dialect.")
]
TimeUnit = Annotated[
    Literal["auto", "s", "ms"], typer.Option("--time-unit", help="Unit of a flat list's times.")
]
MethodName = Annotated[
    str | None,
    typer.Option(
        "--method",
        metavar=f"<{'|'.join(METHODS)}>",
        help=f"How to repair. (default {DEFAULT_METHOD})",
        show_default=False,
        autocompletion=lambda: list(METHODS),
    ),
]


@with_knobs("", *METHODS)
def smooth(
    files: Annotated[list[str] | None, FILES] = None,
    turns: Turns = None,
    method: MethodName = None,
    output: Output = None,
    output_dir: OutputDir = None,
    in_place: InPlace = False,
    backup: Backup = None,
    rttm: Rttm = None,
    diff: Diff = False,
    check: Check = False,
    changes: Changes = None,
    segments: SegmentMode = "keep",
    format: Format = None,  # noqa: A002 - the option's name
    time_unit: TimeUnit = "auto",
    json: Json = False,
    jobs: Jobs = None,
    engine: EngineName = "local",
    config: Config = None,
    show_config: ShowConfig = False,
    quiet: Quiet = False,
    verbose: Verbose = 0,
    *,
    knobs: dict[str, Any],
) -> None:
    """Repair speaker labels from labels, times, pauses and punctuation alone."""
    from diarfix.cli import delivery
    from diarfix.engine import Engine

    resolved = options.settings(knobs, config, method)
    if show_config:
        delivery.show_settings(resolved, json=json)
        return
    say = options.messages(quiet=quiet, verbose=verbose)
    plan = delivery.Plan(
        command="smooth",
        output=output,
        output_dir=output_dir,
        in_place=in_place,
        backup=backup,
        rttm=rttm,
        diff=diff,
        check=check,
        changes=changes,
        json=json,
        engine=Engine(name=engine, jobs=jobs),
    )
    paths = plan.paths(files or [])
    resolved = without_recheck(resolved, say)
    delivery.deliver(plan, tasks(plan, paths, turns, resolved, segments, format, time_unit), say)


def without_recheck(resolved: Resolved, say: Messages) -> Resolved:
    """The same settings with recheck off: this command has no audio. Says so where it was on."""
    if not resolved.settings.acoustic_recheck_enabled:
        return resolved
    source = resolved.sources["acoustic_recheck_enabled"]
    say.note(f"acoustic_recheck_enabled ({source}) is ignored here: use `diarfix recheck`")
    settings = resolved.settings.replace({"acoustic_recheck_enabled": False})
    return dataclasses.replace(resolved, settings=settings)


def tasks(
    plan: Any,
    paths: list[str],
    turns: str | None,
    resolved: Resolved,
    segments: Literal["keep", "split", "merge"],
    format_: str | None,
    time_unit: Literal["auto", "s", "ms"],
) -> list[Job]:
    """One job per file, for ``smooth`` and ``recheck`` alike."""
    from diarfix.cli.job import Job
    from diarfix.formats.turns import read_turns

    if turns == "-" and "-" in paths:
        raise UsageError("standard input can be FILE or --turns, not both")
    recordings = read_turns(turns) if turns is not None else None
    return [
        Job(
            path=path,
            recordings=recordings,
            alone=len(paths) == 1,
            method=resolved.method,
            settings=resolved.settings,
            segments=segments,
            format=format_,
            time_unit=time_unit,
            target=target,
            write=plan.writes,
            backup=plan.backup,
            want_hunks=plan.diff,
            want_changes=plan.changes is not None,
            want_turns=plan.rttm is not None,
        )
        for path, target in zip(paths, plan.targets(paths), strict=True)
    ]
