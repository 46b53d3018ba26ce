"""Every knob, and where its value came from."""

from diarfix.config.knobs import (
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
