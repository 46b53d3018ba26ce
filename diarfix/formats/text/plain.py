"""Plain text by turns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diarfix.formats.fileformat import FileFormat, Target
from diarfix.formats.text.fields import in_utf8

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions


def write_plain(recordings: Sequence[Recording], options: WriteOptions) -> str:
    """One line per turn, ``[m:ss] Name: text``; an empty line between recordings."""
    blocks = []
    for recording in recordings:
        lines = []
        for turn in recording.turns():
            when = f"[{_clock(turn.start)}] " if options.times else ""
            named = options.names and turn.label is not None
            who = f"{' '.join(str(turn.label).split())}: " if named else ""
            lines.append(f"{when}{who}{turn.text}\n")
        blocks.append(in_utf8("".join(lines)))
    return "\n".join(blocks)


def _clock(seconds: float) -> str:
    if seconds != seconds:  # noqa: PLR0124 - NaN
        return "-:--"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


TXT = FileFormat(
    "txt", "text, one line per turn",
    target=Target(write_plain, ".txt", heeds=frozenset({"names", "times"}), needs_times=False),
)  # fmt: skip
