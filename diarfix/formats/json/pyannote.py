"""pyannote: the turns of ``serialize()`` and of raw-inference files, and pyannoteAI jobs.

A job has words, the same as turns, and the diarizer's turns beside them.
"""

from __future__ import annotations

from diarfix.core import LATEST, Label, turns_from_rows
from diarfix.errors import InputError
from diarfix.formats.fileformat import FileFormat, Recordings
from diarfix.formats.jsonfields import (
    by_time,
    dicts,
    enclosed,
    is_dicts,
    kind,
    lay_out,
    reach,
    times,
)
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.jsontext import parse
from diarfix.formats.layout import Container, Dialect, Group, Json, Layout, ShapeError

_WORDS = "wordLevelTranscription"
_TURNS = "turnLevelTranscription"
_LISTS = ("diarization", "diarize_records", "exclusiveDiarization", "exclusive_diarization")


def _turn_rows(value: Json, path: str) -> tuple[list[tuple[float, float, Label]], int]:
    """A JSON list of ``{start, end, speaker}`` as rows in seconds, and how many had no usable time.

    Raises ShapeError for an entry without a label, or a time that is none.
    """
    entries = dicts(value, path)
    start = times([e.get("start") for e in entries], 1.0, (path + "[{}]").format, "start")
    end = times([e.get("end") for e in entries], 1.0, (path + "[{}]").format, "end")
    rows: list[tuple[float, float, Label]] = []
    for i, entry in enumerate(entries):
        label = entry.get("speaker")
        if not isinstance(label, (str, int)) or isinstance(label, bool) or label == "":
            raise ShapeError(f"{path}[{i}].speaker: expected a label, found {kind(label)}")
        if abs(start[i]) <= LATEST and start[i] <= end[i] <= LATEST:
            rows.append((float(start[i]), float(end[i]), label))
    return rows, len(entries) - len(rows)


def take_turns(layout: Layout, value: Json, path: str) -> None:
    """Give a layout the diarizer's turns that a file holds: see :func:`_turn_rows`."""
    rows, without = _turn_rows(value, path)
    if rows:
        layout.turns = turns_from_rows(rows)
    if without:
        layout.notes.append(f"{without} turns without usable times passed over")


def _walk(tree: Json) -> Layout:
    root = enclosed(tree, "output")
    words = dicts(root[_WORDS], _WORDS)
    layout = lay_out(words, (_WORDS + "[{}]").format, text=("text", "word"))
    copies = dicts(root.get(_TURNS), _TURNS)
    if copies:
        containers = _spelled(copies, layout.text)
        if containers is None:
            layout.groups.append(Group(by_time(copies, words), "speaker"))
        else:
            layout.groups.append(Group(containers, "speaker", copies, text="text"))
    name = _turns_in(root)
    if name is not None:
        take_turns(layout, root[name], name)
    return layout


def _turns_in(tree: Json) -> str | None:
    """The key under which a file holds turns: those that may overlap before those that do not."""
    return next((key for key in _LISTS if isinstance(reach(tree, key), list)), None)


def _spelled(copies: list[Holder], text: list[str]) -> list[Container] | None:
    """Turns as the owners of the words that spell their text; None where they do not spell it."""
    containers = []
    at = 0
    for copy in copies:
        wanted = _bare(copy.get("text", copy.get("word")))
        first, seen = at, ""
        while at < len(text) and len(seen) < len(wanted):
            seen += _bare(text[at])
            at += 1
        if seen != wanted:
            return None
        containers.append(Container(copy, range(first, at), range(at - first)))
    return containers if at == len(text) else None


def _bare(value: Json) -> str:
    return "".join(value.split()) if isinstance(value, str) else ""


def _fits_turns(tree: Json) -> bool:
    root = enclosed(tree, "output")
    worded = any(reach(root, key) is not None for key in (_WORDS, "raw_segments"))
    return not worded and _turns_in(root) is not None


def read_json_turns(text: str, name: str) -> Recordings:
    """Read the turns of the one recording that a JSON file holds, named ``""``.

    Raises InputError for bad JSON, a file without turns, and an entry that is none.
    """
    tree = parse(text, name)
    if not isinstance(tree, dict):
        raise InputError(f"{name}: expected turns, found {kind(tree)}")
    tree = enclosed(tree, "output")
    key = _turns_in(tree)
    if key is None:
        raise InputError(f"{name}: no turns in this JSON, expected a list {_LISTS[0]!r}")
    try:
        rows, without = _turn_rows(tree[key], key)
    except ShapeError as error:
        raise InputError(f"{name}: {error.message}") from error
    found = Recordings([("", turns_from_rows(rows))])
    if without:
        found.notes.append(f"turns without usable times, passed over: {without}")
    return found


PYANNOTEAI = Dialect(
    "pyannoteai",
    f"pyannoteAI job (output.{_WORDS}[])",
    lambda tree: is_dicts(reach(enclosed(tree, "output"), _WORDS), "text", "word"),
    _walk,
)
PYANNOTE = FileFormat(
    "pyannote",
    "pyannote JSON (diarization[])",
    _fits_turns,
    "*.json",
    parsed=True,
    turns=read_json_turns,
)
