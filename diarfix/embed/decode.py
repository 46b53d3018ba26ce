"""What must be done to sound before it is 16 kHz samples: resampling, ffmpeg."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diarfix.core import F32
from diarfix.errors import InputError, MissingDependency, needed

_stderr_lock = threading.Lock()


class BadAudio(InputError):
    """The bytes are no audio that can be decoded: trying again will not help."""


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
