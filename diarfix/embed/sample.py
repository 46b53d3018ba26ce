"""The voice of a whole file: what a contact is enrolled with."""

from __future__ import annotations

import os

import numpy as np

from diarfix.embed.audio import NoAudio, open_audio
from diarfix.embed.decode import BadAudio
from diarfix.embed.embedder import Embedded, Embedder
from diarfix.errors import InputError
from diarfix.files import Progress

#: A sample under this length (s) is no voice to enrol with.
MIN_SAMPLE = 0.5


def embed_file(
    embedder: Embedder,
    path: str | os.PathLike[str],
    *,
    min_seconds: float = MIN_SAMPLE,
    progress: Progress | None = None,
) -> Embedded:
    """Embed a whole audio file: one row, unit length, or NaN with the reason.

    A file of up to :data:`diarfix.embed.windows.LONGEST` passes the model in one piece, as
    WeSpeaker embeds an utterance; a longer one in equal parts whose unit vectors are averaged, so
    memory does not grow with it. Parts that are silent are left out.

    Bad for good (``transient`` False): no such file, not audio, damaged, shorter than
    ``min_seconds``, silent, longer than its bytes can be.
    May pass: it cannot be opened at present, or the model failed.
    Raises MissingDependency alone: a missing package says nothing about the sample.
    """
    try:
        with open_audio(path) as audio:
            if audio.seconds < min_seconds:
                return _none(embedder, f"shorter than {min_seconds:g} s ({audio.seconds:.2f} s)")
            if not audio.plausible:
                return _none(embedder, f"{audio.seconds:.0f} s, which its bytes cannot hold")
            whole = np.array([0.0]), np.array([audio.seconds])
            return embedder.embed(audio, *whole, progress=progress)
    except (BadAudio, NoAudio) as error:
        return _none(embedder, error.message)
    except InputError as error:
        return _none(embedder, error.message, transient=True)


def _none(embedder: Embedder, reason: str, *, transient: bool = False) -> Embedded:
    vectors = np.full((1, embedder.dim), np.nan, dtype=np.float32)
    return Embedded(vectors, (reason,), np.array([transient]))
