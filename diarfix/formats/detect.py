"""Which dialect a parsed file is written in."""

from __future__ import annotations

from diarfix.errors import InputError
from diarfix.formats.json import DIALECTS, Dialect, Json
from diarfix.formats.layout import kind


def choose(tree: Json, name: str, format_: str | None) -> Dialect:
    """The dialect named ``format_``, or the first whose shape fits.

    Raises InputError for an unknown name, or a tree of another shape.
    """
    names = ", ".join(d.name for d in DIALECTS)
    if format_ is not None:
        chosen = next((d for d in DIALECTS if d.name == format_), None)
        if chosen is None:
            raise InputError(f"unknown format {format_!r}", hint=f"one of: {names}")
        if not chosen.fits(tree):
            raise InputError(f"{name}: not a {chosen.name} file, expected {chosen.what}")
        return chosen
    for dialect in DIALECTS:
        if dialect.fits(tree):
            return dialect
    raise InputError(
        f"{name}: no known word file: {_describe(tree)}", hint=f"tried by shape: {names}"
    )


def _describe(tree: Json) -> str:
    if isinstance(tree, dict):
        keys = ", ".join(repr(k) for k in list(tree)[:6])
        return f"an object with keys {keys}" if tree else "an empty object"
    if isinstance(tree, list) and tree:
        return f"a list of {kind(tree[0]).removeprefix('a ').removeprefix('an ')}s"
    return kind(tree)
