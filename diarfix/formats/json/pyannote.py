"""Turns in JSON: pyannote's ``serialize()``, and those of a raw-inference file."""

from __future__ import annotations

from diarfix.core import turns_from_rows
from diarfix.errors import InputError
from diarfix.formats.fileformat import FileFormat, Recordings
from diarfix.formats.jsontext import parse
from diarfix.formats.layout import Json, ShapeError, kind, turn_rows


def _fits(tree: Json) -> bool:
    return isinstance(tree, dict) and isinstance(tree.get("diarization"), list)


def read_json_turns(text: str, name: str) -> Recordings:
    """Read the turns of the one recording that a JSON file holds, named ``""``.

    Raises InputError for bad JSON, a file without turns, and an entry that is none.
    """
    tree = parse(text, name)
    if not isinstance(tree, dict):
        raise InputError(f"{name}: expected turns, found {kind(tree)}")
    for key in ("diarization", "diarize_records"):
        if isinstance(tree.get(key), list):
            try:
                rows, without = turn_rows(tree[key], key)
            except ShapeError as error:
                raise InputError(f"{name}: {error.message}") from error
            found = Recordings([("", turns_from_rows(rows))])
            if without:
                found.notes.append(f"turns without usable times, passed over: {without}")
            return found
    raise InputError(
        f"{name}: no turns in this JSON, expected a list 'diarization' or 'diarize_records'"
    )


PYANNOTE = FileFormat(
    "pyannote", "pyannote JSON (diarization[])", _fits, "*.json", parsed=True, turns=read_json_turns
)
