"""The audio samples of a contact, and the one vector that they make.

Two kinds of bad are kept apart, because one clears a voiceprint and the other must not: what is
bad for good (missing, too short, silent, not audio) and what may pass (the disk or network failed).
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np

from diarfix.contacts.vectors import Voice
from diarfix.core import F32
from diarfix.embed import (
    MIN_SAMPLE,
    RATE,
    SILENCE,
    Audio,
    BadAudio,
    Embedder,
    NoAudio,
    embed_file,
    open_audio,
)
from diarfix.errors import InputError
from diarfix.files import sha256

#: Seconds decoded at a time, and bytes read at a time.
_BLOCK_S = 10.0
_READ_BYTES = 1 << 20

#: First bytes of the audio formats people store: what begins so and does not decode is damaged.
_AUDIO_MAGIC = (b"RIFF", b"RF64", b"fLaC", b"OggS", b"ID3", b"FORM", b"\xff\xfb", b".snd", b"caff")


class SampleOutcome(StrEnum):
    """What became of one sample."""

    USABLE = "usable"
    MISSING = "missing"
    OUTSIDE = "outside the samples folder"
    NOT_A_FILE = "not a file"
    TOO_SHORT = "too short"
    SILENT = "silent"
    CORRUPT = "corrupt"
    WRONG_FORMAT = "wrong format"
    UNREADABLE = "unreadable for now"
    NOT_FETCHED = "not fetched"

    @property
    def may_pass(self) -> bool:
        """Whether trying again later, or fetching the sample, can help."""
        return self in {SampleOutcome.UNREADABLE, SampleOutcome.NOT_FETCHED}


_ABSENT = {SampleOutcome.MISSING, SampleOutcome.OUTSIDE, SampleOutcome.NOT_A_FILE}

#: Outcomes for which the folder holds the listed file.
HELD = frozenset(SampleOutcome) - _ABSENT - {SampleOutcome.NOT_FETCHED}

#: A sample that stands elsewhere: a URL, one without its scheme, or the audio itself in the list.
_ELSEWHERE = re.compile(r"[A-Za-z][\w+.-]*://|//|(?:data|blob):", re.ASCII)


def is_elsewhere(path: str) -> bool:
    """Whether a listed sample is no path: somebody must fetch it before it can be read."""
    return _ELSEWHERE.match(path) is not None


@dataclass(frozen=True, slots=True)
class SampleCheck:
    """One listed sample: the path as listed and what became of it."""

    path: str
    outcome: SampleOutcome


@dataclass(frozen=True, slots=True)
class SampleFolder:
    """The folder under which all samples stand; no listed path leads out of it."""

    root: Path

    def locate(self, path: str) -> Path | SampleOutcome:
        """The file that a listed path names, or why there is none.

        Absolute paths, ``..``, and symbolic links that lead out of the folder are refused unread.
        """
        if is_elsewhere(path):
            return SampleOutcome.NOT_FETCHED
        parts = (PurePosixPath(path), PureWindowsPath(path))
        if any(p.anchor or ".." in p.parts for p in parts) or "\0" in path:
            return SampleOutcome.OUTSIDE
        try:
            root = os.path.realpath(self.root)
            real = os.path.realpath(os.path.join(root, path))  # noqa: PTH118 - as realpath
            if not real.startswith(os.path.join(root, "")):  # noqa: PTH118
                return SampleOutcome.NOT_A_FILE if real == root else SampleOutcome.OUTSIDE
            regular = stat.S_ISREG(os.stat(real).st_mode)  # noqa: PTH116
        except OSError as error:
            return _failure(error)
        except UnicodeEncodeError:  # half of a surrogate pair: no file can have this name
            return SampleOutcome.MISSING
        return Path(real) if regular else SampleOutcome.NOT_A_FILE

    def holds(self, path: str) -> bool:
        """Whether there is such a sample, readable or not; only what is fetched can be missing."""
        return self.locate(path) not in _ABSENT

    def digest(self, path: str) -> str | None:
        """SHA-256 of the file that a listed path names; None if it cannot be read."""
        found = self.locate(path)
        if isinstance(found, SampleOutcome):
            return None
        try:
            return sha256(found)
        except OSError:
            return None

    def check(self, path: str) -> SampleCheck:
        """Read a sample from end to end and say what it is fit for."""
        found = self.locate(path)
        return SampleCheck(path, found if isinstance(found, SampleOutcome) else _hear(found))


def _hear(file: Path) -> SampleOutcome:
    try:
        with open_audio(file) as audio:
            return _judge(audio)
    except NoAudio:
        return SampleOutcome.MISSING
    except BadAudio:
        return _look_at_bytes(file)  # a failing disk looks like damage to a decoder
    except InputError:
        return SampleOutcome.UNREADABLE


def _judge(audio: Audio) -> SampleOutcome:
    n, level = 0, 0.0
    for start in np.arange(0.0, audio.seconds, _BLOCK_S).tolist():
        wave = audio.read(start, min(start + _BLOCK_S, audio.seconds))
        if not np.isfinite(wave).all():
            return SampleOutcome.CORRUPT
        n += len(wave)
        level = max(level, float(wave.std()) if len(wave) else 0.0)
    if n < MIN_SAMPLE * RATE:
        return SampleOutcome.TOO_SHORT
    return SampleOutcome.USABLE if level >= SILENCE else SampleOutcome.SILENT


def _look_at_bytes(file: Path) -> SampleOutcome:
    """Tell damage from another format and from a disk that fails, without a decoder."""
    try:
        with file.open("rb") as stream:
            head = stream.read(16)
            while stream.read(_READ_BYTES):
                pass
    except OSError as error:
        return _failure(error)
    known = not head or head.startswith(_AUDIO_MAGIC) or head[4:8] == b"ftyp"
    return SampleOutcome.CORRUPT if known else SampleOutcome.WRONG_FORMAT


_NO_SUCH_FILE = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EILSEQ}


def _failure(error: OSError) -> SampleOutcome:
    """A path that names nothing is missing; any other failure of the system may pass."""
    return SampleOutcome.MISSING if error.errno in _NO_SUCH_FILE else SampleOutcome.UNREADABLE


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a contact got no vector; ``may_pass`` if trying again later can help."""

    reason: str
    may_pass: bool


def make_voice(embedder: Embedder, folder: SampleFolder, paths: Sequence[str]) -> Voice | Failed:
    """Embed samples and average them: the mean of their unit vectors, renormalised.

    paths  samples as listed; those that fail are left out
    """
    outcomes = [_embed(embedder, folder, path) for path in paths]
    made = [outcome for outcome in outcomes if not isinstance(outcome, Failed)]
    failures = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
    if made:
        mean = np.mean(np.array([vector for vector, _ in made], dtype=np.float64), axis=0)
        norm = float(np.linalg.norm(mean))
        if norm > 0:
            return Voice((mean / norm).astype(np.float32), tuple(digest for _, digest in made))
        failures.append(Failed("the samples' vectors cancel out", may_pass=False))
    reasons = "; ".join(dict.fromkeys(failure.reason for failure in failures))
    return Failed(reasons, any(failure.may_pass for failure in failures))


def _embed(embedder: Embedder, folder: SampleFolder, path: str) -> tuple[F32, str] | Failed:
    """The vector of a sample, and the digest of the file that it is of."""
    digest, file = folder.digest(path), folder.locate(path)
    if isinstance(file, SampleOutcome):
        return Failed(f"{path}: {file}", file.may_pass)
    embedded = embed_file(embedder, file)
    if embedded.reason[0]:
        # A disk that fails while a decoder reads looks like damage; a second look tells.
        may_pass = bool(embedded.transient[0]) or folder.check(path).outcome.may_pass
        return Failed(f"{path}: {embedded.reason[0]}", may_pass)
    if digest is None or digest != folder.digest(path):
        return Failed(f"{path}: changed while it was read", may_pass=True)
    return embedded.vectors[0], digest
