"""What the shipped table does to real recordings: better than viterbi everywhere, and no harm.

It was grown on some of them; docs/learned.md has the figures with recordings left out.
"""

from __future__ import annotations

import numpy as np
import pytest

from diarfix.config import LearnedKnobs, Settings
from diarfix.core.assign import assign
from diarfix.core.smooth.learned import learned
from diarfix.core.smooth.viterbi import viterbi
from diarfix.core.words import words_from_rows
from diarfix.metrics.labels import repaired_and_broken, score_against_turns
from tests.core.smooth.test_viterbi_data import TUNED, recordings

_MARKS = ".,?!…;:"


def _scores(rows, turns, reference):
    off = assign(words_from_rows(rows), turns).words
    done = learned(off, turns, LearnedKnobs(), Settings())
    assert not learned(done.words, turns, LearnedKnobs(), Settings()).changes
    plain = viterbi(off, turns, Settings().viterbi)
    return [score_against_turns(words, reference) for words in (off, plain.words, done.words)]


@pytest.fixture(scope="module")
def cells(data_dir):
    """Per entry, with and without punctuation: the scores of off, viterbi and learned."""
    found = []
    for entry, rows, turns, reference in recordings(data_dir):
        bare = [(text.strip(_MARKS), *rest) for text, *rest in rows]
        for marks, these in ((True, rows), (False, bare)):
            scores = _scores(these, turns, reference)
            found.append((entry["dataset"], entry["id"], marks, scores))
    return found


@pytest.mark.parametrize("marks", [True, False], ids=["punctuated", "bare"])
@pytest.mark.parametrize("dataset", TUNED)
def test_it_beats_viterbi_on_every_dataset(cells, dataset, marks):
    mine = [scores for name, _, m, scores in cells if name == dataset and m == marks]
    _, plain, left = (sum(s[i].counts.n_word_errors for s in mine) for i in range(3))
    repaired, broken = np.sum([repaired_and_broken(s[0], s[2]) for s in mine], axis=0).tolist()
    assert left < plain
    assert 3 * broken <= repaired


def test_no_recording_is_worse_than_off_by_more_than_a_hundredth(cells):
    for _, name, marks, (off, _, left) in cells:
        assert left.counts.n_word_errors <= 1.01 * off.counts.n_word_errors, (name, marks)
