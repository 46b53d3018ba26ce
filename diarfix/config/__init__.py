"""Every knob, and where its value came from."""

from diarfix.config.knobs import (
    DEFAULT_METHOD,
    METHODS,
    KnobSpec,
    Method,
    RecheckKnobs,
    RulesKnobs,
    Settings,
    ViterbiKnobs,
    knob_names,
    knob_specs,
)

__all__ = [
    "DEFAULT_METHOD",
    "METHODS",
    "KnobSpec",
    "Method",
    "RecheckKnobs",
    "RulesKnobs",
    "Settings",
    "ViterbiKnobs",
    "knob_names",
    "knob_specs",
]
