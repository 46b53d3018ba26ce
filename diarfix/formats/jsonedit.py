"""Edits of a parsed file in its text: a member is set at its place, and all else stays.

:class:`Edits` is told what is to change; the tree stays as it was read. What has no text yet, such
as the halves of a container that is cut, is written like what it comes from and takes over the text
of all that it keeps.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from diarfix.files import BOM
from diarfix.formats.jsonlayout import Body, TextEdit, Writer, comma_of, splice
from diarfix.formats.jsonplaces import (
    Held,
    Place,
    beginning,
    index_spans,
    locate,
    member_at,
    owner_of,
)

_ESCAPE = re.compile(r"(?i)\\u(?:d[89ab]..\\ud[c-f]..|....)|\\.")
_MISSING = object()


@dataclass(frozen=True, slots=True)
class _Patch:
    """Parts of a string that change: offsets in the string, and what comes there."""

    cuts: list[TextEdit]


class Edits:
    """What is to change in a parsed file. Its objects are told apart by identity."""

    def __init__(self) -> None:
        self._new: dict[int, tuple[Held, dict[str, Any]]] = {}
        self._keys: dict[int, tuple[Held, dict[str, str]]] = {}
        self._lists: list[tuple[list[Any], list[Held]]] = []
        self._origin: dict[int, tuple[Held, Held]] = {}

    def get(self, holder: Held, key: str, default: Any = None) -> Any:
        """What an object holds after the edits so far."""
        held = holder.get(key, default)
        return self._new[id(holder)][1].get(key, held) if id(holder) in self._new else held

    def set(self, holder: Held, key: str, value: Any) -> None:
        """Set a member; one that is missing comes last. What is so already stays untouched."""
        if id(holder) in self._origin:
            holder[key] = value
        elif not _same(self.get(holder, key, _MISSING), value):
            self._new.setdefault(id(holder), (holder, {}))[1][key] = value

    def patch(self, holder: Held, key: str, cuts: Iterable[TextEdit]) -> None:
        """Change parts of a string member; the rest of it stays as it is spelled."""
        self.set(holder, key, _Patch([c for c in cuts if holder[key][c[0] : c[1]] != c[2]]))

    def rekey(self, holder: Held, old: str, new: str) -> None:
        """Give a member another key; if an earlier member has that one, it goes."""
        self._keys.setdefault(id(holder), (holder, {}))[1][old] = new

    def copy(self, holder: Held) -> Held:
        """An object like another, for :meth:`relist`; it can be set like any other."""
        made = holder | self._new[id(holder)][1] if id(holder) in self._new else dict(holder)
        origin = self._origin[id(holder)][1] if id(holder) in self._origin else holder
        self._origin[id(made)] = made, origin
        return made

    def relist(self, parent: list[Any], items: list[Held]) -> None:
        """Put copies in the place of some of the objects of a list; the order stays."""
        self._lists.append((parent, items))
        for gone in {id(item) for item in parent} - {id(item) for item in items}:
            self._new.pop(gone, None)

    def apply(self, text: str, tree: Any) -> str:
        """The text of the file after the edits; the very same if there are none.

        text, tree  the file, and what it was parsed to, no key twice in one object
        """
        if not (self._new or self._keys or self._lists):
            return text
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

        def place(owner: tuple[Held, str] | None) -> int:
            return begin if owner is None else member_at(text, places[id(owner[0]), owner[1]])[1]

        writer = Writer(text.removeprefix(BOM).isascii() and "\\" in text and "\\u" in text)
        flat = [e for new in self._new.values() for e in _members(text, places, *new, writer)]
        for _, names, owner in tables:
            flat += _renamed(Body(text, place(owner)), names, writer)
        # A list inside another is written first: the outer one takes its text.
        for at, parent, items in sorted(
            ((place(owner), parent, items) for parent, items, owner in lists), key=lambda x: -x[0]
        ):
            flat += _Relisting(text, sorted(flat), self._origin, writer).edits(at, parent, items)
        return splice(text, flat)


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and not isinstance(a, (dict, list)) and bool(a == b))


def _members(
    text: str,
    places: dict[Place, int],
    holder: Held,
    values: dict[str, Any],
    writer: Writer,
) -> list[TextEdit]:
    """Set members of one object."""
    edits = []
    missing = []
    for key, value in values.items():
        if key not in holder:
            missing.append((key, value))
            continue
        _, start, stop = member_at(text, places[id(holder), key])
        if isinstance(value, _Patch):
            edits += _patched(text[start:stop], start, value.cuts, writer)
        else:
            edits.append((start, stop, writer.spell(value)))
    if missing:
        last = next(reversed(holder), None)
        at = places[id(holder), last]
        if last is None:
            at, lead, comma, colon = at + 1, "", ", ", ": "
        else:
            key_end, value_at, stop = member_at(text, at)
            gap = at - 1
            while text[gap] in " \t\r\n":
                gap -= 1
            colon = text[key_end:value_at]
            comma = text[gap:at]
            if comma[0] == "{":
                comma = comma_of(comma[1:], colon)
            at, lead = stop, comma
        spelled = (writer.spell(k) + colon + writer.spell(v) for k, v in missing)
        edits.append((at, at, lead + comma.join(spelled)))
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


class _Relisting:
    """Writes lists in which copies have taken the place of some objects.

    edits  those of all else, sorted
    """

    def __init__(
        self,
        text: str,
        edits: list[TextEdit],
        origin: dict[int, tuple[Held, Held]],
        writer: Writer,
    ) -> None:
        self._text = text
        self._flat = edits
        self._origin = origin
        self._spans: dict[int, tuple[int, int]] = {}
        self._bodies: dict[int, Body] = {}
        self._writer = Writer(writer.ascii, self._known)

    def edits(self, at: int, parent: list[Any], items: list[Held]) -> list[TextEdit]:
        """The edits of a list that begins at an offset."""
        body = Body(self._text, at)
        if len(parent) == 1:
            body = Body(self._text, at, Body(self._text, body.items[0].value).comma)
        place = {id(node): i for i, node in enumerate(parent)}
        found = []
        first = 0
        made: list[Held] = []
        stop: Held = {}
        place[id(stop)] = len(parent)
        for item in [*items, stop]:
            i = place.get(id(item))
            if i is None:
                made.append(item)
                continue
            if made:
                for k in range(first, i):
                    index_spans(self._text, body.items[k].value, parent[k], self._spans)
                new = body.comma.join([self._copy(item) for item in made])
                found.append((body.items[first].value, body.items[i - 1].end, new))
            first, made = i + 1, []
        return found

    def _copy(self, made: Held) -> str:
        origin = self._origin[id(made)][1]
        start, stop = self._spans[id(origin)]
        changed = {k: v for k, v in made.items() if not _same(origin.get(k, _MISSING), v)}
        body = self._bodies.get(start)
        if body is None:
            body = self._bodies[start] = Body(self._text, start)
        own = body.setting(changed, {}, self._writer)
        return self._taken(start, stop, own)

    def _known(self, value: Any) -> str | None:
        span = self._spans.get(id(value))
        return None if span is None else self._taken(*span, [])

    def _taken(self, start: int, stop: int, own: list[TextEdit]) -> str:
        """A stretch of the text under its edits, those of its ``own`` before others."""
        lo, hi = (bisect.bisect_left(self._flat, (x,)) for x in (start, stop))
        moved = [(a - start, b - start, new) for a, b, new in [*own, *self._flat[lo:hi]]]
        return splice(self._text[start:stop], moved)
