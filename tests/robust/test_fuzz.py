"""A short `make fuzz`, and what earlier runs of it have found."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SAMPLES = sorted((Path(__file__).parent / "samples").iterdir())

#: Dialects, text formats and stores, as tests/fuzz/readers.py names them.
READERS = [
    "assemblyai", "autoedit", "aws", "azure", "azure-fast", "deepgram", "diarized-json",
    "elevenlabs", "gemini", "gladia", "google", "kaldi", "nlp", "pyannoteai", "rawinfer", "recall",
    "revai", "seglst", "speechmatics", "transcribee", "vosk",
    "whisper", "whisper-cpp", "whisperx", "words", "rttm", "pyannote-json", "turns-of-rawinfer",
    "uem", "stm", "ctm", "settings-toml", "settings-json", "corpus", "centroids-json",
    "centroids-npz", "store-json", "store-jsonl",
]  # fmt: skip


@pytest.fixture(scope="module")
def scratch(fuzz):
    with fuzz.scratch() as folder:
        for name in fuzz.readers():
            (folder / name).mkdir()
        yield folder


def test_every_reader_is_listed(fuzz):
    assert set(fuzz.readers()) == set(READERS)


@pytest.mark.parametrize("name", READERS)
def test_broken_files_are_read_or_refused(fuzz, scratch, name):
    pytest.importorskip("soundfile", reason="samples are read with the acoustic extra")
    reader = fuzz.readers()[name]
    for index in range(30):
        data, rng = fuzz.case(reader, index)
        assert fuzz.tried(reader, data, rng, scratch / name) in {"read", "refused"}


@settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(READERS[:25]), st.randoms(use_true_random=False))
def test_hypothesis_breaks_word_files_too(fuzz, scratch, name, rng):
    """Hypothesis draws every choice of the mutator, and so shrinks what fails."""
    reader = fuzz.readers()[name]
    data = fuzz.mutate(rng.choice(reader.seeds), rng)
    assert fuzz.tried(reader, data, rng, scratch / name) in {"read", "refused"}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.name)
def test_a_finding_stays_mended(fuzz, scratch, path):
    reader = fuzz.readers()[path.name.split(".", 1)[0]]
    for seed in range(40):
        fuzz.tried(reader, path.read_bytes(), random.Random(seed), scratch / reader.name)


def test_samples_are_small():
    assert SAMPLES
    assert all(path.stat().st_size <= 2000 for path in SAMPLES)


def test_the_same_case_is_the_same_file(fuzz):
    reader = fuzz.readers()["whisperx"]
    assert fuzz.case(reader, 7)[0] == fuzz.case(reader, 7)[0] != fuzz.case(reader, 8)[0]


def test_a_broken_law_is_seen(fuzz, scratch):
    """The harness itself: a reader that writes into its input is caught."""
    reader = fuzz.Reader("bad", (b"{}",), ".json", lambda path, _: path.write_bytes(b"x"))
    with pytest.raises(ValueError, match="the input was changed"):
        fuzz.tried(reader, b"{}", random.Random(0), scratch)
