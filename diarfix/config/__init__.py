"""Every knob, every choice by name, and where a value came from."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "choices": (
            "BASE",
            "DEFAULT_EMBEDDER",
            "DEFAULT_METHOD",
            "DEFAULT_VARIANTS",
            "Device",
            "EMBEDDERS",
            "EmbedderKind",
            "METHODS",
            "Method",
            "VARIANTS",
            "VariantKind",
            "find_embedder",
            "find_method",
            "imported",
        ),
        "knobs": (
            "KnobSpec",
            "LearnedKnobs",
            "RecheckKnobs",
            "RulesKnobs",
            "Settings",
            "ViterbiKnobs",
            "knob_names",
            "knob_specs",
        ),
        "learned": ("learned_table",),
        "sources": ("METHOD", "Resolved", "read_settings_file", "resolve", "settings_path"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
