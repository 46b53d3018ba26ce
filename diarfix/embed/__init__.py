"""Audio windows to voice vectors. Heavy packages are imported only when an embedder is loaded."""

from diarfix.embed.audio import Audio, NoAudio, open_audio
from diarfix.embed.cache import cached
from diarfix.embed.choice import Choice, load_embedder
from diarfix.embed.decode import BadAudio
from diarfix.embed.embedder import Embedded, Embedder
from diarfix.embed.sample import embed_file

__all__ = [
    "Audio",
    "BadAudio",
    "Choice",
    "Embedded",
    "Embedder",
    "NoAudio",
    "cached",
    "embed_file",
    "load_embedder",
    "open_audio",
]
