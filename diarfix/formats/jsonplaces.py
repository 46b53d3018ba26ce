"""Where the members of a parsed file stand in its text, and how it is laid out there."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from diarfix.files import BOM
from diarfix.formats.jsontext import Cursor

#: An object of a parsed file.
Holder = dict[str, Any]
#: A member: the identity of its object, and its key; None for the beginning of an empty object.
Place = tuple[int, str | None]
#: ``text[start:stop]`` becomes another text.
TextEdit = tuple[int, int, str]

_COLON = re.compile(r"[ \t\r\n]*:[ \t\r\n]*")
_LINE_END = re.compile(r"[\r\n]")
_NODES = {dict, list}
_decoder = json.JSONDecoder()


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
        self._lists: dict[int, Body] = {}
        cursor = Cursor(text, at, decoder=_decoder)
        for key in cursor.members() if text[at] == "{" else cursor.elements():
            value = cursor.at
            cursor.value()
            self.items.append(Item(key, cursor.start, cursor.colon, value, cursor.at))
        self.end = cursor.at
        self.opening, self.closing, self.colon = "", "", ": "
        if self.items:
            first, last = self.items[0], self.items[-1]
            self.opening, self.closing = text[at + 1 : first.start], text[last.end : self.end - 1]
            self.colon = text[first.key_end : first.value]
        if len(self.items) > 1:
            self.comma = text[self.items[0].end : self.items[1].start]
        else:
            self.comma = comma_of(self.opening, self.colon, like)
        self.unit: str | None = None
        if "\n" in self.comma:
            # Commas may stand before what they part, on its line.
            inner, outer = (
                gap.rpartition("\n")[2].partition(",")[0] for gap in (self.comma, self.closing)
            )
            self.unit = inner.removeprefix(outer) if inner != outer else "  "

    def inner(self, item: Item) -> Body:
        """A list in it; read once, however many are laid out like it."""
        found = self._lists.get(item.value)
        if found is None:
            found = self._lists[item.value] = Body(self.text, item.value, self.comma)
        return found


def comma_of(opening: str, colon: str, like: str = "") -> str:
    """What would part two items where there is but one; ``like`` is a comma beside it."""
    if "\n" in opening:
        return "," + _LINE_END.split(like.partition(",")[2], maxsplit=1)[0] + opening
    if like and "\n" not in like:
        return like
    return ", " if like or colon.endswith(" ") else ","


def beginning(text: str) -> int:
    """Where the value of a text begins."""
    body = text.removeprefix(BOM)
    return len(text) - len(body.lstrip(" \t\r\n"))


def member_at(text: str, start: int) -> tuple[int, int, int]:
    """Of the member whose key begins at an offset: where the key ends, and its value's span."""
    key_end = _decoder.raw_decode(text, start)[1]
    colon = _COLON.match(text, key_end)
    value = colon.end() if colon else key_end
    return key_end, value, _decoder.raw_decode(text, value)[1]


def behind(text: str, start: int) -> tuple[int, str, str]:
    """Of the last member of an object: where it ends, and what parts members, and key and value."""
    key_end, value, stop = member_at(text, start)
    gap = start - 1
    while text[gap] in " \t\r\n":
        gap -= 1
    colon, comma = text[key_end:value], text[gap:start]
    if comma[0] == "{":
        comma = comma_of(comma[1:], colon)
    return stop, comma, colon


def owner_of(tree: Any, child: Any) -> tuple[Holder, str] | None:
    """The object and key under which something stands; None for the root."""
    level = [tree]
    while level:
        for node in level:
            for key, value in node.items() if isinstance(node, dict) else ():
                if value is child:
                    return node, key
        level = [
            value
            for node in level
            for value in (node.values() if isinstance(node, dict) else node)
            if isinstance(value, (dict, list))
        ]
    return None


def locate(text: str, tree: Any, wanted: list[tuple[Holder, str | None]]) -> dict[Place, int]:
    """Where the keys of some members begin.

    A key in its quotes before a colon, the first quote not escaped, can be nothing but a key; so
    the n-th of its name in the text is the n-th in the tree.
    """
    order: dict[str | None, list[int]] = {key: [] for _, key in wanted}
    _count(tree, order)
    ours = {id(holder) for holder, _ in wanted}
    found: dict[Place, int] = {}
    for key, owners in order.items():
        quoted = json.dumps(key, ensure_ascii=False)
        starts = [m.start() for m in re.finditer(re.escape(quoted) + r"[ \t\r\n]*:", text)]
        if "\\" in text:
            starts = [at for at in starts if text[at - 1] != "\\"]
        if key is None or len(starts) != len(owners):
            return _locate_slowly(text, tree, wanted)  # an empty object, or a key with escapes
        found |= {(n, key): at for n, at in zip(owners, starts, strict=True) if n in ours}
    return found


def _count(node: Any, order: dict[str | None, list[int]]) -> None:
    """Note the objects that hold each of some keys, in the order in which the keys stand."""
    if isinstance(node, dict):
        owner = id(node)
        for key, value in node.items():
            if key in order:
                order[key].append(owner)
            if type(value) in _NODES:
                _count(value, order)
    elif _flat(node):
        for key, owners in order.items():
            owners += [id(inner) for inner in node if key in inner]
    else:
        for value in node:
            if type(value) in _NODES:
                _count(value, order)


def _flat(nodes: list[Any]) -> bool:
    """Whether all of a list are objects that hold no object and no list: words, as a rule."""
    if set(map(type, nodes)) != {dict}:
        return False
    return _NODES.isdisjoint(map(type, itertools.chain.from_iterable(map(dict.values, nodes))))


def _locate_slowly(
    text: str, tree: Any, wanted: list[tuple[Holder, str | None]]
) -> dict[Place, int]:
    spans: dict[int, tuple[int, int]] = {}
    index_spans(text, beginning(text), tree, spans)
    found: dict[Place, int] = {}
    for holder, key in wanted:
        start = spans[id(holder)][0]
        for item in Body(text, start).items if key is not None else ():
            found[id(holder), item.key] = item.start
        found.setdefault((id(holder), key), start)
    return found


def index_spans(text: str, at: int, node: Any, spans: dict[int, tuple[int, int]]) -> None:
    """Note the span of every object and list in a value that begins at an offset."""
    body = Body(text, at)
    spans[id(node)] = at, body.end
    inside = node.values() if isinstance(node, dict) else node
    for item, value in zip(body.items, inside, strict=True):
        if not isinstance(value, (dict, list)):
            continue
        spans[id(value)] = item.value, item.end
        if not _NODES.isdisjoint(map(type, value.values() if isinstance(value, dict) else value)):
            index_spans(text, item.value, value, spans)


def splice(text: str, edits: Iterable[TextEdit]) -> str:
    """Apply edits to a text. Of two that overlap the one that begins first holds."""
    parts, done = [], 0
    for start, stop, new in sorted(edits, key=lambda edit: (edit[0], -edit[1])):
        if start >= done:
            parts += [text[done:start], new]
            done = stop
    return "".join([*parts, text[done:]])
