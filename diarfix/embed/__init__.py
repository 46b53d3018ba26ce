"""Audio windows to voice vectors. Heavy packages are imported only when an embedder is loaded."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "audio": ("Audio", "BadAudio", "NoAudio", "RATE", "open_audio"),
        "embedder": (
            "Choice",
            "Embedded",
            "Embedder",
            "MIN_SAMPLE",
            "cached",
            "embed_file",
            "load_embedder",
        ),
        "models": ("cache_dir",),
        "windows": ("SILENCE",),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
