"""Voiceprints given for a recording: a JSON or NPZ file, or those in the word file."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from diarfix.core.words import F64, Label
from diarfix.errors import InputError
from diarfix.files.local import read_bytes, read_text
from diarfix.formats.jsontext import parse

#: Keys under which a JSON file may hold its vectors; else it is the object of vectors itself.
_INSIDE = ("centroids", "native_speaker_embeddings")

#: Where the model that made the vectors may be named, as in an embedding store.
_TAG = "speaker_embedding_model"


@dataclass(frozen=True, eq=False, slots=True)
class Centroids:
    """A vector per label, and which model made them.

    name     of the file, for messages
    vectors  label as text -> (D,) float64
    digest   SHA-256 of the model's weights, or None if the file does not say
    """

    name: str
    vectors: Mapping[str, F64]
    digest: str | None = None

    def table(self, speakers: tuple[Label, ...], dim: int) -> F64:
        """The vectors by speaker code (S, D), NaN where there is none.

        Raises InputError for a vector that is zero, not finite or of another dimension.
        """
        found = np.full((len(speakers), dim), np.nan)
        for code, label in enumerate(speakers):
            vector = self.vectors.get(str(label))
            if vector is not None:
                found[code] = self._sound(str(label), vector, dim)
        return found

    def _sound(self, label: str, vector: F64, dim: int) -> F64:
        where = f"{self.name}: centroid of {label!r}"
        if vector.shape != (dim,):
            raise InputError(f"{where} has {vector.size} numbers, the model gives {dim}")
        if not np.isfinite(vector).all():
            raise InputError(f"{where} is not finite")
        if not vector.any():
            raise InputError(f"{where} is zero")
        return vector


def read_centroids(path: str) -> Centroids:
    """Read ``{label: [numbers]}`` from JSON, or one array per label from NPZ.

    A JSON file may hold them under ``centroids``, with ``speaker_embedding_model`` {name, digest}
    beside them; an NPZ file the digest as an array ``speaker_embedding_model``. Nothing is
    unpickled. Raises InputError for anything else.
    """
    data = read_bytes(path)
    if data[:4] == b"PK\x03\x04":
        return _from_npz(path, data)
    return _from_json(path, parse(read_text(path), path))


def _from_json(path: str, tree: Any) -> Centroids:
    if not isinstance(tree, dict):
        raise InputError(f"{path}: expected an object of vectors by speaker")
    inner = next((tree[key] for key in _INSIDE if isinstance(tree.get(key), dict)), None)
    raw = {k: v for k, v in tree.items() if k != _TAG} if inner is None else inner
    tag = tree.get(_TAG)
    digest = tag.get("digest") if isinstance(tag, dict) else None
    return from_lists(path, raw, digest if isinstance(digest, str) else None)


def from_lists(name: str, raw: Mapping[Any, Any], digest: str | None = None) -> Centroids:
    """Centroids of lists of numbers. Raises InputError for what is none."""
    vectors = {}
    for label, value in raw.items():
        try:
            vector = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(f"{name}: centroid of {str(label)!r}: expected numbers") from error
        vectors[str(label)] = _flat(name, str(label), vector)
    if not vectors:
        raise InputError(f"{name}: no centroid in it")
    return Centroids(name, vectors, digest)


def _from_npz(path: str, data: bytes) -> Centroids:
    vectors: dict[str, F64] = {}
    digest = None
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            for label in archive.files:
                array = archive[label]
                if label == _TAG:
                    digest = str(array)
                elif array.dtype.kind not in "fiu":
                    raise InputError(f"{path}: centroid of {label!r}: expected numbers")
                else:
                    vectors[label] = _flat(path, label, array.astype(np.float64))
    except InputError:
        raise
    except Exception as error:  # zipfile and NumPy raise nearly anything on a damaged archive
        raise InputError(f"{path}: no NPZ file of plain arrays: {error}") from error
    if not vectors:
        raise InputError(f"{path}: no centroid in it")
    return Centroids(path, vectors, digest)


def _flat(name: str, label: str, vector: F64) -> F64:
    """(D,) from (D,) or (1, D)."""
    if vector.ndim == 2 and vector.shape[0] == 1:
        vector = vector[0]
    if vector.ndim != 1:
        raise InputError(f"{name}: centroid of {label!r}: expected one row of numbers")
    return vector
