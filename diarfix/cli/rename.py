"""``diarfix rename``."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence

from diarfix.cli.delivery import deliver
from diarfix.cli.job import process
from diarfix.cli.options import RenameOptions
from diarfix.cli.outputs import OutputPlan
from diarfix.edits import rename
from diarfix.engine import Engine
from diarfix.errors import UsageError


def rename_command(options: RenameOptions) -> None:
    """Give the speakers of files other names."""
    arguments, names = _parted(options.arguments or [])
    plan = OutputPlan(command="rename", options=options, engine=Engine(jobs=options.jobs))
    say = options.messages()
    paths = plan.paths(arguments, say)
    if not names:
        raise UsageError("no name given", hint="diarfix rename transcript.json SPEAKER_00=Ann")
    edit = functools.partial(rename, names=tuple(names.items()))
    work = functools.partial(process, edit=edit)
    deliver(plan, plan.jobs(paths), say, work)


def _parted(arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Files, and new names by old; a file whose name holds ``=`` is a file if it exists."""
    paths: list[str] = []
    names: dict[str, str] = {}
    for argument in arguments:
        old, sign, new = argument.partition("=")
        if not sign or os.path.exists(argument):  # noqa: PTH110 - of any length
            paths.append(argument)
            continue
        if not old or not new.strip():
            raise UsageError(f"{argument!r}: expected OLD=NEW")
        if names.setdefault(old, new) != new:
            raise UsageError(f"two new names for {old}: {names[old]} and {new}")
    return paths, names
