"""Turns from whatever holds them: RTTM, pyannote's ``serialize()`` JSON, a raw-inference file."""

from __future__ import annotations

from typing import Any

from diarfix.core.words import Turns, turns_from_rows
from diarfix.errors import InputError
from diarfix.files.local import read_text, show
from diarfix.formats.jsontext import parse
from diarfix.formats.layout import ShapeError, kind, turn_rows
from diarfix.formats.sniff import text_format
from diarfix.formats.text.rttm import read_rttm


def read_turns(path: str) -> dict[str, Turns]:
    """Read turns by recording; a JSON file holds one recording, named ``""``.

    Raises InputError if the file is none of the formats or holds no turn.
    """
    return turns_of_text(read_text(path), show(path))


def turns_of_text(text: str, name: str) -> dict[str, Turns]:
    """As :func:`read_turns`, from text."""
    if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        found = {"": _from_json(parse(text, name), name)}
    elif text_format(text) in {"uem", "ctm", "stm"}:
        raise InputError(f"{name}: expected turns: RTTM or pyannote JSON")
    else:
        found = read_rttm(text, name)
    if not any(len(turns) for turns in found.values()):
        raise InputError(f"{name}: no turn in it, expected SPEAKER lines")
    return found


def is_turns_json(tree: Any) -> bool:
    """Whether a parsed JSON value holds turns and no words: pyannote's ``serialize()``."""
    return isinstance(tree, dict) and isinstance(tree.get("diarization"), list)


def _from_json(tree: Any, name: str) -> Turns:
    if not isinstance(tree, dict):
        raise InputError(f"{name}: expected turns, found {kind(tree)}")
    for key in ("diarization", "diarize_records"):
        if isinstance(tree.get(key), list):
            try:
                rows, _ = turn_rows(tree[key], key)
            except ShapeError as error:
                raise InputError(f"{name}: {error.message}") from error
            return turns_from_rows(rows)
    raise InputError(
        f"{name}: no turns in this JSON, expected a list 'diarization' or 'diarize_records'"
    )
