"""Laws of diarfix.embed.audio."""

import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from diarfix.embed.audio import RATE, BadAudio, NoAudio, open_audio, resample
from diarfix.errors import InputError
from tests.embed.conftest import noise

soundfile = pytest.importorskip("soundfile")
pytest.importorskip("soxr")

WINDOWS = [(0.0, 0.4), (0.0131, 0.25), (1.2345, 1.9), (2.5, 3.0), (2.9, 3.5), (0.0, 3.0)]


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        ("wav", {}),
        ("flac", {}),
        ("ogg", {"subtype": "VORBIS"}),
        ("ogg", {"subtype": "OPUS"}),
        ("mp3", {}),
        ("aiff", {}),
        ("w64", {}),
        ("wav", {"format": "RF64"}),
    ],
)
def test_a_window_is_the_same_stretch_of_the_whole_file(write_audio, suffix, options):
    """At 16 kHz a window is, to the sample, what a sequential read gives, in every format."""
    path = write_audio(f"a.{suffix}", noise(20.0), **options)
    whole = soundfile.read(path, dtype="float32")[0]
    with open_audio(path) as audio:
        for start in np.random.default_rng(3).uniform(0, 19, 100):
            expected = whole[round(start * RATE) : round((start + 0.5) * RATE)]
            np.testing.assert_allclose(audio.read(start, start + 0.5), expected, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 48000, 16001, 96000])
def test_a_resampled_window_equals_the_whole_file_resampled(write_audio, rate, channels):
    """Whatever the rate and channels, a window is the mean of the channels at 16 kHz."""
    path = write_audio("a.wav", noise(3.0, rate, channels), rate, subtype="FLOAT")
    whole = resample(noise(3.0, rate, channels).mean(axis=1), rate, RATE)
    with open_audio(path) as audio:
        assert (audio.rate, audio.channels) == (rate, channels)
        for start, end in WINDOWS:
            window = audio.read(start, end)
            expected = whole[round(start * RATE) : round(end * RATE)]
            assert len(window) == len(expected)
            np.testing.assert_allclose(window, expected, atol=2e-6)


@pytest.mark.parametrize("suffix", ["mp3", "ogg"])
@pytest.mark.parametrize("rate", [8000, 22050, 44100])
def test_a_lossy_window_equals_the_file_decoded_whole(write_audio, rate, suffix):
    """A seek into frames that lean on earlier ones leaves no trace."""
    path = write_audio(f"a.{suffix}", noise(20.0, rate), rate)
    whole = resample(soundfile.read(path, dtype="float32")[0], rate, RATE)
    with open_audio(path) as audio:
        for start in np.random.default_rng(3).uniform(0, 19, 60):
            expected = whole[round(start * RATE) : round((start + 0.5) * RATE)]
            np.testing.assert_allclose(audio.read(start, start + 0.5), expected, atol=2e-6)


def test_seeking_in_an_mp3_says_nothing_on_stderr(write_audio):
    """libmpg123's complaints reach nobody; what Python writes before and after stays."""
    time = np.arange(16000 * 20) / 16000
    pulses = sum(np.sin(2 * np.pi * 120 * k * time) / k for k in range(1, 20))
    path = write_audio("a.mp3", (0.1 * pulses * (np.sin(13 * time) > 0)).astype(np.float32))
    code = (
        "import sys; from diarfix.embed.audio import open_audio\n"
        "with open_audio(sys.argv[1]) as a: [a.read(t / 7, t / 7 + 0.5) for t in range(120)]\n"
        "print('mine', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    assert done.stderr == "mine\n"


def test_what_lies_outside_is_left_out(write_audio):
    """A window is clipped to the recording; one beyond it is empty."""
    with open_audio(write_audio("a.wav", noise(1.0))) as audio:
        assert audio.seconds == 1.0
        assert len(audio.read(0.9, 1.5)) == 1600
        assert len(audio.read(-1.0, 0.1)) == 1600
        assert len(audio.read(1.0, 2.0)) == len(audio.read(0.5, 0.2)) == 0


def test_telephone_audio_gets_all_its_samples(write_audio):
    """8 kHz becomes 16 kHz: twice as many samples, also at the end of the file."""
    with open_audio(write_audio("a.wav", noise(1.0, 8000), 8000)) as audio:
        assert len(audio.read(0.0, 1.0)) == 16000


def test_threads_share_one_recording(write_audio):
    """Reads from several threads do not disturb each other."""
    path = write_audio("a.flac", noise(4.0, 44100), 44100)
    with open_audio(path) as audio:
        alone = [audio.read(k / 10, k / 10 + 0.3) for k in range(36)]
        wrong = []

        def check():
            for k in range(36):
                same = np.array_equal(audio.read(k / 10, k / 10 + 0.3), alone[k])
                wrong.extend([] if same else [k])

        threads = [threading.Thread(target=check) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong


def test_a_truncated_wav_gives_what_is_there(write_audio, tmp_path):
    """A recording that was cut off ends where its bytes end."""
    path = tmp_path / "cut.wav"
    data = Path(write_audio("a.wav", noise(2.0))).read_bytes()
    path.write_bytes(data[: 44 + 2 * 16000])
    with open_audio(path) as audio:
        assert len(audio.read(0.5, 1.5)) == 8000


def test_a_damaged_flac_is_bad_audio_where_it_is_damaged(write_audio, tmp_path):
    """A window behind the damage is refused, and those before it are read as before."""
    path = tmp_path / "cut.flac"
    data = Path(write_audio("a.flac", noise(8.0))).read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with open_audio(path) as audio:
        first = audio.read(0.5, 1.0)
        with pytest.raises(BadAudio, match=r"cut\.flac: damaged at 7\.000 s"):
            audio.read(7.0, 7.5)
        np.testing.assert_array_equal(audio.read(0.5, 1.0), first)


@pytest.mark.parametrize(
    ("name", "data", "kind", "says"),
    [
        ("empty.wav", b"", BadAudio, "empty file"),
        ("text.wav", b"hello, I am text" * 9, BadAudio, "no audio that can be read"),
        ("odd.raw", b"\0\1" * 999, BadAudio, "no audio that can be read"),
        ("header.wav", b"RIFF\x10\0\0\0WAVEfmt ", BadAudio, "no audio that can be read"),
    ],
)
def test_bytes_that_are_no_audio_are_refused(tmp_path, name, data, kind, says):
    """Every refusal is one line with the file, exit code 2."""
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(kind, match=says) as caught:
        open_audio(path)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 2


def test_an_audio_file_without_samples_opens(write_audio):
    """Zero seconds of audio are audio."""
    with open_audio(write_audio("a.wav", noise(0.0))) as audio:
        assert audio.seconds == 0
        assert len(audio.read(0.0, 1.0)) == 0


def test_a_missing_file_and_a_folder_are_no_audio(tmp_path):
    """What is not a file is told apart from what cannot be read now."""
    for path in (tmp_path / "none.wav", tmp_path):
        with pytest.raises(NoAudio, match=str(path)):
            open_audio(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_an_input_error(write_audio):
    """A file that cannot be read now is neither bad nor absent."""
    path = write_audio("a.wav", noise(1.0))
    Path(path).chmod(0)
    with pytest.raises(InputError) as caught:
        open_audio(path)
    assert type(caught.value) is InputError


def test_an_unreadable_file_is_an_input_error(write_audio, monkeypatch):
    """An I/O error on opening is neither bad audio nor absent."""

    def fail(self, *args):
        raise OSError(5, "Input/output error")

    path = write_audio("a.wav", noise(1.0))
    monkeypatch.setattr("pathlib.Path.open", fail)
    with pytest.raises(InputError, match="input/output error") as caught:
        open_audio(path)
    assert type(caught.value) is InputError


def test_the_digest_is_that_of_the_bytes(write_audio):
    """sha256sum prints the same."""
    path = write_audio("a.wav", noise(0.5))
    with open_audio(path) as audio:
        assert audio.digest == hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_memory_does_not_grow_with_the_recording(tmp_path):
    """Windows of 15 minutes at 44.1 kHz stereo (159 MB) cost no more than those of ten seconds."""
    code = """
import resource, sys
import numpy as np, soundfile
from diarfix.embed.audio import open_audio
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def write(path, seconds):
    block = np.zeros((44100, 2), np.int16)
    with soundfile.SoundFile(path, "w", 44100, 2, "PCM_16") as f:
        for _ in range(seconds): f.write(block)
def read(path):
    with open_audio(path) as audio:
        for k in range(50): audio.read(k * audio.seconds / 50, k * audio.seconds / 50 + 0.5)
short, long = sys.argv[1] + "/s.wav", sys.argv[1] + "/l.wav"
write(short, 10); read(short)
before = peak(); write(long, 900); read(long)
print(peak() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 30
