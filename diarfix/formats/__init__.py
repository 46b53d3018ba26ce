"""Documents: everything that knows a file format."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "detect": (
            "FORMATS",
            "TARGETS",
            "read_turns",
            "text_format",
            "turns_of_text",
            "wordless_format",
        ),
        "document": ("Document", "TimeUnit", "moved", "read_document"),
        "fileformat": ("Recordings", "Utterance", "utterance_turns", "utterance_words"),
        "jsonedit": ("set_members",),
        "jsontext": ("Cursor", "parse", "unique"),
        "layout": ("Part",),
        "recordings": ("Recording", "WriteOptions", "channel_words", "recordings_of"),
        "text.fields": ("lines_of",),
        "text.rttm": ("UEM", "read_uem", "run_turns", "write_rttm"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
