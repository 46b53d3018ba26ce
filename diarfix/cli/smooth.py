"""``diarfix smooth``, and what else that smooths shares with it: settings and turns."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import typer

from diarfix.cli import console
from diarfix.cli.console import Messages
from diarfix.cli.delivery import Delivery
from diarfix.cli.job import process
from diarfix.cli.options import SettingsOptions, SmoothOptions
from diarfix.cli.places import Read
from diarfix.config import Resolved, knob_names, read_settings_file, resolve
from diarfix.core import Turns
from diarfix.edits import Repair, doubtful_turns, match_turns, repair
from diarfix.engine import Engine
from diarfix.errors import UsageError
from diarfix.files import STREAM, show
from diarfix.formats import Document, read_turns


def smooth_command(options: SmoothOptions) -> None:
    """Repair files from labels, times, pauses and punctuation alone."""
    say = options.messages()
    resolved = resolved_settings(options, say, options.method, json=options.json)
    engine = Engine(name=options.engine, jobs=options.jobs)
    call = Delivery(command="smooth", options=options, engine=engine, say=say)
    paths = call.paths(options.files or [])
    resolved = without_recheck(resolved, say)
    run = functools.partial(repair, method=resolved.method, settings=resolved.settings)
    jobs = call.jobs(
        paths,
        options.segments,
        read=[Read("--turns", options.turns), Read("the settings in", options.settings_file())],
        skip_unknown=options.skip_unknown,
    )
    recordings = given_turns(options.turns, paths, say)
    edit = functools.partial(with_turns, run=run, recordings=recordings, alone=len(paths) == 1)
    call.run(jobs, functools.partial(process, edit=edit))


def resolved_settings(
    options: SettingsOptions, say: Messages, method: str | None = None, *, json: bool, **fixed: bool
) -> Resolved:
    """All settings of a run, from the command line, the environment and files.

    Shows them, and ends the command by ``typer.Exit``, where that is all that was asked.
    """
    knobs = {name: getattr(options, name) for group in options.KNOBS for name in knob_names(group)}
    file, name = read_settings_file(options.config, Path())  # not cwd(): that may be gone
    found = resolve({"method": method, **knobs, **fixed}, os.environ, file, name)
    for note in found.notes:
        say.note(note)
    if options.show_config and json:
        console.print_json({"settings": found.rows()})
    elif options.show_config:
        console.print_rows(found.rows(), right="value", plain={"source": "default"})
    if options.show_config:
        raise typer.Exit
    return found


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
