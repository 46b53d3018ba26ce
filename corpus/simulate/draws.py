"""Random draws that mean the same on every machine, and the checks of their rates."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from diarfix.core.words import F64, I32

#: A whole number, or a generator that several calls share.
Seed = int | np.random.Generator

#: Shortest and longest value (s) of a uniform draw.
Range = tuple[float, float]


def generator(seed: Seed) -> np.random.Generator:
    """The generator that a seed stands for.

    PCG64 is named because NumPy may change what ``default_rng`` returns.
    """
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.Generator(np.random.PCG64(seed))


def uniform(rng: np.random.Generator, between: Range, n: int) -> F64:
    """``n`` values drawn evenly from ``between``."""
    low, high = between
    return low + (high - low) * rng.random(n)


def other_speakers(rng: np.random.Generator, speaker: I32, present: I32) -> I32:
    """For each code in ``speaker`` (K,) another one, drawn evenly.

    present  (P,)  ascending codes to choose from: at least two, and all that ``speaker`` holds
    """
    place = np.searchsorted(present, speaker)
    step: NDArray[np.int64] = rng.integers(1, len(present), size=len(speaker))
    others: I32 = present[(place + step) % len(present)]
    return others


def require_share(name: str, value: float) -> None:
    """Raise ValueError unless ``value`` is a share from 0 to 1."""
    if not 0 <= value <= 1:
        msg = f"{name} must be from 0 to 1, got {value}"
        raise ValueError(msg)


def require_amount(name: str, value: float) -> None:
    """Raise ValueError unless ``value`` is 0 or more, and finite."""
    if not 0 <= value < math.inf:
        msg = f"{name} must be 0 or more, got {value}"
        raise ValueError(msg)


def require_range(name: str, value: Range) -> None:
    """Raise ValueError unless ``value`` is a pair of ascending amounts."""
    low, high = value
    require_amount(name, low)
    require_amount(name, high)
    if low > high:
        msg = f"{name} must ascend, got {value}"
        raise ValueError(msg)
