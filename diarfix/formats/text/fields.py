"""What text formats share: lines, fields, numbers, names, and texts that do nothing in markup."""

from __future__ import annotations

import html
import io
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from diarfix.core import LATEST, Label
from diarfix.errors import InputError
from diarfix.files import BOM

#: The speaker of words that have none, in formats that must name one.
NOBODY = "unknown"

#: What parts the fields of a line.
BLANKS = " \t\r\n\v\f"
_SPACE = re.compile(r"\s+")

#: What cannot stand in UTF-8, and is shown as what it is: a character that is none.
_LONE = re.compile("[\ud800-\udfff]")

#: What XML cannot hold, not even escaped (XML 1.0, section 2.2), and controls nobody wants to see.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

#: Beginnings of a line by which a reader takes it for a comment, JSON or another format.
_MISREAD = re.compile(r"[;#{\[\"\ufeff]|(?:SPEAKER|WEBVTT)$")


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Numbered lines with something on them, comments (``;;``, ``#``) left out."""
    # Not str.splitlines: a name may hold what Unicode calls a line separator.
    for number, line in enumerate(io.StringIO(text.removeprefix(BOM), newline=None), start=1):
        bare = line.strip(BLANKS)
        if bare and not bare.startswith((";;", "#")):
            yield number, bare


def records(
    text: str, name: str, kind: str, expected: str, cuts: int = -1
) -> Iterator[tuple[int, list[str]]]:
    """The numbered lines of a text as fields. Raises InputError for a line with too few of them.

    kind, expected  the format, and its fields, in angles those that must be there
    cuts            after how many the rest of a line is one field
    """
    for number, line in lines_of(text):
        fields = line.split(maxsplit=cuts)
        if len(fields) < expected.count("<"):
            raise InputError(
                f"{name}: line {number}: {kind} line has {len(fields)} fields, expected {expected}"
            )
        yield number, fields


def first_lines(text: str, n: int = 1) -> list[list[str]]:
    """The fields of the first lines with something on them, by which formats are told apart."""
    return [line.split() for _, line in itertools.islice(lines_of(text[:20_000]), n)]


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
        value = math.nan if "_" in field else float(field)  # to Python 1_0 is 10
    except ValueError:
        value = math.nan
    if not abs(value) <= LATEST:
        raise InputError(f"{name}: line {line}: {what} {field!r} is not a number")
    return value


def in_utf8(text: str) -> str:
    """A text with U+FFFD for lone surrogates, which JSON can spell and UTF-8 cannot."""
    return _LONE.sub("\ufffd", text)


def legible(text: str) -> str:
    """A text on one line, with U+FFFD for controls and for what XML or UTF-8 cannot hold."""
    return _ILLEGAL.sub("\ufffd", " ".join(text.split()))


def escaped(text: str) -> str:
    """The same as no markup, in elements and in quoted attributes.

    >>> escaped('<a href="x">&')
    '&lt;a href=&quot;x&quot;&gt;&amp;'
    """
    return html.escape(legible(text))


def one_field(text: str) -> str:
    """A text as one field, blanks as ``_``: they would shift the fields that follow."""
    return _SPACE.sub("_", in_utf8(text)) or "_"


def first_field(text: str) -> str:
    """A text as the first field of a line: nothing in it makes the line another than it is."""
    field = one_field(text)
    return f"_{field}" if _MISREAD.match(field) else field


def told_apart(
    labels: Iterable[Label | None], spell: Callable[[str], str]
) -> dict[tuple[type, Label | None], str]:
    """What stands for each label in a format of text, keyed by type and label: no two the same.

    spell  the text of a label as the format can hold it

    A label that stands as it is keeps its text; one whose text is taken gets a number behind it.
    None stands as :data:`NOBODY`.
    """
    keys = dict.fromkeys((type(label), label) for label in labels)
    texts = {key: NOBODY if key[1] is None else str(key[1]) for key in keys}
    spelled = {key: spell(text) for key, text in texts.items()}
    # Those that need no change come first, text before numbers: 1 beside "1" is the second.
    order = sorted(keys, key=lambda k: (spelled[k] != texts[k], k[0] is not str, k[1] is None))
    taken: dict[str, tuple[type, Label | None]] = {}
    following: dict[str, int] = {}  # the next to try, for each text
    for key in order:
        name, n = spelled[key], following.get(spelled[key], 2)
        while name in taken:
            name, n = f"{spelled[key]}_{n}", n + 1
        taken[name], following[spelled[key]] = key, n
    return {key: name for name, key in taken.items()}


def minutes(seconds: float) -> str:
    """A time as people read it: ``m:ss``, or ``h:mm:ss``; NaN as dashes."""
    if seconds != seconds:  # noqa: PLR0124 - NaN
        return "-:--"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
