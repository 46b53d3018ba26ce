"""Self-contained HTML pages that show a score or a benchmark to a person."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "page": ("benchmark_page",),
        "score": ("Compared", "audio_url", "compared", "score_page"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
