"""Sums of small regression trees over columns of whole numbers, exact and the same everywhere.

All splits of a tree are asked at once, each answer one bit of a number, and a table tells which
leaf the number stands for: comparisons, shifts and sums of whole numbers, in blocks that fit the
cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diarfix.core.smooth.surroundings import I16
from diarfix.core.words import I64

#: Rows that are told at once.
_BLOCK = 16384


@dataclass(frozen=True, slots=True)
class Tree:
    """One regression tree of B splits, at most 16.

    column     (B,) what each split asks about
    threshold  (B,) a row goes to the left if its value is at most this
    left, right  (B,) the split that is asked next, or ~leaf
    value      (B + 1,) what each leaf is worth
    """

    column: Sequence[int]
    threshold: Sequence[int]
    left: Sequence[int]
    right: Sequence[int]
    value: Sequence[int]


class Forest:
    """The sum of several trees, ready to be asked."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        questions = sorted(
            {pair for t in trees for pair in zip(t.column, t.threshold, strict=True)}
        )
        place = {pair: i for i, pair in enumerate(questions)}
        self._questions = questions
        self._trees = [
            ([place[pair] for pair in zip(t.column, t.threshold, strict=True)], _answers(t))
            for t in trees
        ]

    def total(self, columns: Sequence[I16]) -> I64:
        """What all trees say of each row (E,) together; columns  each (E,)."""
        n = len(columns[0])
        total = np.zeros(n, dtype=np.int64)
        for begin in range(0, n, _BLOCK):
            self._add(total[begin : begin + _BLOCK], [c[begin : begin + _BLOCK] for c in columns])
        return total

    def _add(self, total: I64, columns: list[I16]) -> None:
        answers = [
            (columns[column] <= threshold).view(np.uint8) for column, threshold in self._questions
        ]
        # The lower and the higher eight bits apart: bytes are told twice as many at a time.
        code = np.empty((2, len(total)), dtype=np.uint8)
        pair = np.empty((len(total), 2), dtype=np.uint8)
        for splits, table in self._trees:
            code.fill(0)
            for byte, part in zip(code, (splits[:8], splits[8:]), strict=True):
                for split in reversed(part):
                    np.add(byte, byte, out=byte)
                    np.bitwise_or(byte, answers[split], out=byte)
            pair[:, 0], pair[:, 1] = code
            total += table.take(pair.view("<u2")[:, 0])


def _answers(tree: Tree) -> I64:
    """The worth of the leaf that each set of answers leads to; bit b is set if b goes left."""
    n = len(tree.column)
    table = np.zeros((2,) * n, dtype=np.int64)
    paths: list[tuple[int, tuple[int | slice, ...]]] = [(0 if n else ~0, (slice(None),) * n)]
    while paths:
        node, answers = paths.pop()
        if node < 0:
            table[answers] = tree.value[~node]
            continue
        axis = n - 1 - node  # the first axis is the highest bit
        for answer, then in ((1, tree.left[node]), (0, tree.right[node])):
            paths.append((then, (*answers[:axis], answer, *answers[axis + 1 :])))
    return table.ravel()
