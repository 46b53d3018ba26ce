"""What stands beside a store while it is migrated, so that a run may be killed at any moment.

What a killed run leaves behind is taken over (the journal, once it is shown to be ours), reused
(the lock) or taken away, never piled up. Whoever may write into the folder may plant something
under these names: nothing here is written through a link, and nothing is written into a file that
somebody else made.

The journal holds the vectors that were embedded for a store that is not written yet: a header line
that says for which bytes, model and samples folder, then a line per contact. A run that finds a
journal with its own header takes over the vectors that are shown to be what it would make itself:
each line bears a checksum that begins with the header, a vector of unit length and of the model's
dimension, and the digest of each sample that is in it. A line that a killed run left unfinished is
cut off. The journal never changes what a run decides, only how often a voice is embedded.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from diarfix.contacts.vectors import ModelTag, Voice
from diarfix.errors import StoreError, os_errors
from diarfix.files import (
    locked,
    move,
    open_kept,
    sha256,
    whole_or_gone,
    write_all,
    write_durably,
)

_CHUNK = 1 << 20

#: Bytes of a file's name up to which it fits, with a role, into the 255 of most file systems.
_LONG_NAME = 200

#: Seconds between calls that force lines to disk. Only a power failure loses what lies between; a
#: killed process loses nothing.
_SYNC_S = 0.5

#: How far from 1 the length of a unit vector of float32 may be.
_UNIT = 1e-3

_SHA256 = re.compile(r"[0-9a-f]{64}")


def working_file(store: Path, role: str) -> Path:
    """The hidden file of a role ("journal", "lock", "bak", "new-…") beside a store."""
    name = store.name
    if len(os.fsencode(name)) > _LONG_NAME:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
    return store.with_name(f".{name}.diarfix-{role}")


def write_new(target: Path, texts: Iterable[str], *, like: Path) -> Path:
    """Write texts to a new file beside ``target``, safely on disk, and return its path.

    like  see :func:`write_durably`
    """
    path = working_file(target, f"new-{secrets.token_hex(8)}")
    write_durably(path, (text.encode() for text in texts), like=like)
    return path


def replace_store(
    new: Path, target: Path, *, store: Path, digest: str, backup: bool
) -> Path | None:
    """Rename ``new`` over ``target``, if the store still is what was read when the run began.

    Asked last, after the backup: between the answer and the rename lies no work, so what another
    program saves is not lost. Raises StoreError if the store changed. If it fails, ``new`` is gone.

    digest  of the store's bytes as they were read
    backup  whether to keep ``target``, which is the store, under another name, which is returned
    """
    with whole_or_gone(new):
        try:
            kept = back_up_store(target, digest) if backup else None
            before = _facts(store)
            # It may be written or replaced while we read what it is.
            if sha256(store) != digest or _facts(store) != before:
                raise changed(store)
        except FileNotFoundError as error:
            raise changed(store) from error
        move(new, target)
    return kept


def _facts(path: Path) -> tuple[int, ...]:
    """What tells that a file was not written since."""
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def changed(store: Path) -> StoreError:
    """The error of a store that another program wrote while it was migrated."""
    return StoreError(
        f"{store}: changed while it was migrated; it is left as it is now",
        hint="run the same command again",
    )


def back_up_store(store: Path, digest: str) -> Path:
    """Copy a store to ``NAME.bak``, ``.bak1``, ``.bak2``, ...; nothing that is there is replaced.

    A backup with the same bytes is this store's backup already: a killed run made it.

    digest  of the bytes that are to be kept; StoreError if the store has others by now
    """
    copy = working_file(store, "bak")
    number = 0
    while True:
        backup = store.with_name(f"{store.name}.bak{number or ''}")
        if not os.path.lexists(backup):
            _copy(store, copy, digest)
            try:
                move(copy, backup, over=False)
            except FileExistsError:
                continue  # made meanwhile: look at it
            return backup
        if stat.S_ISREG(backup.lstat().st_mode) and sha256(backup) == digest:
            return backup
        number += 1


def _copy(store: Path, copy: Path, digest: str) -> None:
    status = store.stat()
    copy.unlink(missing_ok=True)
    with store.open("rb") as source:
        write_durably(copy, iter(lambda: source.read(_CHUNK), b""), like=store)
    with whole_or_gone(copy):
        if sha256(copy) != digest:
            raise changed(store)
        os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)


def writing(target: Path) -> contextlib.AbstractContextManager[None]:
    """Turn a failing disk in the block into InputError; what was embedded is in the journal."""
    again = "run the same command again when it can: it goes on where it stopped"
    return os_errors(str(target), "cannot be written", hint=again)


@contextlib.contextmanager
def exclusive(target: Path) -> Iterator[None]:
    """Hold the lock of a store for the block; the file that a killed run left behind is reused.

    Raises StoreError if another run holds it, InputError if none can be made.
    """
    path = working_file(target, "lock")
    with contextlib.ExitStack() as stack:
        with os_errors(str(target), "cannot be locked for writing"):
            try:
                stack.enter_context(locked(path))
            except BlockingIOError as error:
                raise StoreError(
                    f"{target}: another migration is running on this store",
                    hint="wait until it has ended",
                ) from error
        try:
            yield
        finally:
            # Taken away while held, so that whoever waits finds that its file is gone.
            with contextlib.suppress(OSError):
                path.unlink()


def tidy(store: Path) -> None:
    """Take away what this run or a killed one needed on the way."""
    for role in ("journal", "bak"):
        working_file(store, role).unlink(missing_ok=True)
    pattern = working_file(store, "new-").name
    for name in os.listdir(store.parent):  # noqa: PTH208 - whole, before anything is taken away
        if name.startswith(pattern):
            store.with_name(name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Header:
    """What a journal is for; a journal with another header is worth nothing to a run.

    store    SHA-256 of the store
    model    the model that embeds
    samples  the samples folder
    """

    store: str
    model: ModelTag
    samples: str
    to_version: int

    def line(self) -> bytes:
        """The first line of the journal."""
        return json.dumps({"diarfix_journal": 2, **asdict(self)}).encode() + b"\n"


class Journal:
    """An open journal, appended to and read from by the number of a contact in its store."""

    def __init__(self, path: Path, header: Header) -> None:
        self.header = header
        self._path = path
        self._place: dict[int, tuple[int, int]] = {}  # offset and length of a contact's line
        self._handle = open_kept(path)
        try:
            self._end = self._recover()
        except BaseException:
            os.close(self._handle)
            raise
        self._synced = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # What was embedded stays for the next run, whatever ended this one.
        try:
            with contextlib.suppress(OSError):
                os.fsync(self._handle)
        finally:
            os.close(self._handle)

    def __contains__(self, index: int) -> bool:
        return index in self._place

    def add(self, index: int, voice: Voice) -> None:
        """Record the voice of contact number ``index``."""
        line = _line(self.header, index, voice)
        os.lseek(self._handle, self._end, os.SEEK_SET)
        write_all(self._handle, line)
        self._place[index] = self._end, len(line)
        self._end += len(line)
        now = time.monotonic()
        if now - self._synced >= _SYNC_S:
            os.fsync(self._handle)
            self._synced = now

    def voice(self, index: int) -> Voice:
        """The voice recorded for contact number ``index``."""
        offset, length = self._place[index]
        os.lseek(self._handle, offset, os.SEEK_SET)
        entry = _entry(os.read(self._handle, length), self.header)
        if entry is None or entry[0] != index:  # somebody else writes here
            msg = f"{self._path}: the journal changed under a running migration"
            raise RuntimeError(msg)
        return entry[1]

    def _recover(self) -> int:
        """Take over what is sound, cut off the rest; return where the next line goes."""
        end = 0
        header = self.header.line()
        with os.fdopen(os.dup(self._handle), "rb") as file:
            if file.readline(len(header) + 1) == header:
                end = file.tell()
                for line in file:
                    entry = _entry(line, self.header)
                    if entry is None:
                        break
                    self._place[entry[0]] = end, len(line)
                    end += len(line)
        os.ftruncate(self._handle, end)
        if not end:
            os.lseek(self._handle, 0, os.SEEK_SET)
            write_all(self._handle, header)
            end = len(header)
        return end


def _line(header: Header, index: int, voice: Voice) -> bytes:
    data = base64.b64encode(voice.vector.astype("<f4").tobytes()).decode("ascii")
    entry = {
        "contact": index,
        "n_samples": len(voice.samples),
        "samples": voice.samples,
        "vector": data,
    }
    return json.dumps({**entry, "checksum": _checksum(header, entry)}).encode() + b"\n"


def _checksum(header: Header, entry: dict[str, Any]) -> str:
    """SHA-256 of a line and of what the journal is for: no line of another one has it."""
    return hashlib.sha256(header.line() + json.dumps(entry, sort_keys=True).encode()).hexdigest()


def _entry(line: bytes, header: Header) -> tuple[int, Voice] | None:
    """Read a line; None unless it is whole and holds a voice as a run records one."""
    try:
        entry: dict[str, Any] = json.loads(line)
        checksum = entry.pop("checksum")
        index, n_samples, samples = entry["contact"], entry["n_samples"], entry["samples"]
        vector = np.frombuffer(base64.b64decode(entry["vector"], validate=True), dtype="<f4")
        sound = (
            line.endswith(b"\n")
            and checksum == _checksum(header, entry)
            and type(index) is int
            and index >= 0
            and n_samples == len(samples) > 0
            and all(_SHA256.fullmatch(digest) for digest in samples)
            and len(vector) == header.model.dim
            and abs(float(np.linalg.norm(vector.astype(np.float64))) - 1) < _UNIT
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return (index, Voice(vector.astype(np.float32), tuple(samples))) if sound else None
