"""Recordings as windows of 16 kHz mono, of which only a window's own seconds are ever read.

A window is sought at the file's own rate and resampled alone, with the margins that the decoder and
the filter need; the result equals the same stretch of the whole recording resampled. Memory depends
on the window, never on the recording. What libsndfile does not read (M4A, MP4, ...) is decoded once
by ffmpeg into a temporary file, and what a URL names is first copied into one.
"""

from __future__ import annotations

import math
import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import numpy as np

from diarfix.core import F32
from diarfix.errors import InputError, MissingDependency, needed, os_errors, reason
from diarfix.files import Remote, is_url, sha256

#: Sample rate of everything that is embedded, Hz.
RATE = 16_000

_stderr_lock = threading.Lock()

#: Rates (Hz) at which speech can have been recorded: 64 kB at 1 Hz would be nine hours of samples.
_RATES = (1_000, 1_000_000)

#: Samples of the slower rate that are read on each side of a window that is resampled. With 100 of
#: them a window differs by 1e-7 from the whole recording resampled, at any rate tried; with 50, by
#: 3e-4.
_MARGIN = 200


#: Frames decoded and dropped before a window, where a format's frames lean on earlier ones. Without
#: them the first 20 ms are wrong in 7 % (Vorbis) to 36 % (MP3 at 22 kHz) of windows.
_RUN_UP = {"OGG": 8192, "MP3": 8192}


class BadAudio(InputError):
    """The bytes are no audio that can be decoded: trying again will not help."""


class NoAudio(InputError):
    """There is no such file."""


class Audio:
    """An open recording; use it in a ``with`` block or close it.

    path      the file as it was named
    rate      Hz, of the file
    channels  of the file; they are averaged, so what stands in opposite phase cancels
    seconds   length of the recording, as the file states it

    One recording may be read from several threads.
    """

    def __init__(
        self, path: str, file: str, sound: Any, scratch: TemporaryDirectory[str] | None
    ) -> None:
        self.path = path
        self._file = file
        self.rate: int = sound.samplerate
        self.channels: int = sound.channels
        self.seconds: float = sound.frames / sound.samplerate
        self._sound = sound
        self._scratch = scratch
        self._lock = threading.Lock()
        self._quietly = quiet if sound.format == "MP3" else nullcontext
        self._run_up = _RUN_UP.get(sound.format, 0)
        shared = math.gcd(self.rate, RATE)
        # So many frames of the file are exactly so many samples at 16 kHz.
        self._frames_per_block = self.rate // shared
        self._samples_per_block = RATE // shared
        self._n_samples: int = sound.frames * RATE // self.rate

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and drop its temporary copy, if there is one."""
        self._sound.close()
        if self._scratch is not None:
            self._scratch.cleanup()

    @property
    def plausible(self) -> bool:
        """Whether so many bytes can hold so many seconds: no codec needs less than one for one."""
        return self.seconds <= max(Path(self._file).stat().st_size, 60.0)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file's bytes, hexadecimal."""
        return sha256(Path(self._file))

    def read(self, start: float, end: float) -> F32:
        """The samples (n,) float32 of ``[start, end)`` s at 16 kHz, mono, nominally in [-1, 1].

        What lies outside the recording is left out, so the result may be shorter or empty.
        Raises BadAudio where the file is damaged.
        """
        first = max(round(start * RATE), 0)
        stop = min(round(end * RATE), self._n_samples)
        if stop <= first:
            return np.empty(0, dtype=np.float32)
        if self.rate == RATE:
            return self._mono(first, stop - first)
        margin = math.ceil(_MARGIN * max(RATE / self.rate, 1.0))
        block = max((first - margin) // self._samples_per_block, 0)
        n_blocks = -(-(stop + margin) // self._samples_per_block) - block
        frames = self._mono(block * self._frames_per_block, n_blocks * self._frames_per_block)
        if not len(frames):
            return frames
        offset = block * self._samples_per_block
        return resample(frames, self.rate, RATE)[first - offset : stop - offset]

    def _mono(self, first: int, count: int) -> F32:
        ahead = min(self._run_up, first)
        with self._lock, self._quietly():
            frames = self._frames(first - ahead, ahead + count)[ahead:]
        mixed: F32 = frames.mean(axis=1, dtype=np.float32) if self.channels > 1 else frames[:, 0]
        return mixed

    def _frames(self, first: int, count: int) -> F32:
        with needed("soundfile", extra="acoustic"):
            import soundfile
        try:
            self._sound.seek(first)
            frames: F32 = self._sound.read(count, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            # The decoder does not recover from damage; a fresh one reads what is sound.
            source = self._sound.name
            self._sound.close()
            self._sound = soundfile.SoundFile(source)
            at = first / self.rate
            raise BadAudio(f"{self.path}: damaged at {at:.3f} s: {error}") from error
        return frames


def open_audio(path: str | os.PathLike[str]) -> Audio:
    """Open a recording in any format that libsndfile or ffmpeg reads.

    Raises NoAudio if there is no such file, BadAudio if its bytes are no audio, InputError if it
    cannot be read at present, MissingDependency if a package or ffmpeg is missing.
    """
    name = file = os.fspath(path)
    scratch: TemporaryDirectory[str] | None = None
    try:
        if is_url(name):
            scratch = TemporaryDirectory(prefix="diarfix-")
            file = _fetched(name, Path(scratch.name))
        sound: str | Path = file
        if is_container(_head(file)):
            scratch = scratch or TemporaryDirectory(prefix="diarfix-")
            sound = by_ffmpeg(file, Path(scratch.name))
        opened = _open(name, sound)
        lowest, highest = _RATES
        if not lowest <= opened.samplerate <= highest:
            opened.close()
            raise BadAudio(
                f"{name}: {opened.samplerate} samples a second,"
                f" expected {lowest} to {highest} where somebody speaks"
            )
        return Audio(name, file, opened, scratch)
    except BaseException:
        if scratch is not None:
            scratch.cleanup()
        raise


def _fetched(url: str, folder: Path) -> str:
    """A copy on this machine: windows are sought in it, and decoders take nothing but files."""
    copy = str(folder / "recording")
    try:
        Remote(url).fetch(copy)
    except InputError as error:
        if isinstance(error.__cause__, FileNotFoundError | IsADirectoryError):
            raise NoAudio(error.message) from error
        raise
    return copy


def _head(path: str) -> bytes:
    with os_errors(path):
        try:
            with Path(path).open("rb") as file:
                head = file.read(16)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise NoAudio(f"{path}: {reason(error)}") from error
    if not head:
        raise BadAudio(f"{path}: empty file, expected audio")
    return head


def _open(name: str, path: str | Path) -> Any:
    with needed("soundfile", extra="acoustic"):
        import soundfile
    try:
        with quiet():
            return soundfile.SoundFile(os.fspath(path))
    except (soundfile.SoundFileError, TypeError) as error:  # TypeError: a headerless .raw file
        raise BadAudio(
            f"{name}: no audio that can be read: {error}",
            hint=convert_hint(name),
        ) from error


def resample(samples: F32, rate: int, to: int) -> F32:
    """Resample (n,) from ``rate`` to ``to`` Hz with soxr's "HQ" filter, without delay."""
    with needed("soxr", extra="acoustic"):
        import soxr
    out: F32 = soxr.resample(samples, rate, to, quality="HQ")
    return out


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what C code writes to standard error in the block.

    libmpg123 writes a line for every frame whose bit reservoir it lacks and for many it decodes
    well, hundreds a minute, and libsndfile offers no way to stop it. One block at a time, and kept
    to milliseconds: what other threads write meanwhile is lost, too.
    """
    with _stderr_lock:
        try:
            kept = os.dup(2)
        except OSError:  # there is no standard error
            yield
            return
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(null)


def is_container(head: bytes) -> bool:
    """Whether the first bytes are a container that needs ffmpeg.

    MP4/M4A/MOV ("ftyp" box), Matroska/WebM (EBML), ASF/WMA, AAC (ADTS), AMR. Only these are handed
    to ffmpeg: it would also follow playlists to other files.
    """
    adts = len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0
    magic = (b"\x1aE\xdf\xa3", b"0&\xb2u\x8ef\xcf\x11", b"#!AMR")
    return head[4:8] == b"ftyp" or head.startswith(magic) or adts


def convert_hint(path: str) -> str:
    """The command by which a person makes a readable WAV."""
    wav = shlex.quote(str(Path(path).with_suffix(".wav")))
    return f"ffmpeg -i {shlex.quote(path)} -ac 1 -ar 16000 {wav}"


def by_ffmpeg(path: str, folder: Path) -> Path:
    """Decode the first audio stream into a 16 kHz mono WAV; ``folder`` holds the result.

    Containers cannot be sought to the sample, so the copy (115 MB an hour) is made once. Raises
    MissingDependency without ffmpeg, BadAudio if it finds no audio, InputError if it was killed or
    had no room.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        raise MissingDependency(
            f"{path}: this format needs the program ffmpeg, which is not on the PATH",
            hint="install ffmpeg (apt install ffmpeg, brew install ffmpeg), or on another"
            f" machine: {convert_hint(path)}",
        )
    out = folder / "audio.wav"
    command = [program, "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-i"]
    command += [f"file:{path}", "-map", "0:a:0", "-ac", "1", "-ar", "16000"]
    command += ["-c:a", "pcm_s16le", "-f", "wav", str(out)]
    result = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
    if result.returncode or not out.exists():
        said = result.stderr.decode("utf-8", "replace").strip()
        passing = result.returncode < 0 or "No space left" in said
        last = said.splitlines()[-1] if said else "no reason given"
        kind = InputError if passing else BadAudio
        raise kind(f"{path}: ffmpeg could not decode it: {last}")
    return out
