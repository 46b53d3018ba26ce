"""Which format a file is in, by what stands in it."""

from __future__ import annotations

import json
from typing import Any

from diarfix.errors import InputError
from diarfix.files import BOM
from diarfix.formats.fileformat import FileFormat, TextTable
from diarfix.formats.json import DIALECTS, Dialect, Json
from diarfix.formats.json.flat import START, NlpTable
from diarfix.formats.unread import WORDS_WANTED, branches, describe


def text_format(text: str) -> FileFormat | None:
    """The format of lines that a text is in; None for JSON and for anything else."""
    if text[:200].removeprefix(BOM).lstrip()[:1] in {"{", "[", '"', ""}:
        return None
    return _first(text, parsed=False)


def table_of(text: str) -> type[TextTable] | None:
    """What reads a text that is in a format of lines with labels; None for all others."""
    if text[:200].removeprefix(BOM).lstrip()[:1] in {"{", "[", '"', ""}:
        return None
    from diarfix.formats.text.captions import CueTable  # who repairs JSON needs no subtitles

    return next((table for table in (NlpTable, CueTable) if table.fits(text)), None)


def wordless_format(text: str) -> FileFormat | None:
    """The format of a file that has no words with labels; None for word files and for no file.

    JSON is parsed for it: ask where reading words has failed.
    """
    found = text_format(text)
    if found is not None:
        return found
    try:
        return _first(json.loads(text.removeprefix(BOM)), parsed=True)
    except (ValueError, RecursionError):
        return None


def _first(content: Any, *, parsed: bool) -> FileFormat | None:
    from diarfix.formats.table import FORMATS  # who repairs a word file needs none of the others

    rows = (row for row in FORMATS if row.parsed == parsed and not isinstance(row, Dialect))
    return next((row for row in rows if row.fits is not None and row.fits(content)), None)


def dialect_of(tree: Json, name: str, format_: str | None) -> Dialect:
    """The dialect named ``format_``, or the first whose shape fits.

    Raises InputError for an unknown name, or a tree of another shape.
    """
    dialects = DIALECTS
    if isinstance(tree, TextTable) or format_ is not None:
        from diarfix.formats.table import FORMATS

        dialects = tuple(row for row in FORMATS if isinstance(row, Dialect))
    names = ", ".join(d.name for d in dialects)
    if format_ is not None:
        chosen = next((d for d in dialects if d.name == format_), None)
        if chosen is None:
            raise InputError(f"unknown format {format_!r}", hint=f"one of: {names}")
        if not chosen.fits(tree):
            raise InputError(f"{name}: not a {chosen.name} file, expected {chosen.what}")
        return chosen
    for dialect in dialects:
        if dialect.fits(tree):
            return dialect
    raise InputError(f"{name}: no known word file: {describe(tree)}", hint=_way_out(tree, name))


def _way_out(tree: Json, name: str) -> str:
    """What to do about an unknown shape: cut a known one out of its envelope, or make a list."""
    for path, inner in branches(tree):
        found = next((d for d in DIALECTS if d.fits(inner)), None)
        # A list of objects with some text in them may be anything, unless words stand beside.
        if found is not None and (found.name != "words" or _timed(inner)):
            return f"a {found.name} file stands under {path}: cut it out (jq '{path}' {name})"
    names = ", ".join(d.name for d in DIALECTS)
    return f"tried by shape: {names}; else {WORDS_WANTED}"


def _timed(tree: Json) -> bool:
    words: Json = tree.get("words") if isinstance(tree, dict) else tree
    return bool(words) and any(key in words[0] for key in (*START, "time", "timestamp"))
