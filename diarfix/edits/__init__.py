"""What a document's labels may undergo: repaired, heard again, renamed; one file or many."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "rechecks": ("read_centroids", "recheck"),
        "renames": ("rename",),
        "repairs": (
            "Edit",
            "Moved",
            "Repair",
            "doubtful_turns",
            "hidden_turns",
            "known_labels",
            "match_turns",
            "repair",
        ),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
