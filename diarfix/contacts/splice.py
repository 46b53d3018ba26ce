"""Setting members of a JSON object in its text, leaving every other character alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BLANK = re.compile(r"[ \t\r\n]*")
_decoder = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object: its key, and where key and value stand in the text."""

    key: str
    start: int
    key_end: int
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """How an object is written.

    comma   what stands between two members, line ending and indent included
    colon   what stands between a key and its value
    unit    the white space of one level more, or None if the object stands on one line
    """

    comma: str
    colon: str
    unit: str | None


def set_members(text: str, values: Mapping[str, Any], *, after: Mapping[str, str]) -> str:
    """Set members of the object that ``text`` is, and return the new text.

    values  new values by key, in the order in which missing ones are added
    after   where a missing key goes: behind which member; at the end if there is none

    The object must have a member already. A new list is laid out like the value it replaces, or
    like the object's first other list, or as ``json.dumps`` lays it out.

    >>> set_members('{"id": 1, "v": null}', {"v": [2.0], "n": 3}, after={"n": "id"})
    '{"id": 1, "n": 3, "v": [2.0]}'
    """
    members = _members(text)
    layout = _layout(text, members)
    place = {member.key: i for i, member in enumerate(members)}
    edits: list[tuple[int, int, str]] = []
    for key, value in values.items():
        if key in place:
            old = members[place[key]]
            spelled = _spell(value, layout, _sample_list(text, members, old))
            edits.append((old.value, old.end, spelled))
        else:
            spelled = _spell(value, layout, _sample_list(text, members, None))
            anchor = place.get(after[key], -1) if key in after else -1
            at = members[anchor].end
            added = layout.comma + json.dumps(key) + layout.colon + spelled
            edits.append((at, at, added))
    parts, done = [], 0
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        parts += [text[done:start], new]
        done = end
    return "".join([*parts, text[done:]])


def _members(text: str) -> list[Member]:
    members = []
    at = _skip(text, 1)
    while text[at] != "}":
        key, key_end = _decoder.raw_decode(text, at)
        value = _skip(text, _skip(text, key_end) + 1)
        _, end = _decoder.raw_decode(text, value)
        members.append(Member(key, at, key_end, value, end))
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at
    return members


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _layout(text: str, members: list[Member]) -> Layout:
    first = members[0]
    colon = text[first.key_end : first.value]
    opening = text[1 : first.start]
    if len(members) > 1:
        comma = text[first.end : members[1].start]
    elif "\n" in opening:
        comma = "," + opening
    else:
        comma = ", " if colon.endswith(" ") else ","
    if "\n" not in comma:
        return Layout(comma, colon, None)
    inner = comma.rpartition("\n")[2]
    outer = text[members[-1].end : -1].rpartition("\n")[2]
    unit = inner.removeprefix(outer) if inner != outer else "  "
    return Layout(comma, colon, unit)


def _sample_list(text: str, members: list[Member], old: Member | None) -> str | None:
    """The text of a list to imitate."""
    lists = (m for m in ([old] if old else []) + members if text[m.value] == "[")
    texts = (text[m.value : m.end] for m in lists)
    return next((t for t in texts if len(t.strip("[ \t\r\n]"))), None)


def _spell(value: Any, layout: Layout, model: str | None) -> str:
    one_line = layout.unit is None or (
        isinstance(value, list) and model is not None and "\n" not in model
    )
    if one_line:
        spaced = _spaced(model) if isinstance(value, list) and model else None
        comma = layout.comma if layout.unit is None else ", "
        if spaced is not None:
            comma = ", " if spaced else ","
        return json.dumps(value, separators=(comma, layout.colon))
    lines = json.dumps(value, indent=layout.unit, separators=(",", layout.colon))
    return lines.replace("\n", layout.comma[1:])


def _spaced(model: str) -> bool | None:
    """Whether a one-line list has spaces after its commas; None if it has no comma."""
    found = re.search(r",( ?)", model)
    return None if found is None else bool(found.group(1))
