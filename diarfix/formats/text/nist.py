"""NIST CTM, a line per word, and STM, a line per stretch of speech.

CTM has no speakers but as NeMo writes it: in the field of the channel, or in the eighth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diarfix.errors import InputError
from diarfix.files import BOM
from diarfix.formats.fileformat import FileFormat, Target, TextTable
from diarfix.formats.jsonfields import lay_out
from diarfix.formats.layout import Dialect, Json, Layout, sessions
from diarfix.formats.text.fields import (
    BLANKS,
    NOBODY,
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

#: Types of tokens, in the field before the speaker (NIST RT-09).
_TYPES = frozenset({"lex", "fp", "frag", "for-lex", "non-lex", "noise", "misc", "un-lex"})
_CHANNEL = re.compile(r"(?i)(?:ch(?:annel)?[_-]?)?(?:\d+|[a-z])")
#: Words of a longer mean (s) are none.
_LONGEST_MEAN = 2.0

_LINE = re.compile(rf"[^{BLANKS}][^\r\n]*")
_FIELD = re.compile(rf"[^{BLANKS}]+")

#: Speaker names of lines that hold no speech to score.
_NO_SPEECH = frozenset({"inter_segment_gap", "excluded_region"})


def _column(rows: list[list[str]]) -> int | None:
    """The field in which lines name speakers; None where they name none, or are no CTM."""
    if not rows or not all(len(row) >= 5 and numbers(row[2:4]) for row in rows):
        return None
    if all(len(row) >= 8 and row[6].lower() in _TYPES for row in rows):
        return 7 if any(row[7] != NOBODY for row in rows) else None
    names = {row[1] for row in rows}
    if any(map(_CHANNEL.fullmatch, names)) or numbers([row[4] for row in rows]):
        return None
    # Segments under names of their own are lined up like words.
    short = sum(float(row[3]) for row in rows) <= _LONGEST_MEAN * len(rows)
    return 1 if short and (len(names) < len(rows) or len(rows) == 1) else None


class CtmTable(TextTable):
    """``<file> <channel> <start> <duration> <word> [<confidence> <type> <speaker>]``."""

    def __init__(self, text: str, name: str) -> None:
        """Read a file; raises InputError, naming the line, for too few fields or a bad time."""
        super().__init__(text, name)
        column = _column(first_lines(text, 50)) or 1
        self.lines: list[int] = []
        body = text.removeprefix(BOM)
        shift = len(text) - len(body)
        number, before = 1, 0
        for line in _LINE.finditer(body):
            number, before = number + body.count("\n", before, line.start()), line.start()
            fields = [*_FIELD.finditer(line[0])]
            if fields[0][0].startswith((";;", "#")):
                continue
            if len(fields) <= max(column, 4):
                raise InputError(f"{name}: line {number}: {len(fields)} fields, expected more")
            said = [field[0] for field in fields]
            start = number_in(said[2], name, number, "start")
            end = start + number_in(said[3], name, number, "duration")
            row = {"file": said[0], "start": start, "end": end, "word": said[4]}
            at = line.start() + shift
            self.add(
                row | {self.key: said[column]},
                (at + fields[column].start(), at + fields[column].end()),
            )
            self.lines.append(number)

    @classmethod
    def fits(cls, text: str) -> bool:
        """Whether a text is CTM, and names speakers."""
        return _column(first_lines(text, 50)) is not None

    def spell(self, label: str) -> str:
        """A label as a field. Raises InputError for one that would be two, or a channel."""
        if not _FIELD.fullmatch(label) or _CHANNEL.fullmatch(label):
            raise InputError(f"label {label!r} cannot stand in a CTM file")
        return label


def _walk(table: Json) -> Layout:
    rows = table.rows
    parts = sessions([row["file"] for row in rows])
    return lay_out(
        rows,
        lambda i: f"line {table.lines[i]}",
        unknown=(NOBODY,),
        parts=parts if len(parts) > 1 else [],
    )


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


CTM_SPEAKERS = Dialect(
    "ctm-speakers",
    "CTM with speakers, as NeMo writes it",
    lambda tree: isinstance(tree, CtmTable),
    _walk,
    pattern="*.ctm",
)
CTM = FileFormat(
    "ctm", "a CTM file (no speakers, read only)", _fits_ctm, "*.ctm",
    utterances=read_ctm, speakers=False, target=Target(write_ctm, ".ctm", by_word=True),
)  # fmt: skip
STM = FileFormat(
    "stm", "an STM file (read only)", _fits_stm, "*.stm",
    utterances=read_stm, target=Target(write_stm, ".stm"),
)  # fmt: skip
