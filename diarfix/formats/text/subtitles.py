"""SubRip and WebVTT."""

from __future__ import annotations

from collections.abc import Sequence

from diarfix.formats.recordings import Recording
from diarfix.formats.text.cues import cues_of
from diarfix.formats.text.plain import Options


def srt(recordings: Sequence[Recording], options: Options) -> str:
    """SubRip: numbered cues; the name stands before the first cue of a turn."""
    cues = cues_of(recordings, names=options.names)
    return "\n".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n"
        + "".join(line + "\n" for line in cue.lines)
        for number, cue in enumerate(cues, start=1)
    )


def vtt(recordings: Sequence[Recording], options: Options) -> str:
    """WebVTT: every cue in a voice tag (W3C WebVTT, section 3.5), so that players can tell."""
    blocks = ["WEBVTT\n"]
    for cue in cues_of(recordings, names=False):
        text = "\n".join(map(_escape, cue.lines))
        if options.names and cue.label is not None:
            name = _escape(" ".join(str(cue.label).split()))
            text = f"<v {name}>{text}</v>"
        blocks.append(f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{text}\n")
    return "\n".join(blocks)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(seconds: float, point: str) -> str:
    total = round(seconds * 1000)
    minutes, rest = divmod(total, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"
