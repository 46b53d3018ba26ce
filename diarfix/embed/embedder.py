"""What an embedder is, what it gives, which one is asked for, and what is kept of its work."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from diarfix.config import DEFAULT_EMBEDDER, Device, find_embedder, imported
from diarfix.core import F32, F64, Bool
from diarfix.embed.audio import Audio, BadAudio, NoAudio, open_audio
from diarfix.errors import InputError
from diarfix.files import CacheFolder, Progress

#: A file under this length (s) holds no voice to enrol with.
MIN_SAMPLE = 0.5


@dataclass(frozen=True, eq=False, slots=True)
class Embedded:
    """The voices of W windows.

    vectors    (W, D)  float32, unit length; a row of NaN where the window could not be embedded
    reason     (W,)    why not, "" where it could
    transient  (W,)    bool, the failure may pass: it lies with the machine or the model, not with
                       the window
    """

    vectors: F32
    reason: tuple[str, ...]
    transient: Bool

    def __post_init__(self) -> None:
        for column in (self.vectors, self.transient):
            column.setflags(write=False)

    @property
    def ok(self) -> Bool:
        """(W,) bool: the window has a vector."""
        return np.array([not reason for reason in self.reason], dtype=np.bool_)


class Embedder(Protocol):
    """Turns windows of a recording into vectors that are close where the voice is the same."""

    @property
    def name(self) -> str:
        """The kind of embedder, one of :data:`diarfix.config.EMBEDDERS`."""

    @property
    def digest(self) -> str:
        """SHA-256 of the weights, hexadecimal. Name and digest tag vectors that are stored."""

    @property
    def identity(self) -> str:
        """Name, digest, front end, padding and kind of device: equal means equal vectors."""

    @property
    def dim(self) -> int:
        """D, the length of a vector."""

    def embed(
        self, audio: Audio, start: F64, end: F64, *, progress: Progress | None = None
    ) -> Embedded:
        """Embed the windows ``[start, end)`` (W,) s of a recording."""


_loaded: dict[Choice, Embedder] = {}


@dataclass(frozen=True, slots=True)
class Choice:
    """An embedder, its model and where it runs, as :func:`load_embedder` takes them.

    name  None: the default embedder; UsageError is raised for an unknown one
    """

    name: str | None = None
    model: str | None = None
    device: Device = "auto"
    offline: bool = False

    def __post_init__(self) -> None:
        find_embedder(self.kind)

    @property
    def kind(self) -> str:
        """The embedder's name."""
        return DEFAULT_EMBEDDER if self.name is None else self.name

    @property
    def chosen(self) -> bool:
        """Whether somebody named an embedder or a model."""
        return self.name is not None or self.model is not None

    def identify(self, *, progress: Progress | None = None) -> tuple[str, str]:
        """Name and digest, which tag its vectors: they differ where vectors differ.

        Loads no model, and reads none either where a digest is on record; else the model is fetched
        unless that is forbidden. The device is left out: kinds of device agree on every decision.
        """
        digest = imported(find_embedder(self.kind).digest)
        return self.kind, digest(self.model, offline=self.offline, progress=progress)

    def load(self, *, progress: Progress | None = None) -> Embedder:
        """Load it, once per process."""
        if self not in _loaded:
            _loaded[self] = load_embedder(
                self.kind,
                model=self.model,
                device=self.device,
                offline=self.offline,
                progress=progress,
            )
        return _loaded[self]


def load_embedder(
    name: str = DEFAULT_EMBEDDER,
    *,
    model: str | None = None,
    device: Device = "auto",
    offline: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Embedder:
    """Load an embedder.

    name      "onnx" (onnxruntime) or "wespeaker" (torch), see :data:`diarfix.config.EMBEDDERS`
    model     onnx: a file, ``URL#sha256=HEX``, or a name of :data:`diarfix.embed.models.PUBLISHED`
              (the default model if None). wespeaker: a folder with ``avg_model.pt`` and
              ``config.yaml``, or a ``.pt`` file beside its ``config.yaml``
    device    "auto" takes CUDA where the installed packages offer it
    offline   never download
    threads   onnx: CPU threads of one inference, all cores if None. torch's setting is not touched
    progress  told of downloaded bytes

    Raises UsageError for what cannot be such a model, MissingDependency for a package, model or
    device that is not there.
    """
    load = imported(find_embedder(name).load)
    embedder: Embedder = load(
        model, device=device, offline=offline, threads=threads, progress=progress
    )
    return embedder


def embed_file(embedder: Embedder, path: str | os.PathLike[str]) -> Embedded:
    """Embed a whole audio file: one row, unit length, or NaN with the reason.

    A file of up to :data:`diarfix.embed.windows.LONGEST` passes the model in one piece, as
    WeSpeaker embeds an utterance; a longer one in equal parts whose unit vectors are averaged, so
    memory does not grow with it. Parts that are silent are left out.

    Bad for good (``transient`` False): no such file, not audio, damaged, shorter than 0.5 s,
    silent, longer than its bytes can be.
    May pass: it cannot be opened at present, or the model failed.
    Raises MissingDependency alone: a missing package says nothing about the sample.
    """
    try:
        with open_audio(path) as audio:
            if audio.seconds < MIN_SAMPLE:
                return _none(embedder, f"shorter than {MIN_SAMPLE:g} s ({audio.seconds:.2f} s)")
            if not audio.plausible:
                return _none(embedder, f"{audio.seconds:.0f} s, which its bytes cannot hold")
            return embedder.embed(audio, np.array([0.0]), np.array([audio.seconds]))
    except (BadAudio, NoAudio) as error:
        return _none(embedder, error.message)
    except InputError as error:
        return _none(embedder, error.message, transient=True)


def _none(embedder: Embedder, reason: str, *, transient: bool = False) -> Embedded:
    vectors = np.full((1, embedder.dim), np.nan, dtype=np.float32)
    return Embedded(vectors, (reason,), np.array([transient]))


def cached(embedder: Embedder, folder: Path, tell: Callable[[str], None] | None = None) -> Embedder:
    """Wrap an embedder so that what it embedded once is read from ``folder``.

    An entry is named by the digest of the audio's bytes, the embedder's identity and the windows,
    so nothing is ever invalid, only missed. Results with failures that may pass are not kept.

    tell  told of entries that are damaged, and so count as missing
    """
    return _Cached(embedder, CacheFolder(folder, ".voices", tell))


class _Cached:
    def __init__(self, inner: Embedder, folder: CacheFolder) -> None:
        self.inner, self.folder = inner, folder
        self.name, self.dim = inner.name, inner.dim
        self.digest, self.identity = inner.digest, inner.identity

    def embed(
        self, audio: Audio, start: F64, end: F64, *, progress: Progress | None = None
    ) -> Embedded:
        key = _key(audio.digest, self.identity, start, end)
        shape = len(np.atleast_1d(start)), self.dim
        kept = self.folder.get(key, lambda data: _read(data, shape))
        if kept is not None:
            return kept
        fresh = self.inner.embed(audio, start, end, progress=progress)
        if not fresh.transient.any():
            self.folder.put(key, _bytes(fresh))
        return fresh


def _key(audio: str, identity: str, start: F64, end: F64) -> str:
    digest = hashlib.sha256()
    columns = (np.asarray(column, dtype="<f8").tobytes() for column in (start, end))
    for part in (audio.encode(), identity.encode(), *columns):
        digest.update(len(part).to_bytes(8, "big"))  # where a part ends is part of the key
        digest.update(part)
    return digest.hexdigest()


def _bytes(embedded: Embedded) -> bytes:
    buffer = io.BytesIO()
    # A trailing mark keeps NumPy from dropping trailing NULs, and from a zero-width type.
    reason = np.array([f"{reason}." for reason in embedded.reason], dtype=np.str_)
    np.savez(buffer, vectors=embedded.vectors, reason=reason)
    return buffer.getvalue()


def _read(data: bytes, shape: tuple[int, int]) -> Embedded | None:
    """The entry; None, or any exception, if it is damaged."""
    with np.load(io.BytesIO(data), allow_pickle=False) as entry:
        vectors, marked = entry["vectors"], entry["reason"].tolist()
    if vectors.shape != shape or vectors.dtype != np.float32 or len(marked) != shape[0]:
        return None
    reason = tuple(text[:-1] for text in marked)
    heard = np.array([not text for text in reason], dtype=np.bool_)
    if not np.array_equal(np.isfinite(vectors).all(axis=1), heard):
        return None
    return Embedded(vectors, reason, np.zeros(shape[0], dtype=np.bool_))
