"""Voiceprints where no migration looks: under other keys, beside the contacts, in other spellings.

A store is proven only if no old vector is left in it, so whatever could be one counts: a proof
that fails once too often costs a look, one that holds once too often matches the wrong person.
"""

from __future__ import annotations

import binascii
import functools
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from diarfix.contacts.vectors import is_jumbled

#: Numbers from which a list could be a vector: models of voices have from 64 dimensions up.
_LONG = 64

#: The same under a key that says so.
_SHORT = 8

#: Numbers in a row of a matrix; pairs and triples are times or places.
_ROW = 8

_SAYS_SO = re.compile(r"(?i)embed|vector|voice_?print|centroid|speaker_?(model|profile|emb)")

#: How databases and wire formats write a number with its type.
_TYPED = {"doubleValue", "integerValue", "N", "$numberDouble", "$numberDecimal", "$numberInt"}

# No two ways to match the same digits: a store may hold a million of them.
_NUMBER = re.compile(r"(?i)[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?|[-+]?(?:nan|inf(?:inity)?)")
_BETWEEN = re.compile(r"[\s,;|]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_HEX = re.compile(r"(?:0x|\\x)?((?:[0-9A-Fa-f]{2})+)")
_FLOATS = ("<f4", ">f4", "<f8", ">f8", "<f2", ">f2")

#: Bytes in which pickled and saved arrays say what they are.
_HEAD = 64

#: Lengths of digests in hexadecimal digits.
_DIGESTS = {32, 40, 56, 64, 96, 128}


@dataclass(frozen=True, slots=True)
class Stray:
    """What looks like a vector where none belongs: its place, and how many numbers it has."""

    where: str
    dim: int

    def __str__(self) -> str:
        return f"{self.dim} numbers at {self.where}"


def find_strays(value: Any, where: str) -> Iterator[Stray]:
    """Walk through a parsed JSON value, in order.

    where  file and place of the value

    >>> [str(s) for s in find_strays({"profile": {"embedding": [0.5] * 192}}, "c.json: [0]")]
    ['192 numbers at c.json: [0].profile.embedding']
    """
    todo: list[tuple[Any, str, int]] = [(value, where, _LONG)]
    while todo:
        item, place, least = todo.pop()
        if isinstance(item, str):
            n, inside = _in_text(item, least)
            if inside is not None:
                todo.append((inside, place, least))
        elif isinstance(item, (list, dict)):
            n = _count(item, least)
            if n < least:
                todo += reversed(list(_parts(item, place, least)))
        else:
            continue
        if n >= least:
            yield Stray(place, n)


def _parts(item: list[Any] | dict[str, Any], place: str, least: int) -> Iterator[Any]:
    if isinstance(item, list):
        for i, part in enumerate(item):
            if isinstance(part, (list, dict, str)):
                yield part, f"{place}[{i}]", least
    else:
        for key, part in item.items():
            if isinstance(part, (list, dict, str)) and part:
                shown, short = _read_key(key)
                dot = "" if place.endswith(" ") else "."
                yield part, f"{place}{dot}{shown}", min(short, least)


@functools.lru_cache(maxsize=1024)
def _read_key(key: str) -> tuple[str, int]:
    """A key as it is shown, and how many numbers under it could be a vector."""
    shown = key if re.fullmatch(r"[\w-]+", key) else json.dumps(key)
    return shown, _SHORT if _SAYS_SO.search(key) else _LONG


def _count(item: list[Any] | dict[str, Any], least: int) -> int:
    """How many numbers a list of them has, or rows of them, or an object with keys like 0, 1 or d0,
    d1; else 0.
    """
    if isinstance(item, list):
        item = _laid_flat(item, least)
    if len(item) < least:
        return 0
    if isinstance(item, dict):
        if not all(key[-1:].isdigit() for key in item):
            return 0
        item = list(item.values())
    if not all(_is_number(part) for part in item):
        return 0
    # A few whole numbers count something, whatever their key.
    some = any(part is not None and (len(item) >= _LONG or type(part) is not int) for part in item)
    return len(item) if some else 0


def _laid_flat(item: list[Any], least: int) -> list[Any]:
    """The numbers of rows as one list, and those of objects that hold but one, under one key."""
    if item and all(isinstance(part, list) and _ROW <= len(part) < least for part in item):
        return [number for row in item for number in row]
    keys = {next(iter(p)) if isinstance(p, dict) and len(p) == 1 else None for p in item}
    if len(keys) == 1 and None not in keys:
        return [value for part in item for value in part.values()]
    return item


def _is_number(part: Any) -> bool:
    """Whether it is a number in any spelling; null is how JavaScript writes NaN."""
    if isinstance(part, list) and len(part) == 1:
        part = part[0]
    elif isinstance(part, dict) and len(part) == 1:
        ((key, typed),) = part.items()
        part = typed if key in _TYPED else part
    if isinstance(part, str):
        return _NUMBER.fullmatch(part) is not None
    return part is None or (isinstance(part, (int, float)) and not isinstance(part, bool))


def _in_text(text: str, least: int) -> tuple[int, Any]:
    """How many numbers a string holds as text or as bytes; or the JSON value that it holds."""
    if len(text) < 2 * least - 1 or (len(text) in _DIGESTS and _HEX.fullmatch(text)):
        return 0, None
    text = text.strip()
    if text[:1] in {"[", "{"}:
        try:
            return 0, json.loads(text)
        except (ValueError, RecursionError):
            pass
    items = _BETWEEN.split(text.strip("[](){}<> "))
    if len(items) >= least and all(_NUMBER.fullmatch(item) for item in items):
        return len(items), None
    return _in_bytes(text, least), None


def _in_bytes(text: str, least: int) -> int:
    """How many numbers a string holds that is base64 or hexadecimal digits of an array; or 0."""
    body = text.partition(",")[2] if text.startswith("data:") else text
    text = "".join(body.splitlines())
    if digits := _HEX.fullmatch(text):
        data = bytes.fromhex(digits[1])
    elif _BASE64.fullmatch(text):
        body = text.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
        try:
            data = binascii.a2b_base64(body + "=" * (-len(body) % 4))
        except binascii.Error:
            return 0
    else:
        return 0
    n = _floats(data, least)
    if n or len(data) < _LONG:
        return n
    said = least < _LONG or b"numpy" in data[:_HEAD].lower()
    return math.ceil(len(data) / 4) if said else 0  # its key or its head says that it is one


def _floats(data: bytes, least: int) -> int:
    """How many numbers bytes hold if they are floats of some size and order; 0 if of none."""
    for kind in _FLOATS:
        size = int(kind[2])
        # A few bytes make some float16 by chance, but not 16 of the longer types.
        if len(data) % size or len(data) // size < max(least, _LONG if size == 2 else 16):
            continue
        with np.errstate(invalid="ignore"):
            vector = np.frombuffer(data, dtype=kind).astype(np.float64)
        if not np.isfinite(vector).all():
            continue
        peak, n = float(np.abs(vector).max()), np.count_nonzero(vector)
        if _TINY < peak < _HUGE and 2 * n >= len(vector) and not is_jumbled(vector):
            return len(vector)
    return 0


#: The largest element of a voiceprint lies between these.
_TINY, _HUGE = 1e-6, 1e4


def describe_store(value: Any) -> str:
    """What a parsed JSON value is, in a few words.

    >>> describe_store({"documents": [{"name": "x"}], "n": 1})
    "an object with 'documents', 'n'"
    """
    if isinstance(value, dict):
        keys = ", ".join(repr(str(key)) for key in list(value)[:_KEYS_SHOWN])
        more = ", …" if len(value) > _KEYS_SHOWN else ""
        return f"an object with {keys}{more}" if value else "an empty object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return "a string" if isinstance(value, str) else "a number"


_KEYS_SHOWN = 6


def say_way_out(document: dict[str, Any]) -> str:
    """What to do with a JSON object that holds contacts in another shape, if it holds any."""
    path, rows = _nearest_rows(document)
    if not rows:
        return "a store is a list of contacts, each with 'id' and 'speaker_embedding'"
    if isinstance(rows, dict):
        return f"a map of contacts is no list: jq '[{path}[]]' FILE > contacts.json"
    first = rows[0]
    if isinstance(first.get("fields"), dict):
        return (
            f"{path} is a Firestore export: its values are typed, as in {{'stringValue': …}};"
            " write them as plain JSON, a list of contacts"
        )
    if isinstance(first.get("_source"), dict):
        return f"an OpenSearch answer: jq '[{path}[]._source]' FILE > contacts.json"
    return f"if {path} holds the contacts: jq '{path}' FILE > contacts.json"


def _nearest_rows(document: dict[str, Any]) -> tuple[str, Any]:
    """The nearest list of objects, or object of objects with ids, and the jq path to it."""
    todo: list[tuple[str, dict[str, Any]]] = [("", document)]
    while todo:
        path, item = todo.pop(0)
        values = list(item.values())
        if values and all(isinstance(value, dict) and "id" in value for value in values):
            return path or ".", item
        for key, value in item.items():
            inner = f"{path}.{key}" if re.fullmatch(r"[A-Za-z_]\w*", key) else f'{path}."{key}"'
            if isinstance(value, list) and value and isinstance(value[0], dict):
                return inner, value
            if isinstance(value, dict):
                todo.append((inner, value))
    return ".", None
