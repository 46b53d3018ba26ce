"""Many recordings, several variants: paired results that prove or refute a change."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "cells": ("MeasureTask", "Measured", "measure"),
        "corpus": ("Corpus", "Entry", "read_corpus", "select_entries"),
        "results": (
            "Draws",
            "SKIPPED",
            "baseline_part",
            "flat_baseline",
            "frozen",
            "gate_metrics",
            "tabulated",
        ),
        "variants": ("Setup", "Variant", "expand_variants", "parse_sweep", "recorded"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
