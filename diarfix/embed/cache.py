"""Embeddings kept on disk: a wrapper around any embedder, with the same protocol."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from diarfix.embed.audio import Audio
from diarfix.embed.embedder import F64, Embedded, Embedder
from diarfix.files.local import write_bytes
from diarfix.files.progress import Progress


def cached(embedder: Embedder, folder: Path) -> Embedder:
    """Wrap an embedder so that what it embedded once is read from ``folder``.

    An entry is named by the digest of the audio's bytes, the embedder's identity and the windows,
    so nothing is ever invalid, only missed. Results with failures that may pass are not kept.
    """
    return _Cached(embedder, folder)


@dataclass(frozen=True, slots=True)
class _Cached:
    inner: Embedder
    folder: Path

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def digest(self) -> str:
        return self.inner.digest

    @property
    def identity(self) -> str:
        return self.inner.identity

    @property
    def dim(self) -> int:
        return self.inner.dim

    @property
    def min_seconds(self) -> float:
        return self.inner.min_seconds

    def embed(
        self, audio: Audio, start: F64, end: F64, *, progress: Progress | None = None
    ) -> Embedded:
        path = self.folder / f"{_key(audio.digest, self.identity, start, end)}.npz"
        kept = _read(path, (len(np.atleast_1d(start)), self.dim))
        if kept is not None:
            return kept
        fresh = self.inner.embed(audio, start, end, progress=progress)
        if not fresh.transient.any():
            self.folder.mkdir(parents=True, exist_ok=True)
            write_bytes(str(path), _bytes(fresh))
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


def _read(path: Path, shape: tuple[int, int]) -> Embedded | None:
    """The entry, or None if there is none or it is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as entry:
            vectors, marked = entry["vectors"], entry["reason"].tolist()
    except Exception:  # noqa: BLE001 - zipfile and NumPy raise nearly anything on a damaged archive
        return None
    if vectors.shape != shape or vectors.dtype != np.float32 or len(marked) != shape[0]:
        return None
    reason = tuple(text[:-1] for text in marked)
    return Embedded(vectors, reason, np.zeros(shape[0], dtype=np.bool_))
