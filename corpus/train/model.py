"""Boosting the terms of a path: LightGBM on what the chain of words asks for.

LightGBM 4.6 is needed to train, and only to train.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simulate import generator

from diarfix.config import ViterbiKnobs
from diarfix.core.assign import assign
from diarfix.core.smooth.evidence import change_costs, turn_evidence
from diarfix.core.smooth.features import features
from diarfix.core.smooth.forest import Tree
from diarfix.core.smooth.learned import FORESTS
from diarfix.core.smooth.path import MICRO, best_path
from train.crf import F64, marginals
from train.examples import Example, seed_of, true_codes

#: Trees by forest.
Forests = dict[str, list[Tree]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the trees are grown."""

    n_rounds: int = 60
    rate: float = 0.1
    n_leaves: int = 12
    least_rows: int = 300
    shrinkage: float = 20.0
    row_share: float = 0.7
    column_share: float = 0.8
    chunk: int = 120
    dull_share: float = 0.12
    seed: int = 1


@dataclass(frozen=True, eq=False, slots=True)
class Chunk:
    """At most T words of one example, ready to be learnt from.

    word, speaker  (E,)  which word of the chunk, and which of its speakers, each row is about
    n_words, n_speakers  how many there are
    true           (n_words,) code among the chunk's speakers, -1 unknown
    gain           (E,) nats, present evidence
    cost           (n_words,) nats, present cost
    words, edges   (E, F) int16
    gaps           (n_words, G) int16
    weight         of each word
    """

    word: NDArray[np.int64]
    speaker: NDArray[np.int64]
    n_words: int
    n_speakers: int
    true: NDArray[np.int32]
    gain: F64
    cost: F64
    words: NDArray[np.int16]
    gaps: NDArray[np.int16]
    edges: NDArray[np.int16]
    weight: float


def chunks_of(example: Example, recipe: Recipe) -> Iterator[Chunk]:
    """Cut an example up; of chunks that hold no error only a share is taken, which counts more."""
    knobs = ViterbiKnobs()
    rng = generator(seed_of(recipe.seed, example.name, example.kind))
    index = np.flatnonzero(example.words.timed).astype(np.int64)
    words = example.words.take(index)
    index = np.arange(len(index))
    off = assign(words, example.turns).words.speaker
    cost = change_costs(words, index, knobs)
    told = turn_evidence(words.start, words.end, example.turns, knobs).rows
    found = features(words, index, example.turns, told, cost, knobs)
    order = np.argsort(found.word, kind="stable")
    at, who = found.word[order], found.speaker[order]
    tables = [np.stack(columns, axis=1) for columns in (found.words, found.gaps, found.edges)]
    tables[0], tables[2] = tables[0][order], tables[2][order]
    gain = np.append(told.gain, 0)[told.find(at, who)] / MICRO
    true = true_codes(words, example.turns, example.truth, off)
    now = best_path(told.plus(index, off, np.zeros(len(index), dtype=np.int64)), cost, off)
    wrong = (true >= 0) & ((true != off) | (true != now))
    shift = int(rng.integers(recipe.chunk))
    bounds = [0, *range(shift, len(index), recipe.chunk), len(index)]
    for first, stop in pairwise(bounds):
        if stop - first < 10 or not (true[first:stop] >= 0).any():
            continue
        weight = example.weight
        drawn = rng.random()
        if not wrong[first:stop].any():
            if drawn > recipe.dull_share:
                continue
            weight /= recipe.dull_share
        a, b = np.searchsorted(at, (first, stop))
        speakers, speaker = np.unique(who[a:b], return_inverse=True)
        if len(speakers) < 2:
            continue
        place = np.searchsorted(speakers, true[first:stop])
        there = np.append(speakers, -1)[place] == true[first:stop]
        yield Chunk(
            at[a:b] - first, speaker, stop - first, len(speakers),
            np.where(there, place, -1).astype(np.int32), gain[a:b], cost[first:stop] / MICRO,
            tables[0][a:b], tables[1][first:stop], tables[2][a:b], weight,
        )  # fmt: skip


class _Batch:
    """Chunks of as many speakers, and where their rows stand among all rows."""

    def __init__(self, chunks: Sequence[Chunk], n_speakers: int, longest: int) -> None:
        n = len(chunks)
        shape = (longest, n, n_speakers)
        self.here = np.full(shape, -np.inf)
        self.truth = np.full(shape, -np.inf)
        for b, chunk in enumerate(chunks):
            self.here[: chunk.n_words, b, : chunk.n_speakers] = 0.0
            self.here[chunk.n_words :, b, 0] = 0.0  # padding: nobody else, no change
            known = chunk.true >= 0
            self.truth[: chunk.n_words, b, : chunk.n_speakers] = np.where(known, -np.inf, 0.0)[
                :, None
            ]
            self.truth[np.flatnonzero(known), b, chunk.true[known]] = 0.0
            self.truth[chunk.n_words :, b, 0] = 0.0
        self.rows = tuple(
            np.concatenate(parts)
            for parts in (
                [c.word for c in chunks],
                [np.full(len(c.word), b) for b, c in enumerate(chunks)],
                [c.speaker for c in chunks],
            )
        )
        self.gaps = (
            np.concatenate([np.arange(c.n_words) for c in chunks]),
            np.concatenate([np.full(c.n_words, b) for b, c in enumerate(chunks)]),
        )
        self.shape = shape

    def steps(self, gain: F64, cost: F64, enter: F64, leave: F64) -> list[tuple[F64, F64]]:
        """First and second derivatives of the loss by each term of its rows or gaps."""
        score, begin, end = np.zeros((3, *self.shape))
        price = np.zeros(self.shape[:2])
        score[self.rows], begin[self.rows], end[self.rows] = gain, enter, leave
        price[self.gaps] = cost
        free = marginals(score + self.here, price, begin, end)
        true = marginals(score + self.truth, price, begin, end)
        pairs = (
            (free.here[self.rows], true.here[self.rows]),
            (free.change[self.gaps], true.change[self.gaps]),
            (free.begin[self.rows], true.begin[self.rows]),
            (free.end[self.rows], true.end[self.rows]),
        )
        return [(a - b, np.maximum(a * (1 - a), 1e-4)) for a, b in pairs]


def grow(
    chunks: Sequence[Chunk], recipe: Recipe, tell: Callable[[str], None] = lambda _: None
) -> Forests:
    """Grow all forests together, a tree of each a round.

    tell  is told now and then how far it is

    Raises ImportError without LightGBM.
    """
    import lightgbm

    groups = _groups(sorted(chunks, key=lambda chunk: chunk.n_speakers))
    chunks = [chunk for group in groups for chunk in group]
    batches = [_Batch(group, group[-1].n_speakers, recipe.chunk) for group in groups]
    rows = np.cumsum([0, *(sum(len(c.word) for c in g) for g in groups)]).tolist()
    gaps = np.cumsum([0, *(sum(c.n_words for c in g) for g in groups)]).tolist()
    gain = np.concatenate([chunk.gain for chunk in chunks])
    cost = np.concatenate([chunk.cost for chunk in chunks])
    row_weight = np.concatenate([np.full(len(c.word), c.weight) for c in chunks])
    gap_weight = np.concatenate([np.full(c.n_words, c.weight) for c in chunks])
    edges = np.concatenate([chunk.edges for chunk in chunks])
    tables = {
        "word": (np.concatenate([chunk.words for chunk in chunks]), row_weight),
        "gap": (np.concatenate([chunk.gaps for chunk in chunks]), gap_weight),
        "enter": (edges, row_weight),
        "leave": (edges, row_weight),
    }
    boosters = {
        name: _booster(lightgbm, tables[name][0], recipe, seed)
        for seed, name in enumerate(FORESTS, start=recipe.seed * 10)
    }
    total = {name: np.zeros(len(tables[name][0])) for name in FORESTS}
    for n in range(recipe.n_rounds):
        steps = [
            batch.steps(
                (gain + total["word"])[a:b],
                np.maximum(cost - total["gap"], 0.0)[c:d],
                total["enter"][a:b],
                total["leave"][a:b],
            )
            for batch, a, b, c, d in zip(batches, rows, rows[1:], gaps, gaps[1:], strict=False)
        ]
        for i, (name, booster) in enumerate(boosters.items()):
            slope, bend = (
                np.concatenate([step[i][part] for step in steps]) * tables[name][1]
                for part in (0, 1)
            )
            booster.update(fobj=lambda _, __, step=(slope, bend): step)
            total[name] = booster._Booster__inner_predict(0).copy()  # noqa: SLF001 - scores so far
        if n % 10 == 9:
            tell(f"{n + 1} of {recipe.n_rounds} rounds")
    return {name: _trees(booster) for name, booster in boosters.items()}


def _groups(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """Chunks, ascending by speakers, in groups of about as many, no larger than memory likes."""
    groups: list[list[Chunk]] = []
    for chunk in chunks:
        fits = groups and chunk.n_speakers <= 1.3 * groups[-1][0].n_speakers + 0.5
        if not fits or len(groups[-1]) >= 2000:
            groups.append([])
        groups[-1].append(chunk)
    return groups


def _booster(lightgbm: Any, table: NDArray[np.int16], recipe: Recipe, seed: int) -> Any:
    params = {
        "verbose": -1, "objective": "none", "learning_rate": recipe.rate,
        "num_leaves": recipe.n_leaves, "min_data_in_leaf": recipe.least_rows,
        "min_sum_hessian_in_leaf": 1e-3, "lambda_l2": recipe.shrinkage,
        "bagging_fraction": recipe.row_share, "bagging_freq": 1,
        "feature_fraction": recipe.column_share, "max_bin": 127, "min_data_in_bin": 20,
        "feature_pre_filter": False, "seed": seed,
        # The same bytes every time: one thread, one order.
        "deterministic": True, "force_row_wise": True, "num_threads": 1,
    }  # fmt: skip
    return lightgbm.Booster(params, lightgbm.Dataset(table.astype(np.float32), params=params))


def _trees(booster: Any) -> list[Tree]:
    return [_tree(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]


def _tree(root: dict[str, Any]) -> Tree:
    """A tree as whole numbers: thresholds of whole columns, worths in micro-nats."""
    column: list[int] = []
    threshold: list[int] = []
    left: list[int] = []
    right: list[int] = []
    value: list[int] = []

    def walk(node: dict[str, Any]) -> int:
        if "split_index" not in node:
            value.append(round(node["leaf_value"] * MICRO))
            return ~(len(value) - 1)
        me = len(column)
        column.append(node["split_feature"])
        threshold.append(int(np.floor(node["threshold"])))
        left.append(0)
        right.append(0)
        left[me], right[me] = walk(node["left_child"]), walk(node["right_child"])
        return me

    walk(root)
    return Tree(column, threshold, left, right, value)
