"""What a repair changed, turn by turn, with a few words around each change."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diarfix.core import UNKNOWN, Label, Words, join_text, stretches
from diarfix.edits import Edit, Moved
from diarfix.report.visible import one_line

#: Words shown on each side of a change.
_CONTEXT = 7


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
