"""Several opinions on one recording: what decides, what does not, and whom they are of."""

import json
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.core.assign import assign
from diarfix.core.smooth.method import smooth
from diarfix.core.words import turns_from_rows, words_from_rows
from diarfix.files.local import read_text
from diarfix.formats.document import read_document
from diarfix.formats.recordings import read_turns
from diarfix.metrics.labels import score_against_turns
from tests import strategies

NOBODY = turns_from_rows([])


def talk(n=60, length=0.3, pause_every=10):
    """Words under no label, a sentence and a pause every ten."""
    rows, at = [], 0.0
    for i in range(n):
        last = i % pause_every == pause_every - 1
        rows.append((f"w{i}{'.' * last}", at, at + length, None))
        at += length + 0.5 * last
    return words_from_rows(rows)


def turns_of(words, labels, shift=0.0):
    """A turn for each run of labels; ``shift`` s moves every edge, as another system would."""
    rows, first = [], 0
    for i in range(1, len(labels) + 1):
        if i == len(labels) or labels[i] != labels[first]:
            if labels[first] is not None:
                begin = max(float(words.start[first]) + shift, 0.0)
                rows.append((begin, float(words.end[i - 1]) + shift, labels[first]))
            first = i
    return turns_from_rows(rows)


def decided(words, *opinions, **how):
    lead = next(turns for turns in opinions if len(turns))
    return smooth(assign(words, lead).words, opinions, **how)


def who(*runs):
    return [label for label, n in runs for _ in range(n)]


TRUTH = who(("A", 20), ("B", 10), ("A", 20), ("B", 10))


def test_two_outvote_one_whoever_comes_first():
    words = talk()
    wrong = who(("A", 20), ("A", 10), ("A", 20), ("B", 10))  # missed a whole turn of B
    right = [turns_of(words, TRUTH, shift) for shift in (0.03, -0.05)]
    for order in permutations([turns_of(words, wrong), *right]):
        assert decided(words, *order).words.labels == TRUTH


def test_who_has_a_short_turn_between_pauses_outweighs_who_has_none():
    spoken = [("so I said that it would be", "A"), ("Yeah.", "B"), ("and we went there.", "A")]
    rows, labels, at = [], [], 0.0
    for text, label in spoken * 6:
        for word in text.split():
            rows.append((word, at, at + 0.3, None))
            labels.append(label)
            at += 0.3
        at += 0.5
    words = words_from_rows(rows)
    has = turns_of(words, labels, 0.02)
    lacks = turns_of(words, ["A"] * len(rows), -0.02)
    for pair in ((has, lacks), (lacks, has)):
        assert decided(words, *pair).words.labels == labels


def test_speakers_are_matched_by_what_they_say_and_named_by_the_first():
    words = talk()
    other = turns_of(words, [{"A": "spk1", "B": "spk0"}[who_] for who_ in TRUTH], 0.04)
    assert decided(words, turns_of(words, TRUTH), other).words.labels == TRUTH
    found = decided(words, other, turns_of(words, TRUTH)).words.labels
    assert found == [{"A": "spk1", "B": "spk0"}[who_] for who_ in TRUTH]


def test_a_speaker_whom_only_others_know_gets_a_name_of_theirs():
    words = talk()
    three = who(("A", 20), ("B", 10), ("C", 20), ("B", 10))
    two = who(("A", 20), ("B", 10), ("A", 20), ("B", 10))
    names = {"A": "0", "B": "1", "C": "2"}
    others = [turns_of(words, [names[k] for k in three], shift) for shift in (0.03, -0.04)]
    found = decided(words, turns_of(words, two), *others).words.labels
    assert found == who(("A", 20), ("B", 10), ("2", 20), ("B", 10))
    # "A" is taken by the first, who means another: a free name of theirs, never one made up.
    swapped = {"A": "Z", "B": "B", "C": "A"}
    others = [turns_of(words, [swapped[k] for k in three], shift) for shift in (0.03, -0.04)]
    found = decided(words, turns_of(words, two), *others).words.labels
    assert found == who(("A", 20), ("B", 10), ("Z", 20), ("B", 10))


def test_a_copy_under_other_names_is_no_second_witness():
    words = talk()
    wrong = who(("A", 20), ("A", 10), ("A", 20), ("B", 10))
    once = turns_of(words, wrong)
    copy = turns_of(words, [{"A": "x", "B": "y"}[k] for k in wrong])
    right = [turns_of(words, TRUTH, shift) for shift in (0.03, -0.05)]
    found = decided(words, once, copy, copy, *right)
    assert found.words.labels == TRUTH
    assert [one.copy_of for one in found.trust] == [None, 0, 0, None, None]
    assert decided(words, once, copy).words.labels == decided(words, once).words.labels


def test_two_runs_of_one_system_share_a_vote():
    words = talk(200)
    labels = who(*[("AB"[i % 2], 5) for i in range(40)])
    rng = np.random.default_rng(0)
    exact = turns_of(words, labels)
    moved = rng.uniform(0.1, 0.3, (2, len(exact)))
    times = zip(exact.start + moved[0], exact.end + moved[1], exact.labels, strict=True)
    rows = [(float(start), float(end), label) for start, end, label in times]
    first = turns_from_rows(rows)
    second = turns_from_rows([*rows[:-3], (*rows[-3][:2], "A"), *rows[-2:]])
    other = turns_of(words, labels, -0.07)
    kin = decided(words, first, second, other).trust
    assert kin[2].weight > 1.5 * kin[0].weight
    apart = decided(
        words, turns_of(words, labels, 0.053), turns_of(words, labels, 0.117), other
    ).trust
    assert apart[2].weight == pytest.approx(apart[0].weight, rel=0.1)


def test_who_says_nothing_is_told_and_changes_nothing():
    words = talk()
    one, two = turns_of(words, TRUTH), turns_of(words, TRUTH, 0.06)
    found = decided(words, one, NOBODY, two)
    assert found.words.labels == decided(words, one, two).words.labels
    assert (found.trust[1].weight, found.trust[1].agreement) == (0.0, None)
    assert decided(words, NOBODY, one).words.labels == decided(words, one).words.labels
    assert decided(words, one, NOBODY).trust == ()


def test_every_moved_word_says_which_opinions_stand_on_either_side():
    words = talk()
    wrong = who(("A", 20), ("A", 10), ("A", 20), ("B", 10))
    found = decided(
        words, turns_of(words, wrong), *(turns_of(words, TRUTH, s) for s in (0.03, -0.05))
    )
    assert [change.index for change in found.changes] == list(range(20, 30))
    assert {c.rule for c in found.changes} <= {"disputed", "seam", "island"}
    assert {
        (c.evidence["opinions_before"], c.evidence["opinions_after"]) for c in found.changes
    } == {("1", "2,3")}
    assert found.disputed is not None
    assert np.flatnonzero(found.disputed).tolist() == list(range(20, 30))


TURNS = strategies.turn_rows(min_size=0).map(turns_from_rows)


@st.composite
def recordings(draw):
    """Words and two to four opinions of whatever quality."""
    words = words_from_rows(draw(strategies.rows()))
    opinions = draw(st.lists(TURNS, min_size=2, max_size=4))
    return words, opinions


@given(recordings(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_labels_come_from_the_turns_and_the_order_of_the_others_never_matters(drawn, random):
    words, opinions = drawn
    given_ = [turns for turns in opinions if len(turns)]
    if not given_:
        return
    found = decided(words, *opinions)
    known = {*words.speakers, *(label for turns in opinions for label in turns.speakers)}
    assert {label for label in found.words.labels if label is not None} <= known
    assert found.words.text == words.text
    if words.timed.any():
        assert len(found.trust) == (len(opinions) if len(given_) > 1 else 0)
    others = opinions[1:]
    random.shuffle(others)
    if len(opinions[0]):
        assert decided(words, opinions[0], *others).words.labels == found.words.labels
    again = smooth(assign(found.words, given_[0]).words, opinions)
    assert again.words.labels == found.words.labels


@given(recordings())
@settings(max_examples=30)
def test_one_opinion_is_what_it_is_alone(drawn):
    words, (turns, *_) = drawn
    if len(turns):
        base = assign(words, turns).words
        alone = smooth(base, turns)
        for same in ([turns], [turns, NOBODY], [turns, turns]):
            assert smooth(base, same).words.labels == alone.words.labels


def meetings(data_dir):
    tree = json.loads((data_dir / "opinions.json").read_text(encoding="utf-8"))
    for entry in tree["files"]:
        document = read_document(read_text(str(data_dir / entry["words"])), "x.json")
        paths = [*entry["turns"], entry["ref_rttm"]]
        *turns, ref = (next(iter(read_turns(str(data_dir / p)).values())) for p in paths)
        yield document.words, turns, ref


def errors(words, turns, ref):
    base = assign(words, turns[0]).words
    return score_against_turns(smooth(base, turns).words, ref).counts.n_word_errors


@pytest.mark.slow
def test_on_real_meetings_every_further_opinion_helps_and_none_does_harm(data_dir):
    """Five real diarizers on eight meetings (docs/method.md has the table)."""
    rows = [(0, 1), (0, 1, 2), (0, 1, 2, 3), (0, 1, 2, 3, 4)]
    subsets = [*combinations(range(5), 1), *combinations(range(5), 2), *rows]
    wrong = dict.fromkeys(subsets, 0)
    for words, turns, ref in meetings(data_dir):
        for subset in wrong:
            wrong[subset] += errors(words, [turns[i] for i in subset], ref)
    assert wrong[0,] == 730
    left = [wrong[row] for row in rows]
    assert all(n <= most for n, most in zip(left, (520, 495, 490, 480), strict=True)), left
    for subset, n in wrong.items():
        assert n <= 1.02 * min(wrong[i,] for i in subset), subset


THREE = who(("A", 20), ("B", 10), ("C", 20), ("B", 10), ("A", 20), ("C", 10)) * 2
GARBAGE = {
    "one speaker": lambda words: turns_from_rows([(0.0, float(words.end[-1]), "X")]),
    "all at once": lambda words: turns_from_rows(
        [(0.0, float(words.end[-1]), name) for name in "WXYZ"]
    ),
    "two merged": lambda words: turns_of(words, [{"C": "A"}.get(k, k) for k in THREE], 0.02),
    "late": lambda words: turns_of(words, THREE, 2.0),
    "each turn another": lambda words: turns_of(
        words, [f"S{i // 10}" for i in range(len(THREE))], 0.02
    ),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_two_good_opinions_stand_against_one_that_is_none(kind):
    words = talk(len(THREE))
    bad = GARBAGE[kind](words)
    good = [turns_of(words, THREE, shift) for shift in (0.03, -0.05)]
    for order in permutations([bad, *good]):
        found = decided(words, *order)
        names = dict(zip(found.words.labels, THREE, strict=True))
        assert [names[label] for label in found.words.labels] == THREE
        assert len({*found.words.labels}) == 3
        assert found.trust[order.index(bad)].weight < 0.6 * found.trust[order.index(good[0])].weight


@pytest.mark.parametrize("kind", ["one speaker", "all at once", "two merged", "each turn another"])
def test_of_two_that_cannot_be_told_apart_the_first_leads(kind):
    words = talk(len(THREE))
    bad, good = GARBAGE[kind](words), turns_of(words, THREE, 0.03)
    found = decided(words, good, bad)
    assert found.words.labels == THREE
    assert found.trust[0].weight > found.trust[1].weight


def test_a_name_that_the_first_gives_nobody_is_free():
    """Four tools told to find four speakers; the first has split one and merged two."""
    words = talk(120)
    truth = who(("0", 20), ("1", 20), ("2", 20), ("3", 20), ("0", 20), ("3", 20))
    first = who(("0", 20), ("1", 10), ("3", 10), ("2", 20), ("0", 20), ("0", 20), ("0", 20))
    others = [turns_of(words, truth, shift) for shift in (0.03, -0.05, 0.08)]
    found = decided(words, turns_of(words, first), *others).words.labels
    names = dict(zip(found, truth, strict=True))
    assert len(names) == 4
    assert [names[label] for label in found] == truth


def test_words_labelled_by_a_diarizer_are_no_second_witness_beside_it():
    words, rng = talk(400), np.random.default_rng(0)
    runs = [
        [("AB"[i % 2] if rng.random() > 0.25 else "BA"[i % 2]) for i in range(80)] for _ in "12"
    ]
    one, two = ([label for label in labels for _ in range(5)] for labels in runs)
    turns, own, other = (
        turns_of(words, one, 0.04),
        turns_of(words, one),
        turns_of(words, two, -0.06),
    )
    found = decided(words, turns, own, other)
    assert [trust.kin for trust in found.trust] == [1, 0, None]
    assert found.trust[2].weight > 1.5 * found.trust[1].weight
