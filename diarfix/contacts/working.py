"""What stands beside a store while it is migrated, so that a run may be killed at any moment.

It all bears names that the next run knows, so what a killed run leaves behind is overwritten or
taken away, never piled up.
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from diarfix.errors import StoreError, os_errors
from diarfix.files.whole import locked, move, opened, write_durably

#: What may stand beside a store, its lock aside.
_ROLES = ("journal", "new", "bak")


def working_file(store: Path, role: str) -> Path:
    """The hidden file of a role (one of :data:`_ROLES`, or "lock") beside a store."""
    return store.with_name(f".{store.name}.diarfix-{role}")


def write_new(target: Path, texts: Iterable[str], *, like: Path) -> Path:
    """Write texts to the working file of ``target``, safely on disk, and return its path.

    like  the file whose permissions the new one gets
    """
    path = working_file(target, "new")
    write_durably(path, (t.encode() for t in texts), mode=stat.S_IMODE(like.stat().st_mode))
    return path


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
    copy = working_file(store, "bak")
    shutil.copy2(store, copy)
    with opened(copy, os.O_RDWR) as handle:
        os.fsync(handle)
    move(copy, backup)
    return backup


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
    for role in _ROLES:
        working_file(store, role).unlink(missing_ok=True)
