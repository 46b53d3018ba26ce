"""Laws of diarfix.embed.audio."""

import os
import stat
from pathlib import Path

import numpy as np
import pytest

from diarfix.embed.audio import BadAudio, is_container, open_audio, quiet
from diarfix.errors import InputError, MissingDependency
from tests.embed.conftest import noise

M4A = b"\0\0\0\x20ftypM4A \0\0\0\0" + b"\0" * 99


@pytest.fixture
def ffmpeg(tmp_path, monkeypatch):
    """Put a script in ffmpeg's place; it sees ffmpeg's arguments."""

    def install(script):
        folder = tmp_path / "bin"
        folder.mkdir()
        program = folder / "ffmpeg"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    return install


@pytest.fixture
def m4a(tmp_path):
    """A file that begins like an M4A."""
    path = tmp_path / "a b.m4a"
    path.write_bytes(M4A)
    return str(path)


@pytest.mark.parametrize(
    "head",
    [
        M4A[:16],
        b"\x1aE\xdf\xa3" + b"\0" * 12,
        b"\xff\xf1" + b"\0" * 14,
        b"#!AMR\n",
        b"0&\xb2u\x8ef\xcf\x11",
    ],
)
def test_containers_are_known_by_their_first_bytes(head):
    """MP4, Matroska, ADTS, AMR and ASF need ffmpeg."""
    assert is_container(head)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3", "aiff"])
def test_what_libsndfile_reads_is_no_container(write_audio, suffix):
    """ffmpeg is not asked for what can be read without it."""
    path = Path(write_audio(f"a.{suffix}", noise(1.0)))
    assert not is_container(path.read_bytes()[:16])


def test_a_playlist_is_never_handed_to_ffmpeg(tmp_path):
    """A playlist would make ffmpeg open other files."""
    assert not is_container(b"#EXTM3U\n/etc/pass")


def test_without_ffmpeg_the_message_names_the_cure(m4a, monkeypatch):
    """Exit code 4, how to install it, and the command to convert by hand."""
    pytest.importorskip("soundfile")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingDependency, match="ffmpeg") as caught:
        open_audio(m4a)
    assert caught.value.exit_code == 4
    assert "apt install ffmpeg" in caught.value.hint
    assert f"ffmpeg -i '{m4a}' -ac 1 -ar 16000" in caught.value.hint


def test_what_ffmpeg_decodes_is_read_and_dropped(m4a, ffmpeg, write_audio, tmp_path, monkeypatch):
    """The copy serves windows like any file; closing removes it; the digest is the original's."""
    soundfile = pytest.importorskip("soundfile")
    decoded = write_audio("decoded.wav", noise(2.0))
    ffmpeg(f'for last; do :; done; cp "{decoded}" "$last"')
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with open_audio(m4a) as audio:
        whole = soundfile.read(decoded, dtype="float32")[0]
        np.testing.assert_array_equal(audio.read(0.5, 1.0), whole[8000:16000])
        assert audio.path == m4a
        assert list(scratch.iterdir())
    assert not list(scratch.iterdir())


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("echo 'Invalid data found' >&2; exit 1", BadAudio),
        ("echo 'No space left on device' >&2; exit 1", InputError),
        ("kill -9 $$", InputError),
    ],
)
def test_a_failing_ffmpeg_blames_the_file_only_where_it_is_to_blame(m4a, ffmpeg, script, kind):
    """A full disk or a killed program says nothing about the file."""
    ffmpeg(script)
    with pytest.raises(InputError, match="ffmpeg could not decode it") as caught:
        open_audio(m4a)
    assert type(caught.value) is kind


def test_quiet_drops_what_c_code_writes_and_nothing_after(capfd):
    """Standard error is back after the block, also after an error in it."""
    with pytest.raises(OSError, match="Bad file"), quiet():
        os.write(os.write(2, b"noise") + 1000, b"")
    os.write(2, b"speech")
    assert capfd.readouterr().err == "speech"
