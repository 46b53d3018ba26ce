"""The one door to fsspec: files in object stores and wherever else a URL leads."""

from __future__ import annotations

import fnmatch
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from diarfix.errors import DiarfixError, InputError, MissingDependency

#: The package that fsspec needs for a protocol, where it is not fsspec itself.
_PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
    "http": "aiohttp",
    "https": "aiohttp",
    "sftp": "paramiko",
    "ssh": "paramiko",
    "smb": "smbprotocol",
}


def read(url: str) -> bytes:
    """The bytes of a file."""
    with _told(url):
        store, path = _store(url)
        data: bytes = store.cat_file(path)
        return data


def write(url: str, data: bytes) -> None:
    """Replace a file whole: a reader sees the old bytes or the new, never a part.

    Object stores show an object once it is complete; elsewhere fsspec's transaction writes beside
    the file and renames.
    """
    with _told(url, "cannot be written: "):
        store, path = _store(url)
        if "file" in store.protocol:
            from diarfix.files.local import write_bytes

            write_bytes(path, data)
            return
        with store.transaction:
            store.pipe_file(path, data)


def fetch(url: str, target: str) -> None:
    """Copy a file to this machine, a piece at a time."""
    with _told(url):
        store, path = _store(url)
        store.get_file(path, target)


def is_folder(url: str) -> bool:
    """Whether anything stands below this name."""
    with _told(url):
        store, path = _store(url)
        return bool(store.isdir(path))


def exists(url: str) -> bool:
    """Whether there is such a file or folder."""
    with _told(url):
        store, path = _store(url)
        return bool(store.exists(path))


def files_inside(url: str, patterns: tuple[str, ...]) -> list[str]:
    """Files at any depth whose names fit one of some patterns, sorted."""
    with _told(url):
        store, path = _store(url)
        found = store.find(path)
    names = ((p, p.rsplit("/", 1)[-1]) for p in found)
    fitting = [p for p, name in names if any(fnmatch.fnmatchcase(name, x) for x in patterns)]
    return _named(store, url, path, fitting)


def files_matching(url: str) -> list[str]:
    """Files that fit a pattern, sorted."""
    with _told(url):
        store, path = _store(url)
        found = store.glob(path, detail=True)
    return _named(store, url, path, [p for p, facts in found.items() if facts["type"] == "file"])


def make_folder(url: str) -> None:
    """Make a folder where the store has any; the one above it must be there."""
    with _told(url, "cannot be made a folder: "):
        store, path = _store(url)
        if not store.isdir(path):
            try:
                store.mkdir(path, create_parents=False)
            except (FileExistsError, NotImplementedError):
                return  # made meanwhile; or a store that shows in writing what it can


def _named(store: Any, url: str, path: str, found: list[str]) -> list[str]:
    """Found paths as URLs written like the one they were found by, chain and all."""
    at = url.find(path, url.index("://") + 2)
    if not path or at < 0:
        return sorted(store.unstrip_protocol(p) for p in found)
    head, tail = url[:at], url[at + len(path) :].rstrip("/")
    return sorted(f"{head}{p}{tail}" for p in found)


def _store(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it. Settings come from where fsspec takes them."""
    protocol = url.split("://", 1)[0].split("::", 1)[0]
    own = _PACKAGES.get(protocol, "")
    cure = f"pip install 'diarfix[fsspec]' {own}".strip()
    try:
        core = importlib.import_module("fsspec.core")
    except ImportError as error:
        raise MissingDependency(f"{url}: the package fsspec is not installed", hint=cure) from error
    try:
        store, path = core.url_to_fs(url)
    except ImportError as error:
        said = " ".join(str(error).split())
        raise MissingDependency(
            f"{url}: {protocol}:// needs a package that is missing: {said}", hint=cure
        ) from error
    return store, path


@contextmanager
def _told(url: str, what: str = "") -> Iterator[None]:
    """Every failure of a store as our own: each has errors of its own, from no common class."""
    try:
        yield
    except DiarfixError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"{url}: {what}no such file or directory") from error
    except Exception as error:
        said = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise InputError(f"{url}: {what}{said or type(error).__name__}") from error
