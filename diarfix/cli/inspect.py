"""``diarfix inspect``."""

from __future__ import annotations

from typing import Any, Literal

import typer

from diarfix.cli.options import InspectOptions
from diarfix.errors import InputError, UsageError, worst_exit


def inspect_command(options: InspectOptions) -> None:
    """Tell what files are and who speaks in them."""
    from diarfix.cli import console
    from diarfix.cli.inputs import Each, input_files

    files, json = options.files, options.json
    if not files:
        raise UsageError("no FILE given", hint="diarfix inspect transcript.json")
    say = options.messages()
    paths = input_files(files, say)
    each = Each(say)

    def work(path: str) -> dict[str, Any]:
        return _inspect(path, options.format, options.time_unit)

    found = []
    for facts in each.run(work, paths, paths):
        found.append(facts)
        if not json:
            _show(facts, first=len(found) == 1)
    if json:
        console.print_json({"command": "inspect", "files": found} | each.failed())
    if code := worst_exit(each.codes):
        raise typer.Exit(code)


def _show(facts: dict[str, Any], *, first: bool) -> None:
    from diarfix.cli import console
    from diarfix.report import facts as table

    if not first:
        console.print_lines([""])
    console.print_item(table(facts))


def _inspect(
    path: str, format_: str | None, time_unit: Literal["auto", "s", "ms"]
) -> dict[str, Any]:
    from diarfix.files import read_text, show
    from diarfix.formats import (
        Recordings,
        read_document,
        turns_of_text,
        utterance_turns,
        wordless_format,
    )
    from diarfix.report import inspect_document, inspect_turns

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
