"""Every knob, and where its value came from."""

from diarfix.config.knobs import (
    METHODS,
    RecheckKnobs,
    RulesKnobs,
    Settings,
    ViterbiKnobs,
    knob_names,
    knob_specs,
)

__all__ = [
    "METHODS",
    "RecheckKnobs",
    "RulesKnobs",
    "Settings",
    "ViterbiKnobs",
    "knob_names",
    "knob_specs",
]
