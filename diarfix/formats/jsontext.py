"""JSON text in and out: strict about what would be lost, faithful to how it was written."""

from __future__ import annotations

import json
import marshal
import math
import os
import re
from dataclasses import dataclass
from typing import Any

from diarfix.errors import InputError
from diarfix.files.local import BOM

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[ \t\r\n]+|[^ \t\r\n"{}\[\],:]+')
_SURROGATE = re.compile("[\ud800-\udfff]")


#: Bytes of memory that reading, repairing and writing take per byte of JSON: measured on WhisperX
#: files with ``word_segments``, see docs/reliability.md.
_MEMORY = 12.5

#: Environment variable: GB of memory to reckon with, where the machine's own are not the limit.
MEMORY = "DIARFIX_MEMORY_GB"


def parse(text: str, name: str) -> Any:
    """Parse JSON. Raises InputError for bad JSON, a duplicate key, nesting too deep to follow, or
    a text that this machine has not the memory for.

    name  what the file is called in messages
    """
    needed, there = len(text) * _MEMORY, _memory()
    if needed > there:
        raise InputError(
            f"{name}: {len(text) / 1e9:.1f} GB of JSON take about {needed / 1e9:.0f} GB of memory,"
            f" {there / 1e9:.0f} GB are there",
            hint=f"cut it into recordings, or set {MEMORY} if there is more",
        )
    try:
        return json.loads(text.removeprefix(BOM), object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{name}: line {error.lineno}, column {error.colno}: bad JSON: {error.msg}"
        ) from error
    except _DuplicateKeyError as error:
        raise InputError(
            f"{name}: key {error.args[0]!r} stands twice in one JSON object; one would be lost"
        ) from error
    except RecursionError as error:
        raise InputError(f"{name}: JSON nested too deep to be a transcript") from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise InputError(f"{name}: bad JSON: {error}") from error


def _memory() -> float:
    """Bytes of memory: what the user says, else what the machine has; no limit where unknown."""
    try:
        return float(os.environ[MEMORY]) * 1e9
    except (KeyError, ValueError):
        pass
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return math.inf


def duplicate(tree: Any) -> Any:
    """A deep copy of a parsed tree; marshal makes it in half the time of parsing again.

    Raises RecursionError for nesting too deep to follow.
    """
    try:
        return marshal.loads(marshal.dumps(tree))  # noqa: S302 - our own bytes, never stored
    except ValueError as error:
        raise RecursionError(str(error)) from error


class _DuplicateKeyError(Exception):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        seen: set[str] = set()
        raise _DuplicateKeyError(next(k for k, _ in pairs if k in seen or seen.add(k)))  # type: ignore[func-returns-value]
    return table


@dataclass(frozen=True, slots=True)
class Style:
    """How a JSON text was written.

    indent         the white space of one level, or None for one line
    comma, colon   the separators
    ascii          non-ASCII characters are escaped
    newline        the line ending between items
    before, after  what stands around the value (a byte order mark, the final newline)
    """

    indent: str | None
    comma: str
    colon: str
    ascii: bool
    newline: str
    before: str
    after: str


def style_of(text: str) -> Style:
    """Detect the style from the first few tokens; what varies inside a file follows the first."""
    body = text.removeprefix(BOM)
    bare = body.strip(" \t\r\n")
    lead = text[: len(text) - len(body)] + body[: len(body) - len(body.lstrip(" \t\r\n"))]
    newline = "\r\n" if "\r\n" in body else "\n"
    indent: str | None = None
    comma = colon = None
    previous = ""
    for match in _TOKEN.finditer(bare):
        token = match.group()
        if token.isspace():
            if previous in {"{", "["} and "\n" in token and indent is None:
                indent = token.rpartition("\n")[2]
            elif previous == "," and comma is None and ("\n" in token or indent is None):
                comma = "," + re.split("[\r\n]", token, maxsplit=1)[0]
            elif previous == ":" and colon is None:
                colon = ":" + token
        else:
            if previous == "," and comma is None and indent is None:
                comma = ","
            colon = ":" if previous == ":" and colon is None else colon
        previous = token
        if comma is not None and colon is not None:
            break
    return Style(
        indent,
        comma or ("," if indent is not None else ", "),
        colon or ": ",
        body.isascii() and "\\u" in body,
        newline,
        lead,
        body[len(body.rstrip(" \t\r\n")) :] if bare else "",
    )


def dumps(tree: Any, style: Style) -> str:
    """Write a parsed tree in a style; the inverse of :func:`parse` up to number spelling."""
    text = json.dumps(
        tree,
        ensure_ascii=style.ascii,
        indent=style.indent,
        separators=(style.comma, style.colon),
    )
    if not style.ascii and not _encodable(text):
        # Half of a surrogate pair has no UTF-8; escaped, as it came, it survives.
        text = _SURROGATE.sub(lambda m: f"\\u{ord(m.group()):04x}", text)
    if style.newline != "\n" and style.indent is not None:
        text = text.replace("\n", style.newline)
    return style.before + text + style.after


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
