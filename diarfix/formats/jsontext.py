"""JSON text in: strict about what would be lost, and telling the place of what is wrong."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from diarfix.errors import InputError
from diarfix.files import BOM

#: Bytes of memory that reading, repairing and writing take per byte of JSON: measured on WhisperX
#: files with ``word_segments``, see docs/reliability.md.
_MEMORY = 12.5

#: Environment variable: GB of memory to reckon with, where the machine's own are not the limit.
MEMORY = "DIARFIX_MEMORY_GB"

#: No transcript has more objects and lists than this with less text about each, in characters: they
#: would take 30 times the memory of the file.
_MOST_BARE, _BARE = 1_000_000, 8

_NOT_BLANK = re.compile(r"[^ \t\r\n]|\Z")


def parse(text: str, name: str) -> Any:
    """Parse JSON. Raises InputError for bad JSON, a duplicate key, nesting too deep to follow, or
    a text that this machine has not the memory for, or that takes it for next to nothing.

    name  what the file is called in messages
    """
    needed, there = len(text) * _MEMORY, _memory()
    if needed > there:
        raise InputError(
            f"{name}: {len(text) / 1e9:.1f} GB of JSON take about {needed / 1e9:.0f} GB of memory,"
            f" {there / 1e9:.0f} GB are there",
            hint=f"cut it into recordings, or set {MEMORY} if there is more",
        )
    holders = text.count("{") + text.count("[")
    if holders > _MOST_BARE and holders * _BARE > len(text):
        raise InputError(
            f"{name}: {holders:,} objects and lists in {len(text) / 1e6:.0f} MB of JSON, expected a"
            " transcript: they hold next to nothing and take memory out of proportion"
        )
    try:
        return STRICT.decode(text.removeprefix(BOM))
    except (ValueError, RecursionError) as error:
        raise _refusal(error, name) from error


def _memory() -> float:
    """Bytes of memory: what the user says, else what the machine has; no limit where unknown."""
    try:
        return float(os.environ[MEMORY]) * 1e9
    except (KeyError, ValueError):
        pass
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return math.inf


class _DuplicateKeyError(ValueError):
    pass


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members as a dictionary, for a decoder that refuses a key that stands twice."""
    table = dict(pairs)
    if len(table) != len(pairs):
        seen: set[str] = set()
        raise _DuplicateKeyError(next(k for k, _ in pairs if k in seen or seen.add(k)))  # type: ignore[func-returns-value]
    return table


STRICT = json.JSONDecoder(object_pairs_hook=unique)


def _refusal(error: Exception, where: str) -> InputError:
    if isinstance(error, json.JSONDecodeError):
        # A line of JSON Lines has its number in ``where``.
        line = f"line {error.lineno}, " if error.lineno > 1 or ": line" not in where else ""
        return InputError(f"{where}: {line}column {error.colno}: bad JSON: {error.msg}")
    if isinstance(error, _DuplicateKeyError):
        return twice(where, error.args[0])
    if isinstance(error, RecursionError):
        return too_deep(where)
    return InputError(f"{where}: bad JSON: {error}")  # an integer of more digits than Python takes


def too_deep(where: str) -> InputError:
    """The refusal of a text nested too deep to follow."""
    return InputError(f"{where}: JSON nested too deep to follow")


def twice(where: str, key: str) -> InputError:
    """The refusal of an object with two members of one name."""
    return InputError(f"{where}: key {key!r} stands twice in one JSON object; one would be lost")


class Cursor:
    """A place in a JSON text, walking from value to value.

    text, at      the text and the offset
    where         what it is called in messages
    start, colon  where the member or element last met begins, and where its key ends
    """

    def __init__(
        self, text: str, at: int = 0, where: str = "", decoder: json.JSONDecoder = STRICT
    ) -> None:
        self.text = text
        self.at = at
        self.where = where
        self.start = self.colon = at
        self._decode = decoder.raw_decode

    def members(self) -> Iterator[str]:
        """Walk through the object here, key by key; the caller passes each value."""
        keys: set[str] = set()
        self.expect("{")
        more = self.peek() != "}"
        while more:
            if self.peek() != '"':
                self.fail("expected a key in quotes")
            self.start = self.at
            key = str(self.value())
            if key in keys:
                raise twice(self.where, key)
            keys.add(key)
            self.colon = self.at
            self.expect(":")
            self.peek()
            yield key
            more = self._comma()
        self.expect("}")

    def elements(self) -> Iterator[str]:
        """Walk through the list here; an element has no key: "". The caller passes each."""
        self.expect("[")
        more = self.peek() != "]"
        while more:
            self.peek()
            self.start = self.colon = self.at
            yield ""
            more = self._comma()
        self.expect("]")

    def value(self) -> Any:
        """Pass the value here and return it. Raises InputError if it is none."""
        try:
            value, self.at = self._decode(self.text, self.at)
        except (ValueError, RecursionError) as error:
            raise _refusal(error, self.where) from error
        return value

    def peek(self) -> str:
        """Pass white space; the character after it, "" at the end."""
        found = _NOT_BLANK.search(self.text, self.at)
        self.at = found.start() if found else len(self.text)
        return self.text[self.at : self.at + 1]

    def expect(self, char: str) -> None:
        """Pass a character. Raises InputError if another stands here."""
        if self.peek() != char:
            self.fail(f"expected {char!r}")
        self.at += 1

    def _comma(self) -> bool:
        found = self.peek() == ","
        self.at += found
        return found

    def fail(self, what: str) -> NoReturn:
        """Raise InputError for what stands here."""
        line = self.text.count("\n", 0, self.at) + 1
        column = self.at - (self.text.rfind("\n", 0, self.at) + 1) + 1
        raise InputError(f"{self.where}: line {line}, column {column}: bad JSON: {what}")
