"""Every file format, one row each; which of them a file is in; and the way out where in none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from diarfix.errors import InputError
from diarfix.files import BOM
from diarfix.formats.fileformat import FileFormat, Target, TextTable
from diarfix.formats.json import DIALECTS
from diarfix.formats.json.flat import START, NlpTable
from diarfix.formats.json.pyannote import PYANNOTE
from diarfix.formats.json.unread import unread
from diarfix.formats.jsonfields import kind
from diarfix.formats.jsontext import parse
from diarfix.formats.layout import Dialect, Json
from diarfix.formats.text.ass import ASS
from diarfix.formats.text.captions import CueTable
from diarfix.formats.text.ctm import CTM_SPEAKERS, CtmTable
from diarfix.formats.text.elan import ELAN
from diarfix.formats.text.nist import CTM, STM
from diarfix.formats.text.prose import HTML, MARKDOWN
from diarfix.formats.text.rttm import RTTM, UEM
from diarfix.formats.text.subtitles import SRT, TXT, VTT
from diarfix.formats.text.textgrid import TEXTGRID

#: In the order in which help and reports name them.
FORMATS: tuple[FileFormat, ...] = (
    SRT, VTT, ASS, TXT, MARKDOWN, HTML, TEXTGRID, ELAN, RTTM, UEM, CTM, CTM_SPEAKERS, STM,
    *DIALECTS, PYANNOTE,
)  # fmt: skip

#: What ``convert`` writes, by name.
TARGETS: dict[str, Target] = {row.name: row.target for row in FORMATS if row.target is not None}

#: The way out for whoever has no word file.
WORDS_WANTED = (
    "give the recogniser's own JSON with a time for each word, or make a flat list:"
    ' [{"word": "hi", "start": 0.1, "end": 0.3, "speaker": "A"}]'
)

_CUE = re.compile(r"^(?:\d+:)?\d+:\d\d[.,]\d{1,3}\s*-->", re.MULTILINE)

#: How a text of each kind begins.
_KINDS = tuple(
    (re.compile(begins, re.IGNORECASE), name)
    for begins, name in (
        (r"\[Script Info\]", "a subtitle file (SSA, ASS)"),
        (r"<!doctype html|<html", "an HTML page"),
        (r"<(?:[\s\S]*<)?ANNOTATION_DOCUMENT", "XML of ELAN (.eaf)"),
        (r"<(?:[\s\S]*<)?tt\b", "XML of subtitles (TTML)"),
        (r"<", "XML"),
        (r'(?:File type = )?"ooTextFile', "a Praat TextGrid"),
        (r"---\s", "YAML"),
    )
)

#: Names of columns by which a table is known.
_COLUMNS = {"start", "end", "speaker", "text", "word"}

#: Keys under which a file keeps what was said.
_TEXT = frozenset({
    "text", "transcript", "transcripts", "word", "words", "punctuated_word", "content", "value",
    "display", "displayText", "lexical", "itn", "maskedITN", "sentence", "utterance", "body",
    "caption", "full_transcript", "transcription",
})  # fmt: skip


def text_format(text: str) -> FileFormat | None:
    """The format of lines that a text is in; None for JSON and for anything else."""
    if text[:200].removeprefix(BOM).lstrip()[:1] in {"{", "[", '"', ""}:
        return None
    return _first(text, parsed=False)


def table_of(text: str) -> type[TextTable] | None:
    """What reads a text that is in a format of lines with labels; None for all others."""
    if text[:200].removeprefix(BOM).lstrip()[:1] in {"{", "[", '"', ""}:
        return None
    return next((table for table in (NlpTable, CueTable, CtmTable) if table.fits(text)), None)


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
    rows = (row for row in FORMATS if row.parsed == parsed and not isinstance(row, Dialect))
    return next((row for row in rows if row.fits is not None and row.fits(content)), None)


def dialect_of(tree: Json, name: str, format_: str | None) -> Dialect:
    """The dialect named ``format_``, or the first whose shape fits.

    Raises InputError for an unknown name, or a tree of another shape.
    """
    dialects = [row for row in FORMATS if isinstance(row, Dialect)]
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
    if known := unread(tree):
        raise InputError(f"{name}: this is {known[0]}", hint=known[1])
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


def kind_of_text(text: str) -> str | None:
    r"""What a text is that no reader here takes; None where that is not plain.

    >>> kind_of_text("---\ntalk: hi\n")
    'YAML'
    """
    head = text[:20_000].removeprefix(BOM).lstrip()
    named = next((name for begins, name in _KINDS if begins.match(head)), None)
    if named is not None:
        return named
    if _CUE.search(head[:2000]):
        return "a SubRip subtitle file"
    first = head.partition("\n")[0]
    cells = {cell.strip(' "\r').lower() for cell in re.split("[\t;,]", first)}
    return "a table (CSV, TSV)" if len(cells & _COLUMNS) > 1 else None


def read_json(text: str, name: str) -> Json:
    """A JSON text, parsed. Raises InputError for any other text, which is named for what it is."""
    try:
        return parse(text, name)
    except InputError as error:
        refuse(text, name)
        begins = text[:200].removeprefix(BOM).lstrip()[:1]
        if line := _second_document(text):
            raise InputError(
                f"{name}: line {line}: a second JSON document: this is JSON Lines, expected one",
                hint=f"make a list of it if each line is a word (jq -s . {name}), or cut one out",
            ) from error
        if begins not in {"{", "[", '"'}:
            raise InputError(error.message, hint=WORDS_WANTED) from error
        raise


def refuse(text: str, name: str, expected: str = "a file with words and labels") -> None:
    """Raise InputError for a text that is plainly of a kind that nobody here reads."""
    found = kind_of_text(text)
    if found is not None:
        raise InputError(
            f"{name}: this is {found}, which is not read: expected {expected}", hint=WORDS_WANTED
        )


def _second_document(text: str) -> int | None:
    """The line on which a second JSON document begins, where the first stands on a line."""
    lines = [
        (n, line) for n, line in enumerate(text.removeprefix(BOM).split("\n"), 1) if line.strip()
    ]
    if len(lines) < 2:
        return None
    try:
        whole = all(isinstance(json.loads(line), (dict, list)) for _, line in lines[:2])
    except (ValueError, RecursionError):
        return None
    return lines[1][0] if whole else None


def describe(tree: Json) -> str:
    """What a parsed file is, at its top, in a few words."""
    if isinstance(tree, dict):
        keys = ", ".join(repr(k)[:40] for k in list(tree)[:8])
        more = f" and {len(tree) - 8} more" if len(tree) > 8 else ""
        return f"an object with keys {keys}{more}" if tree else "an empty object"
    if isinstance(tree, list) and tree:
        inner = (
            f" with keys {', '.join(map(repr, list(tree[0])[:8]))}"
            if isinstance(tree[0], dict)
            else ""
        )
        return f"a list of {kind(tree[0]).removeprefix('a ').removeprefix('an ')}s{inner}"
    return kind(tree)


def branches(tree: Json, depth: int = 2) -> Iterator[tuple[str, Json]]:
    """What stands inside an envelope, by the jq path that cuts it out, outer levels first."""
    inner: list[tuple[str, Json]] = []
    if isinstance(tree, dict):
        inner = [
            (f".{key}" if key.isidentifier() else f'.["{key}"]', value)
            for key, value in list(tree.items())[:200]
            if isinstance(value, (dict, list)) and value
        ]
    elif isinstance(tree, list):
        inner = [(f".[{i}]", value) for i, value in enumerate(tree[:3]) if isinstance(value, dict)]
    yield from inner
    if depth > 1:
        for path, value in inner:
            for more, found in branches(value, depth - 1):
                yield path + more, found


def has_text(tree: Json) -> bool:
    """Whether anything that was said stands somewhere in a parsed file."""
    waiting = [tree]
    while waiting:
        at = waiting.pop()
        if isinstance(at, dict):
            for key, value in at.items():
                if isinstance(value, (dict, list)):
                    waiting.append(value)
                elif isinstance(value, str) and key in _TEXT and value.strip():
                    return True
        elif isinstance(at, list):
            waiting += at
    return False
