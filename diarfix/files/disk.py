"""Writing so that a run may be killed between any two writes, and so that two cannot mix.

Everything that is written stands beside the store under a name that the next run knows, so what a
killed run leaves behind is overwritten or taken away, never piled up.
"""

from __future__ import annotations

import contextlib
import filecmp
import hashlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from diarfix.errors import InputError, StoreError

_CHUNK = 1 << 20


def beside(target: Path, role: str) -> Path:
    """The hidden working file of a role ("journal", "lock", "new") beside a store."""
    return target.with_name(f".{target.name}.diarfix-{role}")


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_new(target: Path, texts: Iterable[str], *, like: Path) -> Path:
    """Write texts to the working file of ``target``, safely on disk, and return its path.

    like  the file whose permissions the new one gets
    """
    path = beside(target, "new")
    with _opened(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as handle:
        buffer: list[bytes] = []
        size = 0
        for text in texts:
            buffer.append(text.encode("utf-8"))
            size += len(buffer[-1])
            if size >= _CHUNK:
                write_all(handle, b"".join(buffer))
                buffer, size = [], 0
        write_all(handle, b"".join(buffer))
        os.fsync(handle)
    shutil.copymode(like, path)
    return path


def write_all(handle: int, data: bytes) -> None:
    """Write all bytes to an open file; the system may take them in parts."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def move(source: Path, target: Path) -> None:
    """Rename over ``target``, and make the rename itself last."""
    os.replace(source, target)  # noqa: PTH105 - a plain name for both
    if os.name == "posix":
        with _opened(target.parent, os.O_RDONLY) as handle:
            os.fsync(handle)


def back_up(store: Path) -> Path:
    """Copy a store to ``NAME.bak``, or ``.bak1``, ``.bak2``, ...; no earlier backup is overwritten.

    A backup with the same bytes is this store's backup already: a killed run made it.
    """
    number = 0
    while True:
        backup = store.with_name(f"{store.name}.bak{number or ''}")
        if not backup.exists():
            break
        if filecmp.cmp(store, backup, shallow=False):
            return backup
        number += 1
    copy = beside(store, "bak")
    shutil.copy2(store, copy)
    with _opened(copy, os.O_RDWR) as handle:
        os.fsync(handle)
    move(copy, backup)
    return backup


@contextlib.contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn a failing disk in the block into InputError; what was embedded is in the journal."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{target}: cannot be written: {_reason(error)}",
            hint="run the same command again when it can: it goes on where it stopped",
        ) from error


@contextlib.contextmanager
def exclusive(target: Path) -> Iterator[None]:
    """Hold the lock of a store for the block.

    The lock belongs to the process, so one that was killed holds none; the file it leaves behind
    is reused. Raises StoreError if another run holds it, InputError if none can be made.
    """
    path = beside(target, "lock")
    try:
        handle = _locked(path)
    except BlockingIOError as error:
        raise StoreError(
            f"{target}: another migration is running on this store", hint="wait until it has ended"
        ) from error
    except OSError as error:
        raise InputError(f"{target}: cannot be locked for writing: {_reason(error)}") from error
    try:
        yield
    finally:
        try:
            # Taken away while held, so that whoever waits finds that its file is gone.
            with contextlib.suppress(OSError):
                os.unlink(path)  # noqa: PTH108
        finally:
            os.close(handle)


def _locked(path: Path) -> int:
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
            if os.path.exists(path) and os.path.samestat(os.fstat(handle), os.stat(path)):  # noqa: PTH110, PTH116
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # its owner removed it between our opening and our locking


def _lock(handle: int) -> None:
    """Lock an open file without waiting; raises BlockingIOError if another process has it."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(*error.args) from error
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    handle = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o600)
    try:
        yield handle
    finally:
        os.close(handle)
