"""Reading an embedding store: every contact, and the text between contacts.

A store is a JSON list of contacts, an object that holds that list under one of
:data:`LIST_KEYS`, or JSON Lines. It is read as a sequence of :class:`Piece`, which laid end to end
are the file, so that a writer can replace one contact and leave every other byte alone. JSON Lines
are streamed; a JSON document is held as text, its contacts parsed one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diarfix.contacts.samples import SampleFolder
from diarfix.contacts.strays import Stray, describe_store, find_strays, say_way_out
from diarfix.contacts.vectors import StoredTag, StoredVector, read_tag, read_vector
from diarfix.errors import InputError, os_errors
from diarfix.files import BOM, read_text
from diarfix.formats import Cursor

ContactId = str | int

#: Members of a contact.
VECTOR = "speaker_embedding"
MODEL = "speaker_embedding_model"
SAMPLES = "speech_samples"
VERSION = "speech_samples_version"

#: Version of a contact that names none.
FIRST_VERSION = 1

TARGET_VERSION = 3

#: Dimension of the vectors that each version stands for.
VERSION_DIM = {3: 256}

LIST_KEYS = ("contacts", "people", "persons")

_BLANK = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact.

    where    file and place, for messages: ``"c.jsonl: line 3"``, ``"c.json: contacts[2]"``
    version  ``speech_samples_version``, 1 if missing
    vector   ``speaker_embedding``, None for null
    samples  ``speech_samples``, as listed
    tag      ``speaker_embedding_model``, None if missing
    keyed    it has the key ``speaker_embedding``, whatever stands there
    strays   what looks like a vector elsewhere in it
    """

    where: str
    id: ContactId
    name: str | None
    version: int
    vector: StoredVector | None
    samples: tuple[str, ...]
    tag: StoredTag | None
    keyed: bool
    strays: tuple[Stray, ...]

    def is_tagged(self, model: tuple[str, str] | None = None) -> bool:
        """Whether the tag says which model made the vector.

        model  name and digest; if given, whether it is this one
        """
        tag, vector = self.tag, self.vector
        if tag is None or vector is None or not tag.name or not tag.is_of(vector):
            return False
        return model is None or (tag.name, tag.digest) == model

    def count_gone(self, folder: SampleFolder | None) -> int:
        """How many samples the vector is made of that are not listed any more.

        folder  where samples stand; if given, also those count that have other bytes now
        """
        if self.tag is None:
            return 0
        look = folder.digest if folder is not None and self.tag.samples else lambda _: None
        return self.tag.count_gone([look(path) for path in self.samples])


def read_contact(fields: Any, where: str) -> Contact:
    """Read one contact. Raises InputError where a field is not what it should be."""
    if not isinstance(fields, dict):
        raise InputError(
            f"{where}: expected a contact, an object with 'id', found {describe_store(fields)}"
        )
    who = fields.get("id")
    if isinstance(who, bool) or not isinstance(who, (str, int)):
        if who is None:
            problem = f"is missing, found {describe_store(fields)}"
        else:
            problem = "is neither a string nor an integer"
        raise InputError(f"{where}: the contact's 'id' {problem}", hint=_way_out(fields))
    name = fields.get("name")
    return Contact(
        where=where,
        id=who,
        name=name if isinstance(name, str) else None,
        version=_version(fields.get(VERSION), where),
        vector=read_vector(fields.get(VECTOR), f"{where}.{VECTOR}"),
        samples=_samples(fields.get(SAMPLES), where),
        tag=read_tag(fields.get(MODEL)),
        keyed=VECTOR in fields,
        strays=tuple(find_strays({k: v for k, v in fields.items() if k != VECTOR}, where)),
    )


def _way_out(fields: dict[str, Any]) -> str | None:
    if isinstance(fields.get("_source"), dict):
        return "a line of an OpenSearch dump: jq -c ._source FILE > contacts.jsonl"
    return "give each contact an 'id' that stays the same" if VECTOR in fields else None


def _version(value: Any, where: str) -> int:
    if value is None:
        return FIRST_VERSION
    if isinstance(value, bool) or not isinstance(value, int) or value < FIRST_VERSION:
        raise InputError(f"{where}.{VERSION}: {json.dumps(value)}, expected 1, 2 or 3")
    return value


def _samples(value: Any, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise InputError(f"{where}.{SAMPLES}: expected a list of paths")
    for i, item in enumerate(value):
        if not isinstance(item, str):
            raise InputError(f"{where}.{SAMPLES}[{i}]: expected a path, a string")
    return tuple(value)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the store.

    lead    the text before the contact, since the last one
    text    the contact's own text; empty in the last piece, which holds what follows all contacts
    fields  the contact parsed; None in the last piece
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
        if self.text is None:
            return _line_pieces(self.path)
        return _document_pieces(self.path, self.text)

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
    cursor = Cursor(text, where=str(path))
    try:
        if not alone:
            cursor.value()
            return cursor.at == len(text)
        keys = set()
        for key in cursor.members():
            if key in LIST_KEYS and cursor.peek() == "[":
                return False  # a list of contacts is looked for no further than to its start
            cursor.value()
            keys.add(key)
    except InputError:
        return alone  # the reader of that layout will say what is wrong
    return "id" in keys


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
            cursor = Cursor(text, 0, where)
            fields = cursor.value()
            if cursor.at != len(text):
                raise InputError(f"{where}: more than one value, expected one contact a line")
            yield Piece(lead + line[:start], text, fields, where)
            lead = line[len(body) :]
    yield Piece(lead, "", None, str(path))


def _document_pieces(path: Path, text: str) -> Iterator[Piece]:
    cursor, mark = Cursor(text, len(BOM) if text.startswith(BOM) else 0, str(path)), 0
    for place in _places(cursor):
        start, fields = cursor.at, cursor.value()
        if fields is None:
            raise InputError(f"{path}: {place}: null, expected a contact")
        yield Piece(text[mark:start], text[start : cursor.at], fields, f"{path}: {place}")
        mark = cursor.at
    yield Piece(text[mark:], "", None, str(path))


def _places(cursor: Cursor) -> Iterator[str]:
    """The place of each contact in words, while the cursor stands before it."""
    if cursor.peek() == "[":
        yield from (f"[{i}]" for i, _ in enumerate(cursor.elements()))
    elif cursor.peek() == "{":
        found = False
        for key in cursor.members():
            if key not in LIST_KEYS or cursor.peek() != "[":
                cursor.value()
                continue
            if found:
                cursor.fail(f"{key!r} is a second list of contacts, expected one")
            found = True
            yield from (f"{key}[{i}]" for i, _ in enumerate(cursor.elements()))
        if not found:
            document = Cursor(cursor.text, cursor.text.index("{"), cursor.where).value()
            raise InputError(
                f"{cursor.where}: no list of contacts, expected a JSON list, an object with"
                f" {', '.join(map(repr, LIST_KEYS))}, or JSON Lines of contacts; found"
                f" {describe_store(document)}",
                hint=say_way_out(document),
            )
    else:
        cursor.fail("expected a list of contacts, or an object that holds one")
    if cursor.peek():
        cursor.fail("expected the end of the file")
