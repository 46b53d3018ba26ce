"""Embeddings kept on disk: a wrapper around any embedder, with the same protocol."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from diarfix.core import F64
from diarfix.embed.audio import Audio
from diarfix.embed.embedder import Embedded, Embedder
from diarfix.files import CacheFolder, Progress


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
