"""``diarfix rename``."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence

from diarfix.cli.delivery import Delivery
from diarfix.cli.job import process
from diarfix.cli.options import RenameOptions
from diarfix.edits import rename
from diarfix.engine import Engine
from diarfix.errors import UsageError


def rename_command(options: RenameOptions) -> None:
    """Give the speakers of files other names."""
    arguments, names = _parted(options.arguments or [])
    engine = Engine(jobs=options.jobs)
    call = Delivery(command="rename", options=options, engine=engine, say=options.messages())
    paths = call.paths(arguments)
    if not names:
        raise UsageError("no name given", hint="diarfix rename transcript.json SPEAKER_00=Ann")
    edit = functools.partial(rename, names=tuple(names.items()))
    call.run(call.jobs(paths), functools.partial(process, edit=edit))


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
