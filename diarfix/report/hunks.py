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

_ISOLATE, _POP = tuple(ISOLATES)


def draw(path: str, hunks: Sequence[Hunk], columns: int | None = None) -> Text:
    """The diff of one file; without a terminal's colours moved words stand in brackets.

    columns  width of the terminal: turns wrap under their first word, and text that runs from right
             to left is isolated, so that columns hold. None, off a terminal: a turn is one line.
    """
    from rich.cells import cell_len
    from rich.text import Text

    text = Text()
    if not hunks:
        return text
    text.append(f"--- {path}\n+++ {path} (repaired)\n", style="bold")
    names = {_name(t) for h in hunks for t in (*h.before, *h.after)}
    width = min(max(map(cell_len, names)), _WIDEST_NAME)
    for hunk in hunks:
        text.append(f"@@ {clock(hunk.start)}  {hunk.what}\n", style="bold blue")
        for sign, turns in (("-", hunk.before), ("+", hunk.after)):
            for turn in turns:
                text.append_text(_line(sign, turn, width, columns))
    return text


def _name(turn: Turn) -> str:
    return "?" if turn.label is None else one_line(str(turn.label))


def _line(sign: str, turn: Turn, width: int, columns: int | None) -> Text:
    from rich.cells import cell_len
    from rich.text import Text

    name = _name(turn)
    head = Text()
    head.append(sign + " ", style="red" if sign == "-" else "green")
    head.append(f"{clock(turn.start):>8}  ", style="dim")
    head.append(_isolated(name) if columns else name, style=_COLOURS[turn.voice % len(_COLOURS)])
    head.append(" " * (max(width - cell_len(name), 0) + 2))
    indent = 2 + 8 + 2 + max(width, cell_len(name)) + 2
    for n, line in enumerate(_wrapped(_body(sign, turn), indent, columns)):
        if n:
            head.append("\n" + sign + " " * (indent - 1), style="red" if sign == "-" else "green")
        head.append_text(line)
    return head.append("\n")


def _body(sign: str, turn: Turn) -> Text:
    from rich.text import Text

    body = Text("… " if turn.cut_left else "")
    for i, (words, moved) in enumerate(turn.pieces):
        body.append(" " if i else "")
        if moved:
            body.append(f"[{words}]", style="bold strike" if sign == "-" else "bold underline")
        else:
            body.append(words)
    body.append(" …" if turn.cut_right else "")
    return body


def _wrapped(body: Text, indent: int, columns: int | None) -> list[Text]:
    from rich.console import Console
    from rich.text import Text

    if columns is None:
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
