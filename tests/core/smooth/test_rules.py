import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diarfix.config import RulesKnobs
from diarfix.core.smooth.rules import ISLAND, collapse_islands
from diarfix.core.words import TIME_EPS, words_from_rows
from tests import strategies

knobs = st.builds(
    RulesKnobs,
    max_island_words=st.integers(1, 6),
    max_island_duration=st.sampled_from([0.1, 0.5, 1.5, 4.0]),
    min_flank_words=st.integers(1, 4),
    min_silent_gap=st.sampled_from([0.0, 0.4, 2.0]),
    margin_threshold=st.sampled_from([0.0, 0.0, 0.2]),
)


def naive_runs(words, labels):
    """Lists of word indices, one per run; words without a label are passed over."""
    found = []
    for i, label in enumerate(labels):
        if label is None:
            continue
        if found and labels[found[-1][0]] == label:
            found[-1].append(i)
        else:
            found.append([i])
    return found


def naive_may_collapse(words, runs, r, knobs, labels, margin):
    if not 0 < r < len(runs) - 1:
        return False
    left, run, right = ([i for i in runs[k] if words.timed[i]] for k in (r - 1, r, r + 1))
    if not run or labels[runs[r - 1][0]] != labels[runs[r + 1][0]]:
        return False
    if min(len(left), len(right)) < max(knobs.min_flank_words, len(run) + 1):
        return False
    for a, b in ((left, run), (run, right)):
        if words.start[b[0]] - words.end[a[-1]] > knobs.min_silent_gap + TIME_EPS:
            return False
    lasts = max(words.end[i] for i in run) - min(words.start[i] for i in run)
    if lasts > knobs.max_island_duration + TIME_EPS:
        return False
    few = len(run) <= knobs.max_island_words
    disputed = all(margin[i] <= knobs.margin_threshold + TIME_EPS for i in run)
    return few or (knobs.margin_threshold > 0 and disputed)


def naive_collapse(words, knobs, margin, order):
    """The rule as the contract words it: runs computed anew after each collapse."""
    labels = words.labels
    while True:
        runs = naive_runs(words, labels)
        ready = [
            r for r in range(len(runs)) if naive_may_collapse(words, runs, r, knobs, labels, margin)
        ]
        if not ready:
            return labels
        r = order.choice(ready)
        for i in runs[r]:
            labels[i] = labels[runs[r - 1][0]]


@given(
    strategies.rows(labels=["A", "B", "C"], n_runs=14),
    knobs,
    st.lists(st.sampled_from([0.0, 0.1, 0.3]), min_size=80, max_size=80),
    st.randoms(use_true_random=False),
)
def test_no_order_of_processing_gives_another_result(rows, knobs, margins, order):
    words = words_from_rows(rows)
    margin = np.array(margins)[: len(words)] if len(words) <= 80 else np.full(len(words), 0.1)
    margin = np.where(words.timed, margin, np.nan)
    found = collapse_islands(words, knobs, margin=margin).words.labels
    assert found == naive_collapse(words, knobs, margin, order)


@given(strategies.rows(labels=["A", "B"], n_runs=20, times="sorted"), knobs)
def test_collapsing_twice_is_collapsing_once_and_only_labels_move(rows, knobs):
    words = words_from_rows(rows)
    once = collapse_islands(words, knobs)
    twice = collapse_islands(once.words, knobs)
    assert twice.words.labels == once.words.labels
    assert twice.changes == ()
    assert (once.words.text, once.words.speakers) == (words.text, words.speakers)
    np.testing.assert_array_equal(once.words.start, words.start)


def in_runs(spec, *, length=0.3, gap=0.0):
    """Words of ``length`` s from ``"A3 b1 A3"``."""
    rows, at = [], 0.0
    for run in spec.split():
        for _ in range(int(run[1:])):
            rows.append((f"w{len(rows)}", at, at + length, run[0]))
            at += length + gap
    return words_from_rows(rows)


def collapsed(spec, *, length=0.3, gap=0.0, **changed):
    words = in_runs(spec, length=length, gap=gap)
    return "".join(collapse_islands(words, RulesKnobs(**changed)).words.labels)


def test_three_word_runs_of_two_speakers_swap_nothing():
    # One pass over precomputed runs without "strictly shorter" would hand B's turns to A.
    assert collapsed("A3 B3 A3 B3 A3") == "AAABBBAAABBBAAA"


def test_an_island_shorter_than_both_flanks_collapses():
    assert collapsed("A3 B2 A3") == "A" * 8


def test_one_short_flank_protects_the_island():
    assert collapsed("A3 B1 A2") == "AAABAA"
    assert collapsed("A3 B1 A2", min_flank_words=2) == "A" * 6
    assert collapsed("A3 B3 A5") == "AAABBBAAAAA"


def test_flanks_of_two_speakers_swallow_nothing():
    assert collapsed("A3 B1 C3") == "AAABCCC"


def test_a_pause_at_either_seam_protects_the_island():
    assert collapsed("A3 B1 A3", gap=0.4) == "A" * 7
    assert collapsed("A3 B1 A3", gap=0.41) == "AAABAAA"


def test_a_long_island_stays():
    assert collapsed("A4 B3 A4", length=0.5) == "A" * 11
    assert collapsed("A4 B3 A4", length=0.51) == "AAAABBBAAAA"
    assert collapsed("A5 B4 A5", length=0.1) == "AAAAABBBBAAAAA"


def test_swallowing_one_island_lets_the_next_go():
    # B1 goes first; the A flank it leaves behind is long enough for the second.
    assert collapsed("A3 B1 A3 B3 A7") == "A" * 17


def test_a_disputed_island_of_more_words_collapses_if_asked():
    words = in_runs("A6 B5 A6", length=0.2)
    margin = np.where(np.array(words.labels) == "B", 0.1, 0.2)
    asked = RulesKnobs(margin_threshold=0.1)
    assert set(collapse_islands(words, asked, margin=margin).words.labels) == {"A"}
    assert set(collapse_islands(words, asked).words.labels) == {"A", "B"}
    margin[8] = 0.11
    assert set(collapse_islands(words, asked, margin=margin).words.labels) == {"A", "B"}


def test_a_word_without_time_moves_with_its_run_and_never_counts():
    rows = [("a", i, i + 1.0, "A") for i in range(3)]
    rows += [("?", None, None, "B"), ("b", 3.0, 4.0, "B"), ("?", None, None, "B")]
    rows += [("a", i, i + 1.0, "A") for i in range(4, 7)]
    found = collapse_islands(words_from_rows(rows), RulesKnobs(max_island_words=1))
    assert set(found.words.labels) == {"A"}
    # A flank's words without time do not make it longer either.
    rows[0] = ("a", None, None, "A")
    assert collapse_islands(words_from_rows(rows), RulesKnobs()).changes == ()


def test_a_run_without_timed_words_never_collapses_but_hides_no_island():
    rows = [("a", i, i + 1.0, "A") for i in range(4)] + [("?", None, None, "B")]
    rows += [("a", i, i + 1.0, "A") for i in range(4, 8)]
    assert collapse_islands(words_from_rows(rows), RulesKnobs()).changes == ()


def test_a_word_without_label_is_passed_over_and_never_given_one():
    rows = [("a", i, i + 1.0, "A") for i in range(3)] + [("?", 3.0, 3.1, None)]
    rows += [("b", 3.1, 4.0, "B")] + [("a", i, i + 1.0, "A") for i in range(4, 7)]
    found = collapse_islands(words_from_rows(rows), RulesKnobs())
    assert found.words.labels == ["A"] * 3 + [None] + ["A"] * 4


def test_a_pinned_word_keeps_its_run():
    words = in_runs("A3 B2 A3")
    pinned = np.arange(8) == 4
    assert collapse_islands(words, RulesKnobs(), pinned=pinned).changes == ()


def test_every_change_says_why():
    words = in_runs("A3 B2 A4")
    first, second = collapse_islands(words, RulesKnobs()).changes
    assert (first.index, second.index, first.rule) == (3, 4, ISLAND)
    assert first.evidence == {
        "island_words": 2,
        "island_s": pytest.approx(0.6),
        "flank_words": 3,
        "gap_before_s": 0.0,
        "gap_after_s": 0.0,
    }


def test_a_hundred_thousand_words_are_no_matter():
    order = random.Random(0)
    spec = " ".join(f"{'AB'[i % 2]}{order.choice([1, 2, 3, 4, 9])}" for i in range(30_000))
    words = in_runs(spec)
    found = collapse_islands(words, RulesKnobs())
    assert found.islands_collapsed > 1000
    assert collapse_islands(found.words, RulesKnobs()).changes == ()
