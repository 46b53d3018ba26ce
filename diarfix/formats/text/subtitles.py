"""Text for people: SubRip and WebVTT, and plain text by turns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diarfix.formats.fileformat import FileFormat, Target
from diarfix.formats.layout import Dialect
from diarfix.formats.text.captions import CueTable, walk_cues
from diarfix.formats.text.fields import in_utf8, minutes

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

#: How tags begin that players of SubRip obey.
_TAGS = re.compile(r"(<(?=[A-Za-z/])|\{(?=\\))")

_NAMES = frozenset({"names", "every_cue"})


def write_srt(recordings: Sequence[Recording], options: WriteOptions) -> str:
    """SubRip: numbered cues; the name stands before the first cue of a turn, or every one."""
    from diarfix.formats.text.cues import cues_of  # loaded by who writes cues

    cues = cues_of(recordings, names=options.names, every_cue=options.every_cue)
    return "\n".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n"
        + "".join(_unmarked(line) + "\n" for line in cue.lines)
        for number, cue in enumerate(cues, start=1)
    )


def _unmarked(line: str) -> str:
    """A line in which no player takes words for a cue's times, or for tags, and hides them."""
    return _TAGS.sub(r"\1 ", in_utf8(line).replace("-->", "-- >"))


def write_vtt(recordings: Sequence[Recording], options: WriteOptions) -> str:
    """WebVTT: every cue in a voice tag (W3C WebVTT, section 3.5), so that players can tell."""
    from diarfix.formats.text.cues import cues_of

    blocks = ["WEBVTT\n"]
    for cue in cues_of(recordings, names=False):
        text = "\n".join(map(_escape, cue.lines))
        if options.names and cue.label is not None:
            name = _escape(" ".join(str(cue.label).split()))
            text = f"<v {name}>{text}</v>"
        blocks.append(f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{text}\n")
    return "\n".join(blocks)


def _escape(text: str) -> str:
    return in_utf8(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(seconds: float, point: str) -> str:
    total = round(seconds * 1000)
    minutes, rest = divmod(total, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"


def write_plain(recordings: Sequence[Recording], options: WriteOptions) -> str:
    """One line per turn, ``[m:ss] Name: text``; an empty line between recordings."""
    blocks = []
    for recording in recordings:
        lines = []
        for turn in recording.turns():
            when = f"[{minutes(turn.start)}] " if options.times else ""
            named = options.names and turn.label is not None
            who = f"{' '.join(str(turn.label).split())}: " if named else ""
            lines.append(f"{when}{who}{turn.text}\n")
        blocks.append(in_utf8("".join(lines)))
    return "\n".join(blocks)


_TIMING = "cues time no words: give the recogniser's own JSON, with a time for each word"

SRT = Dialect(
    "srt", "SubRip subtitles",
    lambda tree: isinstance(tree, CueTable) and not tree.webvtt, walk_cues,
    pattern="*.srt", timing=_TIMING, stretches="cues",
    target=Target(write_srt, ".srt", heeds=_NAMES, alone=True),
)  # fmt: skip
VTT = Dialect(
    "vtt", "WebVTT subtitles",
    lambda tree: isinstance(tree, CueTable) and tree.webvtt, walk_cues,
    pattern="*.vtt", timing=_TIMING, stretches="cues",
    target=Target(write_vtt, ".vtt", heeds=_NAMES, alone=True),
)  # fmt: skip
TXT = FileFormat(
    "txt", "text, one line per turn",
    target=Target(write_plain, ".txt", heeds=frozenset({"names", "times"}), needs_times=False),
)  # fmt: skip
