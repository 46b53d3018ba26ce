"""Files that are known and hold nothing that could be read, and what to give instead."""

from __future__ import annotations

from collections.abc import Callable

from diarfix.formats.jsonfields import is_dicts, reach
from diarfix.formats.layout import Json

#: What tells a file, what it is called, and the way out.
_ROWS: tuple[tuple[Callable[[Json], bool], str, str], ...] = (
    (
        lambda tree: reach(tree, "inference_result") is not None and "matched_blueprint" in tree,
        "the custom output of Bedrock Data Automation, which holds no transcript",
        "give its standard output, with audio_items and audio_segments",
    ),
    (
        lambda tree: is_dicts(reach(tree, "RecognizedPhrases")),
        "the raw output of Video Indexer, which is not read",
        "give what Azure's batch transcription writes (recognizedPhrases), or make a flat list",
    ),
    (
        lambda tree: is_dicts(reach(tree, "NBest")) and "RecognitionStatus" in tree,
        "one result of Azure's Speech SDK, which is not read",
        "give a whole transcript of batch or fast transcription, or make a flat list",
    ),
)


def unread(tree: Json) -> tuple[str, str] | None:
    """What a file is that is known and not read, and the way out; None for all others."""
    return next(((what, hint) for fits, what, hint in _ROWS if fits(tree)), None)
