"""Laws of diarfix.embed.embed_file."""

import numpy as np
import pytest

from diarfix.embed import Audio, BadAudio, embed_file, open_audio
from diarfix.errors import MissingDependency
from tests.embed.conftest import noise
from tests.embed.fakes import FakeEmbedder

pytest.importorskip("soundfile")


def test_a_sample_is_the_window_of_the_whole_file(write_audio):
    """A file of up to 30 s passes in one piece."""
    path = write_audio("a.flac", noise(12.0))
    out = embed_file(FakeEmbedder(), path)
    with open_audio(path) as audio:
        whole = FakeEmbedder().embed(audio, [0.0], [12.0])
    assert out.reason == ("",)
    np.testing.assert_array_equal(out.vectors, whole.vectors)


@pytest.mark.parametrize(
    ("name", "samples", "reason"),
    [
        ("short.wav", noise(0.4), "shorter than 0.5 s (0.40 s)"),
        ("none.wav", noise(0.0), "shorter than 0.5 s (0.00 s)"),
        ("silent.wav", np.zeros(16000), "silence"),
    ],
)
def test_a_sample_without_voice_is_bad_for_good(write_audio, name, samples, reason):
    """NaN, the reason, and no hope."""
    out = embed_file(FakeEmbedder(), write_audio(name, samples))
    assert out.reason == (reason,)
    assert np.isnan(out.vectors).all()
    assert out.vectors.shape == (1, 80)
    assert not out.transient.any()


@pytest.mark.parametrize(
    ("data", "reason"),
    [(None, "no such file"), (b"", "empty file"), (b"text" * 99, "no audio that can be read")],
)
def test_a_file_that_is_no_audio_is_bad_for_good(tmp_path, data, reason):
    """Missing, empty or something else: trying again will not help."""
    path = tmp_path / "a.wav"
    if data is not None:
        path.write_bytes(data)
    out = embed_file(FakeEmbedder(), path)
    assert reason in out.reason[0]
    assert not out.transient.any()


def test_a_failing_model_or_disk_may_pass(write_audio, monkeypatch):
    """Neither says anything about the sample."""
    path = write_audio("a.wav", noise(1.0))
    assert embed_file(FakeEmbedder(fails=lambda *_: True), path).transient.all()

    def fail(self, *args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("pathlib.Path.open", fail)
    out = embed_file(FakeEmbedder(), path)
    assert out.transient.all()
    assert "input/output error" in out.reason[0]


def test_a_missing_program_is_the_machine_s_fault(tmp_path, monkeypatch):
    """Without ffmpeg nothing is known of an M4A."""
    path = tmp_path / "a.m4a"
    path.write_bytes(b"\0\0\0\x20ftypM4A " + b"\0" * 50)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingDependency):
        embed_file(FakeEmbedder(), path)


def test_a_rate_at_which_nobody_speaks_is_bad_for_good(write_audio):
    """A few kB at 8 Hz would be hours of samples to make."""
    path = write_audio("slow.wav", noise(1.0), rate=8)
    with pytest.raises(BadAudio, match="8 samples a second, expected 1000 to 1000000"):
        open_audio(path)


def test_more_seconds_than_bytes_are_not_embedded(write_audio, monkeypatch):
    """A header may claim any length, and every thirty seconds of it would be a window."""
    path = write_audio("a.wav", noise(1.0))
    monkeypatch.setattr(Audio, "plausible", False)
    found = embed_file(FakeEmbedder(), path)
    assert "its bytes cannot hold" in found.reason[0]
    assert not found.transient.any()
