"""Names of files, and which files there are: on this machine, or in a store that a URL names.

A URL is what fsspec takes for one: ``s3://bucket/a.json``, ``memory://a.json``,
``zip://a.json::https://host/all.zip``. Everything else is a path of this machine.
"""

from __future__ import annotations

import glob
import os
import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

from diarfix.errors import os_errors
from diarfix.files.remote import Remote

#: Stands for standard input or standard output.
STREAM = "-"

_URL = re.compile(r"[A-Za-z][\w+.-]*(?:::[A-Za-z][\w+.-]*)*://")
_WEB = ("http://", "https://")


def is_url(path: str) -> bool:
    """Whether a path is a URL."""
    return _URL.match(path) is not None


def is_web(path: str) -> bool:
    """Whether a path is an address that any browser opens: such a place has no folders."""
    return path.startswith(_WEB)


def file_name(path: str) -> str:
    """The last part of a path or URL; the query of a web address is none of it."""
    if not is_url(path):
        return Path(path).name
    first = path.split("::", 1)[0]
    own = first if is_url(first) else path
    if is_web(own):
        own = re.split(r"[?#]", own, maxsplit=1)[0]
    return own.rstrip("/").rsplit("/", 1)[-1]


def recording_id(path: str) -> str:
    """The name a recording has by its file: the file name up to the first dot."""
    return file_name(path).split(".", 1)[0] if path != STREAM else STREAM


def same_place(one: str, other: str) -> bool:
    """Whether two names, of which no file need be there yet, are of one file."""
    if is_url(one) or is_url(other):
        return one == other
    return Path(one).resolve() == Path(other).resolve()


def join(folder: str, name: str) -> str:
    """A file in a folder."""
    return f"{folder.rstrip('/')}/{name}" if is_url(folder) else str(Path(folder) / name)


def beside(file: str, named: str) -> str:
    """What ``named`` means where it stands in ``file``: relative to its folder, unless absolute."""
    if is_url(named) or (is_url(file) and named.startswith("/")):
        return named
    if not is_url(file):
        return str(Path(file).parent / named)
    # Stores keep names, not trees: ".." means nothing to them.
    scheme, _, rest = file.partition("://")
    where, mark, chain = rest.partition("::")
    found = posixpath.normpath(posixpath.join(posixpath.dirname(where), named))
    return f"{scheme}://{found}{mark}{chain}"


def is_folder(path: str) -> bool:
    """Whether there is a folder of this name. Raises InputError for a store out of reach."""
    if is_url(path):
        return not is_web(path) and Remote(path).is_folder()
    # os.path, not Path: a name too long for the system is no folder, not an error of its own.
    return os.path.isdir(path)  # noqa: PTH112


def files_inside(folder: str, patterns: Iterable[str]) -> list[str]:
    """Files at any depth whose names fit one of some patterns, sorted; none of them is read."""
    if is_url(folder):
        return Remote(folder).files_inside(tuple(patterns))
    return sorted({str(p) for pattern in patterns for p in Path(folder).rglob(pattern)})


def is_pattern(path: str) -> bool:
    """Whether a path is no file but stands for those that fit it."""
    if is_web(path) or not any(c in path for c in "*?["):
        return False
    if is_url(path):
        return not Remote(path).exists()
    return not os.path.exists(path)  # noqa: PTH110


def files_matching(pattern: str) -> list[str]:
    """Files that fit a pattern (``*``, ``?``, ``[…]``, ``**``), sorted; none of them is read."""
    if is_url(pattern):
        return Remote(pattern).files_matching()
    return sorted(p for p in glob.glob(pattern, recursive=True) if Path(p).is_file())  # noqa: PTH207


def make_folder(path: str) -> None:
    """Make a folder and those above it. Stores without folders need none; a bucket is never made.

    Raises InputError if that fails.
    """
    if is_url(path):
        Remote(path).make_folder()
        return
    with os_errors(path, "cannot be made a folder"):
        Path(path).mkdir(parents=True, exist_ok=True)
