"""Laws of what is kept of embeddings."""

import io

import numpy as np
import pytest

from diarfix.embed import cached, open_audio
from diarfix.files.cache import CacheFolder
from tests.embed.conftest import noise
from tests.embed.fakes import FakeEmbedder

pytest.importorskip("soundfile")
DIM = FakeEmbedder().dim
START, END = np.array([0.0, 1.0, 5.0]), np.array([0.5, 2.0, 6.0])


@pytest.fixture
def audio(write_audio):
    """Three seconds of noise, open."""
    with open_audio(write_audio("a.wav", noise(3.0))) as opened:
        yield opened


def test_what_was_embedded_once_is_read(audio, tmp_path):
    """The second call gives the same vectors and reasons without the model."""
    fake = FakeEmbedder()
    wrapped = cached(fake, tmp_path / "cache")
    first = wrapped.embed(audio, START, END)
    again = wrapped.embed(audio, START, END)
    assert len(fake.calls) == 3
    np.testing.assert_array_equal(first.vectors, again.vectors)
    assert first.reason == again.reason == ("", "", "outside the audio")
    assert not again.transient.any()


def test_it_looks_like_what_it_wraps(tmp_path):
    """A caller cannot tell."""
    fake = FakeEmbedder()
    wrapped = cached(fake, tmp_path)
    for name in ("name", "digest", "identity", "dim"):
        assert getattr(wrapped, name) == getattr(fake, name)


def test_another_model_window_or_recording_misses(audio, tmp_path, write_audio):
    """Everything that decides a vector is in the key."""
    folder = tmp_path / "cache"
    fakes = [FakeEmbedder(), FakeEmbedder(version="2")]
    for fake in fakes:
        cached(fake, folder).embed(audio, START, END)
    cached(fakes[0], folder).embed(audio, START + 0.001, END)
    with open_audio(write_audio("b.wav", noise(3.0, seed=1))) as other:
        cached(fakes[0], folder).embed(other, START, END)
    assert [len(fake.calls) for fake in fakes] == [9, 3]
    assert len(list(folder.iterdir())) == 4


def test_failures_that_may_pass_are_not_kept(audio, tmp_path):
    """The next call tries again."""
    broken = FakeEmbedder(fails=lambda start, _: start == 1.0)
    cached(broken, tmp_path / "cache").embed(audio, START, END)
    sound = FakeEmbedder()
    assert cached(sound, tmp_path / "cache").embed(audio, START, END).ok.tolist() == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 half a file", None])
def test_a_damaged_entry_is_a_miss(audio, tmp_path, damage):
    """What cannot be read is embedded again and replaced."""
    fake = FakeEmbedder()
    wrapped = cached(fake, tmp_path / "cache")
    whole = wrapped.embed(audio, START, END)
    (entry,) = (tmp_path / "cache").iterdir()
    entry.write_bytes(entry.read_bytes()[:200] if damage is None else damage)
    np.testing.assert_array_equal(wrapped.embed(audio, START, END).vectors, whole.vectors)
    assert len(fake.calls) == 6
    wrapped.embed(audio, START, END)
    assert len(fake.calls) == 6


def test_a_pickle_in_the_cache_is_never_loaded(audio, tmp_path):
    """An entry that would run code is a miss."""
    fake = FakeEmbedder()
    wrapped = cached(fake, tmp_path / "cache")
    wrapped.embed(audio, START, END)
    (entry,) = (tmp_path / "cache").iterdir()
    _keep(entry, vectors=np.array([object()]), reason=np.array([object()]))
    wrapped.embed(audio, START, END)
    assert len(fake.calls) == 6


@pytest.mark.parametrize(
    "vectors",
    [
        np.full((3, DIM), np.nan, dtype=np.float32),  # though only the third window failed
        np.ones((3, DIM + 1), dtype=np.float32),
        np.ones((2, DIM), dtype=np.float32),
        np.ones((3, DIM)),
    ],
)
def test_an_entry_of_another_shape_or_without_numbers_is_a_miss(audio, tmp_path, vectors):
    """Whatever it is sealed with; it is told."""
    fake, told = FakeEmbedder(), []
    wrapped = cached(fake, tmp_path / "cache", told.append)
    wrapped.embed(audio, START, END)
    (entry,) = (tmp_path / "cache").iterdir()
    _keep(entry, vectors=vectors, reason=np.array([".", ".", "outside the audio."]))
    wrapped.embed(audio, START, END)
    assert len(fake.calls) == 6
    assert told == [f"{entry}: damaged, counts as missing"]


def _keep(entry, **arrays):
    """Put arrays in the place of an entry, as the cache itself would."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    CacheFolder(entry.parent, entry.suffix).put(entry.stem, buffer.getvalue())
