"""What stands beside a store while it is migrated, so that a run may be killed at any moment.

What a killed run leaves behind is taken over (the journal, once it is shown to be ours), reused
(the lock) or taken away, never piled up. Whoever may write into the folder may plant something
under these names: nothing here is written through a link, and nothing is written into a file that
somebody else made.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from diarfix.errors import InputError, StoreError

_CHUNK = 1 << 20
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NEW = os.O_CREAT | os.O_EXCL | _NO_LINK

#: Bytes of a file's name up to which it fits, with a role, into the 255 of most file systems.
_LONG_NAME = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was read: SHA-256 of its bytes, and what tells that it was not written since."""

    digest: str
    facts: tuple[int, ...]


def look_at(path: Path) -> Seen:
    """Read a file to its end."""
    with path.open("rb") as file:
        facts = _facts(os.fstat(file.fileno()))
        return Seen(hashlib.file_digest(file, "sha256").hexdigest(), facts)


def _facts(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def working_file(store: Path, role: str) -> Path:
    """The hidden file of a role ("journal", "lock", "bak", "new-…") beside a store."""
    name = store.name
    if len(os.fsencode(name)) > _LONG_NAME:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
    return store.with_name(f".{name}.diarfix-{role}")


def write_new(target: Path, texts: Iterable[str], *, like: Path) -> Path:
    """Write texts to a new file beside ``target``, safely on disk, and return its path.

    like  the file whose owner, permissions and extended attributes the new one gets, where the
          system lets
    """
    path = working_file(target, f"new-{secrets.token_hex(8)}")
    with _opened(path, os.O_WRONLY | _NEW) as handle, _or_none(path):
        buffer: list[bytes] = []
        size = 0
        for text in texts:
            buffer.append(text.encode("utf-8"))
            size += len(buffer[-1])
            if size >= _CHUNK:
                write_all(handle, b"".join(buffer))
                buffer, size = [], 0
        write_all(handle, b"".join(buffer))
        _dress(handle, like)
        os.fsync(handle)
    return path


def write_all(handle: int, data: bytes) -> None:
    """Write all bytes to an open file; the system may take them in parts."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def replace_store(
    new: Path, target: Path, *, store: Path, digest: str, backup: bool
) -> Path | None:
    """Rename ``new`` over ``target``, if the store still is what was read when the run began.

    Asked last, after the backup: between the answer and the rename lies no work, so what another
    program saves is not lost. Raises StoreError if the store changed. If it fails, ``new`` is gone.

    digest  of the store's bytes as they were read
    backup  whether to keep ``target``, which is the store, under another name, which is returned
    """
    with _or_none(new):
        try:
            kept = back_up(target, digest) if backup else None
            seen = look_at(store)
            # It may have been replaced while we read what it was.
            if seen.digest != digest or _facts(store.stat()) != seen.facts:
                raise changed(store)
        except FileNotFoundError as error:
            raise changed(store) from error
        os.replace(new, target)  # noqa: PTH105 - a plain name for both
        _sync_folder(target)
    return kept


def changed(store: Path) -> StoreError:
    """The error of a store that another program wrote while it was migrated."""
    return StoreError(
        f"{store}: changed while it was migrated; it is left as it is now",
        hint="run the same command again",
    )


def back_up(store: Path, digest: str) -> Path:
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
                _name(copy, backup)
            except FileExistsError:
                continue  # made meanwhile: look at it
            _sync_folder(backup)
            return backup
        if stat.S_ISREG(backup.lstat().st_mode) and look_at(backup).digest == digest:
            return backup
        number += 1


def _copy(store: Path, copy: Path, digest: str) -> None:
    _take_away(copy)
    read = hashlib.sha256()
    with store.open("rb") as source, _opened(copy, os.O_WRONLY | _NEW) as handle, _or_none(copy):
        while data := source.read(_CHUNK):
            read.update(data)
            write_all(handle, data)
        if read.hexdigest() != digest:
            raise changed(store)
        _dress(handle, store)
        status = os.fstat(source.fileno())
        os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)
        os.fsync(handle)


def _name(source: Path, target: Path) -> None:
    """Rename, but raise FileExistsError where there is something already."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError) as error:  # a file system without hard links
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "exists already", str(target)) from error
        os.replace(source, target)  # noqa: PTH105
    else:
        os.unlink(source)  # noqa: PTH108


def _dress(handle: int, like: Path) -> None:
    """Give an open file owner, extended attributes and permissions of another."""
    status = like.stat()
    if hasattr(os, "fchown"):
        with contextlib.suppress(OSError):
            os.fchown(handle, status.st_uid, status.st_gid)
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(like):
                with contextlib.suppress(OSError):
                    os.setxattr(handle, name, os.getxattr(like, name))
    if hasattr(os, "fchmod"):
        os.fchmod(handle, stat.S_IMODE(status.st_mode))


@contextlib.contextmanager
def _or_none(path: Path) -> Iterator[None]:
    """Take a new file away if the block that fills it fails."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108
        raise


def _sync_folder(path: Path) -> None:
    if os.name == "posix":
        with _opened(path.parent, os.O_RDONLY) as handle:
            os.fsync(handle)


def open_kept(path: Path) -> int:
    """Open a file that a killed run may have left, or make it; its handle reads and writes.

    A file that somebody else made, or may write, or a link, is none that we left: it is taken away.
    """
    with contextlib.suppress(FileNotFoundError):
        if not _is_ours(path.lstat()):
            os.unlink(path)  # noqa: PTH108
    handle = os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o600)
    if not _is_ours(os.fstat(handle)):
        os.close(handle)
        raise FileExistsError(errno.EEXIST, "somebody else writes here", str(path))
    return handle


def _is_ours(status: os.stat_result) -> bool:
    owner: Callable[[], int] = getattr(os, "geteuid", lambda: status.st_uid)
    others = stat.S_IWGRP | stat.S_IWOTH if os.name == "posix" else 0
    return (
        stat.S_ISREG(status.st_mode)
        and status.st_nlink == 1
        and status.st_uid == owner()
        and not status.st_mode & others
    )


def tidy(store: Path) -> None:
    """Take away what this run or a killed one needed on the way."""
    for role in ("journal", "bak"):
        _take_away(working_file(store, role))
    pattern = working_file(store, "new-").name
    for name in os.listdir(store.parent):  # noqa: PTH208 - whole, before anything is taken away
        if name.startswith(pattern):
            _take_away(store.with_name(name))


def _take_away(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - as os.replace


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
    path = working_file(target, "lock")
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
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(path.lstat().st_mode):
                os.unlink(path)  # noqa: PTH108
        handle = os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o600)
        try:
            _lock(handle)
            if os.path.lexists(path) and os.path.samestat(os.fstat(handle), path.lstat()):
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
    handle = os.open(path, flags, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)
