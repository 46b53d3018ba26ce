"""``diarfix rename``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diarfix.cli import options
from diarfix.cli.options import Jobs, Json, Quiet, Verbose
from diarfix.cli.smooth import (
    Backup,
    Changes,
    Check,
    Diff,
    Format,
    InPlace,
    Output,
    OutputDir,
    Rttm,
    TimeUnit,
)
from diarfix.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

ARGUMENTS = typer.Argument(
    metavar="FILE... OLD=NEW...", help="Word files, then names: SPEAKER_00=Ann."
)


def rename(
    arguments: Annotated[list[str] | None, ARGUMENTS] = None,
    output: Output = None,
    output_dir: OutputDir = None,
    in_place: InPlace = False,
    backup: Backup = None,
    rttm: Rttm = None,
    diff: Diff = False,
    check: Check = False,
    changes: Changes = None,
    format: Format = None,  # noqa: A002 - the option's name
    time_unit: TimeUnit = "auto",
    json: Json = False,
    jobs: Jobs = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> None:
    """Give speakers other names, in every place of a file that names them.

    All names change at once, so A=B B=A swaps two speakers; two speakers under one name become one.
    """
    import functools

    from diarfix.cli import delivery
    from diarfix.cli.job import Job, process
    from diarfix.config import DEFAULT_METHOD, Settings
    from diarfix.edits.rename import renaming
    from diarfix.engine import Engine

    paths, names = _parted(arguments or [])
    plan = delivery.Plan(
        command="rename",
        output=output,
        output_dir=output_dir,
        in_place=in_place,
        backup=backup,
        rttm=rttm,
        diff=diff,
        check=check,
        changes=changes,
        json=json,
        engine=Engine(jobs=jobs),
    )
    files = plan.paths(paths)
    if not names:
        raise UsageError("no name given", hint="diarfix rename transcript.json SPEAKER_00=Ann")
    tasks = [
        Job(
            path=path,
            recordings=None,
            alone=len(files) == 1,
            method=DEFAULT_METHOD,
            settings=Settings(),
            segments="keep",
            format=format,
            time_unit=time_unit,
            target=target,
            write=plan.writes,
            backup=backup,
            want_hunks=diff,
            want_changes=changes is not None,
            want_turns=rttm is not None,
        )
        for path, target in zip(files, plan.targets(files), strict=True)
    ]
    work = functools.partial(process, run=functools.partial(renaming, names=tuple(names.items())))
    delivery.deliver(plan, tasks, options.messages(quiet=quiet, verbose=verbose), work)


def _parted(arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Files, and new names by old; a file whose name holds ``=`` is a file if it exists."""
    paths: list[str] = []
    names: dict[str, str] = {}
    for argument in arguments:
        old, sign, new = argument.partition("=")
        if not sign or Path(argument).exists():
            paths.append(argument)
            continue
        if not old or not new.strip():
            raise UsageError(f"{argument!r}: expected OLD=NEW")
        if names.setdefault(old, new) != new:
            raise UsageError(f"two new names for {old}: {names[old]} and {new}")
    return paths, names
