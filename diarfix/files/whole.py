"""Files that appear whole or not at all, and that one writer at a time replaces."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

_OPEN_FILES = re.compile(r"/(?:dev|proc/(self|\d+))/fd")

#: Links on the way to an open file: ``/dev/stdout`` is one to ``/proc/self/fd/1``.
_MOST_LINKS = 8

#: Attributes that the system sets by rules of its own.
_SYSTEMS_OWN = ("security.", "trusted.")

#: With it a file is not opened through a link.
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)

_BINARY = getattr(os, "O_BINARY", 0)
_CHUNK = 1 << 20

#: Bytes of a file's name that the name of one beside it begins with.
_LONGEST_STEM = 100


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def descriptor(path: str) -> int | None:
    """The number of the open file that a name stands for; None if it is a name like any other.

    Such names are ``/dev/stdout``, ``/dev/fd/3``, and what a shell makes of ``>(...)``.

    >>> descriptor("/dev/fd/3"), descriptor("/dev/null"), descriptor("talk.json")
    (3, None, None)
    """
    for _ in range(_MOST_LINKS):
        folder, name = os.path.split(path)
        if folder.startswith(("/dev", "/proc")):
            known = _OPEN_FILES.fullmatch(folder) or _OPEN_FILES.fullmatch(os.path.realpath(folder))
            if known and name.isdecimal() and known[1] in {None, "self", str(os.getpid())}:
                return int(name)
        if not os.path.islink(path):  # noqa: PTH114 - a name that is too long is no link
            return None
        path = os.path.join(folder, os.readlink(path))  # noqa: PTH115, PTH118
    return None


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
    target = Path(os.path.realpath(path))
    try:
        status = os.stat(path)  # noqa: PTH116 - as often as a file is written
    except FileNotFoundError:
        status = None
    if status is not None and not stat.S_ISREG(status.st_mode):
        with opened(Path(path), os.O_WRONLY) as handle:
            write_all(handle, data)
    elif status is not None and status.st_nlink > 1:
        _write_over(target, data)
    else:
        new = _made_beside(target, data)
        with whole_or_gone(new):
            if status is None:
                os.umask(mask := os.umask(0))
                new.chmod(0o666 & ~mask)
            elif not _dress(new, target, status):
                _write_over(target, data)
                new.unlink()
                return
            new.replace(target)


def write_durably(path: Path, pieces: Iterable[bytes], *, like: Path) -> None:
    """Write a file that is not there yet, and come back when it is safely on disk.

    like  the file whose owner, extended attributes and permissions it gets, where the system lets

    Raises FileExistsError if there is something already, a link too. If it fails, nothing is there.
    """
    with (
        opened(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK) as handle,
        whole_or_gone(path),
    ):
        _dress(path, like, like.stat())
        _fill(handle, pieces)


def move(source: Path, target: Path, *, over: bool = True) -> None:
    """Rename a file, and make the rename itself last.

    over  whatever is there; else FileExistsError is raised where there is something already
    """
    if over:
        source.replace(target)
    else:
        try:
            os.link(source, target, follow_symlinks=False)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError) as error:  # a file system without hard links
            if os.path.lexists(target):
                raise FileExistsError(errno.EEXIST, "exists already", str(target)) from error
            source.replace(target)
        else:
            source.unlink()
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
    handle = os.open(path, flags | _BINARY, mode)
    try:
        yield handle
    finally:
        os.close(handle)


def open_kept(path: Path) -> int:
    """Open a file that a killed run may have left, or make it; its handle reads and writes.

    A file that somebody else made, or may write, or a link, is none that we left: it is taken away.
    """
    with contextlib.suppress(FileNotFoundError):
        if not _is_ours(path.lstat()):
            path.unlink()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINK | _BINARY, 0o600)
    if not _is_ours(os.fstat(handle)):
        os.close(handle)
        raise FileExistsError(errno.EEXIST, "somebody else writes here", str(path))
    return handle


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = False, mode: int = 0o600) -> Iterator[int]:
    """Hold the lock of a file for the block, and its handle, open for reading and writing.

    The file is made if need be; a link or a pipe in its place is taken away. Its lock belongs to
    the process, so one that was killed holds none. Whoever holds it may remove or rename the file,
    which who waited will see.

    wait  until who has the lock lets go; else BlockingIOError is raised
    """
    while True:
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(path.lstat().st_mode):
                path.unlink()
        with opened(path, os.O_RDWR | os.O_CREAT | _NO_LINK, mode) as handle:
            _lock(handle, wait=wait)
            if _is_still(handle, path):
                yield handle
                return
        # Its owner removed it between our opening and our locking.


def _made_beside(target: Path, data: bytes) -> Path:
    """A new file beside another, safely on disk."""
    # Its name must fit where the name of the other just does.
    stem = os.fsencode(target.name)[:_LONGEST_STEM].decode("utf-8", "ignore")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{stem}.", suffix=".tmp")
    with whole_or_gone(Path(name)):
        try:
            _fill(handle, [data])
        finally:
            os.close(handle)
    return Path(name)


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
            spare.unlink()
            raise
        spare.unlink()


def _pour(handle: int, data: bytes) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    write_all(handle, data)
    os.ftruncate(handle, len(data))
    os.fsync(handle)


def _dress(path: Path, like: Path, status: os.stat_result) -> bool:
    """Give a file owner, permissions and attributes of another; whether it now has all of them."""
    whole = not hasattr(os, "chown") or _owned(path, status)
    if hasattr(os, "listxattr"):
        whole &= _attributed(path, like)
    path.chmod(stat.S_IMODE(status.st_mode))
    return whole


def _owned(path: Path, status: os.stat_result) -> bool:
    for owner in (status.st_uid, -1):  # who may not give a file away may still give its group
        with contextlib.suppress(OSError):
            os.chown(path, owner, status.st_gid)
            break
    now = os.stat(path)  # noqa: PTH116
    return (now.st_uid, now.st_gid) == (status.st_uid, status.st_gid)


def _attributed(path: Path, like: Path) -> bool:
    """Extended attributes; ACLs are some of them."""
    try:
        wanted = {name: os.getxattr(like, name) for name in os.listxattr(like)}
        present = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    except OSError:
        return True  # a file system without
    for name in present.keys() - wanted.keys():  # of the folder's default ACL
        with contextlib.suppress(OSError):
            os.removexattr(path, name)
    whole = True
    for name, value in wanted.items():
        if present.get(name) != value:
            try:
                os.setxattr(path, name, value)
            except OSError:
                whole &= name.startswith(_SYSTEMS_OWN)
    return whole


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


def _is_ours(status: os.stat_result) -> bool:
    owner: Callable[[], int] = getattr(os, "geteuid", lambda: status.st_uid)
    others = stat.S_IWGRP | stat.S_IWOTH if os.name == "posix" else 0
    return (
        stat.S_ISREG(status.st_mode)
        and status.st_nlink == 1
        and status.st_uid == owner()
        and not status.st_mode & others
    )


def _is_still(handle: int, path: Path) -> bool:
    """Whether an open file is what stands at a path; it may be removed at any time."""
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


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
