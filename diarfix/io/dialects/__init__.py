"""The word-file dialects, one row each, the most specific first."""

from __future__ import annotations

from diarfix.io.dialects.aws import AWS
from diarfix.io.dialects.azure import AZURE, AZURE_FAST
from diarfix.io.dialects.base import Container, Dialect, Group, Json, Layout, ShapeError, Track
from diarfix.io.dialects.base import times as raw_times
from diarfix.io.dialects.cloud import ASSEMBLYAI, DEEPGRAM
from diarfix.io.dialects.flat import FLAT, NLP, SEGLST, NlpTable
from diarfix.io.dialects.google import GOOGLE
from diarfix.io.dialects.items import ELEVENLABS, SPEECHMATICS
from diarfix.io.dialects.monologues import GLADIA, REVAI
from diarfix.io.dialects.pyannoteai import PYANNOTEAI
from diarfix.io.dialects.readonly import DIARIZED, WHISPER_CPP
from diarfix.io.dialects.whisper import RAWINFER, WHISPER, WHISPERX

#: In order of detection: the first that fits is taken.
DIALECTS: tuple[Dialect, ...] = (
    NLP,
    RAWINFER,
    DEEPGRAM,
    AWS,
    PYANNOTEAI,
    AZURE,
    AZURE_FAST,
    REVAI,
    GLADIA,
    WHISPER_CPP,
    GOOGLE,
    SPEECHMATICS,
    DIARIZED,
    WHISPERX,
    WHISPER,
    ELEVENLABS,
    ASSEMBLYAI,
    SEGLST,
    FLAT,
)

__all__ = [
    "DIALECTS",
    "Container",
    "Dialect",
    "Group",
    "Json",
    "Layout",
    "NlpTable",
    "ShapeError",
    "Track",
    "raw_times",
]
