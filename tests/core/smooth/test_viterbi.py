"""The label path: what moves, what stays, and that a second run changes nothing."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.config.knobs import ViterbiKnobs, knob_names, knob_specs
from diarfix.core.assign import assign
from diarfix.core.smooth.viterbi import viterbi
from diarfix.core.words import Words, turns_from_rows, words_from_rows
from tests import strategies

KNOBS = ViterbiKnobs()


def _talk(*sentences, start=0.0, length=0.3, pause=0.6, gap=0.0):
    """Rows of words: each sentence is ``(text, label)``, with a pause before the next."""
    rows, at = [], start
    for text, label in sentences:
        for word in text.split():
            rows.append((word, at, at + length, label))
            at += length + gap
        at += pause - gap
    return rows


def _labels_after(rows, turns=None, knobs=KNOBS):
    words = words_from_rows(rows)
    if turns is None:
        return viterbi(words, None, knobs).words.labels
    spoken = turns_from_rows(turns)
    return viterbi(assign(words, spoken).words, spoken, knobs).words.labels


# --- what moves -----------------------------------------------------------------------------


def test_labels_alone_remove_an_island_inside_a_sentence():
    rows = _talk(("so we went to the market and bought some bread", "A"))
    rows[4] = (*rows[4][:3], "B")
    assert set(_labels_after(rows)) == {"A"}


@pytest.mark.parametrize("early", [-2, -1, 1, 2])
def test_labels_alone_move_a_seam_to_the_pause(early):
    rows = _talk(("what do you think about it all then", "A"), ("well I like it very much", "B"))
    seam = 8 + early
    rows = [(t, a, b, "A" if i < seam else "B") for i, (t, a, b, _) in enumerate(rows)]
    assert _labels_after(rows) == ["A"] * 8 + ["B"] * 6


def test_labels_alone_move_a_seam_to_a_sentence_end_without_a_pause():
    rows = _talk(("what do you think?", "A"), ("well I like it", "B"), pause=0.0)
    rows[3] = (*rows[3][:3], "B")
    assert _labels_after(rows) == ["A"] * 4 + ["B"] * 4


def test_turns_move_a_seam_to_the_pause():
    rows = _talk(("what do you think about it", None), ("well I like it very much", None))
    turns = [(0.0, 1.4, "A"), (1.4, 9.0, "B")]
    words = words_from_rows(rows)
    assert assign(words, turns_from_rows(turns)).words.labels[5] == "B"
    assert _labels_after(rows, turns) == ["A"] * 6 + ["B"] * 6


def test_a_flicker_inside_a_long_turn_goes():
    rows = _talk(("so we went down to the market and bought some bread and some cheese", None))
    flicker = (1.5, 1.9, "B")
    assert set(_labels_after(rows, [(0, 10, "A"), flicker, (60, 80, "B")])) == {"A"}
    cut = [(0, 1.5, "A"), flicker, (1.9, 10, "A"), (60, 80, "B")]
    assert set(_labels_after(rows, cut)) == {"A"}


def test_two_long_turns_that_cross_meet_at_the_pause_inside_the_crossing():
    rows = _talk(("one two three four five six seven", None), ("eight nine ten eleven", None))
    labels = _labels_after(rows, [(0, 3.4, "A"), (1.5, 9, "B")])
    assert labels == ["A"] * 7 + ["B"] * 4


def test_two_long_turns_that_cross_without_a_pause_meet_in_the_middle():
    rows = _talk(("a b c d e f g h i j k l m n o p q r s t", None), length=0.25)
    turns = [(0, 3, "A"), (2, 9, "B")]
    off = assign(words_from_rows(rows), turns_from_rows(turns)).words.labels
    assert off.count("A") == 12  # the earlier turn keeps the whole crossing
    assert 9 <= _labels_after(rows, turns).count("A") <= 11


# --- what stays -----------------------------------------------------------------------------

_AROUND = ("so that is what we did last year", "and then we went on to the next one")


@pytest.mark.parametrize("turns", [None, [(0, 2.75, "A"), (2.95, 3.35, "B"), (3.6, 7, "A")]])
def test_a_real_yeah_between_two_sentences_survives(turns):
    rows = _talk((_AROUND[0] + ".", "A"), ("Yeah.", "B"), (_AROUND[1] + ".", "A"))
    assert _labels_after(rows, turns) == ["A"] * 8 + ["B"] + ["A"] * 9


def test_a_yeah_inside_the_speakers_long_turn_survives_where_its_own_turn_covers_it():
    rows = _talk((_AROUND[0] + ".", None), ("Yeah.", None), (_AROUND[1] + ".", None))
    turns = [(0, 9, "A"), (2.9, 3.4, "B"), (60, 80, "B"), (90, 130, "A")]
    assert assign(words_from_rows(rows), turns_from_rows(turns)).words.labels[8] == "A"
    # Both turns cover it; it is deep enough in neither's favour, so nothing is risked.
    assert _labels_after(rows, turns)[:8] == ["A"] * 8


def test_a_rare_speaker_with_five_seconds_in_an_hour_survives():
    rows = _talk(*[("so that is what we did and then on we went.", None)] * 200)
    begin = rows[1000][1]
    turns = [(0, begin - 0.3, "A"), (begin, begin + 5, "B"), (begin + 5.1, 3600, "A")]
    words = words_from_rows(rows)
    off = assign(words, turns_from_rows(turns)).words.labels
    kept = _labels_after(rows, turns).count("B")
    assert kept >= off.count("B") - 2 > 10


def test_small_gaps_between_all_words_change_nothing():
    text = [("what do you think about it all", "A"), ("well I like it very much", "B")]
    for rows in (_talk(*text), _talk(*text, gap=0.05)):
        moved = [(t, a, b, "B" if i == 6 else s) for i, (t, a, b, s) in enumerate(rows)]
        assert _labels_after(moved) == ["A"] * 7 + ["B"] * 6


def test_one_label_stays_one_label():
    rows = _talk(("one two three.", "A"), ("four five.", "A"))
    assert not viterbi(words_from_rows(rows), None, KNOBS).changes


def test_no_words_and_one_word_stay():
    assert len(viterbi(words_from_rows([]), None, KNOBS).words) == 0
    one = words_from_rows([("hm", 0.0, 0.3, 7)])
    assert viterbi(one, None, KNOBS).words.labels == [7]
    spoken = turns_from_rows([(5, 6, "A")])
    assert viterbi(assign(one, spoken).words, spoken, KNOBS).words.labels == ["A"]


def test_words_that_no_turn_touches_join_their_sentence():
    rows = _talk(("one two three four five six", None))
    turns = [(0, 0.9, "A"), (1.85, 2.0, "B"), (30, 40, "B")]
    assert set(_labels_after(rows, turns)) == {"A"}


# --- words without time or label ------------------------------------------------------------


def test_a_word_without_time_moves_with_its_run():
    rows = _talk(("so we went to the market and bought some bread", "A"))
    rows[4] = (*rows[4][:3], "B")
    rows.insert(5, ("1990", None, None, "B"))
    done = viterbi(words_from_rows(rows), None, KNOBS)
    assert set(done.words.labels) == {"A"}
    assert [change.rule for change in done.changes] == ["island", "run"]


def test_a_word_without_time_stays_where_its_neighbours_in_the_run_part():
    rows = _talk(("what do you think?", "A"), ("well I like it very much", "B"))
    # The run of B begins one word early; the word without time stands behind the seam's new place.
    rows[3] = (*rows[3][:3], "B")
    rows.insert(4, ("1990", None, None, "B"))
    assert _labels_after(rows)[3:6] == ["A", "B", "B"]


def test_a_run_without_timed_words_never_moves():
    rows = _talk(("so we went to the market and bought some bread", "A"))
    rows.insert(5, ("1990", None, None, "B"))
    assert _labels_after(rows).count("B") == 1


def test_words_without_label_are_passed_over_and_stay_so():
    rows = _talk(("so we went to the market and bought some bread", "A"))
    rows[4] = (*rows[4][:3], "B")
    rows[3] = (*rows[3][:3], None)
    labels = _labels_after(rows)
    assert labels[3] is None
    assert set(labels) == {"A", None}


# --- laws -----------------------------------------------------------------------------------

_TEXTS = ("a", "so,", "yes.", "no?", "好。", "(well)", "")


@st.composite
def talks(draw, *, odd=True):
    """Words, some without time or label or out of order, and turns of a few speakers."""
    n = draw(st.integers(0, 14))
    labels = ["A", "B", 3, "3"]
    rows, at = [], 0.0
    for _ in range(n):
        at += draw(st.sampled_from([0.0, 0.0, 0.05, 0.3, 1.0, *([-1.0] if odd else [])]))
        at = max(at, 0.0)
        length = draw(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9]))
        timed = not odd or draw(st.integers(0, 9)) > 0
        label = draw(st.sampled_from([*labels, *([None] if odd else [])]))
        times = (at, at + length) if timed else (None, None)
        rows.append((draw(st.sampled_from(_TEXTS)), *times, label))
        at += length
    spans = draw(
        st.lists(
            st.tuples(st.integers(0, 40), st.integers(1, 30), st.sampled_from(["A", "B", "C", 3])),
            min_size=1,
            max_size=6,
        )
    )
    return words_from_rows(rows), turns_from_rows([(s / 4, (s + d) / 4, k) for s, d, k in spans])


def _both(words, turns):
    yield words, None
    yield assign(words, turns).words, turns


@settings(max_examples=150, deadline=None)
@given(talks())
def test_only_labels_move_and_none_is_invented(talk):
    for words, turns in _both(*talk):
        done = viterbi(words, turns, KNOBS)
        assert done.words.text == words.text
        assert done.words.speakers == words.speakers
        np.testing.assert_array_equal(done.words.start, words.start)
        np.testing.assert_array_equal(done.words.end, words.end)
        assert ((done.words.speaker < 0) == (words.speaker < 0)).all()
        if turns is None:
            assert set(done.words.speaker.tolist()) <= set(words.speaker.tolist())


@settings(max_examples=150, deadline=None)
@given(talks())
def test_a_second_run_changes_nothing(talk):
    for words, turns in _both(*talk):
        done = viterbi(words, turns, KNOBS)
        assert not viterbi(done.words, turns, KNOBS).changes
    words, turns = talk
    first = viterbi(assign(words, turns).words, turns, KNOBS).words
    again = viterbi(assign(first, turns).words, turns, KNOBS).words
    assert [s for s, t in zip(again.labels, words.timed, strict=True) if t] == [
        s for s, t in zip(first.labels, words.timed, strict=True) if t
    ]


@settings(max_examples=100, deadline=None)
@given(talks())
def test_the_changes_are_exactly_the_words_that_moved(talk):
    for words, turns in _both(*talk):
        done = viterbi(words, turns, KNOBS)
        moved = np.flatnonzero(words.speaker != done.words.speaker).tolist()
        assert [change.index for change in done.changes] == moved
        for change in done.changes:
            assert change.before == words.speaker[change.index]
            assert change.after == done.words.speaker[change.index]
            assert all(math.isfinite(v) for v in change.evidence.values() if not isinstance(v, str))


@settings(max_examples=100, deadline=None)
@given(talks(odd=False), st.permutations(range(4)))
def test_labels_alone_the_order_of_speakers_decides_nothing_but_perfect_ties(talk, order):
    words, _ = talk
    n = len(words.speakers)
    order = [k for k in order if k < n]
    table = np.array([*order, -1], dtype=np.int32)
    speakers = tuple(words.speakers[order.index(k)] for k in range(n))
    renamed = words.with_speaker(table[words.speaker], speakers)
    one, two = viterbi(words, None, KNOBS), viterbi(renamed, None, KNOBS)
    assert _price(words, one.words.speaker) == _price(renamed, two.words.speaker)


def _price(words, path) -> int:
    """Cost of a path over timed, labelled words, from the docstring of the model."""
    from diarfix.core.smooth.evidence import change_costs, label_rows

    if not len(words):
        return 0
    cost = change_costs(words, np.arange(len(words)), KNOBS)
    gain = label_rows(words.start, words.end, words.speaker, KNOBS).gain
    seams = np.diff(path) != 0
    return int(cost[1:][seams].sum() + gain[path != words.speaker].sum())


@settings(max_examples=60, deadline=None)
@given(talks(odd=False).filter(lambda talk: len(talk[0]) <= 6))
def test_labels_alone_no_path_is_cheaper(talk):
    words, _ = talk
    done = viterbi(words, None, KNOBS).words.speaker
    everything = product(range(len(words.speakers)), repeat=len(words))
    assert _price(words, done) == min(_price(words, np.array(path)) for path in everything)


@settings(max_examples=60, deadline=None)
@given(talks(), st.randoms(use_true_random=False))
def test_with_turns_present_labels_do_not_count(talk, random):
    words, turns = talk
    shuffled = words.speaker.copy()
    random.shuffle(shuffled)
    other = Words(words.text, words.start, words.end, shuffled, words.speakers)
    timed = words.timed
    one = viterbi(assign(words, turns).words, turns, KNOBS).words
    two = viterbi(assign(other, turns).words, turns, KNOBS).words
    assert one.speaker[timed].tolist() == two.speaker[timed].tolist()


def test_words_that_were_not_assigned_from_these_turns_are_refused():
    words, turns = words_from_rows([("a", 0.0, 0.3, "A")]), turns_from_rows([(0, 1, "B")])
    with pytest.raises(ValueError, match="assign"):
        viterbi(words, turns, KNOBS)


def test_labels_keep_their_type():
    rows = _talk(("so we went to the market and bought some bread", 1))
    rows[4] = (*rows[4][:3], "1")
    assert _labels_after(rows) == [1] * 10


def test_hundreds_of_speakers_take_no_table_of_words_by_speakers():
    turns = [(i * 2.0, i * 2.0 + 2.5, f"S{i}") for i in range(400)]
    rows = _talk(*[("so that is it then.", None)] * 300)
    assert len(set(_labels_after(rows, turns))) > 100


# --- what is reported -----------------------------------------------------------------------


def test_a_moved_seam_names_its_pauses_and_what_was_saved():
    rows = _talk(("what do you think about it all then", "A"), ("well I like it very much", "B"))
    rows[7] = (*rows[7][:3], "B")
    done = viterbi(words_from_rows(rows), None, KNOBS)
    (change,) = done.changes
    assert (change.index, change.rule) == (7, "seam")
    assert (done.seams_moved, done.islands_collapsed) == (1, 0)
    assert change.evidence["pause_before_s"] == pytest.approx(0.0)
    assert change.evidence["pause_after_s"] == pytest.approx(0.6)
    assert change.evidence["saved_nats"] == pytest.approx(
        change.evidence["evidence_nats"] + change.evidence["changes_nats"]
    )
    assert change.evidence["saved_nats"] > 0
    assert change.evidence["evidence_nats"] == pytest.approx(-KNOBS.label_weight * 0.6)


def test_an_island_names_its_length_and_counts_once():
    rows = _talk(("so we went to the market and bought some bread", "A"))
    rows[4], rows[5] = (*rows[4][:3], "B"), (*rows[5][:3], "B")
    done = viterbi(words_from_rows(rows), None, KNOBS)
    assert [change.rule for change in done.changes] == ["island", "island"]
    assert done.changes[0].evidence["stretch_words"] == 2
    assert (done.islands_collapsed, done.seams_moved) == (1, 0)


def test_an_exact_tie_is_named_with_both_depths():
    rows = _talk(("one two three four five six seven", None), ("eight nine ten eleven", None))
    spoken = turns_from_rows([(0, 3.4, "A"), (1.5, 9, "B")])
    done = viterbi(assign(words_from_rows(rows), spoken).words, spoken, KNOBS)
    ties = [change for change in done.changes if change.rule == "tie"]
    assert ties
    for change in ties:
        assert change.evidence["covered_before_s"] == change.evidence["covered_after_s"] > 0
        assert {"depth_before_s", "depth_after_s"} <= set(change.evidence)


@pytest.mark.parametrize("end", ["low", "high"])
def test_every_knob_works_at_the_ends_of_its_range(end):
    rows = _talk(("one two three four five six seven.", "A"), ("eight nine ten", "B"))
    spoken = turns_from_rows([(0, 3.4, "A"), (1.5, 9, "B"), (2.0, 2.2, "C")])
    words = words_from_rows(rows)
    for name in knob_names("viterbi"):
        value = getattr(knob_specs()[name], end)
        knobs = ViterbiKnobs(**{name: 1e6 if math.isinf(value) else value})
        for given_words, turns in ((words, None), (assign(words, spoken).words, spoken)):
            done = viterbi(given_words, turns, knobs).words
            assert not viterbi(done, turns, knobs).changes


# --- clean turns ----------------------------------------------------------------------------


@st.composite
def _clean(draw):
    """Words of any length and their turns, with a pause wherever the speaker changes."""
    rows, turns, at = [], [], 0.0
    for label in draw(st.lists(st.sampled_from("ABC"), min_size=1, max_size=12)):
        began = at
        for _ in range(draw(st.integers(1, 8))):
            length = draw(st.sampled_from([0.0, 0.0, 0.01, 0.04, 0.1, 0.3, 0.9]))
            rows.append(("word", at, at + length, label))
            at += length + draw(st.sampled_from([0.0, 0.05, 0.2]))
        turns.append((began, rows[-1][2] + 0.05, label))
        at = rows[-1][2] + draw(st.sampled_from([0.6, 2.0]))
    return rows, turns


@settings(max_examples=300)
@given(_clean())
def test_clean_turns_are_left_alone_whatever_the_words_lengths(case):
    rows, turns = case
    assert _labels_after(rows, turns) == [label for *_, label in rows]


def test_words_of_no_length_keep_the_speakers_of_their_turns():
    rows = [(f"w{i}", i * 0.4, i * 0.4, None) for i in range(120)]
    turns = [(0.0, 23.9, "A"), (23.95, 47.0, "B"), (47.0, 48.0, "A")]
    assert _labels_after(rows, turns) == ["A"] * 60 + ["B"] * 58 + ["A"] * 2


@given(strategies.words, strategies.turn_rows(), st.randoms())
def test_the_order_of_turns_decides_nothing(words, table, random):
    spoken, shuffled = (turns_from_rows(r) for r in (table, random.sample(table, len(table))))
    one, other = (viterbi(assign(words, t).words, t, KNOBS) for t in (spoken, shuffled))
    assert one.words.labels == other.words.labels
    assert one.changes == other.changes
