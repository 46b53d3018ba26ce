"""Finished work kept on disk, which costs time where it is missing and nothing else."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from diarfix.files.whole import write_file

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class CacheFolder:
    """A folder of files by key, each written whole. Keys say all that decides what they stand for.

    An entry begins with a line, the SHA-256 of its key and of what follows: one that was cut,
    changed or put under another name counts as missing.

    path    the folder, made when something is put in it; None: nothing is kept
    suffix  of its files, such as ".cell"
    tell    told of every entry that is there and of no use
    """

    path: Path | None
    suffix: str
    tell: Callable[[str], None] | None = None

    def get(self, key: str, read: Callable[[bytes], _Found | None]) -> _Found | None:
        """What ``read`` makes of an entry; None if there is none, or it is damaged."""
        if self.path is None:
            return None
        entry = self.path / f"{key}{self.suffix}"
        found, why = None, "damaged"
        try:
            if not os.path.lexists(entry):
                return None
            # Not through a link, and no pipe, on which reading would wait for ever.
            if stat.S_ISREG(entry.lstat().st_mode):
                seal, _, data = entry.read_bytes().partition(b"\n")
                found = read(data) if seal == _seal(key, data) else None
        except OSError as error:
            why = f"cannot be read: {(error.strerror or str(error)).lower()}"
        except Exception:  # noqa: BLE001 - whatever ``read`` raises, nothing was found
            found = None
        if found is None and self.tell is not None:
            self.tell(f"{entry}: {why}, counts as missing")
        return found

    def put(self, key: str, data: bytes) -> None:
        """Keep an entry; where that fails there is none."""
        if self.path is None:
            return
        entry = self.path / f"{key}{self.suffix}"
        with contextlib.suppress(OSError):
            self.path.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(entry) and not stat.S_ISREG(entry.lstat().st_mode):
                entry.unlink()  # what stands there is no entry, and is never written through
            write_file(str(entry), _seal(key, data) + b"\n" + data)


def _seal(key: str, data: bytes) -> bytes:
    return hashlib.sha256(f"{key}\n".encode() + data).hexdigest().encode()
