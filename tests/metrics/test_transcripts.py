"""WDER: an exact alignment, and speaker errors among the words it pairs."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diarfix.core.words import words_from_rows
from diarfix.metrics.transcripts import WderCounts, align, normal_form, wder

texts = st.lists(st.sampled_from("abcd"), max_size=14)


def table_alignment(ref, hyp):
    """The textbook: a full table, walked back preferring insertion, deletion, pair."""
    n, m = len(ref), len(hyp)
    cost = [[i + j if not (i and j) else 0 for j in range(m + 1)] for i in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost[i][j] = min(
                cost[i][j - 1] + 1,
                cost[i - 1][j] + 1,
                cost[i - 1][j - 1] + (ref[i - 1] != hyp[j - 1]),
            )
    i, j, pairs = n, m, []
    while i or j:
        if j and cost[i][j] == cost[i][j - 1] + 1:
            j -= 1
        elif i and cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1], cost[n][m]


def pairs_of(ref, hyp):
    i, j = align(ref, hyp)
    return list(zip(i.tolist(), j.tolist(), strict=True))


def edits(ref, hyp, pairs):
    substituted = sum(ref[i] != hyp[j] for i, j in pairs)
    return substituted + len(ref) + len(hyp) - 2 * len(pairs)


def transcript(text, speakers):
    rows = zip(text.split(), speakers, strict=True)
    return words_from_rows([(word, None, None, None if s == "." else s) for word, s in rows])


@settings(deadline=None, max_examples=400)
@given(texts, texts)
def test_the_alignment_is_the_textbook_one(ref, hyp):
    """Bit vectors find the very path of the full table."""
    assert pairs_of(ref, hyp) == table_alignment(ref, hyp)[0]


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32), st.sampled_from([2, 40]), st.integers(0, 150), st.integers(0, 150))
def test_long_texts_align_with_the_fewest_edits(seed, vocabulary, n, m):
    """The number of edits is the Levenshtein distance, across blocks and machine words too."""
    rng = random.Random(seed)
    ref = [str(rng.randrange(vocabulary)) for _ in range(n)]
    hyp = [str(rng.randrange(vocabulary)) for _ in range(m)]
    assert edits(ref, hyp, pairs_of(ref, hyp)) == table_alignment(ref, hyp)[1]


def test_equal_texts_align_word_by_word():
    """A text against itself pairs every word with itself."""
    text = [f"w{k % 97}" for k in range(3000)]
    i, j = align(text, text)
    assert i.tolist() == j.tolist() == list(range(3000))


@pytest.mark.parametrize(
    ("ref", "hyp", "pairs"),
    [
        ([], [], []),
        (["a"], [], []),
        ([], ["a"], []),
        (["a"], ["b"], [(0, 0)]),
        (["x", "y"], ["z"], [(0, 0)]),
        (["a", "b"], ["b", "c"], [(1, 0)]),
    ],
)
def test_small_alignments(ref, hyp, pairs):
    """Empty sides pair nothing; a pair of equal words beats two substitutions."""
    assert pairs_of(ref, hyp) == pairs


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Hello,", "hello"),
        (" don’t ", "dont"),
        ("—", ""),
        ("STRASSE", "strasse"),
        ("Straße.", "strasse"),
        ("你好。", "你好"),
        ("ＡＢＣ！", "abc"),
        ("$5", "$5"),
    ],
)
def test_normal_form_is_free_of_case_and_punctuation(text, form):
    """What recognisers spell differently compares equal."""
    assert normal_form(text) == form


def test_only_aligned_words_count():
    """Insertions and deletions are no speaker errors; a substituted word may be one."""
    ref = transcript("so we all go there now", "AAABBB")
    hyp = transcript("we all went there right now", "xxxyyy")
    assert wder(ref, hyp) == WderCounts(wrong=1, aligned=5, unlabelled=0)


def test_a_perfect_transcript_has_no_errors_under_any_names():
    """Names do not matter, nor do case and punctuation, nor tokens that are punctuation only."""
    ref = transcript("Well , yes . No !", "AAAABB")
    hyp = transcript("well yes no", "221")
    assert wder(ref, hyp) == WderCounts(0, 3, 0)


def test_a_speaker_left_over_is_wrong_even_under_the_name_of_a_reference():
    """Two hypothesis speakers for one: the smaller one is wrong, whatever it is called."""
    ref = transcript("a b c d e", "AAAAA")
    hyp = transcript("a b c d e", "xxxAA")
    assert wder(ref, hyp).wrong == 2


def test_words_without_speaker():
    """A hypothesis word without label is wrong; a reference word of nobody is left out."""
    ref = transcript("a b c d", "AA.?")
    hyp = transcript("a b c d", "x.xx")
    assert wder(ref, hyp) == WderCounts(wrong=1, aligned=2, unlabelled=1)


def test_nothing_aligned_is_no_rate():
    """Rates of nothing are None, and counts add up."""
    nothing = wder(transcript("", ""), transcript("a", "x"))
    assert nothing == WderCounts()
    assert nothing.rate is None
    assert (nothing + WderCounts(1, 4, 1)).rate == 0.25


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("ABC")), max_size=12), texts)
def test_renaming_the_speakers_changes_nothing(ref_rows, hyp_text):
    """WDER is invariant under renaming either side."""
    ref = words_from_rows([(w, None, None, s) for w, s in ref_rows])
    hyp = words_from_rows([(w, None, None, "xyz"[k % 3]) for k, w in enumerate(hyp_text)])
    renamed = wder(
        ref.with_speaker(ref.speaker, [f"r{s}" for s in ref.speakers]),
        hyp.with_speaker(hyp.speaker, np.arange(len(hyp.speakers)).tolist()),
    )
    assert renamed == wder(ref, hyp)
