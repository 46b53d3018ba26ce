"""Comparing voiceprints so that no store can crash or mislead the comparison.

Vectors of two models, of two dimensions, zero or NaN are simply far from everything; contacts
without samples never take part, since nothing shows whose voice their vector is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from diarfix.contacts.samples import SampleFolder
from diarfix.contacts.store import TARGET_VERSION, VERSION_DIM, ContactId, open_store
from diarfix.core import F64

#: Cosine distance of vectors that cannot be compared: as far as opposite ones.
FARTHEST = 2.0

#: Cosine distance below which a contact matches, by default.
MATCH_THRESHOLD = 0.45

#: Distances that differ by less are equal (float64 cosines of 256 terms are exact to about 1e-15).
_DISTANCE_DIGITS = 9


@dataclass(frozen=True, eq=False, slots=True)
class Voiceprint:
    """One contact as matching sees it.

    vector  (D,) float64, or None if the store has none that can be compared
    active  whether the contact takes part: it has such a vector, of the present version, and
            lists samples
    """

    id: ContactId
    name: str | None
    vector: F64 | None
    active: bool


@dataclass(frozen=True, slots=True)
class Match:
    """The contact that a vector belongs to, and how far it is (cosine distance, 0 to 2)."""

    voiceprint: Voiceprint
    distance: float


def compare_embeddings(a: ArrayLike | None, b: ArrayLike | None) -> float:
    """Cosine distance, 1 - cos, in [0, 2], of two vectors of shape (D,) or (1, D).

    2.0 if they differ in dimension, or one is empty, zero, not finite, or no vector at all.

    >>> compare_embeddings([1.0, 0.0], [[0.0, 3.0]])
    1.0
    >>> compare_embeddings([1.0, 0.0], [1.0, 0.0, 0.0])
    2.0
    """
    u, v = _unit(a), _unit(b)
    if u is None or v is None or len(u) != len(v):
        return FARTHEST
    return float(np.clip(1.0 - np.dot(u, v), 0.0, FARTHEST))


def _unit(value: ArrayLike | None) -> F64 | None:
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different length
        return None
    if array.dtype.kind not in "fiu" or not array.size:
        return None
    if array.ndim == 2 and array.shape[0] == 1:
        array = array[0]
    if array.ndim != 1:
        return None
    vector = array.astype(np.float64)
    peak = np.abs(vector).max()
    if not (np.isfinite(peak) and peak > 0):
        return None
    vector /= peak  # squares of very large or small elements leave the range of float64
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float64)


def best_match(
    vector: ArrayLike | None,
    voiceprints: Iterable[Voiceprint],
    *,
    threshold: float = MATCH_THRESHOLD,
) -> Match | None:
    """Return the nearest active contact below a cosine distance, or None.

    Equal distances (to 1e-9) go to the contact whose id sorts first, numbers before strings, so
    the order of contacts never matters.
    """
    best: tuple[float, bool, ContactId] | None = None
    match: Match | None = None
    for voiceprint in voiceprints:
        if not voiceprint.active:
            continue
        distance = compare_embeddings(vector, voiceprint.vector)
        if not distance < threshold:
            continue
        rank = (round(distance, _DISTANCE_DIGITS), isinstance(voiceprint.id, str), voiceprint.id)
        if best is None or rank < best:
            best, match = rank, Match(voiceprint, distance)
    return match


def load_voiceprints(
    store: str | Path,
    *,
    samples_dir: str | Path | None = None,
    model: tuple[str, str] | None = None,
) -> list[Voiceprint]:
    """Read a store for matching, in its order; stale contacts and those without samples are inert.

    store        path of a store in any supported layout; it need not be migrated
    samples_dir  if given, a contact is inert too when none of its listed samples stands there
    model        if given, name and digest of the model to match with: a contact is inert too
                 unless its tag names that model

    Raises InputError if the store is malformed.
    """
    folder = None if samples_dir is None else SampleFolder(Path(samples_dir))
    voiceprints = []
    for contact in open_store(store).contacts():
        stored = contact.vector
        fits = stored is not None and not stored.fault and stored.dim == VERSION_DIM[TARGET_VERSION]
        vector = stored.values if stored is not None and fits else None
        active = (
            vector is not None
            and contact.version == TARGET_VERSION
            and bool(contact.samples)
            and (folder is None or any(folder.holds(path) for path in contact.samples))
            and (model is None or contact.is_tagged(model))
            and not contact.count_gone(folder)
        )
        voiceprints.append(Voiceprint(contact.id, contact.name, vector, active))
    return voiceprints
