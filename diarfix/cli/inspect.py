"""``diarfix inspect``."""

from __future__ import annotations

from typing import Any, Literal

from diarfix.cli import console
from diarfix.cli.options import InspectOptions
from diarfix.cli.places import input_files
from diarfix.errors import InputError, UsageError
from diarfix.files import read_text, show
from diarfix.formats import (
    Recordings,
    read_document,
    turns_of_text,
    utterance_turns,
    wordless_format,
)
from diarfix.metrics import SCORABLE
from diarfix.report import facts as table
from diarfix.report import inspect_document, inspect_turns


def inspect_command(options: InspectOptions) -> None:
    """Tell what files are and who speaks in them."""
    if not options.files:
        raise UsageError("no FILE given", hint="diarfix inspect transcript.json")
    say = options.messages()
    found: list[dict[str, Any]] = []
    paths = input_files(options.files, say, SCORABLE)
    for facts in say.each(lambda path: _inspect(path, options.format, options.time_unit), paths):
        if found and not options.json:
            console.print_lines([""])
        if not options.json:
            console.print_item(table(facts))
        found.append(facts)
    if options.json:
        console.print_json({"command": "inspect", "files": found}, say.failures)
    say.end()


def _inspect(
    path: str, format_: str | None, time_unit: Literal["auto", "s", "ms"]
) -> dict[str, Any]:
    text, name = read_text(path), show(path)
    try:
        facts = inspect_document(read_document(text, name, format=format_, time_unit=time_unit))
    except InputError:
        row = wordless_format(text) if format_ is None else None
        if row is None or (row.turns is None and row.utterances is None):
            raise
        if row.utterances is None:
            turns = turns_of_text(text, name)
        else:
            told = row.utterances(text, name)
            turns = Recordings((r, utterance_turns(u)) for r, u in told.items())
            turns.notes.append(f"{sum(map(len, told.values()))} lines of transcript")
        facts = inspect_turns(row.name, turns, speakers=row.speakers)
    return {"path": name, **facts}
