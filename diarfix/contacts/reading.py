"""Reading an embedding store as text: every contact, and the text between contacts.

A store is a JSON list of contacts, an object that holds that list under one of
:data:`LIST_KEYS`, or JSON Lines. It is read as a sequence of :class:`Piece`, which laid end to end
are the file, so that a writer can replace one contact and leave every other byte alone. JSON Lines
are streamed; a JSON document is held as text, its contacts parsed one by one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from diarfix.contacts.contacts import Contact, ContactId, read_contact
from diarfix.contacts.strays import describe, say_way_out
from diarfix.contacts.vectors import NUMBER
from diarfix.errors import InputError, os_errors
from diarfix.files.local import BOM, read_text

LIST_KEYS = ("contacts", "people", "persons")

_BLANK = " \t\r\n"
_NOT_BLANK = re.compile(r"[^ \t\r\n]|\Z")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the store.

    lead    the text before the contact, since the last one
    text    the contact's own text; empty in the last piece, which holds what follows all contacts
    fields  the contact parsed, numbers with a fraction as :data:`NUMBER`; None in the last piece
    where   file and place of the contact
    """

    lead: str
    text: str
    fields: Any
    where: str


@dataclass(frozen=True, slots=True)
class Store:
    """A store on disk: ``text`` is a JSON document, or None for JSON Lines."""

    path: Path
    text: str | None

    def pieces(self) -> Iterator[Piece]:
        """Walk through the file once. Raises InputError where it is not what it should be."""
        return _line_pieces(self.path) if self.text is None else _Walk(self.path, self.text).run()

    def contacts(self, *, between: list[str] | None = None) -> Iterator[Contact]:
        """Read the contacts in order.

        between  gets the text before the first contact, between any two, and after the last

        Raises InputError for a malformed contact, or an id that stood before.
        """
        seen: dict[tuple[type, ContactId], str] = {}
        for piece in self.pieces():
            if between is not None:
                between.append(piece.lead)
            if piece.fields is None:
                continue
            contact = read_contact(piece.fields, piece.where)
            key = (type(contact.id), contact.id)
            first = seen.setdefault(key, piece.where)
            if first is not piece.where:
                place = first.removeprefix(f"{self.path}: ")
                raise InputError(f"{contact.where}: id {contact.id!r} stands already at {place}")
            yield contact


def open_store(path: str | Path) -> Store:
    """Open a store and tell its layout from its first line.

    Raises InputError if it cannot be read, or is no store.
    """
    path = Path(path)
    return Store(path, None if _is_json_lines(path) else read_text(str(path)))


def _is_json_lines(path: Path) -> bool:
    """Whether the first line is an object of its own, and not the whole store."""
    with os_errors(str(path)), path.open("rb") as file:
        line = next((x for x in file if x.removeprefix(BOM.encode()).strip()), b"")
        alone = not any(x.strip() for x in file)
    text = line.decode("utf-8", errors="replace").removeprefix(BOM).strip()
    if not text.startswith("{"):
        return False
    try:
        if alone:
            return not _Walk(path, text).is_document()
        return _parse(text, 0, "")[1] == len(text)
    except InputError:
        return alone  # the reader of that layout will say what is wrong


def _line_pieces(path: Path) -> Iterator[Piece]:
    lead = ""
    with path.open("rb") as file:
        for number, data in enumerate(file, start=1):
            where = f"{path}: line {number}"
            try:
                line = data.decode("utf-8")
            except UnicodeDecodeError as error:
                byte = data[error.start]
                raise InputError(f"{where}: byte 0x{byte:02x} is not UTF-8") from error
            body = line.rstrip(_BLANK)
            text = body.lstrip(_BLANK + BOM if number == 1 else _BLANK)
            if not text:
                lead += line
                continue
            start = len(body) - len(text)
            fields, end = _parse(text, 0, where)
            if end != len(text):
                raise InputError(f"{where}: more than one value, expected one contact a line")
            yield Piece(lead + line[:start], text, fields, where)
            lead = line[len(body) :]
    yield Piece(lead, "", None, str(path))


class _Walk:
    """One walk through a JSON document, contact by contact."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text
        self.at = len(BOM) if text.startswith(BOM) else 0
        self.mark = 0  # end of the last contact

    def run(self) -> Iterator[Piece]:
        if self.peek() == "[":
            yield from self.items("")
        elif self.peek() == "{":
            yield from self.wrapped()
        else:
            self.fail("expected a list of contacts, or an object that holds one")
        if self.peek():
            self.fail("expected the end of the file")
        yield Piece(self.text[self.mark :], "", None, str(self.path))

    def wrapped(self) -> Iterator[Piece]:
        keys: set[str] = set()
        found = False
        self.expect("{")
        more = self.peek() != "}"
        while more:
            key = self.key(keys)
            if key in LIST_KEYS and self.peek() == "[":
                if found:
                    self.fail(f"{key!r} is a second list of contacts, expected one")
                found = True
                yield from self.items(key)
            else:
                self.value()
            more = self.comma()
        self.expect("}")
        if not found:
            document, _ = _parse(self.text, self.text.index("{"), str(self.path))
            raise InputError(
                f"{self.path}: no list of contacts, expected a JSON list, an object with"
                f" {', '.join(map(repr, LIST_KEYS))}, or JSON Lines of contacts; found"
                f" {describe(document)}",
                hint=say_way_out(document),
            )

    def is_document(self) -> bool:
        """Whether the object here is a store rather than one contact.

        A list of contacts is looked for no further than to its start.
        """
        keys: set[str] = set()
        self.expect("{")
        more = self.peek() != "}"
        while more:
            if self.key(keys) in LIST_KEYS and self.peek() == "[":
                return True
            self.value()
            more = self.comma()
        self.expect("}")
        return "id" not in keys

    def items(self, key: str) -> Iterator[Piece]:
        self.expect("[")
        index = 0
        more = self.peek() != "]"
        while more:
            self.peek()
            start = self.at
            fields = self.value()
            where = f"{self.path}: {key}[{index}]"
            if fields is None:
                raise InputError(f"{where}: null, expected a contact")
            yield Piece(self.text[self.mark : start], self.text[start : self.at], fields, where)
            self.mark = self.at
            index += 1
            more = self.comma()
        self.expect("]")

    def key(self, keys: set[str]) -> str:
        if self.peek() != '"':
            self.fail("expected a key in quotes")
        key = str(self.value())
        if key in keys:
            self.fail(f"key {key!r} stands twice in one object; one would be lost")
        keys.add(key)
        self.expect(":")
        return key

    def comma(self) -> bool:
        """Pass a comma if one stands here."""
        found = self.peek() == ","
        self.at += found
        return found

    def peek(self) -> str:
        """The next character that is not white space, "" at the end."""
        found = _NOT_BLANK.search(self.text, self.at)
        self.at = found.start() if found else len(self.text)
        return self.text[self.at : self.at + 1]

    def expect(self, char: str) -> None:
        if self.peek() != char:
            self.fail(f"expected {char!r}")
        self.at += 1

    def value(self) -> Any:
        self.peek()
        value, self.at = _parse(self.text, self.at, str(self.path))
        return value

    def fail(self, what: str) -> NoReturn:
        line = self.text.count("\n", 0, self.at) + 1
        column = self.at - (self.text.rfind("\n", 0, self.at) + 1) + 1
        raise InputError(f"{self.path}: line {line}, column {column}: bad JSON: {what}")


class _DuplicateKeyError(Exception):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        keys = [key for key, _ in pairs]
        raise _DuplicateKeyError(next(key for key in keys if keys.count(key) > 1))
    return table


_decoder = json.JSONDecoder(parse_float=NUMBER, object_pairs_hook=_unique)


def _parse(text: str, at: int, where: str) -> tuple[Any, int]:
    """Parse the JSON value at an offset; return it and the offset of what follows."""
    try:
        return _decoder.raw_decode(text, at)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if error.lineno > 1 or ": line" not in where else ""
        raise InputError(f"{where}: {line}column {error.colno}: bad JSON: {error.msg}") from error
    except _DuplicateKeyError as error:
        raise InputError(
            f"{where}: key {error.args[0]!r} stands twice in one JSON object; one would be lost"
        ) from error
    except RecursionError as error:
        raise InputError(f"{where}: JSON nested too deep to be a contact") from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise InputError(f"{where}: bad JSON: {error}") from error
