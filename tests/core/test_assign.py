import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.core.assign import agreeing_neighbours, assign, by_overlap
from diarfix.core.words import TIME_EPS, UNKNOWN, turns_from_rows, words_from_rows
from tests import strategies


def brute_overlaps(start, end, rows):
    """Seconds of ``[start, end)`` by speaker, overlapping turns of one speaker counted once."""
    found = {}
    for label in dict.fromkeys(label for _, _, label in rows):
        mine = sorted((a, b) for a, b, v in rows if v == label)
        total, reach = 0.0, -np.inf
        for a, b in mine:
            lo, hi = max(a, reach, start), min(b, end)
            total += max(hi - lo, 0.0)
            reach = max(reach, b)
        found[label] = total if total >= TIME_EPS else 0.0
    return found


def brute(start, end, rows):
    """The rule as the contract words it, turn by turn: (label, margin, tied, nearest)."""
    rows = sorted(row for row in rows if row[1] > row[0])
    instant = end - start < TIME_EPS
    seconds = brute_overlaps(start, end, rows)
    if instant:
        on = [label for a, b, label in rows if a <= start < b - TIME_EPS]
        seconds = {label: float(label in on) for label in seconds}
    ordered = sorted(seconds.values(), reverse=True)
    most = ordered[0]
    if most == 0:
        gap = [max(a - end, start - b, 0.0) for a, b, _ in rows]
        near = [i for i, g in enumerate(gap) if g <= min(gap) + TIME_EPS]
        first = min(near, key=lambda i: (rows[i][0], rows[i][2]))
        return rows[first][2], 0.0, False, True
    best = {label for label, s in seconds.items() if s >= most - TIME_EPS}
    if len(best) == 1:
        second = ordered[1] if len(ordered) > 1 else 0.0
        return best.pop(), 0.0 if instant else most - second, False, False
    on_word = [
        i
        for i, (a, b, label) in enumerate(rows)
        if label in best
        and (a <= start < b - TIME_EPS if instant else min(b, end) - max(a, start) > TIME_EPS)
    ]
    first = min(on_word, key=lambda i: (rows[i][0], rows[i][2]))
    return rows[first][2], 0.0, True, False


@given(strategies.rows(), strategies.turn_rows())
def test_assign_agrees_with_the_rule_worked_out_turn_by_turn(table, turn_table):
    words = words_from_rows(table)
    found = assign(words, turns_from_rows(turn_table))
    for i in np.flatnonzero(words.timed):
        start, end = words.start[i], words.end[i]
        label, margin, tied, nearest = brute(start, end, turn_table)
        assert (found.words.labels[i], found.tied[i], found.nearest[i]) == (label, tied, nearest)
        assert found.margin[i] == pytest.approx(margin, abs=2 * TIME_EPS)
    assert np.isnan(found.margin[~words.timed]).all()


@given(strategies.words, strategies.turns)
def test_assign_changes_labels_alone_and_twice_is_once(words, turns):
    once = assign(words, turns).words
    assert once.text == words.text
    np.testing.assert_array_equal(once.start, words.start)
    assert set(once.labels) <= set(words.labels) | set(turns.labels)
    assert assign(once, turns).words.labels == once.labels


def test_many_words_in_blocks_get_what_each_gets_alone():
    rng = np.random.default_rng(0)
    rows = [(f"w{i}", t, t + 0.3, None) for i, t in enumerate(rng.uniform(0, 900, 40_000))]
    turns = turns_from_rows(
        [(t, t + 2.0, "ABCD"[k % 4]) for k, t in enumerate(rng.uniform(0, 900, 600))]
    )
    words = words_from_rows(rows)
    whole = assign(words, turns)
    for at in (0, 16_383, 16_384, 39_999):
        alone = by_overlap(words.start[at : at + 1], words.end[at : at + 1], turns)
        assert whole.words.speaker[at] == alone[0][0]
        assert whole.margin[at] == alone[1][0]


def label_of(word, rows):
    start, end = word
    words = words_from_rows([("w", start, end, None)])
    return assign(words, turns_from_rows(rows)).words.labels[0]


def test_a_tie_goes_to_the_turn_that_began_earlier():
    assert label_of((1.0, 2.0), [(0.5, 3.0, "B"), (0.0, 2.0, "A")]) == "A"


def test_a_tie_of_turns_that_began_together_goes_to_the_label_that_sorts_first():
    rows = [(0.0, 2.0, "B"), (0.0, 3.0, "A")]
    assert label_of((1.0, 2.0), rows) == label_of((1.0, 2.0), rows[::-1]) == "A"
    assert label_of((4.0, 5.0), [(0.0, 2.0, "B"), (0.0, 2.0, "A")]) == "A"


@given(strategies.words, strategies.turn_rows(), st.randoms())
def test_the_order_of_turns_decides_nothing(words, table, random):
    shuffled = random.sample(table, len(table))
    one, other = (assign(words, turns_from_rows(rows)) for rows in (table, shuffled))
    assert one.words.labels == other.words.labels
    assert one.words.speakers == other.words.speakers
    for name in ("margin", "tied", "nearest", "kept"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_overlaps_within_a_microsecond_are_a_tie():
    assert label_of((0.0, 1.0), [(0.1, 0.6 + 5e-7, "B"), (0.0, 0.5, "A")]) == "A"
    assert label_of((0.0, 1.0), [(0.1, 0.6 + 5e-6, "B"), (0.0, 0.5, "A")]) == "B"


def test_a_turn_that_reaches_the_word_by_rounding_alone_does_not_break_a_tie():
    # 1.1 + 2.2 = 3.3000000000000003: the first turn of B ends where the word begins.
    rows = [(1.1, 1.1 + 2.2, "B"), (3.3, 5.0, "B"), (3.0, 5.0, "A")]
    assert label_of((3.3, 4.0), rows) == "A"


def test_nearest_means_the_gap_to_the_interval_not_to_its_midpoint():
    assert label_of((61.0, 61.2), [(0.0, 60.0, "A"), (70.0, 71.0, "B")]) == "A"


def test_a_word_of_no_length_inside_a_turn_belongs_to_it():
    assert label_of((1.0, 1.0), [(2.0, 3.0, "B"), (0.5, 1.5, "A")]) == "A"
    assert label_of((1.0, 1.0), [(0.0, 1.0, "B"), (1.0, 1.5, "A")]) == "A"
    words = words_from_rows([("w", 1.0, 1.0, None), ("v", 1.2, 1.2, None), ("u", 3.0, 3.0, None)])
    found = assign(words, turns_from_rows([(0.9, 1.3, "B"), (0.5, 1.1, "A")]))
    assert found.words.labels == ["A", "B", "B"]
    assert found.tied.tolist() == [True, False, False]
    assert found.nearest.tolist() == [False, False, True]
    assert found.margin.tolist() == [0.0, 0.0, 0.0]


def test_overlapping_turns_of_one_speaker_count_once():
    rows = [(0.0, 0.4, "A"), (0.0, 0.4, "A"), (0.4, 1.0, "B")]
    words = words_from_rows([("w", 0.0, 1.0, None)])
    found = assign(words, turns_from_rows(rows))
    assert found.words.labels == ["B"]
    assert found.margin[0] == pytest.approx(0.2)


def test_only_some_words_are_labelled_and_margins_are_measured_for_all():
    words = words_from_rows([("a", 0.0, 1.0, "X"), ("b", 1.0, 2.0, None)])
    turns = turns_from_rows([(0.0, 2.0, "A")])
    found = assign(words, turns, only=np.array([False, True]))
    assert found.words.labels == ["X", "A"]
    assert found.margin.tolist() == [1.0, 1.0]


def test_a_labelled_word_without_time_follows_neighbours_that_agree_else_keeps_its_own():
    rows = [("a", 0.0, 1.0, None), ("?", None, None, "X"), ("b", 1.0, 2.0, None),
            ("?", None, None, "X"), ("c", 2.0, 3.0, None), ("?", None, None, None)]  # fmt: skip
    found = assign(words_from_rows(rows), turns_from_rows([(0.0, 2.0, "A"), (2.0, 3.0, "B")]))
    assert found.words.labels == ["A", "A", "A", "X", "B", None]
    assert found.kept.tolist() == [False, False, False, True, False, False]


@given(st.lists(st.tuples(st.integers(-1, 2), st.booleans())))
def test_agreeing_neighbours_looks_past_words_without_time_or_label(table):
    codes = np.array([c for c, _ in table], dtype=np.int32)
    timed = np.array([t for _, t in table], dtype=bool)
    known = [i for i, (c, t) in enumerate(table) if c >= 0 and t]
    for i, found in enumerate(agreeing_neighbours(codes, timed).tolist()):
        left = [k for k in known if k <= i]
        right = [k for k in known if k >= i]
        agree = left and right and codes[left[-1]] == codes[right[0]]
        assert found == (codes[left[-1]] if agree else UNKNOWN)


def test_no_turns_is_the_callers_error():
    with pytest.raises(ValueError, match="at least one turn"):
        assign(words_from_rows([]), turns_from_rows([]))
