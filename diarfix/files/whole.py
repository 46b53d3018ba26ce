"""Files that appear whole or not at all, and that one writer at a time replaces."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from diarfix.files.dress import dress
from diarfix.files.streams import descriptor

_CHUNK = 1 << 20

#: Bytes of a file's name that the name of one beside it begins with.
_LONGEST_STEM = 100


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_file(path: str, data: bytes) -> None:
    """Replace a file in one step: a reader sees the old bytes or the new, never a part.

    Owner, permissions and extended attributes of an existing file are kept, and a symbolic link
    stays one. A file of several names, and one whose owner or attributes a new file could not have,
    is written in place, its old bytes beside it meanwhile. What is not a regular file (a pipe,
    /dev/stdout, /dev/null) is written to directly. Raises OSError if that fails.
    """
    number = descriptor(path)
    if number is not None:
        write_all(number, data)
        return
    try:
        status = os.stat(path)  # noqa: PTH116 - as often as a file is written
    except FileNotFoundError:
        status = None
    if status is not None and not stat.S_ISREG(status.st_mode):
        with opened(Path(path), os.O_WRONLY) as handle:
            write_all(handle, data)
        return
    target = Path(os.path.realpath(path))
    if status is not None and status.st_nlink > 1:
        _write_over(target, data)
        return
    name = _made_beside(target, data)
    with whole_or_gone(Path(name)):
        if status is None:
            os.chmod(name, 0o666 & ~_umask())  # noqa: PTH101 - a plain name
        elif not dress(name, str(target), status):
            _write_over(target, data)
            os.unlink(name)  # noqa: PTH108
            return
        os.replace(name, target)  # noqa: PTH105


def write_new(path: str, data: bytes, *, like: str) -> None:
    """Write a file that is not there yet, and come back when it is safely on disk.

    like  the file whose owner, permissions and extended attributes it gets, where the system lets

    Raises FileExistsError if there is something of that name, be it a link that leads nowhere.
    """
    with (
        opened(Path(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL) as handle,
        whole_or_gone(Path(path)),
    ):
        _fill(handle, [data])
        dress(path, like, os.stat(like))  # noqa: PTH116


def _made_beside(target: Path, data: bytes) -> str:
    """The name of a new file beside another, safely on disk."""
    # It must fit where the name of the other just does.
    stem = os.fsencode(target.name)[:_LONGEST_STEM].decode("utf-8", "ignore")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{stem}.", suffix=".tmp")
    with whole_or_gone(Path(name)):
        try:
            _fill(handle, [data])
        finally:
            os.close(handle)
    return name


def _write_over(target: Path, data: bytes) -> None:
    """Write into a file; its old bytes lie beside it, and come back if that breaks off."""
    with opened(target, os.O_RDWR) as handle:
        with open(handle, "rb", closefd=False) as file:
            old = file.read()
        spare = _made_beside(target, old)
        try:
            _pour(handle, data)
        except BaseException:
            _pour(handle, old)
            os.unlink(spare)  # noqa: PTH108
            raise
        os.unlink(spare)  # noqa: PTH108


def _pour(handle: int, data: bytes) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    write_all(handle, data)
    os.ftruncate(handle, len(data))
    os.fsync(handle)


def write_durably(path: Path, pieces: Iterable[bytes], *, mode: int) -> None:
    """Write a file, or write it anew, and come back when it is safely on disk."""
    with opened(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as handle:
        _fill(handle, pieces)
    path.chmod(mode)


def move(source: Path, target: Path) -> None:
    """Rename over ``target``, and make the rename itself last."""
    source.replace(target)
    if os.name == "posix":
        with opened(target.parent, os.O_RDONLY) as handle:
            os.fsync(handle)


@contextlib.contextmanager
def whole_or_gone(path: Path) -> Iterator[None]:
    """Take a new file away if the block that makes it fails."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def write_all(handle: int, data: bytes) -> None:
    """Write all bytes to an open file; the system may take them in parts."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


@contextlib.contextmanager
def opened(path: Path, flags: int, mode: int = 0o600) -> Iterator[int]:
    """The handle of a file, as :func:`os.open` gives it, closed behind the block."""
    handle = os.open(path, flags | getattr(os, "O_BINARY", 0), mode)
    try:
        yield handle
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = False, mode: int = 0o600) -> Iterator[int]:
    """Hold the lock of a file for the block, and its handle, open for reading and writing.

    The file is made if need be. Its lock belongs to the process, so one that was killed holds none.
    Whoever holds it may remove or rename the file, which who waited will see.

    wait  until who has the lock lets go; else BlockingIOError is raised
    """
    while True:
        with opened(path, os.O_RDWR | os.O_CREAT, mode) as handle:
            _lock(handle, wait=wait)
            if os.path.exists(path) and os.path.samestat(os.fstat(handle), os.stat(path)):  # noqa: PTH110, PTH116
                yield handle
                return
        # Its owner removed it between our opening and our locking.


def _fill(handle: int, pieces: Iterable[bytes]) -> None:
    buffer: list[bytes] = []
    size = 0
    for piece in pieces:
        buffer.append(piece)
        size += len(piece)
        if size >= _CHUNK:
            write_all(handle, b"".join(buffer))
            buffer, size = [], 0
    write_all(handle, b"".join(buffer))
    os.fsync(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _lock(handle: int, *, wait: bool) -> None:
    """Lock an open file; raises BlockingIOError if another process has it and we do not wait."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(*error.args) from error
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
