"""One recording's labels, repaired: by the published rule, or as the best path."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "evidence": ("sentence_ends",),
        "method": ("Change", "Smoothed", "opinions_of", "smooth"),
        "opinions": ("Trust", "opinion_evidence"),
        "path": ("MICRO", "Rows"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
