"""The word-file dialects, one row each, the most specific first."""

from __future__ import annotations

from diarfix.formats.json.azure import AZURE, AZURE_FAST
from diarfix.formats.json.cloud import ASSEMBLYAI, DEEPGRAM, GLADIA, REVAI
from diarfix.formats.json.editors import AUTOEDIT, GEMINI, KALDI, RECALL, TRANSCRIBEE, VOSK
from diarfix.formats.json.flat import FLAT, NLP
from diarfix.formats.json.google import GOOGLE
from diarfix.formats.json.items import AWS, ELEVENLABS, SPEECHMATICS
from diarfix.formats.json.pyannote import PYANNOTEAI
from diarfix.formats.json.segments import DIARIZED, SEGLST, SEGMENTS, WHISPER_CPP
from diarfix.formats.json.whisper import RAWINFER, WHISPER, WHISPERX
from diarfix.formats.layout import Dialect

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
    KALDI,
    AUTOEDIT,
    TRANSCRIBEE,
    GEMINI,
    RECALL,
    VOSK,
    WHISPER_CPP,
    GOOGLE,
    SPEECHMATICS,
    DIARIZED,
    WHISPERX,
    WHISPER,
    ELEVENLABS,
    ASSEMBLYAI,
    SEGLST,
    SEGMENTS,
    FLAT,
)
