"""Finished work kept on disk, which costs time where it is missing and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from diarfix.files.whole import write_file

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class CacheFolder:
    """A folder of files by key, each written whole. Keys say all that decides what they stand for.

    path    the folder, made when something is put in it; None: nothing is kept
    suffix  of its files, such as ".json"
    """

    path: Path | None
    suffix: str

    def get(self, key: str, read: Callable[[bytes], _Found | None]) -> _Found | None:
        """What ``read`` makes of an entry; None if there is none, or it is damaged."""
        if self.path is None:
            return None
        try:
            return read((self.path / f"{key}{self.suffix}").read_bytes())
        except Exception:  # noqa: BLE001 - damaged bytes may raise anything
            return None

    def put(self, key: str, data: bytes) -> None:
        """Keep an entry; where that fails there is none."""
        if self.path is None:
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_file(str(self.path / f"{key}{self.suffix}"), data)
        except OSError:
            return
