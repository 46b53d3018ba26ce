"""Results as people and programs read them: summaries, diffs, tables, pages."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "benchmark_text": (
            "BENCHMARK_NOTE",
            "benchmark_markdown",
            "benchmark_table",
            "harmed_files",
            "interval_units",
        ),
        "diff": ("Hunk", "draw", "hunks"),
        "inspection": ("facts", "inspect_document", "inspect_turns"),
        "score_table": ("changes_markdown", "changes_table", "score_markdown", "score_screen"),
        "visible": ("ISOLATES", "one_line"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
