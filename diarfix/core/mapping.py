"""The one-to-one map between the speakers of two sides that agrees most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from diarfix.core.words import F64, I32, TIME_EPS, UNKNOWN, Label
from diarfix.errors import NotMeasured

_Index = NDArray[np.intp]

#: Cells of a table of speakers by speakers that is held whole; beyond it only what is in it, to as
#: many. Where thousands of speakers all meet each other the best map takes minutes.
_CELLS = 1 << 22


@dataclass(frozen=True, eq=False, slots=True)
class Shared:
    """What speakers have in common, by the pairs that have anything: never a table of all pairs.

    row, column  (P,)  hypothesis and reference code, ascending, no pair twice
    weight       (P,)  words (integers) or seconds
    shape              how many speakers there are on each side, (H, R)
    """

    row: _Index
    column: _Index
    weight: NDArray[np.int64] | F64
    shape: tuple[int, int]

    @classmethod
    def of(
        cls, row: NDArray[np.integer], column: NDArray[np.integer], shape: tuple[int, int],
        weight: F64 | None = None,
    ) -> Self:  # fmt: skip
        """Add up the weights (M,) of pairs that may stand there several times; 1 each if None.

        >>> Shared.of(np.array([1, 0, 1]), np.array([0, 0, 0]), (2, 1)).weight.tolist()
        [1, 2]
        """
        keys = row.astype(np.int64) * shape[1] + column
        if len(keys) * 4 >= shape[0] * shape[1]:
            total = np.bincount(keys, weights=weight, minlength=shape[0] * shape[1])
            found = np.flatnonzero(total)
            total = total[found]
        elif weight is None:
            found, total = np.unique(keys, return_counts=True)
        else:
            found, place = np.unique(keys, return_inverse=True)
            total = np.bincount(place, weights=weight)
        by = max(shape[1], 1)
        return cls(found // by, found % by, total, shape)

    def under(self, ref_of: I32) -> float:
        """What is common to the pairs that a map (H,) makes."""
        return float(self.weight[ref_of[self.row] == self.column].sum())


def best_map(shared: Shared, *, quantum: float = TIME_EPS) -> I32:
    """The reference code of each hypothesis speaker (H,), -1 where one is left over.

    quantum  weights that are floats are rounded to multiples of it, so that a tie is a tie whatever
             the rounding of the sums before; integers are taken as they are

    The total weight is the largest possible (Hungarian method, Kuhn 1955). Pairs with nothing in
    common are never mapped. Among equal totals the choice depends on the order of speakers alone,
    hence never on what one is called.

    Raises NotMeasured where there are too many pairs.

    >>> row, column = np.divmod(np.arange(6), 2)
    >>> best_map(Shared(row, column, np.array([7, 9, 1, 8, 0, 2]), (3, 2))).tolist()
    [0, 1, -1]
    """
    weight = shared.weight
    if not np.issubdtype(weight.dtype, np.integer):
        weight = np.rint(weight / quantum)
    some = weight > 0
    row, column, weight = shared.row[some], shared.column[some], weight[some]
    pairs = _favourites(row, column, weight)
    if pairs is None:
        pairs = _favourites(column, row, weight)
        pairs = None if pairs is None else pairs[::-1]
    if pairs is None:
        pairs = _hungarian(row, column, weight)
    result = np.full(shared.shape[0], UNKNOWN, dtype=np.int32)
    result[pairs[0]] = pairs[1]
    return result


def _favourites(row: _Index, column: _Index, weight: NDArray) -> tuple[_Index, _Index] | None:  # type: ignore[type-arg]
    """Each row with its heaviest column, or None if two rows want the same.

    No map can weigh more than the sum of the rows' maxima, so this one is optimal where it exists.
    """
    order = np.lexsort((column, -weight, row))
    rows, first = np.unique(row[order], return_index=True)
    columns = column[order][first]
    return (rows, columns) if len(np.unique(columns)) == len(columns) else None


def _hungarian(row: _Index, column: _Index, weight: NDArray) -> tuple[_Index, _Index]:  # type: ignore[type-arg]
    # Not at the top: SciPy takes longer to import than most recordings to score.
    rows, row = np.unique(row, return_inverse=True)
    columns, column = np.unique(column, return_inverse=True)
    n, m = len(rows), len(columns)
    if n * m <= _CELLS:
        from scipy.optimize import linear_sum_assignment

        table = np.zeros((n, m), dtype=weight.dtype)
        table[row, column] = weight
        i, j = linear_sum_assignment(table, maximize=True)
        keep = table[i, j] > 0
    elif len(weight) > _CELLS:
        raise NotMeasured(
            f"{n:,} and {m:,} speakers, {len(weight):,} pairs of them at once: too many to map",
            hint="is it one recording?",
        )
    else:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import min_weight_full_bipartite_matching

        # Everybody may stay alone, which weighs least: a column of his own.
        own = np.arange(n)
        table = coo_array(
            (
                np.append(weight + 1.0, np.ones(n)),
                (np.append(row, own), np.append(column, m + own)),
            ),
            shape=(n, m + n),
        )
        i, j = min_weight_full_bipartite_matching(table.tocsr(), maximize=True)
        keep = j < m
    return rows[i[keep]], columns[j[keep]]


def map_by_name(hyp: tuple[Label, ...], ref: tuple[Label, ...]) -> I32:
    """The reference code of each hypothesis label (H,) that is spelled like it, -1 for none.

    >>> map_by_name(("Ben", "Eva", 7), ("Eva", "7")).tolist()
    [-1, 0, 1]
    """
    book = {str(label).strip(): code for code, label in reversed(list(enumerate(ref)))}
    return np.array([book.get(str(label).strip(), UNKNOWN) for label in hyp], dtype=np.int32)
