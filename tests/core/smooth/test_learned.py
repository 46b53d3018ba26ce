"""The learned path: the laws of the label path, and the table it reads."""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.config import LearnedKnobs, Settings, learned_table
from diarfix.core.assign import assign
from diarfix.core.smooth.evidence import change_costs
from diarfix.core.smooth.features import EDGE_COLUMNS, GAP_COLUMNS, WORD_COLUMNS, features
from diarfix.core.smooth.forest import Forest, Tree
from diarfix.core.smooth.learned import (
    FORESTS,
    corrections,
    learned,
    read_trees,
    shipped_forests,
    write_trees,
)
from diarfix.core.smooth.viterbi import viterbi
from diarfix.core.words import Words, turns_from_rows, words_from_rows
from diarfix.errors import InputError
from tests.core.smooth.test_viterbi import talks

KNOBS, SETTINGS = LearnedKnobs(), Settings()


def _learned(words, turns, **more):
    return learned(words, turns, KNOBS, SETTINGS, **more)


def _labelled(talk):
    words, turns = talk
    return assign(words, turns).words, turns


# --- laws -----------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(talks())
def test_only_labels_move_none_is_invented_and_a_second_run_changes_nothing(talk):
    words, turns = _labelled(talk)
    done = _learned(words, turns)
    assert done.words.text == words.text
    assert done.words.speakers == words.speakers
    np.testing.assert_array_equal(done.words.start, words.start)
    assert ((done.words.speaker < 0) == (words.speaker < 0)).all()
    assert not _learned(done.words, turns).changes
    again = _learned(assign(done.words, turns).words, turns).words
    timed = words.timed
    assert again.speaker[timed].tolist() == done.words.speaker[timed].tolist()


@settings(max_examples=100, deadline=None)
@given(talks())
def test_the_changes_are_exactly_the_words_that_moved_and_their_numbers_add_up(talk):
    words, turns = _labelled(talk)
    done = _learned(words, turns)
    moved = np.flatnonzero(words.speaker != done.words.speaker).tolist()
    assert [change.index for change in done.changes] == moved
    for change in done.changes:
        assert change.before == words.speaker[change.index]
        assert change.after == done.words.speaker[change.index]
        numbers = change.evidence
        assert all(math.isfinite(v) for v in numbers.values() if not isinstance(v, str))
        if change.rule != "run":
            saved = numbers["evidence_nats"] + numbers["changes_nats"]
            assert numbers["saved_nats"] == pytest.approx(saved)


@settings(max_examples=60, deadline=None)
@given(talks(), st.randoms(use_true_random=False))
def test_present_labels_do_not_count(talk, random):
    words, turns = talk
    shuffled = words.speaker.copy()
    random.shuffle(shuffled)
    other = Words(words.text, words.start, words.end, shuffled, words.speakers)
    one, two = (_learned(*_labelled((w, turns))).words for w in (words, other))
    timed = words.timed
    assert one.speaker[timed].tolist() == two.speaker[timed].tolist()


@settings(max_examples=60, deadline=None)
@given(talks())
def test_without_turns_it_is_viterbi(talk):
    words, _ = talk
    for turns in (None, turns_from_rows([])):
        mine, theirs = _learned(words, turns), viterbi(words, turns, SETTINGS.viterbi)
        assert mine.words.labels == theirs.words.labels
        assert mine.changes == theirs.changes


@settings(max_examples=60, deadline=None)
@given(talks())
def test_what_is_worth_nothing_leaves_viterbi_s_path_or_one_as_good(talk):
    words, turns = _labelled(talk)
    nothing = learned(
        words, turns, LearnedKnobs(learned_weight=0.0, learned_change_weight=0.0), SETTINGS
    ).words.speaker
    plain = viterbi(words, turns, SETTINGS.viterbi).words.speaker
    index = np.flatnonzero(words.timed & (words.speaker >= 0))
    if not len(index):
        return
    cost = change_costs(words, index, SETTINGS.viterbi)
    off = LearnedKnobs(learned_weight=0.0, learned_change_weight=0.0)
    told = corrections(words, index, turns, cost, off, SETTINGS.viterbi).told.rows

    def worth(path):
        gain = np.append(told.gain, 0)[told.find(np.arange(len(index)), path[index])]
        return int(gain.sum() - cost[1:][np.diff(path[index]) != 0].sum())

    assert worth(nothing) == worth(plain)


@settings(max_examples=40, deadline=None)
@given(talks())
def test_pinned_words_stay(talk):
    words, turns = _labelled(talk)
    pinned = np.arange(len(words)) % 3 == 0
    kept = _learned(words, turns, pinned=pinned & words.timed).words.speaker
    at = pinned & words.timed
    assert kept[at].tolist() == words.speaker[at].tolist()


def test_words_that_were_not_assigned_from_these_turns_are_refused():
    words, turns = words_from_rows([("a", 0.0, 0.3, "A")]), turns_from_rows([(0, 1, "B")])
    with pytest.raises(ValueError, match="assign"):
        _learned(words, turns)


def test_a_flicker_inside_a_long_turn_goes():
    text = "so we went down to the market and bought some bread and some cheese"
    rows = [(word, i * 0.3, i * 0.3 + 0.3, None) for i, word in enumerate(text.split())]
    turns = turns_from_rows([(0, 10, "A"), (1.5, 1.9, "B"), (60, 80, "B")])
    assert set(_learned(*_labelled((words_from_rows(rows), turns))).words.labels) == {"A"}


# --- size -----------------------------------------------------------------------------------


def _long_talk(n, n_speakers, per_turn=9):
    start = np.arange(n) * 0.35
    words = Words(("so",) * n, start, start + 0.3, np.zeros(n), ("x",))
    spans = [
        (i * per_turn * 0.35, (i + 1.3) * per_turn * 0.35, f"S{i * 7 % n_speakers}")
        for i in range(n // per_turn)
    ]
    return _labelled((words, turns_from_rows(spans)))


def test_rows_grow_with_words_and_not_with_speakers():
    rows = []
    for n_speakers in (4, 200):
        words, turns = _long_talk(5000, n_speakers)
        index = np.arange(len(words))
        cost = change_costs(words, index, SETTINGS.viterbi)
        rows.append(len(corrections(words, index, turns, cost, KNOBS, SETTINGS.viterbi).word))
    assert rows[1] < 5 * 5000
    assert rows[1] < 1.5 * rows[0]


@pytest.mark.slow
# --- columns and trees ----------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(talks())
def test_every_table_has_its_columns_of_whole_numbers(talk):
    words, turns = _labelled(talk)
    index = np.flatnonzero(words.timed & (words.speaker >= 0))
    if not len(index):
        return
    cost = change_costs(words, index, SETTINGS.viterbi)
    nothing = corrections(words, index, turns, cost, KNOBS, SETTINGS.viterbi).told.rows
    found = features(words, index, turns, nothing, cost, SETTINGS.viterbi)
    for columns, names, n in (
        (found.words, WORD_COLUMNS, len(found.word)),
        (found.gaps, GAP_COLUMNS, len(index)),
        (found.edges, EDGE_COLUMNS, len(found.word)),
    ):
        assert len(columns) == len(names)
        assert all(column.shape == (n,) and column.dtype == np.int16 for column in columns)
    pairs = set(zip(found.word.tolist(), found.speaker.tolist(), strict=True))
    assert len(pairs) == len(found.word)


def test_a_shifted_recording_has_the_same_columns():
    words, turns = _long_talk(60, 3)
    later = Words(words.text, words.start + 64, words.end + 64, words.speaker, words.speakers)
    moved = replace(turns, start=turns.start + 64, end=turns.end + 64)
    index = np.arange(len(words))
    cost = change_costs(words, index, SETTINGS.viterbi)
    one, two = (
        corrections(w, index, t, cost, KNOBS, SETTINGS.viterbi)
        for w, t in ((words, turns), (later, moved))
    )
    for name in ("gain", "enter", "leave", "gap"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def _told(tree, row):
    node = 0
    while node >= 0:
        left = row[tree.column[node]] <= tree.threshold[node]
        node = tree.left[node] if left else tree.right[node]
    return tree.value[~node]


def test_the_shipped_trees_say_what_a_walk_down_them_says():
    rng = np.random.Generator(np.random.PCG64(5))
    for name, trees in read_trees(learned_table()).items():
        table = rng.integers(-4000, 8000, (300, len(FORESTS[name])), dtype=np.int16)
        slowly = [sum(_told(tree, row) for tree in trees) for row in table.tolist()]
        assert Forest(trees).total(list(table.T)).tolist() == slowly


def test_a_tree_without_a_split_says_the_same_of_all_rows():
    forest = Forest([Tree([], [], [], [], [7])])
    assert forest.total([np.zeros(3, dtype=np.int16)]).tolist() == [7, 7, 7]


def test_a_table_says_what_it_was_made_from_and_is_read_once():
    lines = learned_table()
    kinds = [line.partition(" ")[0] for line in lines]
    assert kinds[1:3] == ["data", "settings"]
    assert shipped_forests() is shipped_forests()
    trees = read_trees(lines)
    assert read_trees([lines[0], *write_trees(trees)]) == trees


def test_a_table_of_another_form_or_other_columns_is_refused():
    lines = learned_table()
    with pytest.raises(InputError, match="another version"):
        read_trees(["diarfix learned table 0", *lines[1:]])
    at = next(i for i, line in enumerate(lines) if line.startswith("columns gap"))
    with pytest.raises(InputError, match="other columns for gap"):
        read_trees([*lines[:at], f"{lines[at]} more"])


@pytest.mark.parametrize(
    "damage",
    [
        lambda b: b[:-90],
        lambda b: b.replace(b"word 0", b"word 1", 1),
        lambda _: b"\xff",
        lambda _: b"",
    ],
)
def test_a_damaged_table_is_told(tmp_path, damage):
    whole = "diarfix learned table 1\nword 0\n"
    path = tmp_path / "table.txt"
    text = f"{whole}sha256 {hashlib.sha256(whole.encode()).hexdigest()}\n".encode()
    path.write_bytes(text)
    assert learned_table(path) == ["diarfix learned table 1", "word 0"]
    path.write_bytes(damage(text))
    with pytest.raises(InputError, match="table"):
        learned_table(path)
