"""NIST CTM, a line per word without speakers, and STM, a line per stretch of speech."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diarfix.formats.fileformat import FileFormat, Target
from diarfix.formats.text.ctm import CtmTable
from diarfix.formats.text.fields import (
    first_field,
    first_lines,
    in_utf8,
    number_in,
    numbers,
    one_field,
    records,
    told_apart,
)
from diarfix.formats.utterances import Utterance

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

#: Speaker names of lines that hold no speech to score.
_NO_SPEECH = frozenset({"inter_segment_gap", "excluded_region"})


def _fits_ctm(text: str) -> bool:
    lines = first_lines(text, 50)
    if CtmTable.fits(text):
        return False
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
    expected = "<file> <channel> <start> <duration> <word>"
    for number, fields in records(text, name, "CTM", expected):
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


def _fits_stm(text: str) -> bool:
    # A line of five numbers at its end is CTM's, whose word is a number.
    return any(
        numbers(fields[3:5]) and (len(fields) > 5 or not numbers(fields[2:3]))
        for fields in first_lines(text, 50)
        if len(fields) >= 5
    )


def read_stm(text: str, name: str) -> dict[str, list[Utterance]]:
    """Read ``<file> <channel> <speaker> <start> <end> [<label>] text``: recording -> utterances.

    Raises InputError, naming the line, for too few fields or a time that is no number.
    """
    found: dict[str, list[Utterance]] = {}
    expected = "<file> <channel> <speaker> <start> <end> text"
    for number, fields in records(text, name, "STM", expected, 5):
        if fields[2].lower() in _NO_SPEECH:
            continue
        start = number_in(fields[3], name, number, "start")
        end = number_in(fields[4], name, number, "end")
        rest = fields[5] if len(fields) > 5 else ""
        if rest.startswith("<") and ">" in rest.split(maxsplit=1)[0]:
            rest = rest.partition(">")[2].lstrip()
        found.setdefault(fields[0], []).append(Utterance(fields[2], start, end, rest))
    return found


def write_stm(recordings: Sequence[Recording], _: WriteOptions) -> str:
    """One line per turn, ``file channel speaker start end text``; blanks in names become ``_``.

    Nothing a file says is read back as something else: no name as silence or as another's, no
    first word as STM's optional label.
    """
    ids = told_apart((recording.id for recording in recordings), first_field)
    table = [(recording, turn) for recording in recordings for turn in recording.spoken()]
    names = told_apart((turn.label for _, turn in table), _speaker_field)
    return "".join(
        f"{ids[str, recording.id]} {recording.channel} {names[type(turn.label), turn.label]}"
        f" {turn.start:.3f} {turn.end:.3f} {_transcript(turn.spaced)}\n"
        for recording, turn in table
    )


def _speaker_field(text: str) -> str:
    field = one_field(text)
    return f"{field}_" if field.lower() in _NO_SPEECH else field


def _transcript(text: str) -> str:
    return in_utf8(f"<> {text}" if text.startswith("<") else text)


CTM = FileFormat(
    "ctm", "a CTM file (no speakers, read only)", _fits_ctm, "*.ctm",
    utterances=read_ctm, speakers=False, target=Target(write_ctm, ".ctm", by_word=True),
)  # fmt: skip
STM = FileFormat(
    "stm", "an STM file (read only)", _fits_stm, "*.stm",
    utterances=read_stm, target=Target(write_stm, ".stm"),
)  # fmt: skip
