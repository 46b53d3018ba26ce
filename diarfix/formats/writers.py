"""Transcripts as other tools read them: pure writers from words under their labels to text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diarfix.formats.recordings import Recording, recordings_of
from diarfix.formats.text.plain import Options, plain
from diarfix.formats.text.subtitles import srt, vtt
from diarfix.formats.text.tables import ctm, rttm, seglst, stm, word_list


@dataclass(frozen=True, slots=True)
class Format:
    """One target of ``convert``.

    name    what ``--to`` calls it
    suffix  of files that are named after their input
    what    one line for people
    write   recordings, options -> text
    needs_times  it cannot hold a word without a time
    alone   it can hold but one recording
    """

    name: str
    suffix: str
    what: str
    write: Callable[[Sequence[Recording], Options], str]
    needs_times: bool = True
    alone: bool = False


FORMATS: dict[str, Format] = {
    f.name: f
    for f in (
        Format("srt", ".srt", "SubRip subtitles", srt, alone=True),
        Format("vtt", ".vtt", "WebVTT subtitles with voice tags", vtt, alone=True),
        Format("txt", ".txt", "text, one line per turn", plain, needs_times=False),
        Format("rttm", ".rttm", "turns: runs of one speaker", rttm),
        Format("ctm", ".ctm", "one line per word, without speakers", ctm),
        Format("stm", ".stm", "one line per turn, with text", stm),
        Format("seglst", ".seglst.json", "SegLST: one entry per turn, with text", seglst),
        Format("words", ".words.json", "a flat list of words", word_list, needs_times=False),
    )
}

__all__ = ["FORMATS", "Format", "Options", "Recording", "recordings_of"]
