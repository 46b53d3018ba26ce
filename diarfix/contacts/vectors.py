"""A stored voiceprint, in each of its spellings, and the tag that says who made it, and of what.

Stores hold vectors as a list, as a list in a list, or as base64 of little-endian float32.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diarfix.core import F32, F64
from diarfix.errors import InputError


class Form(StrEnum):
    """How a vector is spelled in its contact."""

    LIST = "list"
    NESTED = "nested list"
    BASE64 = "base64 float32"


@dataclass(frozen=True, eq=False, slots=True)
class StoredVector:
    """One vector as the store spells it.

    form    the spelling, which a new vector takes over
    values  (D,) float64
    fault   why it is not sound, in words: zero, not finite, or bytes such as float32 has not; ""
    """

    form: Form
    values: F64
    fault: str

    @property
    def dim(self) -> int:
        """Number of elements, D."""
        return len(self.values)


def read_vector(value: Any, where: str) -> StoredVector | None:
    """Read the value of ``speaker_embedding``; None for null.

    where  file and place of the value, for messages
    Raises InputError unless it is null, a list of numbers, a list that holds one such list, or
    base64 of float32. A null inside a list reads as NaN, which is how JavaScript writes one.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _from_base64(value, where)
    if not isinstance(value, list):
        raise InputError(f"{where}: expected a list of numbers, base64 float32 or null")
    if value and isinstance(value[0], list):
        if len(value) != 1:
            raise InputError(f"{where}: {len(value)} vectors in one contact, expected one")
        return _from_list(value[0], Form.NESTED, f"{where}[0]")
    return _from_list(value, Form.LIST, where)


def _from_base64(text: str, where: str) -> StoredVector:
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:  # binascii.Error is one
        raise InputError(f"{where}: a string that is not base64 ({error})") from error
    if len(data) % 4:
        raise InputError(f"{where}: base64 of {len(data)} bytes, expected float32 (4 bytes each)")
    with np.errstate(invalid="ignore"):  # a NaN that signals
        return _judged(np.frombuffer(data, dtype="<f4").astype(np.float64), Form.BASE64)


def _from_list(items: list[Any], form: Form, where: str) -> StoredVector:
    if not _NUMBERS.issuperset(map(type, items)):
        i = next(i for i, item in enumerate(items) if type(item) not in _NUMBERS)
        kind = _KINDS.get(type(items[i]), "no number")
        raise InputError(f"{where}[{i}]: {kind}, expected a number")
    try:
        values = np.array(items, dtype=np.float64)
    except OverflowError:  # an integer beyond float64
        values = np.full(len(items), np.inf)
    return _judged(values, form)


#: Null is how JavaScript writes NaN.
_NUMBERS = {int, float, type(None)}
_KINDS = {str: "a string", bool: "a boolean", dict: "an object", list: "a list"}


def _judged(values: F64, form: Form) -> StoredVector:
    fault = ""
    if not values.any():
        fault = "zero vector"
    elif not np.isfinite(values).all():
        fault = "vector is not finite"
    elif form is Form.BASE64 and is_jumbled(values):
        fault = "base64 of something else than little-endian float32"
    return StoredVector(form, values, fault)


def is_jumbled(vector: NDArray[np.floating[Any]]) -> bool:
    """Whether magnitudes are spread as only bytes of another type or order spread them.

    A voiceprint's lie within a few powers of two of each other (a standard deviation of 1 to 2).
    What is read as another float than it was written has bits of a fraction for an exponent: from
    13 for float16 read as float32 to 70 for the wrong byte order.
    """
    sizes = np.abs(vector[vector != 0].astype(np.float64))
    return bool(len(sizes)) and float(np.log2(sizes).std()) > _SPREAD


_SPREAD = 6.0


def spell_vector(vector: F32, form: Form) -> Any:
    """The JSON value of a vector (D,) in a form; elements have as many digits as float32 needs.

    >>> spell_vector(np.array([0.1, -2.0], dtype=np.float32), Form.NESTED)
    [[0.1, -2.0]]
    """
    if form is Form.BASE64:
        return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
    items = [float(str(x)) for x in vector.astype(np.float32)]
    return [items] if form is Form.NESTED else items


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
        return fits and (self.vector is None or self.vector == vector_digest(vector.values))

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
    texts = {k: tag[k] for k in ("name", "digest", "vector") if isinstance(tag.get(k), str)}
    samples = tag.get("samples")
    whole = isinstance(samples, list) and all(isinstance(item, str) for item in samples)
    return StoredTag(
        name=texts.get("name", ""),
        digest=texts.get("digest"),
        dim=_whole(tag.get("dim")),
        n_samples=_whole(tag.get("n_samples")),
        samples=tuple(samples) if samples is not None and whole else None,
        vector=texts.get("vector"),
    )


def _whole(value: Any) -> int | None:
    """A whole number, also where it is written as 3.0; or None."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if type(value) is int else None
