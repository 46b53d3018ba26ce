"""NIST CTM: one line per word, without speakers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diarfix.errors import InputError
from diarfix.formats.fileformat import FileFormat, Target
from diarfix.formats.text.fields import (
    first_field,
    first_lines,
    lines_of,
    number_in,
    numbers,
    one_field,
    told_apart,
)
from diarfix.formats.utterances import Utterance

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions


def _fits(text: str) -> bool:
    lines = first_lines(text, 50)
    if not lines or not all(len(f) >= 5 and numbers(f[2:4]) for f in lines):
        return False
    # Times in the fields 4 and 5 are those of an STM line whose speaker is a number; a word may be
    # a number too, but then no text follows it.
    return not all(numbers(f[3:5]) for f in lines) or all(len(f) == 5 for f in lines)


def read_ctm(text: str, name: str) -> dict[str, list[Utterance]]:
    """Read ``<file> <channel> <start> <duration> <word> [<confidence>]``: recording -> words.

    CTM has no speakers. Raises InputError, naming the line, for too few fields or a bad time.
    """
    found: dict[str, list[Utterance]] = {}
    for number, line in lines_of(text):
        fields = line.split()
        if len(fields) < 5:
            raise InputError(
                f"{name}: line {number}: CTM line has {len(fields)} fields,"
                " expected <file> <channel> <start> <duration> <word>"
            )
        start = number_in(fields[2], name, number, "start")
        length = number_in(fields[3], name, number, "duration")
        found.setdefault(fields[0], []).append(Utterance(None, start, start + length, fields[4]))
    return found


def write_ctm(recordings: Sequence[Recording], _: WriteOptions) -> str:
    """``file channel start duration word``, by start in each channel."""
    lines = []
    ids = told_apart((recording.id for recording in recordings), first_field)
    for recording in recordings:
        words = recording.words
        table = zip(recording.start.tolist(), recording.end.tolist(), words.text, strict=True)
        for start, end, text in sorted(table, key=lambda row: row[0]):
            if word := text.strip():
                start_, end_ = round(start, 3), round(end, 3)
                lines.append(
                    f"{ids[str, recording.id]} {recording.channel}"
                    f" {start_:.3f} {end_ - start_:.3f} {one_field(word)}\n"
                )
    return "".join(lines)


CTM = FileFormat(
    "ctm", "a CTM file (no speakers, read only)", _fits, "*.ctm",
    utterances=read_ctm, speakers=False, target=Target(write_ctm, ".ctm", by_word=True),
)  # fmt: skip
