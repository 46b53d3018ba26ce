"""``diarfix smooth``, and what else that smooths shares with it: settings and turns."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import typer

from diarfix.cli import console
from diarfix.cli.console import Messages
from diarfix.cli.delivery import Delivery
from diarfix.cli.job import process
from diarfix.cli.options import SettingsOptions, SmoothOptions
from diarfix.cli.places import Read, files_in
from diarfix.config import (
    METHODS,
    Resolved,
    knob_names,
    knob_specs,
    read_settings_file,
    resolve,
)
from diarfix.core import Turns
from diarfix.edits import Opinion, Repair, match_opinions, repair
from diarfix.engine import Engine
from diarfix.errors import InputError, UsageError
from diarfix.files import STREAM, is_folder, place, read_bytes, recording_id, show
from diarfix.formats import Document, Recordings, read_turns

#: What ``--turns`` calls the labels that a file has already: an opinion like others.
OWN_LABELS = "labels"

#: What a folder of turns is searched for.
_TURN_FILES = ("*.rttm", "*.json")


def smooth_command(options: SmoothOptions) -> None:
    """Repair files from labels, times, pauses and punctuation alone."""
    say = options.messages()
    resolved = resolved_settings(options, say, options.method, json=options.json)
    engine = Engine(name=options.engine, jobs=options.jobs)
    call = Delivery(command="smooth", options=options, engine=engine, say=say)
    paths = call.paths(options.files or [])
    resolved = without_recheck(resolved, say)
    tell_unused(resolved, {resolved.method}, say)
    run = functools.partial(repair, method=resolved.method, settings=resolved.settings)
    turns = turn_files(options.turns, paths, say)
    read = [Read("the settings in", options.settings_file())]
    read += [Read("--turns", path) for found in turns.values() for path in found]
    jobs = call.jobs(paths, options.segments, read=read, skip_unknown=options.skip_unknown)
    opinions = given_turns(turns, resolved.method, say)
    edit = functools.partial(with_turns, run=run, opinions=opinions, alone=len(paths) == 1)
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


def tell_unused(resolved: Resolved, used: Iterable[str], say: Messages) -> None:
    """Tell which knobs of the command line are of no method that is used."""
    specs = knob_specs()
    others = set(METHODS).difference(group for name in used for group in METHODS[name].groups)
    given = {
        option: specs[name].group
        for name, option in resolved.sources.items()
        if option.startswith("--") and name in specs and specs[name].group in others
    }
    if given:
        owners = " and ".join(dict.fromkeys(given.values()))
        say.note(f"{', '.join(given)}: ignored, only --method {owners} goes by it")


def turn_files(
    given: Sequence[str] | None, files: Sequence[str], say: Messages
) -> dict[str, list[str]]:
    """The files of each ``--turns``; of a folder those that are not themselves repaired.

    Raises UsageError where standard input would be both, InputError for a folder without turns.
    """
    named = list(given or ())
    if STREAM in named and STREAM in files:
        raise UsageError("standard input can be FILE or --turns, not both")
    mine = {place(file) for file in files if file != STREAM}
    turns: dict[str, list[str]] = {}
    for path in named:
        if path == OWN_LABELS:
            turns[path] = []
        elif path == STREAM or not is_folder(path):
            turns[path] = [path]
        else:
            found = files_in(path, _TURN_FILES, say)
            turns[path] = [file for file in found if place(file) not in mine]
            if not turns[path]:
                raise InputError(f"{path}: no {' or '.join(_TURN_FILES)} with turns in this folder")
    for path in {path for path in turns if named.count(path) > 1}:
        say.note(f"--turns {path} stands twice, and counts once")
    return turns


def given_turns(files: Mapping[str, Sequence[str]], method: str, say: Messages) -> list[Opinion]:
    """The opinions that ``--turns`` names, nothing if nothing was given. Says how they were read.

    files   from :func:`turn_files`
    method  one that goes by no turns has no use for more than one

    Raises InputError where no file holds turns. In a folder, files that fail are told, JSON without
    turns is passed over.
    """
    if len(files) > 1 and not METHODS[method].by_turns:
        say.note(f"--method {method} goes by the first --turns alone, {next(iter(files))}")
        files = dict([next(iter(files.items()))])
    opinions = []
    for path, found in files.items():
        # Not what can be read but once.
        if len(files) > 1 and Path(path).is_file() and not read_bytes(path).strip():
            say.note(f"{path}: an empty file, says nothing")
            opinions.append(Opinion(path, {}))
        else:
            told = None if path == OWN_LABELS else _recordings(path, found, say)
            opinions.append(Opinion(path, told))
    return opinions


def _recordings(path: str, files: Sequence[str], say: Messages) -> Mapping[str, Turns]:
    told: dict[str, Recordings] = {}
    passed_over = 0
    for file in files:
        try:
            # The words in a folder are those to be repaired, not what somebody says of them.
            told[file] = read_turns(file, runs=file == path)
        except InputError as error:
            if file == path:
                raise
            if file.lower().endswith(".json"):
                passed_over += 1
            else:
                say.error(error)
            continue
        for note in told[file].notes:
            say.note(f"{show(file)}: {note}")
    if passed_over:
        say.note(f"{path}: JSON files without turns, passed over: {passed_over}")
    if not told:
        raise InputError(f"{path}: no turns in any file of this folder")
    return next(iter(told.values())) if len(told) == 1 else _by_recording(told, say)


def _by_recording(told: Mapping[str, Recordings], say: Messages) -> dict[str, Turns]:
    """Turns by the recording that a file says they are of, or that it is named after.

    A name that several files give to their only recording tells nothing ("audio").
    """
    named = Counter(name for found in told.values() if len(found) == 1 for name in found)
    rows = [
        (name, turns, file)
        for file, found in told.items()
        for name, turns in found.items()
        if name and (len(found) > 1 or named[name] == 1)
    ]
    inside = {name for name, _, _ in rows}
    rows += [
        (recording_id(file), turns, file)
        for file, found in told.items()
        for turns in found.values()
        if len(found) == 1 and recording_id(file) not in inside
    ]
    turns_of: dict[str, tuple[Turns, str]] = {}
    for name, turns, file in rows:
        _, first = turns_of.setdefault(name, (turns, file))
        if first != file:
            say.error(InputError(f"{file}: recording {name!r} stands in {first} too"))
    return {name: turns for name, (turns, _) in turns_of.items()}


def with_turns(
    document: Document, run: Callable[..., Repair], opinions: Sequence[Opinion], *, alone: bool
) -> Repair:
    """Repair a document, given opinions, if any; ``alone``: see :func:`match_opinions`."""
    if not opinions:
        return run(document, turns=None)
    turns, told = match_opinions(document, opinions, alone=alone)
    return run(dataclasses.replace(document, notes=(*document.notes, *told)), turns=turns)
