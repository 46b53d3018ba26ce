"""The journal: vectors that were embedded for a store that is not written yet.

It stands beside the store: a header line that says for which bytes, model and samples folder it
holds, then a line per contact that was embedded. A run that finds a journal with its own header
takes over the vectors that are shown to be what it would make itself: each line bears a checksum
that begins with the header, a vector of unit length and of the model's dimension, and the digest
of each sample that is in it. A line that a killed run left unfinished is cut off. The journal
never changes what a run decides, only how often a voice is embedded.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from diarfix.contacts.tag import ModelTag, Voice
from diarfix.files import open_kept, write_all

#: Seconds between calls that force lines to disk. Only a power failure loses what lies between; a
#: killed process loses nothing.
_SYNC_S = 0.5

#: How far from 1 the length of a unit vector of float32 may be.
_UNIT = 1e-3

_SHA256 = re.compile(r"[0-9a-f]{64}")


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
        return json.dumps({"diarfix_journal": 2, **asdict(self)}).encode() + b"\n"


class Journal:
    """An open journal, appended to and read from by the number of a contact in its store."""

    def __init__(self, path: Path, header: Header) -> None:
        self._header = header
        self._path = path
        self._place: dict[int, tuple[int, int]] = {}  # offset and length of a contact's line
        self._handle = open_kept(path)
        try:
            self._end = self._recover()
        except BaseException:
            os.close(self._handle)
            raise
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
        return index in self._place

    def add(self, index: int, voice: Voice) -> None:
        """Record the voice of contact number ``index``."""
        line = _line(self._header, index, voice)
        os.lseek(self._handle, self._end, os.SEEK_SET)
        write_all(self._handle, line)
        self._place[index] = self._end, len(line)
        self._end += len(line)
        now = time.monotonic()
        if now - self._synced >= _SYNC_S:
            os.fsync(self._handle)
            self._synced = now

    def voice(self, index: int) -> Voice:
        """The voice recorded for contact number ``index``."""
        offset, length = self._place[index]
        os.lseek(self._handle, offset, os.SEEK_SET)
        entry = _entry(os.read(self._handle, length), self._header)
        if entry is None or entry[0] != index:  # somebody else writes here
            msg = f"{self._path}: the journal changed under a running migration"
            raise RuntimeError(msg)
        return entry[1]

    def _recover(self) -> int:
        """Take over what is sound, cut off the rest; return where the next line goes."""
        end = 0
        header = self._header.line()
        with os.fdopen(os.dup(self._handle), "rb") as file:
            if file.readline(len(header) + 1) == header:
                end = file.tell()
                for line in file:
                    entry = _entry(line, self._header)
                    if entry is None:
                        break
                    self._place[entry[0]] = end, len(line)
                    end += len(line)
        os.ftruncate(self._handle, end)
        if not end:
            os.lseek(self._handle, 0, os.SEEK_SET)
            write_all(self._handle, header)
            end = len(header)
        return end


def _line(header: Header, index: int, voice: Voice) -> bytes:
    data = base64.b64encode(voice.vector.astype("<f4").tobytes()).decode("ascii")
    entry = {
        "contact": index,
        "n_samples": len(voice.samples),
        "samples": voice.samples,
        "vector": data,
    }
    return json.dumps({**entry, "checksum": _checksum(header, entry)}).encode() + b"\n"


def _checksum(header: Header, entry: dict[str, Any]) -> str:
    """SHA-256 of a line and of what the journal is for: no line of another one has it."""
    return hashlib.sha256(header.line() + json.dumps(entry, sort_keys=True).encode()).hexdigest()


def _entry(line: bytes, header: Header) -> tuple[int, Voice] | None:
    """Read a line; None unless it is whole and holds a voice as a run records one."""
    try:
        entry: dict[str, Any] = json.loads(line)
        checksum = entry.pop("checksum")
        index, n_samples, samples = entry["contact"], entry["n_samples"], entry["samples"]
        vector = np.frombuffer(base64.b64decode(entry["vector"], validate=True), dtype="<f4")
        sound = (
            line.endswith(b"\n")
            and checksum == _checksum(header, entry)
            and type(index) is int
            and index >= 0
            and n_samples == len(samples) > 0
            and all(_SHA256.fullmatch(digest) for digest in samples)
            and len(vector) == header.model.dim
            and abs(float(np.linalg.norm(vector.astype(np.float64))) - 1) < _UNIT
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return (index, Voice(vector.astype(np.float32), tuple(samples))) if sound else None
