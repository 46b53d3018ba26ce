"""Metrics over word labels and turns."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "bootstrap": ("paired_bootstrap",),
        "der": ("DerCounts",),
        "examples": ("WrongStretch", "wrong_stretches"),
        "external": ("require",),
        "gates": (
            "Condition",
            "MetricChange",
            "DEFAULT_COVERAGE",
            "changes",
            "check_names",
            "parse_condition",
            "parse_tolerance",
        ),
        "labels": ("LabelCounts", "LabelScore", "MovedCounts"),
        "pair": ("Pair", "ScoreSettings", "SpeakerCounts"),
        "recording": ("Comparison", "RecordingScore", "compare", "pool"),
        "reference": ("are_parallel",),
        "run": ("ScoreTask", "Scored", "score_task", "silent"),
        "self_test": ("failures", "known_bad"),
        "sides": ("SCORABLE", "Side", "matched", "read_side", "read_sides"),
        "sweep": ("Uem",),
        "table": (
            "COMPARISONS",
            "METRICS",
            "direction",
            "families",
            "frozen_names",
            "gate_names",
            "in_tables",
            "on_pages",
            "row_of",
        ),
        "word_turns": ("words_to_turns",),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
