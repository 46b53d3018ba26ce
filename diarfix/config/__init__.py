"""Every knob, every choice by name, and where a value came from."""

from diarfix.config.choices import (
    DEFAULT_EMBEDDER,
    DEFAULT_METHOD,
    EMBEDDERS,
    METHODS,
    Device,
    EmbedderKind,
    Method,
    find_embedder,
    find_method,
    imported,
)
from diarfix.config.knobs import (
    KnobSpec,
    RecheckKnobs,
    RulesKnobs,
    Settings,
    ViterbiKnobs,
    knob_names,
    knob_specs,
)

__all__ = [
    "DEFAULT_EMBEDDER",
    "DEFAULT_METHOD",
    "EMBEDDERS",
    "METHODS",
    "Device",
    "EmbedderKind",
    "KnobSpec",
    "Method",
    "RecheckKnobs",
    "RulesKnobs",
    "Settings",
    "ViterbiKnobs",
    "find_embedder",
    "find_method",
    "imported",
    "knob_names",
    "knob_specs",
]
