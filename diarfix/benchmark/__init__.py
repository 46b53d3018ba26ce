"""Many recordings, several variants: paired results that prove or refute a change."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "corpus": ("Corpus", "Entry", "read_corpus", "select_entries"),
        "measurement": ("MeasureTask", "Measured", "measure"),
        "replay": ("recorded",),
        "results": ("Draws", "flat_baseline", "frozen", "gate_metrics", "tabulated"),
        "variants": ("Variant", "expand_variants", "parse_sweep"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
