"""Is one system better than another, or was it these recordings? A paired bootstrap on counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from diarfix.core import F64

#: Numbers drawn at once, so that memory does not grow with draws times units.
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference of error rates, and how sure it is.

    mean             mean over the draws of rate(base) - rate(variant); positive: the variant is
                     better. None without units
    ci_low, ci_high  percentile interval of 95 %; None with fewer than two units
    n                units that could be compared
    seed, draws      what reproduces the interval
    significant      the interval excludes 0
    """

    mean: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    seed: int
    draws: int
    significant: bool


def paired_bootstrap(
    base: ArrayLike, variant: ArrayLike, *, draws: int = 2000, seed: int = 0
) -> Interval:
    """Compare two systems on the same units (recordings, or blocks of one).

    base, variant  (F, 2)  errors and totals of each unit; units in which either total is 0 say
                   nothing and are left out
    draws          resamples of the units with replacement, the same units for both systems. Each
                   recomputes the ratio of sums, so that long recordings weigh as in the headline
                   (Efron & Tibshirani 1993, percentile interval; Bisani & Ney 2004 for error rates)

    Raises ValueError if the shapes differ, a count is negative or not finite, or ``draws`` < 1.
    """
    counts = np.column_stack((_counts(base, "base"), _counts(variant, "variant")))
    if draws < 1:
        msg = f"draws must be at least 1, not {draws}"
        raise ValueError(msg)
    counts = counts[(counts[:, 1] > 0) & (counts[:, 3] > 0)]
    n = len(counts)
    if n < 2:
        mean = float(_delta(counts)[0]) if n else None
        return Interval(mean, None, None, n, seed, draws, significant=False)
    rng = np.random.default_rng(seed)
    step = max(_BLOCK // n, 1)
    deltas = np.concatenate(
        [_delta(_resample(counts, rng, min(step, draws - at))) for at in range(0, draws, step)]
    )
    low, high = (float(bound) for bound in np.percentile(deltas, (2.5, 97.5)))
    significant = low > 0 or high < 0
    return Interval(float(deltas.mean()), low, high, n, seed, draws, significant=significant)


def _counts(values: ArrayLike, name: str) -> F64:
    table = np.asarray(values, dtype=np.float64)
    if not table.size:
        table = table.reshape(0, 2)
    if table.ndim != 2 or table.shape[1] != 2:
        msg = f"{name} has shape {table.shape}, expected (units, 2): errors and totals"
        raise ValueError(msg)
    if not (np.isfinite(table).all() and (table >= 0).all()):
        msg = f"{name} holds a count that is negative or not finite"
        raise ValueError(msg)
    return table


def _resample(counts: F64, rng: np.random.Generator, draws: int) -> F64:
    """Sums (draws, 4) of the counts of ``len(counts)`` units drawn with replacement."""
    drawn = rng.integers(len(counts), size=(draws, len(counts)))
    return np.column_stack([column[drawn].sum(axis=1) for column in counts.T])


def _delta(sums: F64) -> F64:
    """rate(base) - rate(variant) of each row of sums (D, 4)."""
    wrong, total, other_wrong, other_total = sums.T
    # Over one denominator: for whole counts the numerator is exact, so equal rates differ by 0.
    delta: F64 = (wrong * other_total - other_wrong * total) / (total * other_total)
    return delta
