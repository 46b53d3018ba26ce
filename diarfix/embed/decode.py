"""Whole-file work on audio: mixing, resampling, and decoding of what cannot be sought.

Seeking in an MP3 is exact, but makes libmpg123 write to standard error for every seek and costs
about 2 ms; M4A and other containers are not read by libsndfile at all. Both become one temporary
16 kHz mono WAV (115 MB an hour) in a single streamed pass.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diarfix.embed.packages import needed
from diarfix.embed.progress import Progress
from diarfix.errors import InputError, MissingDependency

F32 = NDArray[np.float32]

#: Seconds decoded at a time.
_BLOCK = 10


class BadAudio(InputError):
    """The bytes are no audio that can be decoded: trying again will not help."""


def mono(frames: F32) -> F32:
    """The mean (n,) over the channels of ``frames`` (n, C)."""
    if frames.shape[1] == 1:
        return frames[:, 0]
    mixed: F32 = frames.mean(axis=1, dtype=np.float32)
    return mixed


def resample(samples: F32, rate: int, to: int) -> F32:
    """Resample (n,) from ``rate`` to ``to`` Hz with soxr's "HQ" filter, without delay."""
    with needed("soxr"):
        import soxr
    out: F32 = soxr.resample(samples, rate, to, quality="HQ")
    return out


def by_stream(sound: Any, folder: Path, rate: int, progress: Progress | None) -> Path:
    """Decode an open soundfile into a mono WAV at ``rate`` Hz; ``folder`` holds the result.

    Raises BadAudio where the sound is damaged, InputError if the folder has no room.
    """
    with needed("soxr"):
        import soxr
    import soundfile

    out = folder / "audio.wav"
    stream = soxr.ResampleStream(sound.samplerate, rate, 1, dtype="float32", quality="HQ")
    try:
        with soundfile.SoundFile(out, "w", rate, 1, "PCM_16") as wav:
            for frames in _blocks(sound, progress):
                wav.write(stream.resample_chunk(mono(frames)))
            wav.write(stream.resample_chunk(np.empty(0, dtype=np.float32), last=True))
    except soundfile.SoundFileError as error:
        raise InputError(f"{sound.name}: no decoded copy could be written: {error}") from error
    return out


def _blocks(sound: Any, progress: Progress | None) -> Iterator[F32]:
    import soundfile

    seconds = sound.frames // sound.samplerate
    done = 0
    while True:
        try:
            frames: F32 = sound.read(_BLOCK * sound.samplerate, "float32", always_2d=True)
        except soundfile.SoundFileError as error:
            at = done / sound.samplerate
            raise BadAudio(f"{sound.name}: damaged after {at:.0f} s: {error}") from error
        if not len(frames):
            return
        yield frames
        done += len(frames)
        if progress is not None:
            progress(min(done // sound.samplerate, seconds), seconds, "seconds decoded")


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

    Raises MissingDependency without ffmpeg, BadAudio if it finds no audio, InputError if it was
    killed or had no room.
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
