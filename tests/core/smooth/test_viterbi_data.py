"""What the label path does to real recordings: floors under the figures in docs/method.md."""

from __future__ import annotations

import json

import numpy as np
import pytest

from diarfix.config.knobs import ViterbiKnobs
from diarfix.core.assign import assign
from diarfix.core.smooth.viterbi import viterbi
from diarfix.core.words import turns_from_rows, words_from_rows
from diarfix.formats.text.rttm import read_rttm
from diarfix.metrics.labels import repaired_and_broken, score_against_turns

KNOBS = ViterbiKnobs()
TUNED = ("ami-vbx", "ami-rpn", "ami-pyannote", "earnings21-sim")
#: Least relative fall of wrong words, with turns and with labels alone.
FLOORS = {
    "ami-vbx": (0.24, 0.20),
    "ami-rpn": (0.33, 0.05),
    "ami-pyannote": (0.12, 0.05),
    "earnings21-sim": (0.59, 0.54),
}


def _turns(path):
    (turns,) = read_rttm(path.read_text(encoding="utf-8"), path.name).values()
    return turns


def _entry(folder, entry):
    """Word rows and turns of one entry."""
    document = json.loads((folder / entry["words"]).read_text(encoding="utf-8"))
    if "raw_segments" in document:
        words = [word for segment in document["raw_segments"] for word in segment["words"]]
        records = document["diarize_records"]
        turns = turns_from_rows([(r["start"], r["end"], r["speaker"]) for r in records])
    else:
        words, turns = document["words"], _turns(folder / entry["turns"])
    return [(word["word"].strip(), word["start"], word["end"], None) for word in words], turns


def recordings(folder):
    """Each entry of the real data with its word rows, its turns and its reference."""
    corpus = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))
    for entry in corpus["files"]:
        yield entry, *_entry(folder, entry), _turns(folder / entry["ref_rttm"])


@pytest.fixture(scope="module")
def cells(data_dir):
    """Per entry: dataset, baseline, and the scores of both variants."""
    found = []
    for entry, rows, turns, reference in recordings(data_dir):
        off = assign(words_from_rows(rows), turns).words
        done = [viterbi(off, known, KNOBS).words for known in (turns, None)]
        again = [
            viterbi(words, known, KNOBS).changes
            for words, known in zip(done, (turns, None), strict=True)
        ]
        assert again == [(), ()], entry["id"]
        scores = [score_against_turns(words, reference) for words in (off, *done)]
        found.append((entry["dataset"], entry["id"], scores))
    return found


@pytest.mark.parametrize("dataset", TUNED)
@pytest.mark.parametrize("variant", [1, 2], ids=["turns", "labels"])
def test_wrong_words_fall_on_every_dataset_and_few_are_broken(cells, dataset, variant):
    mine = [scores for name, _, scores in cells if name == dataset]
    off, left = (sum(scores[i].counts.n_word_errors for scores in mine) for i in (0, variant))
    pairs = [repaired_and_broken(scores[0], scores[variant]) for scores in mine]
    repaired, broken = np.sum(pairs, axis=0).tolist()
    assert off - left == repaired - broken
    assert left <= (1 - FLOORS[dataset][variant - 1]) * off
    assert 3 * broken <= repaired


@pytest.mark.parametrize("variant", [1, 2], ids=["turns", "labels"])
def test_no_recording_gets_worse_by_more_than_a_hundredth(cells, variant):
    for _, name, scores in cells:
        errors = [score.counts.n_word_errors for score in scores]
        assert errors[variant] <= 1.01 * errors[0], name


def test_with_turns_no_more_real_short_turns_are_lost_than_before(cells):
    lost = np.array([[score.counts.absorbed_turns for score in scores] for *_, scores in cells])
    assert lost[:, 1].sum() <= lost[:, 0].sum()


def test_the_acceptance_interview_keeps_one_island_at_most(cells):
    ((scores),) = [scores for name, _, scores in cells if name == "karpathy"]
    off, done = scores[0].counts, scores[1].counts
    assert (off.n_word_errors, off.islands) == (21, 7)
    assert done.n_word_errors <= 14
    assert done.islands <= 1
