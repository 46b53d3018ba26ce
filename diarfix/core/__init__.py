"""The pure core: frozen NumPy columns in, frozen NumPy columns out. No files, no printing."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "assign": ("Assignment", "baseline_of"),
        "fit": ("Misfit", "misfit", "regions_misfit", "sides_misfit"),
        "mapping": ("Shared", "best_map", "map_by_name"),
        "overlap": ("Pieces", "merge", "overlap_regions"),
        "segments": (
            "Segments",
            "cut_text",
            "is_mark",
            "join_text",
            "joins",
            "level",
            "needs_space",
            "stretches",
            "vote",
        ),
        "words": (
            "Bool",
            "F32",
            "F64",
            "I32",
            "I64",
            "LATEST",
            "Label",
            "TIME_EPS",
            "Turns",
            "UNKNOWN",
            "Words",
            "encode",
            "runs",
            "turns_from_rows",
            "words_from_rows",
        ),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
