"""Where a parsed file stands: in one JSON text, in JSON Lines, in a string of another file.

Edits are made to the tree and written into the text from here.
"""

from __future__ import annotations

import json
import re
from typing import Any

from diarfix.errors import InputError
from diarfix.files import BOM
from diarfix.formats.fileformat import Source
from diarfix.formats.jsonedit import Edits
from diarfix.formats.jsonplaces import Holder, TextEdit, splice
from diarfix.formats.jsontext import Cursor, parse

_LINE_END = re.compile(r"\r\n|\n|\r")
_ELEMENT = re.compile(r"\[(\d+)\](?:\.|: |$)?")


class JsonText(Source):
    """A JSON text and the tree it was parsed to."""

    def __init__(self, text: str, tree: Any) -> None:
        super().__init__(text, tree, tree)

    def edited(self, edits: Edits) -> str:
        """The whole text of the file after edits of the tree."""
        return self._changed(edits.found(self.text, self.tree))

    def _changed(self, found: list[TextEdit]) -> str:
        return splice(self.text, found) if found else self.text


class JsonLines(JsonText):
    """Documents one after another, as a rule one a line; the tree is the list of them.

    Blank lines between them are kept. Raises InputError, naming the line, for a document that is
    none, ends in the middle, or begins on the line on which another ends.
    """

    jq = "jq -s"

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text, [])
        self._spans: list[tuple[int, int]] = []
        cursor = Cursor(text, len(text) - len(text.removeprefix(BOM)), name)
        while cursor.peek():
            start = cursor.at
            if self._spans and not _LINE_END.search(text, self._spans[-1][1], start):
                cursor.fail("expected a line for each document")
            if text[start] not in "{[":
                cursor.fail("expected an object or a list on each line")
            self.tree.append(cursor.value())
            self._spans.append((start, cursor.at))

    def edited(self, edits: Edits) -> str:
        """The whole text after edits: they are made in a list of the documents, of equal length."""
        (first, stop), *others = self._spans
        parts = ["[", " " * first, self.text[first:stop]]
        parting = "\n"
        for start, after in others:
            end = _LINE_END.search(self.text, stop)
            if end is not None:
                parting = end[0] if stop == self._spans[0][1] else parting
                # A comma in the place of a line end: whatever has no text yet is put in by offset.
                parts += [self.text[stop : end.start()], ",", self.text[end.start() + 1 : start]]
            parts.append(self.text[start:after])
            stop = after
        found = edits.found("".join([*parts, "]"]), self.tree, parting=parting)
        return self._changed([(a - 1, b - 1, new) for a, b, new in found])

    def place(self, path: str) -> str:
        """A JSON path with the line on which its document begins in the place of its number."""
        element = _ELEMENT.match(path)
        if element is None:
            return path
        rest = path[element.end() :]
        line = self.text.count("\n", 0, self._spans[int(element[1])][0]) + 1
        return f"line {line}: {rest}" if rest else f"line {line}"


class QuotedJson(JsonText):
    """JSON text in a string of another JSON text: ``holder[key]``; the tree is what it says."""

    def __init__(self, outer: Source, holder: Holder, key: str, tree: Any) -> None:
        super().__init__(outer.text, tree)
        self.jq = outer.jq
        self._outer, self._holder, self._key = outer, holder, key

    def edited(self, edits: Edits) -> str:
        """The whole text after edits of the tree; the rest of the string stays as it is spelled."""
        within = Edits()
        if cuts := edits.found(self._holder[self._key], self.tree):
            within.patch(self._holder, self._key, cuts)
        return self._outer.edited(within)

    def place(self, path: str) -> str:
        """A JSON path as people find it in the outer file."""
        return self._outer.place(path)


def read_source(text: str, name: str) -> JsonText:
    """A JSON text, or JSON Lines. Raises InputError as :func:`parse`, and for a line that is none.

    name  what the file is called in messages
    """
    try:
        return JsonText(text, parse(text, name))
    except InputError as error:
        cause = error.__cause__
        if not isinstance(cause, json.JSONDecodeError) or cause.msg != "Extra data":
            raise
        before = cause.doc[: cause.pos]
        gap = before[len(before.rstrip(" \t\r\n")) :]
        if cause.doc[cause.pos] not in "{[" or not _LINE_END.search(gap):
            raise
    return JsonLines(text, name)
