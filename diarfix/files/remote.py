"""The one door to fsspec: files in object stores and wherever else a URL leads."""

from __future__ import annotations

import fnmatch
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from diarfix.errors import DiarfixError, InputError, MissingDependency
from diarfix.files.whole import write_file

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


class Remote:
    """A file, folder or pattern in a store. Every call raises InputError where the store fails."""

    def __init__(self, url: str) -> None:
        self.url = url

    def read(self) -> bytes:
        """The bytes of a file."""
        with self._store() as (store, path):
            data: bytes = store.cat_file(path)
            return data

    def write(self, data: bytes) -> None:
        """Replace a file whole: a reader sees the old bytes or the new, never a part.

        Object stores show an object once it is complete; elsewhere fsspec's transaction writes
        beside the file and renames.
        """
        with self._store("cannot be written: ") as (store, path):
            if "file" in store.protocol:
                write_file(path, data)
                return
            with store.transaction:
                store.pipe_file(path, data)

    def place(self) -> tuple[str, str]:
        """The store and the path in it, whatever the URL calls them."""
        with self._store() as (store, path):
            protocols = (store.protocol,) if isinstance(store.protocol, str) else store.protocol
            return min(protocols), path

    def fetch(self, target: str) -> None:
        """Copy a file to this machine, a piece at a time."""
        with self._store() as (store, path):
            store.get_file(path, target)

    def is_folder(self) -> bool:
        """Whether anything stands below this name."""
        with self._store() as (store, path):
            return bool(store.isdir(path))

    def exists(self) -> bool:
        """Whether there is such a file or folder."""
        with self._store() as (store, path):
            return bool(store.exists(path))

    def files_inside(self, patterns: tuple[str, ...]) -> list[str]:
        """Files at any depth whose names fit one of some patterns, sorted."""
        with self._store() as (store, path):
            found = store.find(path)
        names = ((p, p.rsplit("/", 1)[-1]) for p in found)
        fitting = [p for p, name in names if any(fnmatch.fnmatchcase(name, x) for x in patterns)]
        return _named(store, self.url, path, fitting)

    def files_matching(self) -> list[str]:
        """Files that fit a pattern, sorted."""
        with self._store() as (store, path):
            found = store.glob(path, detail=True)
        files = [p for p, facts in found.items() if facts["type"] == "file"]
        return _named(store, self.url, path, files)

    def make_folder(self) -> None:
        """Make a folder where the store has any; the one above it must be there."""
        with self._store("cannot be made a folder: ") as (store, path):
            if not store.isdir(path):
                try:
                    store.mkdir(path, create_parents=False)
                except (FileExistsError, NotImplementedError):
                    return  # made meanwhile; or a store that shows in writing what it can

    @contextmanager
    def _store(self, what: str = "") -> Iterator[tuple[Any, str]]:
        """The file system and the path in it; every failure in the block becomes our own.

        Each store has errors of its own, from no common class.
        """
        try:
            yield _opened(self.url)
        except DiarfixError:
            raise
        except FileNotFoundError as error:
            raise InputError(f"{self.url}: {what}no such file or directory") from error
        except Exception as error:
            said = getattr(error, "strerror", None) or " ".join(str(error).split())
            raise InputError(f"{self.url}: {what}{said or type(error).__name__}") from error


def _named(store: Any, url: str, path: str, found: list[str]) -> list[str]:
    """Found paths as URLs written like the one they were found by, chain and all."""
    at = url.find(path, url.index("://") + 2)
    if not path or at < 0:
        return sorted(store.unstrip_protocol(p) for p in found)
    head, tail = url[:at], url[at + len(path) :].rstrip("/")
    return sorted(f"{head}{p}{tail}" for p in found)


def _opened(url: str) -> tuple[Any, str]:
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
