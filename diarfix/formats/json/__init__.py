"""The word-file dialects, one row each, the most specific first."""

from __future__ import annotations

from diarfix.formats.json.azure import AZURE, AZURE_FAST
from diarfix.formats.json.cloud import ASSEMBLYAI, DEEPGRAM
from diarfix.formats.json.editors import AUTOEDIT, GEMINI, KALDI, RECALL, TRANSCRIBEE, VOSK
from diarfix.formats.json.flat import FLAT, NLP
from diarfix.formats.json.google import GOOGLE
from diarfix.formats.json.items import AWS, ELEVENLABS, SPEECHMATICS
from diarfix.formats.json.owned import (
    BDA,
    CALL_ANALYTICS,
    GECKO,
    GLADIA,
    POST_CALL,
    REV_EDITOR,
    REVAI,
)
from diarfix.formats.json.pyannote import PYANNOTEAI
from diarfix.formats.json.segments import DIARIZED, SEGLST, SEGMENTS
from diarfix.formats.json.tokens import DEEPGRAM_LIVE, PARAKEET, SONIOX, WHISPER_CPP
from diarfix.formats.json.watson import WATSON
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
    REV_EDITOR,
    GECKO,
    CALL_ANALYTICS,
    POST_CALL,
    BDA,
    GLADIA,
    KALDI,
    AUTOEDIT,
    TRANSCRIBEE,
    GEMINI,
    RECALL,
    VOSK,
    WHISPER_CPP,
    SONIOX,
    PARAKEET,
    DEEPGRAM_LIVE,
    WATSON,
    GOOGLE,
    SPEECHMATICS,
    ELEVENLABS,
    DIARIZED,
    WHISPERX,
    WHISPER,
    ASSEMBLYAI,
    SEGLST,
    SEGMENTS,
    FLAT,
)
