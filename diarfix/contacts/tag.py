"""What a vector was made by and of: ``speaker_embedding_model``, which stands beside it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from diarfix.contacts.vectors import StoredVector
from diarfix.core import F32


@dataclass(frozen=True, slots=True)
class ModelTag:
    """Which model makes a vector: its name, dimension, and the digest of its weights."""

    name: str
    dim: int
    digest: str


@dataclass(frozen=True, eq=False, slots=True)
class Voice:
    """One embedded contact.

    vector   (D,) float32, unit length: the mean over its samples
    samples  SHA-256 of each sample file in it
    """

    vector: F32
    samples: tuple[str, ...]


def make_tag(model: ModelTag, voice: Voice) -> dict[str, Any]:
    """The tag that is written beside a new vector.

    ``samples`` and ``vector`` are digests: they show that the samples have been exchanged since,
    or that a program that knows nothing of tags has written another vector beside this one.
    """
    return {
        **asdict(model),
        "n_samples": len(voice.samples),
        "samples": list(voice.samples),
        "vector": vector_digest(voice.vector),
    }


def vector_digest(vector: ArrayLike) -> str:
    """SHA-256 of a vector (D,) as little-endian float32, whatever form it is stored in."""
    with np.errstate(over="ignore"):
        return hashlib.sha256(np.asarray(vector).astype("<f4").tobytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class StoredTag:
    """A tag as a store has it; each part None where it is missing or is not what it should be.

    name       of the model, "" if the tag is no tag
    n_samples  how many samples are in the vector
    samples    their digests
    vector     the digest of the vector that the tag was written for
    """

    name: str
    digest: str | None
    dim: int | None
    n_samples: int | None
    samples: tuple[str, ...] | None
    vector: str | None

    def is_of(self, vector: StoredVector) -> bool:
        """Whether nothing shows that the tag was written for another vector."""
        fits = self.dim is None or self.dim == vector.dim
        return fits and (self.vector is None or self.vector == vector_digest(vector.values()))

    @property
    def n_made_of(self) -> int:
        """How many samples are in the vector, 0 if nothing says it."""
        return max(self.n_samples or 0, len(self.samples or ()))

    def count_gone(self, listed: Sequence[str | None]) -> int:
        """How many samples are in the vector that are not listed any more, as far as that shows.

        listed  digest of each listed sample, None where it cannot be read: it may be any of them
        """
        known = Counter(digest for digest in listed if digest is not None)
        unknown = Counter(self.samples or ()) - known
        too_many = self.n_made_of - len(listed)
        return max(unknown.total() - listed.count(None), too_many, 0)


def read_tag(value: Any) -> StoredTag | None:
    """Read ``speaker_embedding_model``; None where there is none."""
    if value is None:
        return None
    tag = value if isinstance(value, dict) else {"name": value}
    samples = tag.get("samples")
    whole = isinstance(samples, list) and all(isinstance(item, str) for item in samples)
    return StoredTag(
        name=_of(tag.get("name"), str) or "",
        digest=_of(tag.get("digest"), str),
        dim=_whole(tag.get("dim")),
        n_samples=_whole(tag.get("n_samples")),
        samples=tuple(samples) if isinstance(samples, list) and whole else None,
        vector=_of(tag.get("vector"), str),
    )


def _whole(value: Any) -> int | None:
    """A whole number, also where it is written as 3.0; or None."""
    if type(value) is bytes and float(value).is_integer():
        return int(float(value))
    return value if type(value) is int else None


def _of(value: Any, kind: type[Any]) -> Any:
    """A value of one type, or None."""
    return value if type(value) is kind else None
