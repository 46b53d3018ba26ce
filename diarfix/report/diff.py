"""What a repair changed, turn by turn with a few words around, and how a terminal shows it."""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diarfix.core import UNKNOWN, Label, Words, join_text, stretches
from diarfix.edits import Edit, Moved
from diarfix.report.visible import ISOLATES, one_line

if TYPE_CHECKING:
    from rich.text import Text

#: Words shown on each side of a change.
_CONTEXT = 7

_COLOURS = ("cyan", "magenta", "yellow", "green", "blue", "red")

#: Columns that names are padded to at most: longer ones push their own line only.
_WIDEST_NAME = 24
#: Words take at least so many columns; on a narrower terminal lines run over.
_NARROWEST = 24

#: A word of more characters is left to the terminal: Rich takes minutes to break it.
_ENDLESS = 5_000

_ISOLATE, _POP = tuple(ISOLATES)


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of a diff: who, from when, and the words as (visible text, moved) pieces.

    voice  place of the label among all of the file, in order of name: the same in every hunk
    """

    label: Label | None
    voice: int
    start: float
    pieces: tuple[tuple[str, bool], ...]
    cut_left: bool
    cut_right: bool


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring changes: what happened, and the turns before and after."""

    start: float
    what: str
    before: tuple[Turn, ...]
    after: tuple[Turn, ...]


def hunks(repair: Edit) -> list[Hunk]:
    """Group the moved words of a repair with their context."""
    labels = repair.words.labels
    by_index = {m.index: m for m in repair.moved}
    voices = _voices(repair)
    found = []
    for cluster in _clusters(list(by_index)):
        moved = {i: by_index[i] for i in cluster}
        lo = max(cluster[0] - _CONTEXT, 0)
        hi = min(cluster[-1] + _CONTEXT + 1, len(repair.words))
        old = [moved[i].before if i in moved else labels[i] for i in range(lo, hi)]
        before = _turns(repair.words, old, lo, set(moved), voices)
        after = _turns(repair.words, labels[lo:hi], lo, set(moved), voices)
        start = _first_time(repair.words, cluster[0])
        found.append(Hunk(start, _what(list(moved.values())), before, after))
    return found


def _voices(repair: Edit) -> dict[Label | None, int]:
    names = {*repair.document.words.speakers, *repair.off.speakers, *repair.words.speakers}
    return {label: n for n, label in enumerate(sorted(names, key=str))}


def _clusters(index: list[int]) -> list[list[int]]:
    clusters: list[list[int]] = []
    for i in index:
        if clusters and i - clusters[-1][-1] <= 2 * _CONTEXT:
            clusters[-1].append(i)
        else:
            clusters.append([i])
    return clusters


def _what(moved: list[Moved]) -> str:
    counts = Counter((m.rule, m.before, m.after) for m in moved)
    return one_line(
        "; ".join(
            f"{rule}: {n} word{'s' if n > 1 else ''} {before} → {after}"
            for (rule, before, after), n in counts.items()
        )
    )


def _turns(
    words: Words,
    labels: Sequence[Label | None],
    lo: int,
    moved: set[int],
    voices: dict[Label | None, int],
) -> tuple[Turn, ...]:
    turns = []
    at = lo
    for first, stop in stretches([voices.get(label, UNKNOWN) for label in labels]):
        # A word that nobody is said to have spoken stands with the words around it.
        label = next((v for v in labels[first:stop] if v is not None), None)
        n = stop - first
        span = range(at, at + n)
        pieces = tuple(
            (one_line(join_text([words.text[i].strip() for i in part])), flag)
            for flag, part in (
                (flag, list(g)) for flag, g in itertools.groupby(span, key=lambda i: i in moved)
            )
        )
        turns.append(
            Turn(
                label,
                voices.get(label, 0),
                _first_time(words, at),
                pieces,
                cut_left=at == lo and lo > 0,
                cut_right=at + n == lo + len(labels) and at + n < len(words),
            )
        )
        at += n
    return tuple(turns)


def _first_time(words: Words, i: int) -> float:
    near = words.start[i : i + 50]
    timed = near[~np.isnan(near)]
    return float(timed[0]) if len(timed) else float("nan")


def clock(seconds: float) -> str:
    """A time as ``m:ss.s`` or ``h:mm:ss.s``; dashes where there is none.

    >>> clock(3723.42)
    '1:02:03.4'
    """
    if seconds != seconds:  # noqa: PLR0124 - NaN
        return "--:--.-"
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 10:02d}.{rest % 10}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


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
