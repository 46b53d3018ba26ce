"""Audio windows to voice vectors. Heavy packages are imported only when an embedder is loaded."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "audio": ("Audio", "NoAudio", "RATE", "open_audio"),
        "cache": ("cached",),
        "choice": ("Choice", "load_embedder"),
        "decode": ("BadAudio",),
        "embedder": ("Embedded", "Embedder"),
        "models": ("cache_dir",),
        "sample": ("MIN_SAMPLE", "embed_file"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
