"""The open files of this process, and the names under which shells hand them on."""

from __future__ import annotations

import os
import re
import sys

_OPEN_FILES = re.compile(r"/(?:dev|proc/(self|\d+))/fd")

#: Links on the way to an open file: ``/dev/stdout`` is one to ``/proc/self/fd/1``.
_MOST_LINKS = 8


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


def hold_streams() -> None:
    """Let a standard stream that was closed (``>&-``) fail when it is used, as a bad file.

    Python has None for it, and the next file to be opened would get its number.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            # What nobody hears may be said; what nobody gets is an error.
            wrong_way = os.O_RDONLY if name == "stdout" else os.O_WRONLY
            made = os.open(os.devnull, wrong_way)
            if made != number:
                os.dup2(made, number)
                os.close(made)
            setattr(sys, name, os.fdopen(number, mode, closefd=False))
