"""The record of what moved that ``--changes`` keeps, on disk before the files it tells of."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from diarfix.cli import console
from diarfix.errors import InputError, os_errors
from diarfix.files import STREAM, descriptor, is_url, write_all, write_text


class Record:
    """Changes of one file after another. Every call raises InputError if its place takes no more.

    Lines are on disk before the file that they tell of is written, and stay there once they are
    settled. A stream or a pipe gets them when they are settled; a store, which replaces files and
    appends nothing, gets all at the end.
    """

    def __init__(self, path: str | None, handle: int | None) -> None:
        self._path = path
        self._handle = handle
        self._grows = handle is not None and stat.S_ISREG(os.fstat(handle).st_mode)
        self._size = 0
        self._lines = b""
        self._kept = ""
        self.unused = self._grows  # the file is as it was found

    def add(self, changes: Sequence[dict[str, Any]]) -> None:
        """Put down what is about to be written."""
        self._lines = "".join(console.json_text(change) + "\n" for change in changes).encode()
        self.begin()
        if self._grows:
            try:
                self._write()
            except InputError:
                self._cut()  # no half of it
                raise

    def begin(self) -> None:
        """Do away with an earlier record, which stays until there is anything to tell."""
        if self.unused:
            self.unused = False
            self._cut()

    def settle(self, *, done: bool) -> None:
        """Keep what was put down, or take it back because it did not come about."""
        if self._grows and done:
            self._size += len(self._lines)
        elif self._grows:
            self._cut()
        elif done and self._lines and self._path is not None:
            if self._handle is not None:
                self._write()
            elif is_url(self._path):
                self._kept += self._lines.decode()
            else:
                write_text(self._path, self._lines.decode())

    def close(self) -> None:
        """Bring what waits to where it belongs."""
        if self._path is not None and is_url(self._path):
            write_text(self._path, self._kept)

    def _write(self) -> None:
        if self._handle is not None:
            with os_errors(str(self._path), "cannot be written"):
                write_all(self._handle, self._lines)
                if self._grows:
                    os.fsync(self._handle)

    def _cut(self) -> None:
        if self._handle is not None:
            with os_errors(str(self._path), "cannot be written"):
                os.ftruncate(self._handle, self._size)
                os.lseek(self._handle, self._size, os.SEEK_SET)


@contextmanager
def recording(path: str | None) -> Iterator[Record]:
    """A record at a place, made anew; one that keeps nothing if that is None."""
    if path is None or path == STREAM or is_url(path) or descriptor(path) is not None:
        record = Record(path, None)
        yield record
        record.close()
        return
    made = not os.path.lexists(path)
    with os_errors(path, "cannot be written"):
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        handle = os.open(path, flags, 0o666)
    record = Record(path, handle)
    try:
        yield record
        record.begin()
    except BaseException:
        if made and record.unused:
            os.unlink(path)  # noqa: PTH108
        raise
    finally:
        os.close(handle)
