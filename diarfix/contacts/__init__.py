"""The embedding store: reading it, comparing its vectors, and moving it to another model."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "matching": (
            "FARTHEST",
            "MATCH_THRESHOLD",
            "Match",
            "Voiceprint",
            "best_match",
            "compare_embeddings",
            "load_voiceprints",
        ),
        "migrate": (
            "Migration",
            "MigrationJob",
            "check_exit",
            "count_line",
            "migrate_store",
            "migration_facts",
            "plan_migration",
            "row_lines",
            "stray_lines",
        ),
        "plan": ("Action", "Plan", "models_of"),
        "samples": ("SampleFolder", "SampleOutcome"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
