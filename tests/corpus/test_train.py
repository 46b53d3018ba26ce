"""Growing a learned table: what a step is, and that the same data make the same bytes."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from train import Recipe, Sources, altered, chunks_of, grow, table_of
from train.crf import marginals
from train.examples import Example, true_codes

from diarfix.config import learned_table
from diarfix.core.assign import assign
from diarfix.core.smooth.learned import read_trees
from diarfix.core.words import turns_from_rows, words_from_rows

CORPUS = Path(__file__).parents[2] / "corpus" / "corpus.json"
SMALL = Recipe(n_rounds=3, least_rows=20)


def _path_worth(path, score, cost, enter, leave):
    worth = sum(score[t, k] for t, k in enumerate(path))
    for t in range(1, len(path)):
        if path[t] != path[t - 1]:
            worth += enter[t, path[t]] + leave[t, path[t - 1]] - cost[t]
    return worth


def test_expected_counts_are_those_of_all_paths():
    rng = np.random.Generator(np.random.PCG64(3))
    n, n_speakers = 4, 3
    score, enter, leave = rng.normal(size=(3, n, n_speakers))
    cost = rng.exponential(size=n)
    score[2, 1] = -np.inf
    paths = list(product(range(n_speakers), repeat=n))
    odds = np.exp([_path_worth(p, score, cost, enter, leave) for p in paths])
    odds /= odds.sum()
    found = marginals(score[:, None], cost[:, None], enter[:, None], leave[:, None])
    for t, k in product(range(n), range(n_speakers)):
        here = sum(o for o, p in zip(odds, paths, strict=True) if p[t] == k)
        assert found.here[t, 0, k] == pytest.approx(here)
        if t:
            changed = [(o, p) for o, p in zip(odds, paths, strict=True) if p[t] != p[t - 1]]
            assert found.change[t, 0] == pytest.approx(sum(o for o, _ in changed))
            begun = sum(o for o, p in changed if p[t] == k)
            assert found.begin[t, 0, k] == pytest.approx(begun)
            assert found.end[t, 0, k] == pytest.approx(sum(o for o, p in changed if p[t - 1] == k))


def _chunks(sources, recipe=SMALL):
    return [chunk for example in sources.of_corpus(CORPUS) for chunk in chunks_of(example, recipe)]


def test_a_small_training_gives_the_same_bytes_twice():
    pytest.importorskip("lightgbm", reason="training needs LightGBM 4.6")
    texts = []
    for _ in range(2):
        sources = Sources()
        texts.append(table_of(grow(_chunks(sources), SMALL), SMALL, sources))
    assert texts[0] == texts[1]
    lines = texts[0].splitlines()
    assert {len(trees) for trees in read_trees(lines[:-1]).values()} == {SMALL.n_rounds}
    assert '"n_rounds": 3' in lines[2]


def test_a_written_table_is_read_again(tmp_path):
    sources = Sources()
    trees = read_trees(learned_table())
    path = tmp_path / "table.txt"
    path.write_text(table_of(trees, SMALL, sources), encoding="ascii")
    assert read_trees(learned_table(path)) == trees


def test_the_same_seed_draws_the_same_chunks_and_what_is_left_out_is_never_read():
    one, two = Sources(), Sources(leave=("baker", "gl"))
    first, again = _chunks(one), _chunks(Sources())
    assert len(first) == len(again)
    assert all(np.array_equal(a.words, b.words) for a, b in zip(first, again, strict=True))
    names = {example.name for example in two.of_corpus(CORPUS)}
    assert names
    assert not any(name.startswith(("baker", "gl")) for name in names)
    assert not any("baker" in name or "glacier" in name for name in two.digests)


def _example():
    rows = [(f"w{i}.", i * 0.5, i * 0.5 + 0.4, None) for i in range(40)]
    truth = [(0, 4.95, "a"), (4.95, 14, "b"), (14, 20, "c")]
    turns = [(0, 5, "X"), (5, 14.5, "Y"), (60, 70, "Z")]
    return Example(
        "made", "up", words_from_rows(rows), turns_from_rows(turns), turns_from_rows(truth), 1.0
    )


def test_nothing_is_learnt_where_who_speaks_has_no_turn():
    example = _example()
    off = assign(example.words, example.turns).words.speaker
    true = true_codes(example.words, example.turns, example.truth, off)
    assert true[:10].tolist() == [0] * 10
    assert true[10:28].tolist() == [1] * 18
    assert (true[28:] == -1).all()


def test_an_altered_copy_keeps_its_words_and_counts_less():
    example = _example()
    copies = [altered(example, seed, 0.5) for seed in range(12)]
    assert {copy.weight for copy in copies} == {0.5}
    assert all(len(copy.words) == len(example.words) for copy in copies)
    stripped = [copy for copy in copies if copy.words.text[0] == "w0"]
    assert 0 < len(stripped) < len(copies)
