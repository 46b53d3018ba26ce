"""Documents: everything that knows a file format."""

from diarfix.faces import Face

__getattr__ = Face(
    __name__,
    {
        "detect": (
            "FORMATS",
            "TARGETS",
            "text_format",
            "wordless_format",
        ),
        "document": ("Document", "TimeUnit", "moved", "read_document"),
        "fileformat": ("Recordings",),
        "jsonedit": ("set_members",),
        "jsontext": ("Cursor", "parse", "unique"),
        "layout": ("Part",),
        "recordings": (
            "Recording",
            "WriteOptions",
            "channel_words",
            "document_utterances",
            "read_turns",
            "recordings_of",
            "turns_of_text",
        ),
        "text.fields": ("lines_of",),
        "text.rttm": ("UEM", "read_uem", "run_turns", "write_rttm"),
        "utterances": ("Utterance", "utterance_turns", "utterance_words"),
    },
)
__all__ = [*__getattr__.home]
__dir__ = __getattr__.names
