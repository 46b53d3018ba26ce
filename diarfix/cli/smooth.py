"""``diarfix smooth``."""

from __future__ import annotations

import dataclasses
import functools

from diarfix.cli.console import Messages
from diarfix.cli.delivery import deliver, show_settings
from diarfix.cli.job import process, with_turns
from diarfix.cli.options import SmoothOptions
from diarfix.cli.outputs import OutputPlan
from diarfix.cli.places import Read
from diarfix.config import Resolved
from diarfix.core import Turns
from diarfix.edits import repair
from diarfix.engine import Engine
from diarfix.errors import UsageError
from diarfix.files import STREAM, show
from diarfix.formats import read_turns


def smooth_command(options: SmoothOptions) -> None:
    """Repair files from labels, times, pauses and punctuation alone."""
    resolved = options.resolved(options.method)
    if options.show_config:
        show_settings(resolved, json=options.json)
        return
    say = options.messages()
    engine = Engine(name=options.engine, jobs=options.jobs)
    plan = OutputPlan(command="smooth", options=options, engine=engine)
    paths = plan.paths(options.files or [], say)
    resolved = without_recheck(resolved, say)
    run = functools.partial(repair, method=resolved.method, settings=resolved.settings)
    jobs = plan.jobs(
        paths,
        options.segments,
        read=[Read("--turns", options.turns), Read("the settings in", options.settings_file())],
        skip_unknown=options.skip_unknown,
    )
    recordings = given_turns(options.turns, paths, say)
    edit = functools.partial(with_turns, run=run, recordings=recordings, alone=len(paths) == 1)
    deliver(plan, jobs, say, functools.partial(process, edit=edit))


def without_recheck(resolved: Resolved, say: Messages) -> Resolved:
    """The same settings with recheck off: this command has no audio. Says so where it was on."""
    if not resolved.settings.acoustic_recheck_enabled:
        return resolved
    source = resolved.sources["acoustic_recheck_enabled"]
    say.note(f"acoustic_recheck_enabled ({source}) is ignored here: use `diarfix recheck`")
    settings = resolved.settings.replace({"acoustic_recheck_enabled": False})
    return dataclasses.replace(resolved, settings=settings)


def given_turns(path: str | None, files: list[str], say: Messages) -> dict[str, Turns] | None:
    """What ``--turns`` names, by recording; None if nothing was given. Says how it was read."""
    if path == STREAM and STREAM in files:
        raise UsageError("standard input can be FILE or --turns, not both")
    if path is None:
        return None
    found = read_turns(path)
    for note in found.notes:
        say.note(f"{show(path)}: {note}")
    return found
