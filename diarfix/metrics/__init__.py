"""Metrics over word labels and turns."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "bootstrap": ("paired_bootstrap",),
        "counts": ("require",),
        "der": ("DerCounts",),
        "gates": (
            "Condition",
            "MetricChange",
            "DEFAULT_COVERAGE",
            "changes",
            "check_names",
            "failures",
            "known_bad",
            "parse_condition",
            "parse_tolerance",
        ),
        "labels": ("LEFT_OUT", "LabelCounts", "LabelScore", "MovedCounts", "are_parallel"),
        "recording": (
            "Comparison",
            "RecordingScore",
            "Scored",
            "WrongStretch",
            "compare",
            "pool",
            "score_task",
            "wrong_stretches",
        ),
        "sides": ("SCORABLE", "Side", "matched", "read_side", "read_sides"),
        "sweep": ("Uem", "words_to_turns"),
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
        "task": ("ScoreSettings", "ScoreTask", "SpeakerCounts"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
