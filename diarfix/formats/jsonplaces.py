"""Where the members of a parsed file stand in its text."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

from diarfix.files import BOM
from diarfix.formats.jsonlayout import Body

#: An object of a parsed file.
Held = dict[str, Any]
#: A member: the identity of its object, and its key; None for the beginning of an empty object.
Place = tuple[int, str | None]

_COLON = re.compile(r"[ \t\r\n]*:[ \t\r\n]*")
_read = json.JSONDecoder().raw_decode
_NODES = {dict, list}


def beginning(text: str) -> int:
    """Where the value of a text begins."""
    body = text.removeprefix(BOM)
    return len(text) - len(body.lstrip(" \t\r\n"))


def member_at(text: str, start: int) -> tuple[int, int, int]:
    """Of the member whose key begins at an offset: where the key ends, and its value's span."""
    key_end = _read(text, start)[1]
    colon = _COLON.match(text, key_end)
    value = colon.end() if colon else key_end
    return key_end, value, _read(text, value)[1]


def owner_of(tree: Any, child: Any) -> tuple[Held, str] | None:
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


def locate(text: str, tree: Any, wanted: list[tuple[Held, str | None]]) -> dict[Place, int]:
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


def _locate_slowly(text: str, tree: Any, wanted: list[tuple[Held, str | None]]) -> dict[Place, int]:
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
