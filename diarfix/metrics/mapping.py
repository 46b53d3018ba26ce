"""The one-to-one map between hypothesis and reference speakers that agrees most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diarfix.core.words import F64, I32, TIME_EPS, UNKNOWN


def best_map(weights: F64 | NDArray[np.int64], *, quantum: float = TIME_EPS) -> I32:
    """The reference column of each hypothesis row (H,), -1 where the row is left over.

    weights  (H, R)  what a pair has in common: words (integers) or seconds. Pairs with nothing in
             common are never mapped
    quantum  floats are rounded to multiples of it, so that a tie is a tie whatever the rounding of
             the sums before; integers are taken as they are

    The total weight is the largest possible (Hungarian method, Kuhn 1955). Among equal totals the
    choice depends on the order of rows and columns alone, hence never on what a speaker is called.

    >>> best_map(np.array([[7, 9], [1, 8], [0, 2]])).tolist()
    [0, 1, -1]
    """
    table = np.asarray(weights)
    if not np.issubdtype(table.dtype, np.integer):
        table = np.rint(table / quantum)
    table = np.maximum(table, 0)
    pairs = _favourites(table)
    if pairs is None:
        pairs = _favourites(table.T)
        pairs = None if pairs is None else pairs[::-1]
    if pairs is None:
        # Not at the top: SciPy takes longer to import than most recordings to score.
        from scipy.optimize import linear_sum_assignment

        pairs = linear_sum_assignment(table, maximize=True)
    rows, columns = pairs
    shared = table[rows, columns] > 0
    result = np.full(len(table), UNKNOWN, dtype=np.int32)
    result[rows[shared]] = columns[shared]
    return result


def _favourites(table: NDArray[np.generic]) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Each row with its heaviest column, or None if two rows want the same.

    No map can weigh more than the sum of the rows' maxima, so this one is optimal where it exists.
    """
    rows = np.flatnonzero((table > 0).any(axis=1))  # type: ignore[operator]
    columns = table[rows].argmax(axis=1) if len(rows) else rows
    return (rows, columns) if len(np.unique(columns)) == len(columns) else None
