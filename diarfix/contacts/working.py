"""What stands beside a store while it is migrated, so that a run may be killed at any moment.

What a killed run leaves behind is taken over (the journal, once it is shown to be ours), reused
(the lock) or taken away, never piled up. Whoever may write into the folder may plant something
under these names: nothing here is written through a link, and nothing is written into a file that
somebody else made.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from diarfix.errors import StoreError, os_errors
from diarfix.files import locked, move, sha256, whole_or_gone, write_durably

_CHUNK = 1 << 20

#: Bytes of a file's name up to which it fits, with a role, into the 255 of most file systems.
_LONG_NAME = 200


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
    write_durably(copy, _pieces(store, digest), like=store)
    os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)


def _pieces(store: Path, digest: str) -> Iterator[bytes]:
    """The bytes of a store; StoreError in the end if they are not those of the digest."""
    read = hashlib.sha256()
    with store.open("rb") as source:
        while data := source.read(_CHUNK):
            read.update(data)
            yield data
    if read.hexdigest() != digest:
        raise changed(store)


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
