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
            "hidden_turns",
            "known_labels",
            "repair",
        ),
        "turns": ("Given", "Opinion", "doubtful_turns", "match_opinions", "match_turns"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
