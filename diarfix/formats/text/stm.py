"""NIST STM: one line per stretch of speech, with speaker and text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diarfix.errors import InputError
from diarfix.formats.fileformat import FileFormat, Target
from diarfix.formats.text.fields import first_fields, lines_of, number_in, numbers, one_field
from diarfix.formats.utterances import Utterance

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

#: Speaker names of lines that hold no speech to score.
_NO_SPEECH = frozenset({"inter_segment_gap", "excluded_region"})


def _fits(text: str) -> bool:
    fields = first_fields(text)
    return len(fields) >= 5 and numbers(fields[3:5])


def read_stm(text: str, name: str) -> dict[str, list[Utterance]]:
    """Read ``<file> <channel> <speaker> <start> <end> [<label>] text``: recording -> utterances.

    Raises InputError, naming the line, for too few fields or a time that is no number.
    """
    found: dict[str, list[Utterance]] = {}
    for number, line in lines_of(text):
        fields = line.split(maxsplit=5)
        if len(fields) < 5:
            raise InputError(
                f"{name}: line {number}: STM line has {len(fields)} fields,"
                " expected <file> <channel> <speaker> <start> <end> text"
            )
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
    """One line per turn, ``file channel speaker start end text``; blanks in names become ``_``."""
    return "".join(
        f"{one_field(recording.id)} {recording.channel} {one_field(turn.speaker)}"
        f" {turn.start:.3f} {turn.end:.3f} {turn.spaced}\n"
        for recording in recordings
        for turn in recording.spoken()
    )


STM = FileFormat(
    "stm", "an STM file (read only)", _fits, "*.stm",
    utterances=read_stm, target=Target(write_stm, ".stm"),
)  # fmt: skip
