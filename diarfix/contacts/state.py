"""What a contact holds: whether its vector is sound, whose model made it, and of which samples."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from diarfix.contacts.contacts import MODEL, Contact
from diarfix.contacts.samples import SampleFolder

TARGET_VERSION = 3

#: What is said of a vector that no tag stands for.
UNTAGGED = "untagged: model unknown"

#: Dimension of the vectors that each version stands for.
VERSION_DIM = {3: 256}


class State(StrEnum):
    """What a contact holds."""

    BELOW = "below the target version"
    VALID = "target version, vector valid and ours or untagged"
    STALE = "target version, wrong dimension, NaN, zero, another model's or other samples'"
    EMPTY = "target version, null"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a contact holds: its state, the reason in words, and what cannot be shown."""

    state: State
    why: str
    untagged: bool = False
    unproven: tuple[str, ...] = ()


def examine(
    contact: Contact,
    folder: SampleFolder | None,
    ours: tuple[str, str] | None,
    to_version: int,
) -> Finding:
    """Say what a contact holds.

    folder  where samples stand, None if not given
    ours    name and digest of the chosen model, None if none was chosen
    """
    vector, tag, dim = contact.vector, contact.tag, VERSION_DIM[to_version]
    if contact.version < to_version:
        return Finding(State.BELOW, f"version {contact.version}")
    if vector is None:
        return Finding(State.EMPTY, "no vector")
    if vector.dim != dim:
        return Finding(State.STALE, f"{vector.dim} dimensions, version {to_version} has {dim}")
    if not vector.sound:
        return Finding(State.STALE, vector.fault)
    if tag is not None and ours is not None and (tag.name, tag.digest) != ours:
        name = tag.name or f"unreadable {MODEL}"
        return Finding(State.STALE, f"vector of another model ({name})")
    if not is_tagged(contact):
        why = "up to date"
        if tag is not None and tag.name:
            why = f"up to date, but its {MODEL} is of another vector"
        return Finding(State.VALID, why, True, (UNTAGGED,) if ours is not None else ())
    n_gone = count_gone(contact, folder)
    if tag is None or not n_gone:
        return Finding(State.VALID, "up to date")
    why = f"vector made of {tag.n_made_of} samples, {n_gone} of them no longer listed"
    if not contact.samples:
        # Nothing can take its place: it stays, inert in matching.
        return Finding(State.VALID, "up to date", unproven=(why,))
    return Finding(State.STALE, why)


def is_tagged(contact: Contact, model: tuple[str, str] | None = None) -> bool:
    """Whether a contact's tag says which model made its vector.

    model  name and digest; if given, whether it is this one
    """
    tag, vector = contact.tag, contact.vector
    if tag is None or vector is None or not tag.name or not tag.is_of(vector):
        return False
    return model is None or (tag.name, tag.digest) == model


def count_gone(contact: Contact, folder: SampleFolder | None) -> int:
    """How many samples a contact's vector is made of that are not listed any more.

    folder  where samples stand; if given, also those count that have other bytes now
    """
    tag = contact.tag
    if tag is None:
        return 0
    if folder is None or not tag.samples:
        return tag.count_gone([None] * len(contact.samples))
    return tag.count_gone([folder.digest(path) for path in contact.samples])
