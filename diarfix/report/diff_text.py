"""A diff in the terminal: turns before and after, moved words marked."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from diarfix.report.diff import Hunk, Turn, clock
from diarfix.report.visible import ISOLATES, one_line

if TYPE_CHECKING:
    from rich.text import Text

_COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red")

#: Columns that names are padded to at most: longer ones push their own line only.
_WIDEST_NAME = 24
#: Words take at least so many columns; on a narrower terminal lines run over.
_NARROWEST = 24

#: A word of more characters is left to the terminal: Rich takes minutes to break it.
_ENDLESS = 5_000

_ISOLATE, _POP = tuple(ISOLATES)


def draw(path: str, hunks: Sequence[Hunk], columns: int | None = None) -> Text:
    """The diff of one file; without a terminal's colours moved words stand in brackets.

    columns  width of the terminal: turns wrap under their first word, and text that runs from right
             to left is isolated, so that columns hold. None, off a terminal: a turn is one line.
    """
    from rich.cells import cell_len

    sheet = _Sheet()
    if not hunks:
        return sheet.text()
    sheet.add(f"--- {path}\n+++ {path} (repaired)\n", "bold")
    names = {_name(t) for h in hunks for t in (*h.before, *h.after)}
    width = min(max(map(cell_len, names)), _WIDEST_NAME)
    for hunk in hunks:
        sheet.add(f"@@ {clock(hunk.start)}  {hunk.what}\n", "bold blue")
        for sign, turns in (("-", hunk.before), ("+", hunk.after)):
            for turn in turns:
                _line(sheet, sign, turn, width, columns)
    return sheet.text()


class _Sheet:
    """A text as it grows: Rich's own takes far longer over a hundred thousand lines."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._styled: list[tuple[int, int, str]] = []
        self._length = 0

    def add(self, text: str, style: str = "") -> None:
        from rich.control import strip_control_codes

        text = strip_control_codes(text)
        if style:
            self._styled.append((self._length, self._length + len(text), style))
        self._parts.append(text)
        self._length += len(text)

    def extend(self, text: Text) -> None:
        self._styled += [(self._length + a, self._length + b, str(s)) for a, b, s in text.spans]
        self._parts.append(text.plain)
        self._length += len(text.plain)

    def text(self) -> Text:
        from rich.text import Span, Text

        return Text("".join(self._parts), spans=[Span(*one) for one in self._styled])


def _name(turn: Turn) -> str:
    return "?" if turn.label is None else one_line(str(turn.label))


def _line(sheet: _Sheet, sign: str, turn: Turn, width: int, columns: int | None) -> None:
    from rich.cells import cell_len

    name = _name(turn)
    style = "red" if sign == "-" else "green"
    sheet.add(sign + " ", style)
    sheet.add(f"{clock(turn.start):>8}  ", "dim")
    sheet.add(_isolated(name) if columns else name, _COLOURS[turn.voice % len(_COLOURS)])
    sheet.add(" " * (max(width - cell_len(name), 0) + 2))
    if columns is None:
        _body(sheet, sign, turn)
    else:
        indent = 2 + 8 + 2 + max(width, cell_len(name)) + 2
        body = _Sheet()
        _body(body, sign, turn)
        for n, line in enumerate(_wrapped(body.text(), indent, columns)):
            if n:
                sheet.add("\n" + sign + " " * (indent - 1), style)
            sheet.extend(line)
    sheet.add("\n")


def _body(sheet: _Sheet, sign: str, turn: Turn) -> None:
    sheet.add("… " if turn.cut_left else "")
    for i, (words, moved) in enumerate(turn.pieces):
        sheet.add(" " if i else "")
        if moved:
            sheet.add(f"[{words}]", "bold strike" if sign == "-" else "bold underline")
        else:
            sheet.add(words)
    sheet.add(" …" if turn.cut_right else "")


def _wrapped(body: Text, indent: int, columns: int) -> list[Text]:
    from rich.console import Console
    from rich.text import Text

    if max(map(len, body.plain.split()), default=0) > _ENDLESS:
        return [body]
    lines = body.wrap(Console(width=columns), max(columns - indent, _NARROWEST))
    return [
        Text(_ISOLATE).append_text(line).append(_POP) if _runs_left(line.plain) else line
        for line in lines
    ]


def _isolated(text: str) -> str:
    return f"{_ISOLATE}{text}{_POP}" if _runs_left(text) else text


def _runs_left(text: str) -> bool:
    """Whether some of a text is read from right to left."""
    return any(unicodedata.bidirectional(char) in {"R", "AL"} for char in text)
