"""Text formats of one record per line: their lines, fields and numbers."""

from __future__ import annotations

import io
import itertools
import math
import re
from collections.abc import Iterator, Sequence

from diarfix.core.words import LATEST
from diarfix.errors import InputError
from diarfix.files.local import BOM

#: What parts the fields of a line.
BLANKS = " \t\r\n\v\f"
_SPACE = re.compile(r"\s+")


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Numbered lines with something on them, comments (``;;``, ``#``) left out."""
    # Not str.splitlines: a name may hold what Unicode calls a line separator.
    for number, line in enumerate(io.StringIO(text.removeprefix(BOM), newline=None), start=1):
        bare = line.strip(BLANKS)
        if bare and not bare.startswith((";;", "#")):
            yield number, bare


def first_fields(text: str) -> list[str]:
    """The fields of the first line with something on it, by which formats are told apart."""
    head = [line for _, line in itertools.islice(lines_of(text[:20_000]), 1)]
    return head[0].split() if head else []


def numbers(fields: Sequence[str]) -> bool:
    """Whether every field is a number."""
    try:
        [float(f) for f in fields]
    except ValueError:
        return False
    return True


def number_in(field: str, name: str, line: int, what: str) -> float:
    """A finite number of a text format. Raises InputError, naming file, line and field."""
    try:
        value = float(field)
    except ValueError:
        value = math.nan
    if not abs(value) <= LATEST:
        raise InputError(f"{name}: line {line}: {what} {field!r} is not a number")
    return value


def one_field(text: str) -> str:
    """A text as one field, blanks as ``_``: they would shift the fields that follow."""
    return _SPACE.sub("_", text) or "_"
