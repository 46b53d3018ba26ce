"""Every file format, one row each; which of them a file is in; and the way out where in none."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from diarfix.errors import InputError
from diarfix.files import BOM
from diarfix.formats.contents import laid_out
from diarfix.formats.envelopes import (
    TIMES,
    Opened,
    Search,
    Step,
    StrangerError,
    cut,
    has_text,
    jq_command,
    json_path,
)
from diarfix.formats.fileformat import FileFormat, Source, Target, TextTable
from diarfix.formats.json import DIALECTS
from diarfix.formats.json.flat import NlpTable
from diarfix.formats.json.pyannote import PYANNOTE
from diarfix.formats.json.segments import SEGMENTS, segments_in
from diarfix.formats.jsonfields import is_dicts, kind
from diarfix.formats.jsonsource import JsonLines, JsonText, read_source
from diarfix.formats.layout import Dialect, Json, ShapeError
from diarfix.formats.text.ass import ASS
from diarfix.formats.text.nist import CTM, CTM_SPEAKERS, STM, CtmTable
from diarfix.formats.text.prose import HTML, MARKDOWN, TXT
from diarfix.formats.text.rttm import RTTM, UEM
from diarfix.formats.text.subtitles import SRT, VTT, CueTable
from diarfix.formats.text.tiers import ELAN, TEXTGRID
from diarfix.formats.unread import WORDS_WANTED, refuse, unread

#: In the order in which help and reports name them.
FORMATS: tuple[FileFormat, ...] = (
    SRT, VTT, ASS, TXT, MARKDOWN, HTML, TEXTGRID, ELAN, RTTM, UEM, CTM, CTM_SPEAKERS, STM,
    *DIALECTS, PYANNOTE,
)  # fmt: skip

#: How JSON begins; a text of nothing goes as one.
_JSON = frozenset({"{", "[", '"', ""})

#: What ``convert`` writes, by name.
TARGETS: dict[str, Target] = {row.name: row.target for row in FORMATS if row.target is not None}


def opening(text: str) -> str:
    """The first character of a text that is no space, "" if there is none near its beginning."""
    return text[:200].removeprefix(BOM).lstrip()[:1]


def text_format(text: str) -> FileFormat | None:
    """The format of lines that a text is in; None for JSON and for anything else."""
    return None if opening(text) in _JSON else _first(text, parsed=False)


def table_of(text: str) -> type[TextTable] | None:
    """What reads a text that is in a format of lines with labels; None for all others."""
    tables = () if opening(text) in _JSON else (NlpTable, CueTable, CtmTable)
    return next((table for table in tables if table.fits(text)), None)


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


def contents_of(source: Source, name: str, format_: str | None) -> Opened:
    """What a file holds: a word file, or several, as it is or in an envelope.

    format_  the name of a dialect, or None to take the first whose shape fits

    Raises InputError for an unknown name or shape, and where it is not plain what is meant.
    """
    dialects = [row for row in FORMATS if isinstance(row, Dialect)]
    if format_ is not None:
        names = ", ".join(d.name for d in dialects)
        dialects = [d for d in dialects if d.name == format_]
        if not dialects:
            raise InputError(f"unknown format {format_!r}", hint=f"one of: {names}")
    lines = isinstance(source, JsonLines)
    search = Search(dialects, timed=lines)
    other = f"{name}: not a {format_} file, expected {dialects[0].what}"
    try:
        found = _found(search, source.tree)
    except StrangerError as error:
        raise _stranger(error.path, source, name) from error
    if len(found) == 1:
        return found[0]
    if found:
        told = ", ".join(f"{o.dialect.name} under {_place(o.path, source)}" for o in found[:8])
        raise InputError(
            f"{name}: {len(found)} known files stand in it: {told}; expected one",
            hint="cut one out: " + ways
            if (ways := ", or ".join(_ways(found[:8], source, name)))
            else WORDS_WANTED,
        )
    if format_ is not None:
        raise InputError(other)
    raise _unknown(source, name)


def _found(search: Search, tree: Json) -> list[Opened]:
    """The known file that a tree is, or those that stand in it."""
    whole = search.here(tree)
    if whole is not None:
        return (search.only(tree) if _silent(whole) else []) or [whole]
    if not has_text(tree) and _first(tree, parsed=True) is not None:
        return []  # turns, in a format of their own
    return search.only(tree)


def _silent(found: Opened) -> bool:
    """Whether turns without text were found in a file that has text elsewhere."""
    tree = found.roots[0].tree
    _, entries = (found.dialect is SEGMENTS and segments_in(tree)) or ("", tree)
    return has_text(tree) and not has_text(entries)


def _place(path: Sequence[Step], source: Source) -> str:
    return source.place(json_path(path))


def _ways(found: Iterable[Opened], source: Source, name: str) -> Iterator[str]:
    """The commands that cut out what is then read, with its speakers."""
    for file in found:
        try:
            layout = laid_out(file, source.tree)
        except ShapeError:
            continue
        kind_ = " (segments)" if layout.utterances else ""
        yield cut(file.path, name, source.jq, file.quoted) + kind_


def _stranger(path: tuple[Step, ...], source: Source, name: str) -> InputError:
    tree = source.tree
    for step in path:
        tree = tree[step]
    return InputError(
        f"{name}: {_place(path, source)}: not such a file as the others in this list:"
        f" {describe(tree)}",
        hint=f"take it out ({jq_command(source.jq, f'del(.{json_path(path)})', name)}), or cut the"
        " others out one by one",
    )


def _unknown(source: Source, name: str) -> InputError:
    """What to say of an unknown shape: what was found, and the way out."""
    tree = source.tree
    if known := unread(tree):
        return InputError(f"{name}: this is {known[0]}", hint=known[1])
    row = _first(tree, parsed=True)
    if row is not None:
        return InputError(
            f"{name}: this is {row.what}, expected a file with words and labels",
            hint=f"turns go beside words: diarfix smooth WORDS --turns {name}",
        )
    lines = "JSON Lines, " if isinstance(source, JsonLines) else ""
    keys = {key for entry in tree[:50] for key in entry} if is_dicts(tree) else set()
    if "audio_filepath" in keys:
        return InputError(
            f"{name}: this is a manifest of audio files ({lines}{describe(tree)}), expected a file"
            " with words and labels",
            hint="give what the recogniser wrote for each of them",
        )
    names = ", ".join(d.name for d in DIALECTS)
    way_out = f"tried by shape: {names}; else {WORDS_WANTED}"
    lists = tree.items() if isinstance(tree, dict) else [("", tree)]
    for key, entries in lists:
        if _without_times(entries):
            lines += f"texts without times{f' under {key!r}' if key else ''}: "
            way_out = WORDS_WANTED
            break
    return InputError(f"{name}: no known word file: {lines}{describe(tree)}", hint=way_out)


def _without_times(entries: Json) -> bool:
    """Whether this is a list of texts of which none has a time."""
    if not entries or not is_dicts(entries):
        return False
    texts = [{k: v for k, v in e.items() if isinstance(v, str)} for e in entries[:50]]
    return has_text(texts) and all(TIMES.isdisjoint(entry) for entry in entries[:50])


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


def read_json(text: str, name: str) -> JsonText:
    """A JSON text, parsed. Raises InputError for any other text, which is named for what it is."""
    try:
        return read_source(text, name)
    except InputError as error:
        if isinstance(error.__cause__, (ValueError, RecursionError)):
            refuse(text, name)
        if opening(text) not in _JSON - {""}:
            raise InputError(error.message, hint=WORDS_WANTED) from error
        raise
