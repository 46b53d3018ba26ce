"""Where a call reads and writes: no result over another, none over what is read, all writable."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple

from diarfix.errors import UsageError
from diarfix.files import STREAM, check_writable, place

#: Options that name places for the results themselves.
_RESULTS = ("-o", "--output-dir")


class Read(NamedTuple):
    """Something that is read: the option or argument that names it, and the name."""

    what: str
    path: str | None


class Written(NamedTuple):
    """Something that is written.

    over  the FILE that it may replace, because the call says so
    """

    what: str
    path: str | None
    over: str | None = None


def check_places(read: Iterable[Read], written: Iterable[Written]) -> None:
    """Refuse a call that would write over what it reads, or twice in one place.

    Links, hard links, spellings and stores make no difference; devices and pipes take anything.
    Entries without a path count for nothing. Raises UsageError; nothing is read for it.
    """
    taken: dict[Hashable, Read] = {}
    for entry in read:
        for key in _places(entry.path, number=0):
            taken.setdefault(key, entry)
    outputs: dict[Hashable, Written] = {}
    for result in written:
        for key in _places(result.path, number=1):
            other = outputs.setdefault(key, result)
            if other is not result:
                raise UsageError(f"{_name(other)} and {_name(result)} would be one file")
            source = taken.get(key)
            if source is not None and (result.over is None or source.path != result.over):
                raise UsageError(
                    f"{_name(result)} would be written over {_name(source)}",
                    hint="-i writes over its input" if result.what in _RESULTS else None,
                )


def check_outputs(paths: Iterable[str | None]) -> None:
    """Raise InputError for a place where nothing can be written, before there is work to lose."""
    for path in paths:
        if path is not None:
            check_writable(path)


def _places(path: str | None, *, number: int) -> Iterator[Hashable]:
    if path is None:
        return
    key = _open_place(number) if path == STREAM else place(path)
    if key is not None:
        yield key


def _open_place(number: int) -> Hashable:
    """The place of a standard stream, where it was led to a file."""
    return place(f"/dev/fd/{number}") if os.name == "posix" else None


def _name(entry: Read | Written) -> str:
    return f"{entry.what} {entry.path}"
