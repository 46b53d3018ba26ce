"""A diff in the terminal: turns before and after, moved words marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diarfix.report.diff import Hunk, Turn, clock

if TYPE_CHECKING:
    from rich.text import Text

_COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red")


def draw(path: str, hunks: Sequence[Hunk]) -> Text:
    """The diff of one file; without a terminal's colours moved words stand in brackets."""
    from rich.text import Text

    text = Text()
    if not hunks:
        return text
    text.append(f"--- {path}\n+++ {path} (repaired)\n", style="bold")
    names = list(dict.fromkeys(str(t.label) for h in hunks for t in (*h.before, *h.after)))
    width = max(len(n) for n in names)
    for hunk in hunks:
        text.append(f"@@ {clock(hunk.start)}  {hunk.what}\n", style="bold blue")
        for sign, turns in (("-", hunk.before), ("+", hunk.after)):
            for turn in turns:
                _line(text, sign, turn, names, width)
    return text


def _line(text: Text, sign: str, turn: Turn, names: list[str], width: int) -> None:
    from rich.text import Text

    label = str(turn.label)
    colour = _COLOURS[names.index(label) % len(_COLOURS)]
    text.append(sign + " ", style="red" if sign == "-" else "green")
    text.append(f"{clock(turn.start):>8}  ", style="dim")
    text.append(f"{label:<{width}}  ", style=colour)
    body = Text("… " if turn.cut_left else "")
    for i, (words, moved) in enumerate(turn.pieces):
        body.append(" " if i else "")
        if moved:
            body.append(f"[{words}]", style="bold strike" if sign == "-" else "bold underline")
        else:
            body.append(words)
    body.append(" …" if turn.cut_right else "")
    text.append_text(body)
    text.append("\n")
