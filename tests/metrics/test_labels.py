"""The word metrics count what their definitions say, whatever speakers are called."""

from __future__ import annotations

import dataclasses
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.core.words import UNKNOWN, turns_from_rows, words_from_rows
from diarfix.metrics.labels import (
    LEFT_OUT,
    LabelCounts,
    are_parallel,
    labels_at_midpoints,
    repaired_and_broken,
    score_against_turns,
    score_against_words,
)

law = settings(deadline=None, max_examples=150)

#: Eighths of a second are exact in binary: sums of them are equal, not close.
TICK = 0.125

REF_LABELS = st.sampled_from(["Ann", "Ben", "Cis", "?", "", "OVERLAP", None])
HYP_LABELS = st.sampled_from(["x", "y", "z", "Ann", None])


@st.composite
def parallel(draw, ref=REF_LABELS, hyp=HYP_LABELS, max_size=30):
    """Words of a reference and of a hypothesis with equal texts; some have no time."""
    rows = draw(st.lists(st.tuples(st.integers(0, 3), st.booleans(), ref, hyp), max_size=max_size))
    left, right = [], []
    at = 0
    for i, (length, timed, a, b) in enumerate(rows):
        start, end = (at * TICK, (at + length) * TICK) if timed else (None, None)
        at += length
        left.append((f"w{i}", None, None, a))
        right.append((f"w{i}", start, end, b))
    return words_from_rows(left), words_from_rows(right)


@st.composite
def spoken(draw, max_words=20, max_turns=8):
    """Hypothesis words and reference turns on a grid; turns overlap at will."""
    row = st.tuples(st.integers(0, 60), st.integers(0, 20), REF_LABELS.filter(lambda s: s))
    turns = draw(st.lists(row, max_size=max_turns))
    _, words = draw(parallel(max_size=max_words))
    return words, turns_from_rows([(a * TICK, (a + n) * TICK, s) for a, n, s in turns])


def naive_midpoints(words, turns):
    found = []
    for start, end in zip(words.start.tolist(), words.end.tolist(), strict=True):
        middle = (start + end) / 2
        here = {
            label
            for a, b, label in zip(turns.start, turns.end, turns.labels, strict=True)
            if a <= middle < b
        }
        only = here.pop() if len(here) == 1 else None
        found.append(None if only in {"?", "OVERLAP"} else only)
    return found


def naive_islands(hyp, ref, stands_for):
    """By hand: walk to the right from every word that may open an island."""
    hist = [0, 0, 0]
    for a in range(1, len(hyp)):
        if hyp[a] is None or hyp[a] == hyp[a - 1] or hyp[a - 1] is None:
            continue
        b = a
        while b < len(hyp) and hyp[b] == hyp[a]:
            b += 1
        flank = hyp[a - 1]
        truth = stands_for.get(flank)
        spoken_by_flank = truth is not None and all(label == truth for label in ref[a - 1 : b + 1])
        if b - a <= 3 and b < len(hyp) and hyp[b] == flank and spoken_by_flank:
            hist[b - a - 1] += 1
    return {f"islands_{n}": k for n, k in enumerate(hist, start=1)}


def naive_counts(words, ref, score):
    """The counts by loops over labels; the map is taken from ``score``, see the test of it."""
    hyp = words.labels
    stands_for = {
        label: score.names[code]
        for label, code in zip(words.speakers, score.mapped.tolist(), strict=True)
        if code != UNKNOWN
    }
    kept = [i for i, label in enumerate(ref) if label is not None]
    bad = [hyp[i] is None or stands_for.get(hyp[i]) != ref[i] for i in kept]
    changes = [k for k in range(1, len(kept)) if ref[kept[k]] != ref[kept[k - 1]]]
    moves = [k for k in range(1, len(kept)) if hyp[kept[k]] != hyp[kept[k - 1]]]
    near = {k + d for k in changes for d in (-2, -1, 0, 1)}
    seconds = np.nan_to_num(words.end - words.start).tolist()
    cuts = [0, *changes, len(kept)]
    short = [(a, b) for a, b in pairwise(cuts) if 0 < b - a <= 3]
    return LabelCounts(
        n_words=len(words),
        n_scored=len(kept),
        n_excluded=len(words) - len(kept),
        n_unlabelled=sum(hyp[i] is None for i in kept),
        n_word_errors=sum(bad),
        t_scored=sum(seconds[i] for i in kept),
        t_errors=sum(seconds[i] for i, wrong in zip(kept, bad, strict=True) if wrong),
        **naive_islands(hyp, ref, stands_for),
        boundary_errors=sum(wrong and k in near for k, wrong in enumerate(bad)),
        interior_errors=sum(wrong and k not in near for k, wrong in enumerate(bad)),
        ref_changes=len(changes),
        hyp_changes=len(moves),
        shared_changes=len(set(changes) & set(moves)),
        short_turns=len(short),
        absorbed_turns=sum(all(bad[a:b]) for a, b in short),
    )


def fewest_errors(ref, hyp):
    """The errors under the best of all one-to-one maps."""
    here = sorted({label for label in ref if label is not None})
    there = sorted({label for label in hyp if label is not None})
    slots = [*here, *[None] * len(there)]
    return min(
        sum(
            a is not None and (b is None or a != stands_for[there.index(b)])
            for a, b in zip(ref, hyp, strict=True)
        )
        for stands_for in permutations(slots, len(there))
    )


def named(labels):
    return [None if label in {"?", "", "OVERLAP", None} else label for label in labels]


def with_labels(words, labels):
    return words_from_rows(
        (text, start, end, label)
        for text, start, end, label in zip(
            words.text, words.start.tolist(), words.end.tolist(), labels, strict=True
        )
    )


# --- the reference label of a word ---------------------------------------------------------------


@law
@given(spoken())
def test_a_word_is_spoken_by_the_one_turn_at_its_midpoint(case):
    words, turns = case
    codes, _ = labels_at_midpoints(words, turns)
    assert [None if c < 0 else turns.speakers[c] for c in codes] == naive_midpoints(words, turns)


def test_a_turn_holds_its_start_and_not_its_end():
    turns = turns_from_rows([(1.0, 2.0, "Ann")])
    at = [("first", 1.0, 1.0, "x"), ("last", 2.0, 2.0, "x"), ("before", 0.5, 1.25, "x")]
    assert labels_at_midpoints(words_from_rows(at), turns)[0].tolist() == [0, -1, -1]


def test_one_speaker_who_overlaps_himself_is_one_speaker():
    turns = turns_from_rows([(0.0, 5.0, "Ann"), (1.0, 3.0, "Ann")])
    assert labels_at_midpoints(words_from_rows([("w", 2.0, 2.5, "x")]), turns)[0].tolist() == [0]


def test_what_nobody_or_two_speakers_say_is_left_out():
    turns = turns_from_rows(
        [
            (0.0, 1.0, "Ann"),
            (1.0, 2.0, "?"),
            (2.0, 3.0, "OVERLAP"),
            (4.0, 6.0, "Ann"),
            (5.0, 6.0, "B"),
        ]
    )
    rows = [(f"w{i}", i + 0.25, i + 0.75, "x") for i in range(6)] + [("timeless", None, None, "x")]
    score = score_against_turns(words_from_rows(rows), turns)
    counts = score.counts
    assert (counts.n_words, counts.n_scored, counts.n_excluded) == (7, 2, 5)
    why = ["", "unnamed", "several", "nobody", "", "several", "timeless"]
    assert [LEFT_OUT[code] for code in score.left_out] == why


def test_a_parallel_word_without_a_name_is_left_out_for_that():
    ref = words_from_rows([(c, None, None, c) for c in ("A", "?", None, "OVERLAP")])
    hyp = words_from_rows([(c, None, None, "x") for c in ref.text])
    score = score_against_words(hyp, ref)
    assert [LEFT_OUT[code] for code in score.left_out] == ["", "unnamed", "unnamed", "several"]


# --- counts --------------------------------------------------------------------------------------


@law
@given(parallel())
def test_counts_are_those_of_the_definitions_counted_by_hand(case):
    ref, hyp = case
    score = score_against_words(hyp, ref)
    assert score.counts == naive_counts(hyp, named(ref.labels), score)


@law
@given(spoken())
def test_counts_against_turns_are_those_of_the_definitions(case):
    words, turns = case
    score = score_against_turns(words, turns)
    assert score.counts == naive_counts(words, naive_midpoints(words, turns), score)


@law
@given(parallel(max_size=12))
def test_the_map_of_speakers_leaves_the_fewest_errors(case):
    ref, hyp = case
    counts = score_against_words(hyp, ref).counts
    assert counts.n_word_errors == fewest_errors(named(ref.labels), hyp.labels)


@law
@given(parallel())
def test_the_flags_of_words_are_what_the_counts_count(case):
    ref, hyp = case
    score = score_against_words(hyp, ref)
    counts = score.counts
    assert score.wrong.sum() == counts.n_word_errors
    assert counts.n_word_errors == counts.boundary_errors + counts.interior_errors
    assert score.island.sum() == sum(int(n) * k for n, k in counts.island_hist.items())
    assert counts.islands == sum(counts.island_hist.values())
    assert not (score.wrong & (score.ref == UNKNOWN)).any()
    assert counts.n_scored + counts.n_excluded == counts.n_words
    assert counts.n_unlabelled <= counts.n_word_errors
    # All words of an island are wrong: they are the flank's, and another label stands for no one
    # that is mapped to him.
    assert (score.wrong | ~score.island).all()


@law
@given(parallel(), st.permutations(["x", "y", "z", "Ann"]), st.permutations(["Ann", "Ben", "Cis"]))
def test_counts_do_not_depend_on_what_speakers_are_called(case, hyp_names, ref_names):
    ref, hyp = case
    of_hyp = dict(zip(["x", "y", "z", "Ann"], hyp_names, strict=True))
    of_ref = dict(zip(["Ann", "Ben", "Cis"], ref_names, strict=True))
    renamed_ref = with_labels(ref, [of_ref.get(label, label) for label in ref.labels])
    renamed_hyp = with_labels(hyp, [of_hyp.get(label, label) for label in hyp.labels])
    before = score_against_words(hyp, ref).counts
    assert score_against_words(renamed_hyp, renamed_ref).counts == before


@law
@given(spoken(), st.integers(1, 80_000))
def test_counts_do_not_depend_on_when_the_recording_begins(case, ticks):
    words, turns = case
    by = ticks * TICK
    rows = zip(words.text, words.start + by, words.end + by, words.labels, strict=True)
    moved = turns_from_rows(
        zip((turns.start + by).tolist(), (turns.end + by).tolist(), turns.labels, strict=True)
    )
    assert (
        score_against_turns(words_from_rows(rows), moved).counts
        == score_against_turns(words, turns).counts
    )


@law
@given(parallel(ref=st.sampled_from(["Ann", "Ben", "Cis", "?"])))
def test_a_hypothesis_that_only_calls_speakers_otherwise_is_perfect(case):
    ref, _ = case
    other = {"Ann": "Ben", "Ben": "SPEAKER_00", "Cis": "Ann"}
    hyp = with_labels(ref, [other.get(label, "q") for label in ref.labels])
    counts = score_against_words(hyp, ref).counts
    assert (counts.n_word_errors, counts.islands, counts.absorbed_turns) == (0, 0, 0)
    assert counts.wser == (0.0 if counts.n_scored else None)
    assert counts.boundary_f1 == (1.0 if counts.ref_changes else None)


@law
@given(st.lists(parallel(max_size=8), max_size=4))
def test_counts_of_recordings_together_are_sums_and_no_seam_lies_between_them(cases):
    """Errors of all, joined under names of their own, are the sums; only the seams are new."""
    parts = [score_against_words(hyp, ref).counts for ref, hyp in cases]
    total = sum(parts, start=LabelCounts())
    for field in dataclasses.fields(LabelCounts):
        values = [getattr(part, field.name) for part in parts]
        assert getattr(total, field.name) == pytest.approx(sum(values))

    def joined(side):
        return words_from_rows(
            (
                f"{i} {text}",
                None,
                None,
                label if label in {None, "?", "", "OVERLAP"} else f"{i}{label}",
            )
            for i, case in enumerate(cases)
            for text, label in zip(case[side].text, case[side].labels, strict=True)
        )

    whole = score_against_words(joined(1), joined(0)).counts
    for name in ("n_words", "n_scored", "n_excluded", "n_unlabelled", "n_word_errors"):
        assert getattr(whole, name) == getattr(total, name)
    seams = max(sum(part.n_scored > 0 for part in parts) - 1, 0)
    assert whole.ref_changes == total.ref_changes + seams


def test_rates_of_nothing_are_none_and_not_zero():
    nothing = LabelCounts()
    rates = ("wser", "t_wser", "boundary_precision", "boundary_recall", "boundary_f1")
    assert [getattr(nothing, rate) for rate in rates] == [None] * 5


# --- labels of the hypothesis --------------------------------------------------------------------


def test_a_speaker_left_over_is_wrong_everywhere_even_under_the_name_of_a_reference_speaker():
    ref = words_from_rows([(f"w{i}", i, i + 1, "Ann") for i in range(5)])
    hyp = words_from_rows([(f"w{i}", i, i + 1, "x" if i < 3 else "Ann") for i in range(5)])
    score = score_against_words(hyp, ref)
    assert score.wrong.tolist() == [False] * 3 + [True] * 2
    assert score.mapped.tolist() == [0, UNKNOWN]


def test_a_scored_word_without_label_is_wrong_and_counted():
    ref = words_from_rows([(f"w{i}", i, i + 1, "Ann") for i in range(4)])
    hyp = words_from_rows(
        [(f"w{i}", i, i + 1, label) for i, label in enumerate(["x", None, "x", None])]
    )
    counts = score_against_words(hyp, ref).counts
    assert (counts.n_unlabelled, counts.n_word_errors, counts.wser) == (2, 2, 0.5)


def test_a_word_without_time_is_scored_by_its_place_in_a_parallel_reference_and_weighs_nothing():
    ref = words_from_rows(
        [("a", None, None, "Ann"), ("b", None, None, "Ben"), ("c", None, None, "Ben")]
    )
    hyp = words_from_rows([("a", 0, 1, "x"), ("b", None, None, "x"), ("c", 1, 3, "y")])
    counts = score_against_words(hyp, ref).counts
    assert (counts.n_scored, counts.n_word_errors) == (3, 1)
    assert (counts.t_scored, counts.t_errors) == (3.0, 0.0)


@pytest.mark.parametrize(
    ("hyp", "ref", "hist"),
    [
        ("xxyxx", "AAAAA", (1, 0, 0)),
        ("xxyyxx", "AAAAAA", (0, 1, 0)),
        ("xxyyyxx", "AAAAAAA", (0, 0, 1)),
        ("xxxyyyyxxx", "AAAAAAAAAA", (0, 0, 0)),  # four words are no island
        ("xxyxx", "AABAA", (0, 0, 0)),  # the reference has it too
        ("xxyxx", "AA?AA", (0, 0, 0)),  # the reference does not say
        ("xxyxx", "A?AAA", (0, 0, 0)),  # nor of the flank word
        ("xx xx", "AAAAA", (0, 0, 0)),  # a word without label is no island
        ("xxy xx", "AAAAAA", (0, 0, 0)),  # nor a flank
        ("xxyzxx", "AAAAAA", (0, 0, 0)),  # two runs, each with two different flanks
        ("yxx", "AAA", (0, 0, 0)),  # one flank only
        ("xyxyxxx", "AAAAAAA", (2, 0, 0)),  # not the x in the middle: its flanks stand for nobody
    ],
)
def test_islands(hyp, ref, hist):
    there = words_from_rows((str(i), i, i + 1, None if c == " " else c) for i, c in enumerate(hyp))
    here = words_from_rows((str(i), i, i + 1, c) for i, c in enumerate(ref))
    assert tuple(score_against_words(there, here).counts.island_hist.values()) == hist


def test_a_reference_change_lies_between_scored_words_over_those_left_out():
    ref = words_from_rows((str(i), i, i + 1, c) for i, c in enumerate("AA??BBB"))
    hyp = words_from_rows((str(i), i, i + 1, c) for i, c in enumerate("xxxyyyy"))
    counts = score_against_words(hyp, ref).counts
    assert (counts.ref_changes, counts.hyp_changes, counts.shared_changes) == (1, 1, 1)
    assert counts.boundary_f1 == 1.0


def test_errors_are_at_a_boundary_within_two_words_of_a_change():
    ref = words_from_rows((str(i), i, i + 1, c) for i, c in enumerate("AAAAABBBBB"))
    hyp = words_from_rows((str(i), i, i + 1, c) for i, c in enumerate("xxyyyyxyyy"))
    counts = score_against_words(hyp, ref).counts
    # Wrong: 2, 3, 4 (A) and 6 (B); the change is between 4 and 5, so near are 3, 4, 5 and 6.
    assert (counts.boundary_errors, counts.interior_errors) == (3, 1)


# --- two systems ---------------------------------------------------------------------------------


@law
@given(parallel(), st.data())
def test_repaired_and_broken_change_places_when_the_systems_do(case, data):
    ref, one = case
    other = one.with_speaker(data.draw(st.permutations(one.speaker.tolist())))
    a, b = score_against_words(one, ref), score_against_words(other, ref)
    repaired, broken = repaired_and_broken(a, b)
    assert repaired_and_broken(b, a) == (broken, repaired)
    assert a.counts.n_word_errors - repaired + broken == b.counts.n_word_errors
    assert repaired_and_broken(a, a) == (0, 0)


# --- the same words ------------------------------------------------------------------------------


def test_words_are_parallel_where_texts_are_equal_up_to_spaces_around_them():
    def texts(*words):
        return words_from_rows((word, None, None, "A") for word in words)

    assert are_parallel(texts("so", "we"), texts(" so", "we "))
    assert not are_parallel(texts("so", "we"), texts("so", "we,"))
    assert not are_parallel(texts("so", "we"), texts("we", "so"))
    assert not are_parallel(texts("so"), texts("so", "we"))
    with pytest.raises(ValueError, match="not those of the hypothesis"):
        score_against_words(texts("so"), texts("we"))
