"""Edits of a JSON text: a member is set at its place, and all else stays.

:class:`Edits` is told what is to change in a parsed file; the tree stays as it was read. What has
no text yet, such as the halves of a container that is cut, is written like what it comes from and
takes over the text of all that it keeps.
"""

from __future__ import annotations

import bisect
import json
import math
import re
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

from diarfix.files import BOM
from diarfix.formats.jsonplaces import (
    Body,
    Holder,
    Item,
    Place,
    TextEdit,
    beginning,
    behind,
    index_spans,
    locate,
    member_at,
    owner_of,
    splice,
)

_ESCAPE = re.compile(r"(?i)\\u(?:d[89ab]..\\ud[c-f]..|....)|\\.")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MISSING = object()


def set_members(text: str, values: Mapping[str, Any], *, after: Mapping[str, str]) -> str:
    """Set members of the object that ``text`` is, and return the new text.

    values  new values by key, in the order in which missing ones are added
    after   where a missing key goes: behind which member; at the end if there is none

    The object must have a member already. A new list is laid out like the value it replaces, or
    like the object's first other list, or as ``json.dumps`` lays it out.

    >>> set_members('{"id": 1, "v": null}', {"v": [2.0], "n": 3}, after={"n": "id"})
    '{"id": 1, "n": 3, "v": [2.0]}'
    """
    return splice(text, Writer().members(Body(text, 0), values, after))


class Writer:
    """Writes values that have no text yet; all but ASCII is escaped if ``ascii``."""

    def __init__(self, *, ascii: bool = True) -> None:  # noqa: A002 - what json calls it
        self.ascii = ascii

    def known(self, _: Any) -> str | None:
        """The text of an object or a list that has one."""
        return None

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
        inside = value.values() if isinstance(value, dict) else value
        parts = [self.write(v, inner, colon, unit) for v in inside]
        if isinstance(value, dict):
            parts = [self.spell(k) + colon + part for k, part in zip(value, parts, strict=True)]
        opening, closing = ("", "") if unit is None else (_line(inner), _line(comma))
        whole = opening + inner.join(parts) + closing if parts else ""
        return f"{{{whole}}}" if isinstance(value, dict) else f"[{whole}]"

    def members(
        self, body: Body, values: Mapping[str, Any], after: Mapping[str, str]
    ) -> list[TextEdit]:
        """The edits that set members of an object: see :func:`set_members`."""
        place = {item.key: item for item in body.items}
        edits = []
        for key, value in values.items():
            old = place.get(key)
            spelled = self._like(value, old, body)
            if old is not None:
                edits.append((old.value, old.end, spelled))
            else:
                before = place.get(after[key]) if key in after else None
                at = (before or body.items[-1]).end
                edits.append((at, at, body.comma + self.spell(key) + body.colon + spelled))
        return edits

    def _like(self, value: Any, old: Item | None, body: Body) -> str:
        for item in [*([old] if old else []), *body.items] if isinstance(value, list) else ():
            if body.text[item.value] == "[" and (model := body.inner(item)).items:
                parts = [self.write(v, model.comma, body.colon, model.unit) for v in value]
                inside = model.opening + model.comma.join(parts) + model.closing
                return f"[{inside}]" if parts else "[]"
        return self.write(value, body.comma, body.colon, body.unit)


def _line(comma: str) -> str:
    """The line ending and the indent of a comma."""
    return comma.partition(",")[2].lstrip(" \t")


class _Patch(list[TextEdit]):
    """Parts of a string that change: offsets in the string, and what comes there."""


class Edits:
    """What is to change in a parsed file. Its objects are told apart by identity."""

    def __init__(self) -> None:
        self._new: dict[int, tuple[Holder, dict[str, Any]]] = {}
        self._keys: dict[int, tuple[Holder, dict[str, str]]] = {}
        self._lists: list[tuple[list[Any], list[Holder]]] = []
        self._origin: dict[int, tuple[Holder, Holder]] = {}

    def get(self, holder: Holder, key: str, default: Any = None) -> Any:
        """What an object holds after the edits so far."""
        held = holder.get(key, default)
        return self._new[id(holder)][1].get(key, held) if id(holder) in self._new else held

    def set(self, holder: Holder, key: str, value: Any) -> None:
        """Set a member; one that is missing comes last. What is so already stays untouched."""
        if id(holder) in self._origin:
            holder[key] = value
        elif not _same(self.get(holder, key, _MISSING), value):
            self._new.setdefault(id(holder), (holder, {}))[1][key] = value

    def patch(self, holder: Holder, key: str, cuts: Iterable[TextEdit]) -> None:
        """Change parts of a string member; the rest of it stays as it is spelled."""
        self.set(holder, key, _Patch([c for c in cuts if holder[key][c[0] : c[1]] != c[2]]))

    def rekey(self, holder: Holder, old: str, new: str) -> None:
        """Give a member another key; if an earlier member has that one, it goes."""
        self._keys.setdefault(id(holder), (holder, {}))[1][old] = new

    def copy(self, holder: Holder) -> Holder:
        """An object like another, for :meth:`relist`; it can be set like any other."""
        made = holder | self._new[id(holder)][1] if id(holder) in self._new else dict(holder)
        origin = self._origin[id(holder)][1] if id(holder) in self._origin else holder
        self._origin[id(made)] = made, origin
        return made

    def made(self, holder: Holder) -> bool:
        """Whether an object is a copy, which the file does not have."""
        return id(holder) in self._origin

    def relist(self, parent: list[Any], items: list[Holder]) -> None:
        """Put copies in the place of some of the objects of a list; the order stays."""
        self._lists.append((parent, items))
        for gone in {id(item) for item in parent} - {id(item) for item in items}:
            self._new.pop(gone, None)

    def found(self, text: str, tree: Any, *, parting: str = "") -> list[TextEdit]:
        """The edits as parts of the text that change, for :func:`splice`.

        text, tree  the file, and what it was parsed to, no key twice in one object
        parting     what parts elements of the outermost list, if not what stands there
        """
        if not (self._new or self._keys or self._lists):
            return []
        lists = [(parent, items, owner_of(tree, parent)) for parent, items in self._lists]
        tables = [(holder, names, owner_of(tree, holder)) for holder, names in self._keys.values()]
        anchors = [
            (holder, key if key in holder else next(reversed(holder), None))
            for holder, values in self._new.values()
            for key in values
        ]
        owners = [owner for *_, owner in (*lists, *tables) if owner is not None]
        places = locate(text, tree, [*anchors, *owners])
        begin = beginning(text)

        def place(owner: tuple[Holder, str] | None) -> int:
            return begin if owner is None else member_at(text, places[id(owner[0]), owner[1]])[1]

        # One character is found ten times as fast as two.
        ascii_ = text.removeprefix(BOM).isascii() and "\\" in text and "\\u" in text
        writer = Writer(ascii=ascii_)
        flat = [e for new in self._new.values() for e in _members(text, places, *new, writer)]
        for _, names, owner in tables:
            flat += _renamed(Body(text, place(owner)), names, writer)
        found = [(place(owner), parent, items) for parent, items, owner in lists]
        # A list inside another is written first: the outer one takes its text.
        for at, parent, items in sorted(found, key=lambda row: -row[0]):
            relisting = _Relisting(text, sorted(flat), self._origin, ascii=ascii_)
            flat += relisting.edits(at, parent, items, parting if parent is tree else "")
        return flat


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and not isinstance(a, (dict, list)) and bool(a == b))


def _members(
    text: str, places: dict[Place, int], holder: Holder, values: dict[str, Any], writer: Writer
) -> list[TextEdit]:
    """Set members of one object; missing ones come behind its last."""
    edits = []
    missing = []
    for key, value in values.items():
        if key not in holder:
            missing.append((key, value))
            continue
        _, start, stop = member_at(text, places[id(holder), key])
        if isinstance(value, _Patch):
            edits += _patched(text[start:stop], start, value, writer)
        else:
            edits.append((start, stop, writer.write(value, ", ", ": ", None)))
    if missing:
        last = next(reversed(holder), None)
        at = places[id(holder), last]
        at, comma, colon = (at + 1, ", ", ": ") if last is None else behind(text, at)
        spelled = comma.join(writer.spell(k) + colon + writer.spell(v) for k, v in missing)
        edits.append((at, at, spelled if last is None else comma + spelled))
    return edits


def _patched(raw: str, at: int, cuts: list[TextEdit], writer: Writer) -> list[TextEdit]:
    """Change parts of a string that stands at an offset, spelled ``raw``."""
    marks, shifts = [0], [at + 1]
    for escape in _ESCAPE.finditer(raw):
        marks.append(escape.start() + at + 1 - shifts[-1])
        shifts.append(shifts[-1] + len(escape.group()) - 1)

    def place(offset: int) -> int:
        return offset + shifts[bisect.bisect_right(marks, offset) - 1]

    return [(place(a), place(b), writer.spell(new)[1:-1]) for a, b, new in cuts]


def _renamed(body: Body, names: dict[str, str], writer: Writer) -> list[TextEdit]:
    """Give members of an object other keys; of two with one key the first stays."""
    edits: list[TextEdit] = []
    seen: set[str] = set()
    last = 0
    for item in body.items:
        name = names.get(item.key, item.key)
        if name in seen:
            edits.append((last, item.end, ""))
        elif name != item.key:
            edits.append((item.start, item.key_end, writer.spell(name)))
        seen.add(name)
        last = item.end
    return edits


class _Relisting(Writer):
    """Writes lists in which copies have taken the place of some objects.

    edits  those of all else, sorted
    """

    def __init__(
        self,
        text: str,
        edits: list[TextEdit],
        origin: dict[int, tuple[Holder, Holder]],
        *,
        ascii: bool,  # noqa: A002
    ) -> None:
        super().__init__(ascii=ascii)
        self._text = text
        self._flat = edits
        self._origin = origin
        self._spans: dict[int, tuple[int, int]] = {}
        self._bodies: dict[int, Body] = {}

    def edits(self, at: int, parent: list[Any], items: list[Holder], comma: str) -> list[TextEdit]:
        """The edits of a list that begins at an offset; ``comma`` parts its items if given."""
        body = Body(self._text, at)
        if len(parent) == 1:
            body = Body(self._text, at, Body(self._text, body.items[0].value).comma)
        stop: Holder = {}
        place = {id(node): i for i, node in enumerate([*parent, stop])}
        found = []
        first = 0
        made: list[Holder] = []
        for item in [*items, stop]:
            i = place.get(id(item))
            if i is None:
                made.append(item)
                continue
            if made:
                for k in range(first, i):
                    index_spans(self._text, body.items[k].value, parent[k], self._spans)
                new = (comma or body.comma).join([self._copy(item) for item in made])
                found.append((body.items[first].value, body.items[i - 1].end, new))
            first, made = i + 1, []
        return found

    def _copy(self, made: Holder) -> str:
        origin = self._origin[id(made)][1]
        start, stop = self._spans[id(origin)]
        changed = {k: v for k, v in made.items() if not _same(origin.get(k, _MISSING), v)}
        body = self._bodies.get(start)
        if body is None:
            body = self._bodies[start] = Body(self._text, start)
        return self._taken(start, stop, self.members(body, changed, {}))

    def known(self, value: Any) -> str | None:
        span = self._spans.get(id(value))
        return None if span is None else self._taken(*span, [])

    def _taken(self, start: int, stop: int, own: list[TextEdit]) -> str:
        """A stretch of the text under its edits, those of its ``own`` before others."""
        lo, hi = (bisect.bisect_left(self._flat, (x,)) for x in (start, stop))
        moved = [(a - start, b - start, new) for a, b, new in [*own, *self._flat[lo:hi]]]
        return splice(self._text[start:stop], moved)
