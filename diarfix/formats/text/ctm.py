"""CTM that says who speaks, as NeMo writes it: in the field of the channel, or in the eighth."""

from __future__ import annotations

import re

from diarfix.errors import InputError
from diarfix.files import BOM
from diarfix.formats.fileformat import TextTable
from diarfix.formats.jsonfields import lay_out
from diarfix.formats.layout import Dialect, Json, Layout, sessions
from diarfix.formats.text.fields import (
    BLANKS,
    NOBODY,
    first_lines,
    number_in,
    numbers,
)

#: Types of tokens, in the field before the speaker (NIST RT-09).
_TYPES = frozenset({"lex", "fp", "frag", "for-lex", "non-lex", "noise", "misc", "un-lex"})
_CHANNEL = re.compile(r"(?i)(?:ch(?:annel)?[_-]?)?(?:\d+|[a-z])")
#: Words of a longer mean (s) are none.
_LONGEST_MEAN = 2.0

_LINE = re.compile(rf"[^{BLANKS}][^\r\n]*")
_FIELD = re.compile(rf"[^{BLANKS}]+")


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


CTM_SPEAKERS = Dialect(
    "ctm-speakers",
    "CTM with speakers, as NeMo writes it",
    lambda tree: isinstance(tree, CtmTable),
    _walk,
    pattern="*.ctm",
)
