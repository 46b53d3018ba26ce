"""Praat's TextGrid, long text format: per speaker a tier of turns and one of words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from diarfix.formats.fileformat import FileFormat, Target
from diarfix.formats.text.tiers import Stretch, tiers_of

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

#: What a TextGrid of nothing lasts, ms: Praat wants an end after the start.
_SHORTEST = 1000


def write_textgrid(recordings: Sequence[Recording], _: WriteOptions) -> str:
    """Interval tiers from 0 to the last end, without a gap: silence is an interval without text."""
    tiers = tiers_of(recordings)
    xmax = max((tier.turns[-1].whole.end for tier in tiers), default=_SHORTEST)
    rows: list[tuple[str, list[Stretch]]] = []
    for tier in tiers:
        rows.append((tier.name, [turn.whole for turn in tier.turns]))
        rows.append((tier.words_name, [word for turn in tier.turns for word in turn.words]))
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0",
        f"xmax = {_seconds(xmax)}",
        "tiers? <exists>",
        f"size = {len(rows)}",
        "item []:",
    ]
    for number, (name, stretches) in enumerate(rows, start=1):
        filled = [*_without_gaps(stretches, xmax)]
        lines += [
            f"    item [{number}]:",
            '        class = "IntervalTier"',
            f"        name = {_quoted(name)}",
            "        xmin = 0",
            f"        xmax = {_seconds(xmax)}",
            f"        intervals: size = {len(filled)}",
        ]
        for n, (start, end, text) in enumerate(filled, start=1):
            lines += [
                f"        intervals [{n}]:",
                f"            xmin = {_seconds(start)}",
                f"            xmax = {_seconds(end)}",
                f"            text = {_quoted(text)}",
            ]
    return "\n".join(lines) + "\n"


def _without_gaps(stretches: Iterable[Stretch], xmax: int) -> Iterator[Stretch]:
    clock = 0
    for stretch in stretches:
        if stretch.start > clock:
            yield Stretch(clock, stretch.start, "")
        yield stretch
        clock = stretch.end
    if clock < xmax:
        yield Stretch(clock, xmax, "")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03d}".rstrip("0").rstrip(".")


TEXTGRID = FileFormat(
    "textgrid", "Praat TextGrid", target=Target(write_textgrid, ".TextGrid", alone=True)
)
