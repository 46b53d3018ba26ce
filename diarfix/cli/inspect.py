"""``diarfix inspect``."""

from __future__ import annotations

from typing import Any, Literal

import typer

from diarfix.cli.options import InspectOptions
from diarfix.errors import UsageError, worst_exit


def inspect_command(options: InspectOptions) -> None:
    """Tell what files are and who speaks in them."""
    from diarfix.cli import console
    from diarfix.cli.inputs import Each, input_files

    files, json = options.files, options.json
    if not files:
        raise UsageError("no FILE given", hint="diarfix inspect transcript.json")
    paths = input_files(files)
    each = Each(options.messages())

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
    from diarfix.report.inspect_table import facts as table

    if not first:
        console.print_lines([""])
    console.print_item(table(facts))


def _inspect(
    path: str, format_: str | None, time_unit: Literal["auto", "s", "ms"]
) -> dict[str, Any]:
    from diarfix.files.local import read_text, show
    from diarfix.formats.document import read_document
    from diarfix.formats.sniff import text_format
    from diarfix.report.inspection import inspect_document

    text, name = read_text(path), show(path)
    kind = text_format(text) if format_ is None else None
    facts = None if format_ is not None else _turns(text, name, kind)
    if facts is None:
        document = read_document(text, name, format=format_, time_unit=time_unit)
        facts = inspect_document(document)
    return {"path": name, **facts}


def _turns(text: str, name: str, kind: str | None) -> dict[str, Any] | None:
    """The facts of a file that holds turns and no words to repair; None for a word file."""
    from diarfix.formats.jsontext import parse
    from diarfix.formats.text.transcripts import read_stm, utterance_turns
    from diarfix.formats.turns import is_turns_json, turns_of_text
    from diarfix.report.inspection import inspect_turns

    if kind == "rttm":
        return inspect_turns("rttm", turns_of_text(text, name))
    if kind == "stm":
        recordings = read_stm(text, name)
        return inspect_turns("stm", {k: utterance_turns(v) for k, v in recordings.items()})
    if '"diarization"' in text and is_turns_json(parse(text, name)):
        return inspect_turns("pyannote", turns_of_text(text, name))
    return None
