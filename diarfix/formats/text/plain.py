"""Plain text by turns, and the choices that writers for people share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diarfix.formats.recordings import Recording, turns_of


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may choose.

    names  say who speaks
    times  plain text: say when
    """

    names: bool = True
    times: bool = False


def plain(recordings: Sequence[Recording], options: Options) -> str:
    """One line per turn, ``[m:ss] Name: text``; an empty line between recordings."""
    blocks = []
    for recording in recordings:
        lines = []
        for turn in turns_of(recording):
            when = f"[{_clock(turn.start)}] " if options.times else ""
            named = options.names and turn.label is not None
            who = f"{' '.join(str(turn.label).split())}: " if named else ""
            lines.append(f"{when}{who}{turn.text}\n")
        blocks.append("".join(lines))
    return "\n".join(blocks)


def _clock(seconds: float) -> str:
    if seconds != seconds:  # noqa: PLR0124 - NaN
        return "-:--"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
