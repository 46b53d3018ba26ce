"""What other packages measure, through our own tables; each difference has a name."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.core.words import turns_from_rows
from diarfix.errors import EXIT_MISSING, InputError, MissingDependency, NotMeasured
from diarfix.metrics import cpwer as cpwer_module
from diarfix.metrics.cpwer import Segment, WerCounts, cpwer, tcpwer, word_distances
from diarfix.metrics.der import DerCounts, der, pyannote_der


@pytest.fixture
def pyannote():
    return pytest.importorskip("pyannote.metrics")


@pytest.fixture
def meeteval():
    return pytest.importorskip("meeteval")


def parts(counts):
    return (counts.scored, counts.missed, counts.false_alarm, counts.confusion)


def near(counts):
    return pytest.approx(parts(counts), abs=1e-6)


def without_self_overlap(names):
    """Turns in which each speaker's own are apart, so that nobody can count one twice."""
    row = st.tuples(st.integers(1, 20), st.integers(1, 20), st.sampled_from(names))

    def lay(rows):
        at = dict.fromkeys(names, 0)
        out = []
        for gap, n, s in rows:
            start = at[s] + gap
            at[s] = start + n
            out.append((start / 10, at[s] / 10, s))
        return turns_from_rows(out)

    return st.lists(row, min_size=1, max_size=6).map(lay)


@settings(deadline=None, max_examples=25)
@given(ref=without_self_overlap("AB"), hyp=without_self_overlap("xyz"))
def test_pyannote_agrees_where_nothing_is_cut(ref, hyp):
    """Without collar, both tools count the same seconds."""
    pytest.importorskip("pyannote.metrics")
    assert parts(pyannote_der(ref, hyp)) == near(der(ref, hyp))


def test_the_collar_is_the_half_width(pyannote):
    """0.5 s on each side of the two boundaries leave 9 of 10 s."""
    ref, hyp = turns_from_rows([(0, 10, "A")]), turns_from_rows([(0, 10, "x")])
    assert pyannote_der(ref, hyp, collar=0.5).scored == pytest.approx(9.0)
    assert der(ref, hyp, collar=0.5).scored == pytest.approx(9.0)


def test_the_uem_and_overlap_are_passed_on(pyannote):
    """The same regions are scored on both sides."""
    ref = turns_from_rows([(0, 6, "A"), (4, 8, "B")])
    hyp = turns_from_rows([(1, 9, "x")])
    uem = (np.array([0.0, 5.0]), np.array([3.0, 9.0]))
    for skip in (False, True):
        ours = der(ref, hyp, skip_overlap=skip, uem=uem)
        assert parts(pyannote_der(ref, hyp, skip_overlap=skip, uem=uem)) == near(ours)
    nothing = (np.array([2.0]), np.array([2.0]))
    assert pyannote_der(ref, hyp, uem=nothing) == DerCounts()


def test_pyannote_maps_after_the_collar_is_cut(pyannote):
    """Known difference: y wins the speaker that x has in all, and confusion shrinks."""
    ref = turns_from_rows([(0, 0.9, "A"), (1, 1.9, "A"), (2, 2.9, "A"), (10, 12, "A")])
    hyp = turns_from_rows([(0, 0.9, "x"), (1, 1.9, "x"), (2, 2.9, "x"), (10, 12, "y")])
    assert der(ref, hyp, collar=0.4).confusion == pytest.approx(1.2)
    assert pyannote_der(ref, hyp, collar=0.4).confusion == pytest.approx(0.3)


def test_pyannote_counts_a_speaker_twice_who_overlaps_himself(pyannote):
    """Known difference: 20 s are scored where 15 s are spoken."""
    ref = turns_from_rows([(0, 10, "A"), (5, 15, "A")])
    hyp = turns_from_rows([(0, 15, "x")])
    assert der(ref, hyp) == DerCounts(15.0, 0.0, 0.0, 0.0)
    assert parts(pyannote_der(ref, hyp)) == pytest.approx((20, 5, 0, 0))


NAN = float("nan")


def said(*rows):
    return [Segment(who, start, end, text.split()) for who, start, end, text in rows]


REF = said(("A", 0.0, 1.0, "so we go"), ("B", 1.0, 2.0, "yes we do"))


def test_cpwer_counts_a_word_under_the_wrong_speaker_twice(meeteval):
    """One word moved: inserted here, deleted there; the names do not matter."""
    hyp = said(("x", 0.0, 1.0, "so we go yes"), (7, 1.2, 2.0, "we do"))
    assert cpwer(REF, hyp) == WerCounts(errors=2, length=6)
    assert tcpwer(REF, hyp) == WerCounts(errors=2, length=6)
    assert cpwer(REF, REF) == tcpwer(REF, REF) == WerCounts(0, 6)


def test_words_and_segments_count_alike(meeteval):
    """A segment of one word each is the same transcript."""
    words = [
        Segment(of.speaker, of.start + k / 10, of.start + (k + 1) / 10, [word])
        for of in REF
        for k, word in enumerate(of.words)
    ]
    assert cpwer(REF, words) == tcpwer(REF, words) == WerCounts(0, 6)


def test_an_empty_side_counts_in_full(meeteval):
    """Nothing recognised is all deleted; nothing to recognise is all inserted."""
    assert cpwer(REF, REF[:1]) == WerCounts(3, 6)
    assert tcpwer(REF, []) == WerCounts(6, 6)
    assert cpwer([], REF) == WerCounts(6, 0)
    assert cpwer([], REF).rate is None
    assert cpwer([], []) == WerCounts()
    assert (WerCounts(1, 3) + WerCounts(1, 5)).rate == 0.25


def test_unmatched_speakers_count_in_full(meeteval):
    """A speaker split in two: the smaller half is inserted there and deleted here."""
    ref = said(("A", 0.0, 1.0, "a b c d e f g h"))
    hyp = said(("x", 0.0, 0.5, "a b c d"), ("y", 0.5, 1.0, "e f g h"))
    assert cpwer(ref, hyp) == WerCounts(8, 8)


def test_only_tcpwer_minds_the_time(meeteval):
    """A word matched beyond the collar is an insertion and a deletion."""
    ref, hyp = said(("A", 0.0, 1.0, "hello")), said(("x", 20.0, 21.0, "hello"))
    assert cpwer(ref, hyp) == WerCounts(0, 1)
    assert tcpwer(ref, hyp) == WerCounts(2, 1)
    assert tcpwer(ref, hyp, collar=30.0) == WerCounts(0, 1)


def test_words_without_time(meeteval):
    """One stands behind the word before it; a side without any cannot be timed."""
    ref = said(("A", 50.0, 51.0, "it is"), ("A", 51.0, 52.0, "five"))
    hyp = said(("x", 50.0, 51.0, "it is"), ("x", NAN, NAN, "five"), ("x", 60, 61, " "))
    assert cpwer(ref, hyp) == tcpwer(ref, hyp) == WerCounts(0, 3)
    loose = said(("x", NAN, NAN, "it is five"))
    assert cpwer(ref, loose) == WerCounts(0, 3)
    with pytest.raises(NotMeasured, match="no word of one side has a time"):
        tcpwer(ref, loose)


@pytest.mark.parametrize(
    ("package", "call"),
    [
        ("pyannote.core", lambda: pyannote_der(turns_from_rows([]), turns_from_rows([]))),
        ("meeteval.wer.wer.time_constrained", lambda: tcpwer([], [])),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_mends_it(monkeypatch, package, call):
    """Exit 4, and the hint installs the extra."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependency) as caught:
        call()
    assert caught.value.exit_code == EXIT_MISSING
    assert caught.value.hint == "pip install 'diarfix[metrics]'"


spoken = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.integers(0, 30), st.lists(st.sampled_from("xyz"), max_size=4)
    ),
    max_size=8,
).map(lambda rows: [Segment(who, at / 2, at / 2 + 1, words) for who, at, words in rows])


def row(segment, *, timed):
    times = {"start_time": segment.start, "end_time": segment.end} if timed else {}
    words = " ".join(segment.words)
    return {"session_id": "s", "speaker": segment.speaker, "words": words} | times


@settings(deadline=None, max_examples=100)
@given(ref=spoken, hyp=spoken, timed=st.booleans())
def test_cpwer_and_tcpwer_by_pairs_are_those_of_meeteval(ref, hyp, timed):
    """Assignment over pair-wise distances is the best permutation, in whatever order rows come."""
    meeteval = pytest.importorskip("meeteval")
    if not timed:
        ref, hyp = ([replace(s, start=NAN, end=NAN) for s in side] for side in (ref, hyp))
    ref, hyp = ([segment for segment in side if segment.words] for side in (ref, hyp))
    sides = [meeteval.io.SegLST([row(segment, timed=timed) for segment in s]) for s in (ref, hyp)]
    if not all(sides):
        return
    (theirs,) = meeteval.wer.cpwer(*sides).values()
    assert cpwer(ref, hyp) == WerCounts(theirs.errors, theirs.length)
    if timed:
        (theirs,) = meeteval.wer.tcpwer(*sides, collar=5).values()
        with pytest.MonkeyPatch.context() as patch:
            for most in (20, 0):
                patch.setattr(cpwer_module, "_MEETEVAL", most)
                assert tcpwer(ref, hyp) == WerCounts(theirs.errors, theirs.length)


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from("ab"), max_size=5), max_size=4), st.data())
def test_distances_of_several_at_once_are_those_of_each(ref, data):
    """No carry of one speaker's column reaches the next one's."""
    hyp = data.draw(st.lists(st.lists(st.sampled_from("ab"), max_size=5), max_size=4))
    assert word_distances(ref, hyp).tolist() == [[levenshtein(a, b) for b in hyp] for a in ref]


def levenshtein(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        corner, row[0] = row[0], i
        for j, y in enumerate(b, start=1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (x != y))
    return row[-1]


def test_many_speakers_have_a_cpwer():
    """What meeteval refuses: 60 of them under other names, and five that are lost."""
    ref = said(*((f"r{i}", i, i + 1, f"a{i} b{i} c{i}") for i in range(60)))
    hyp = [replace(of, speaker=f"h{i}") for i, of in enumerate(ref[::-1])]
    assert cpwer(ref, hyp) == WerCounts(0, 180)
    assert cpwer(ref, hyp[5:]) == WerCounts(15, 180)
    crowd = said(*((i, i, i + 1, "a") for i in range(3000)))
    with pytest.raises(InputError, match="3000 by 3000 speakers"):
        cpwer(crowd, crowd)


def test_tcpwer_of_many_speakers_is_asked_for_pair_by_pair(meeteval):
    """Those who speak far apart need not be asked for."""
    ref = said(*((f"r{i}", 8 * i, 8 * i + 1, "so we go") for i in range(30)))
    hyp = [replace(of, speaker=f"h{i}") for i, of in enumerate(ref)]
    assert tcpwer(ref, hyp[3:]) == WerCounts(9, 90)
    crowd = said(*((i, i, i + 1, "a") for i in range(60)))
    with pytest.raises(NotMeasured, match="60 by 60 speakers"):
        tcpwer(crowd, crowd)
