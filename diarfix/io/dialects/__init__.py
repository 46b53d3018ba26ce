"""The word-file dialects, one row each, the most specific first."""

from __future__ import annotations

from diarfix.io.dialects.aws import AWS
from diarfix.io.dialects.base import Container, Dialect, Group, Json, Layout, ShapeError, Track
from diarfix.io.dialects.base import times as raw_times
from diarfix.io.dialects.cloud import ASSEMBLYAI, DEEPGRAM
from diarfix.io.dialects.flat import FLAT, NLP, SEGLST, NlpTable
from diarfix.io.dialects.whisper import RAWINFER, WHISPER, WHISPERX

#: In order of detection: the first that fits is taken.
DIALECTS: tuple[Dialect, ...] = (
    NLP,
    RAWINFER,
    DEEPGRAM,
    AWS,
    WHISPERX,
    WHISPER,
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
