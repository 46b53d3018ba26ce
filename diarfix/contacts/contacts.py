"""What migration and matching need of a contact; every other field stays in the store's text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from diarfix.contacts.strays import Stray, describe_store, find_strays
from diarfix.contacts.tag import StoredTag, read_tag
from diarfix.contacts.vectors import StoredVector, read_vector
from diarfix.errors import InputError

ContactId = str | int

VECTOR = "speaker_embedding"
MODEL = "speaker_embedding_model"
SAMPLES = "speech_samples"
VERSION = "speech_samples_version"

#: Version of a contact that names none.
FIRST_VERSION = 1


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
        bare = isinstance(value, bytes)
        shown = value.decode() if bare else json.dumps(value, default=bytes.decode)
        raise InputError(f"{where}.{VERSION}: {shown}, expected 1, 2 or 3")
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
