"""The journal: vectors that were embedded for a store that is not written yet.

It stands beside the store: a header line that says for which bytes, model and samples it holds,
then a line per contact that was embedded. A run that finds a journal with its own header takes the
vectors over; a line that a killed run left unfinished is cut off. The journal never changes what a
run decides, only how often a voice is embedded.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from diarfix.core.words import F32
from diarfix.files.whole import write_all

#: Seconds between calls that force lines to disk. Only a power failure loses what lies between; a
#: killed process loses nothing.
_SYNC_S = 0.5


@dataclass(frozen=True, slots=True)
class ModelTag:
    """Which model made a vector: ``speaker_embedding_model``, less its ``n_samples``."""

    name: str
    dim: int
    digest: str


@dataclass(frozen=True, slots=True)
class Header:
    """What a journal is for; a journal with another header is worth nothing to a run.

    store    SHA-256 of the store
    model    the model that embeds
    samples  the samples folder
    """

    store: str
    model: ModelTag
    samples: str
    to_version: int

    def line(self) -> bytes:
        """The first line of the journal."""
        return json.dumps({"diarfix_journal": 1, **asdict(self)}).encode() + b"\n"


@dataclass(frozen=True, eq=False, slots=True)
class Voice:
    """One embedded contact: a unit vector (D,) float32, the mean over ``n_samples``."""

    vector: F32
    n_samples: int


class Journal:
    """An open journal, appended to and read from by the number of a contact in its store.

    resumed  how many vectors an earlier run left
    """

    def __init__(self, path: Path, header: Header) -> None:
        self._path = path
        self._offset: dict[int, int] = {}
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._handle = os.open(path, flags, 0o600)
        try:
            self._end = self._recover(header)
        except BaseException:
            os.close(self._handle)
            raise
        self.resumed = len(self._offset)
        self._synced = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # What was embedded stays for the next run, whatever ended this one.
        try:
            with contextlib.suppress(OSError):
                os.fsync(self._handle)
        finally:
            os.close(self._handle)

    def __contains__(self, index: int) -> bool:
        return index in self._offset

    def add(self, index: int, voice: Voice) -> None:
        """Record the voice of contact number ``index``."""
        data = base64.b64encode(voice.vector.astype("<f4").tobytes()).decode("ascii")
        entry = {"contact": index, "n_samples": voice.n_samples, "vector": data}
        line = json.dumps(entry).encode() + b"\n"
        write_all(self._handle, line)
        self._offset[index] = self._end
        self._end += len(line)
        now = time.monotonic()
        if now - self._synced >= _SYNC_S:
            os.fsync(self._handle)
            self._synced = now

    def voice(self, index: int) -> Voice:
        """The voice recorded for contact number ``index``."""
        with open(self._path, "rb") as file:  # noqa: PTH123 - a plain name
            file.seek(self._offset[index])
            entry = _entry(file.readline())
        if entry is None:  # somebody else writes here
            msg = f"{self._path}: the journal changed under a running migration"
            raise RuntimeError(msg)
        return entry[1]

    def _recover(self, header: Header) -> int:
        """Take over what is sound, cut off the rest; return where the next line goes."""
        end = 0
        with open(self._path, "rb") as file:  # noqa: PTH123
            if file.readline() == header.line():
                end = file.tell()
                for line in file:
                    entry = _entry(line, header.model.dim)
                    if entry is None:
                        break
                    self._offset[entry[0]] = end
                    end += len(line)
        os.ftruncate(self._handle, end)
        os.lseek(self._handle, end, os.SEEK_SET)
        if not end:
            write_all(self._handle, header.line())
            end = len(header.line())
        return end


def _entry(line: bytes, dim: int | None = None) -> tuple[int, Voice] | None:
    """Read a line; None if it is unfinished or damaged."""
    try:
        entry: Any = json.loads(line)
        data = base64.b64decode(entry["vector"], validate=True)
        vector = np.frombuffer(data, dtype="<f4").astype(np.float32)
        index, n_samples = int(entry["contact"]), int(entry["n_samples"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None
    whole = line.endswith(b"\n") and (dim is None or len(vector) == dim)
    return (index, Voice(vector, n_samples)) if whole else None
