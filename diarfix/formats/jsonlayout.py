"""How JSON text is laid out, and new values written like what stands there already."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

from diarfix.formats.jsontext import Cursor

#: ``text[start:stop]`` becomes another text.
TextEdit = tuple[int, int, str]

_LINE_END = re.compile(r"[\r\n]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_decoder = json.JSONDecoder()


def splice(text: str, edits: Iterable[TextEdit]) -> str:
    """Apply edits to a text. Of two that overlap the one that begins first holds."""
    parts, done = [], 0
    for start, stop, new in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
        if start >= done:
            parts += [text[done:start], new]
            done = stop
    return "".join([*parts, text[done:]])


def set_members(text: str, values: Mapping[str, Any], *, after: Mapping[str, str]) -> str:
    """Set members of the object that ``text`` is, and return the new text.

    values  new values by key, in the order in which missing ones are added
    after   where a missing key goes: behind which member; at the end if there is none

    The object must have a member already. A new list is laid out like the value it replaces, or
    like the object's first other list, or as ``json.dumps`` lays it out.

    >>> set_members('{"id": 1, "v": null}', {"v": [2.0], "n": 3}, after={"n": "id"})
    '{"id": 1, "n": 3, "v": [2.0]}'
    """
    return splice(text, Body(text, 0).setting(values, after, Writer()))


@dataclass(frozen=True, slots=True)
class Item:
    """Where a member of an object or an element of a list stands; an element has no key."""

    key: str
    start: int
    key_end: int
    value: int
    end: int


class Body:
    """An object or a list as it stands in a text, and how it is laid out.

    items             what is in it
    opening, closing  the white space inside its brackets
    end               where it ends
    comma, colon      what parts two items, line ending and indent included, and a key and its value
    unit              the white space of one level more, or None if it stands on one line
    """

    def __init__(self, text: str, at: int, like: str = "") -> None:
        """Read what begins at an offset; ``like`` is a comma to follow where there is but one."""
        self.text = text
        self.items: list[Item] = []
        self._lists: dict[int, Body] = {}  # read once, however many copies are laid out like them
        cursor = Cursor(text, at, decoder=_decoder)
        for key in cursor.members() if text[at] == "{" else cursor.elements():
            value = cursor.at
            cursor.value()
            self.items.append(Item(key, cursor.start, cursor.colon, value, cursor.at))
        self.end = cursor.at
        first, last = (self.items[0], self.items[-1]) if self.items else (None, None)
        self.opening = text[at + 1 : first.start] if first else ""
        self.closing = text[last.end : cursor.at - 1] if last else ""
        self.colon = text[first.key_end : first.value] if first else ": "
        if len(self.items) > 1:
            self.comma = text[self.items[0].end : self.items[1].start]
        else:
            self.comma = comma_of(self.opening, self.colon, like)
        self.unit: str | None = None
        if "\n" in self.comma:
            inner, outer = (gap.rpartition("\n")[2] for gap in (self.comma, self.closing))
            self.unit = inner.removeprefix(outer) if inner != outer else "  "

    def setting(
        self, values: Mapping[str, Any], after: Mapping[str, str], writer: Writer
    ) -> list[TextEdit]:
        """The edits that set members: see :func:`set_members`."""
        place = {item.key: item for item in self.items}
        edits = []
        for key, value in values.items():
            old = place.get(key)
            spelled = self._spelled(value, old, writer)
            if old is not None:
                edits.append((old.value, old.end, spelled))
            else:
                behind = place[after[key]] if after.get(key) in place else self.items[-1]
                at = behind.end
                edits.append((at, at, self.comma + writer.spell(key) + self.colon + spelled))
        return edits

    def _spelled(self, value: Any, old: Item | None, writer: Writer) -> str:
        if isinstance(value, list):
            lists = (i for i in ([old] if old else []) + self.items if self.text[i.value] == "[")
            for item in lists:
                model = self._lists.get(item.value)
                if model is None:
                    model = self._lists[item.value] = Body(self.text, item.value, self.comma)
                if model.items:
                    return writer.fill(value, model, self.colon)
        return writer.write(value, self.comma, self.colon, self.unit)


def comma_of(opening: str, colon: str, like: str = "") -> str:
    """What would part two items where there is but one; ``like`` is a comma beside it."""
    if "\n" in opening:
        return "," + _LINE_END.split(like.partition(",")[2], maxsplit=1)[0] + opening
    if like and "\n" not in like:
        return like
    return ", " if like or colon.endswith(" ") else ","


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes values that have no text yet.

    ascii  whether all but ASCII is escaped
    known  the text of an object or list that has one, None where it has none
    """

    ascii: bool = True
    known: Callable[[Any], str | None] = lambda _: None

    def spell(self, value: Any) -> str:
        """A value that is no object and no list.

        Half of a surrogate pair, which has no UTF-8, is escaped in any file. A number beyond all
        numbers, which JSON can read but has no name for, stays one.
        """
        if isinstance(value, str):
            if self.ascii:
                return encode_basestring_ascii(value)
            return _SURROGATE.sub(lambda m: f"\\u{ord(m.group()):04x}", encode_basestring(value))
        if isinstance(value, float) and not math.isnan(value):
            return repr(value) if math.isfinite(value) else "1e999" if value > 0 else "-1e999"
        return json.dumps(value)

    def write(self, value: Any, comma: str, colon: str, unit: str | None) -> str:
        """Any value; ``comma`` is what parts it from its neighbour."""
        if not isinstance(value, (dict, list)):
            return self.spell(value)
        text = self.known(value)
        if text is not None:
            return text
        inner = comma + (unit or "")
        opening, closing = ("", "") if unit is None else (_line(inner), _line(comma))
        if isinstance(value, list):
            parts = [self.write(v, inner, colon, unit) for v in value]
            return _enclose("[]", parts, opening, inner, closing)
        members = value.items()
        parts = [self.spell(k) + colon + self.write(v, inner, colon, unit) for k, v in members]
        return _enclose("{}", parts, opening, inner, closing)

    def fill(self, value: list[Any], model: Body, colon: str) -> str:
        """A list, laid out like another."""
        parts = [self.write(v, model.comma, colon, model.unit) for v in value]
        return _enclose("[]", parts, model.opening, model.comma, model.closing)


def _line(comma: str) -> str:
    """The line ending and the indent of a comma."""
    return comma.partition(",")[2].lstrip(" \t")


def _enclose(brackets: str, parts: Sequence[str], opening: str, comma: str, closing: str) -> str:
    inside = opening + comma.join(parts) + closing if parts else ""
    return brackets[0] + inside + brackets[1]
