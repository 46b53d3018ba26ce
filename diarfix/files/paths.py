"""Names of files, and which files there are: on this machine, or in a store that a URL names.

A URL is what fsspec takes for one: ``s3://bucket/a.json``, ``memory://a.json``,
``zip://a.json::https://host/all.zip``. Everything else is a path of this machine.
"""

from __future__ import annotations

import contextlib
import glob
import os
import posixpath
import re
import stat
import unicodedata
from collections.abc import Hashable, Iterable
from pathlib import Path
from urllib.parse import urlsplit

from diarfix.errors import DiarfixError, os_errors
from diarfix.files.remote import Remote

#: Stands for standard input or standard output.
STREAM = "-"

_URL = re.compile(r"[A-Za-z][\w+.-]*(?:::[A-Za-z][\w+.-]*)*://")
_WEB = ("http://", "https://")
#: Protocols before the real one that keep a copy of what it leads to.
_KEPT = re.compile(r"^((simplecache|filecache|blockcache|cached)::)+")


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


def place(path: str) -> Hashable:
    """What all names of one file have in common, of which none need be there yet.

    Links of both kinds, other spellings, and the case where the file system folds it make no
    difference. None is the place of a device or pipe, which may be written by many.
    """
    if is_url(path):
        return _url_place(path)
    with contextlib.suppress(OSError, ValueError):
        status = os.stat(path)  # noqa: PTH116 - Path knows not every name
        known = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
        return (status.st_dev, status.st_ino) if known else None
    with contextlib.suppress(OSError, ValueError):
        folder, names = Path(os.path.realpath(path)), list[str]()
        while not folder.exists():
            folder, names = folder.parent, [folder.name, *names]
        status = folder.stat()
        below = "/".join(names)
        if _folds_case(folder):
            below = unicodedata.normalize("NFC", below).casefold()
        return status.st_dev, status.st_ino, below
    return path


def _url_place(url: str) -> Hashable:
    bare = _KEPT.sub("", url)
    if is_web(bare.lower()):
        parts = urlsplit(bare)
        return parts.netloc.lower(), parts.path, parts.query
    try:
        store, path = Remote(bare).place()
    except DiarfixError:
        return bare  # told where it is opened
    return place(path) if store == "file" else (store, path)


def _folds_case(folder: Path) -> bool:
    """Whether the file system takes names that differ by case for one."""
    for part in (folder, *folder.parents):
        other = part.with_name(part.name.swapcase())
        if other.name != part.name:
            return other.exists() and other.samefile(part)
    return False


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


def files_inside(
    folder: str, patterns: Iterable[str], passed_over: list[str] | None = None
) -> list[str]:
    """Files at any depth whose names fit one of some patterns, sorted; none of them is read.

    passed_over  gets the pipes, sockets and devices among them: to read those may take for ever
    """
    if is_url(folder):
        return Remote(folder).files_inside(tuple(patterns))
    found = sorted({str(p) for pattern in patterns for p in Path(folder).rglob(pattern)})
    return _files_among(found, passed_over)


def _files_among(names: Iterable[str], passed_over: list[str] | None) -> list[str]:
    """Those that are files, or that nobody can tell: links to nowhere fail when they are read."""
    files = []
    for name in names:
        try:
            mode = os.stat(name).st_mode  # noqa: PTH116
        except OSError:
            mode = stat.S_IFREG
        if stat.S_ISREG(mode):
            files.append(name)
        elif passed_over is not None and not stat.S_ISDIR(mode):
            passed_over.append(name)
    return files


def is_pattern(path: str) -> bool:
    """Whether a path is no file but stands for those that fit it."""
    if is_web(path) or not any(c in path for c in "*?["):
        return False
    if is_url(path):
        return not Remote(path).exists()
    return not os.path.exists(path)  # noqa: PTH110


def files_matching(pattern: str, passed_over: list[str] | None = None) -> list[str]:
    """Files that fit a pattern (``*``, ``?``, ``[…]``, ``**``), as :func:`files_inside`."""
    if is_url(pattern):
        return Remote(pattern).files_matching()
    return _files_among(sorted(glob.glob(pattern, recursive=True)), passed_over)  # noqa: PTH207


def make_folder(path: str) -> None:
    """Make a folder and those above it. Stores without folders need none; a bucket is never made.

    Raises InputError if that fails.
    """
    if is_url(path):
        Remote(path).make_folder()
        return
    with os_errors(path, "cannot be made a folder"):
        Path(path).mkdir(parents=True, exist_ok=True)
