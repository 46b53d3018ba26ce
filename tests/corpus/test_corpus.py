"""The corpus is whole, it is what its script makes, and its truth belongs to its words."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from diarfix.core.words import Turns, Words
from diarfix.formats.document import read_document
from diarfix.formats.recordings import read_turns

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "corpus"
ENTRIES = json.loads((CORPUS / "corpus.json").read_text(encoding="utf-8"))["files"]


def over(entries):
    """Run a test for each of ``entries``, under its name."""
    return pytest.mark.parametrize("entry", entries, ids=lambda entry: entry["id"])


SPOKEN = [e for e in ENTRIES if "audio_path" in e]
LABELLED = [e for e in ENTRIES if "ref_words_json" in e and "turns" not in e]


def words_of(path: str) -> Words:
    return read_document((CORPUS / path).read_text(encoding="utf-8"), path).words


def turns_of(path: str) -> Turns:
    (turns,) = read_turns(str(CORPUS / path)).values()
    return turns


def speakers_at(turns: Turns, at: float) -> set[object]:
    here = (turns.start <= at) & (at < turns.end)
    return {turns.speakers[code] for code in turns.speaker[here]}


class TestCorpus:
    def test_rebuilding_gives_the_same_bytes(self, tmp_path):
        """The script writes every text file of the corpus byte for byte."""
        subprocess.run(
            [sys.executable, str(CORPUS / "build.py"), "--out", str(tmp_path)],
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*.*")}
        kept = {p: (CORPUS / p).read_bytes() for p in made}
        assert [str(p) for p in made if made[p] != kept[p]] == []
        committed = {
            p.relative_to(CORPUS)
            for folder in ("words", "turns", "ref")
            for p in (CORPUS / folder).iterdir()
        }
        assert committed | {Path("corpus.json"), Path("opinions.json")} == set(made)

    def test_styles_roles_and_scripts(self):
        """Interview, meeting, call and spoken entries; every role; names are unique."""
        assert {e["dataset"] for e in ENTRIES} == {
            "interview",
            "meeting",
            "call",
            "stress",
            "speech",
        }
        assert {e["role"] for e in ENTRIES} == {"tune", "holdout", "regression", "stress"}
        assert {e["language"] for e in ENTRIES} >= {"en", "de", "es", "ja", "zh"}
        assert len({e["id"] for e in ENTRIES}) == len(ENTRIES)
        assert len({e["dialect"] for e in ENTRIES}) == 10

    def test_some_words_have_no_time(self):
        """Words without time occur, as they do in real transcripts."""
        assert not words_of("words/baker.json").timed.all()

    def test_small(self):
        """The recordings stay small enough to live in the repository."""
        code = {".py", ".pyc"}
        sizes = {p: p.stat().st_size for p in CORPUS.rglob("*.*") if p.suffix not in code}
        sound = {p: size for p, size in sizes.items() if p.suffix == ".flac"}
        assert max(sound.values()) < 700_000
        assert sum(sizes.values()) - sum(sound.values()) < 840_000


@over(ENTRIES)
class TestEntry:
    def test_files_exist(self, entry):
        """Every file that an entry names is there, inside the corpus."""
        for key in ("words", "turns", "ref_rttm", "ref_words_json", "audio_path"):
            if key in entry:
                assert (CORPUS / entry[key]).is_file()
                assert not Path(entry[key]).is_absolute()
        assert "ref_rttm" in entry or "ref_words_json" in entry

    def test_label_source(self, entry):
        """Labels come from turns or stand in the file."""
        path = entry["words"]
        document = read_document((CORPUS / path).read_text(encoding="utf-8"), path)
        known = "turns" in entry or document.turns is not None
        assert known or (document.words.speaker >= 0).all()

    def test_truth_belongs_to_the_words(self, entry):
        """A parallel reference has the same texts; turns hold the middle of nearly every word."""
        words = words_of(entry["words"])
        if "ref_words_json" in entry:
            truth = words_of(entry["ref_words_json"])
            assert truth.text == words.text
            assert len(truth.speakers) == entry["n_speakers"]
            assert np.abs(truth.start - words.start).max() < 0.3
        else:
            turns = turns_of(entry["ref_rttm"])
            assert len(turns.speakers) == entry["n_speakers"]
            middle = (words.start + words.end)[words.timed] / 2
            held = [len(speakers_at(turns, at)) for at in middle.tolist()]
            assert np.mean([n > 0 for n in held]) > 0.97
            assert any(n > 1 for n in held) == entry["has_overlap"]


@over(LABELLED)
def test_diarizer_is_wrong_somewhere(entry):
    """There is something to repair, and most words are right before it is repaired."""
    words, truth = words_of(entry["words"]), words_of(entry["ref_words_json"])
    pairs = {}
    for label, name in zip(words.labels, truth.labels, strict=True):
        pairs.setdefault(label, []).append(name)
    right = sum(max(map(names.count, set(names))) for names in pairs.values())
    assert 0.85 < right / len(words) < 1


@over(SPOKEN)
def test_sound(entry):
    """A spoken entry's sound is the one described: 16 kHz, mono, 30 to 60 s, as long as its
    words, loud where they are.
    """
    soundfile = pytest.importorskip("soundfile")
    path = CORPUS / entry["audio_path"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]
    samples, rate = soundfile.read(path, dtype="float64")
    assert (rate, samples.ndim) == (16_000, 1)
    assert 30 <= len(samples) / rate <= 60
    truth = words_of(entry["ref_words_json"])
    assert truth.end[-1] <= len(samples) / rate
    at = (np.arange(len(samples)) + 0.5) / rate
    word = np.searchsorted(truth.start, at, side="right") - 1
    inside = (word >= 0) & (at < truth.end[word])
    assert np.mean(samples[inside] ** 2) > 1000 * np.mean(samples[~inside] ** 2)
