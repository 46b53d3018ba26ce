"""Labels before any repair, which every repair is compared with."""

from __future__ import annotations

from dataclasses import dataclass

from diarfix.core.assign import assign
from diarfix.core.words import F64, Bool, Turns, Words


@dataclass(frozen=True, eq=False, slots=True)
class Baseline:
    """Labels before any repair, called ``off``.

    words    N words
    margin   (N,)  float64, s, overlap margins, or None where no turns are known
    tied, nearest, kept  how many words were decided by which turn began earlier, by the nearest
             turn, or kept their label for want of a time
    """

    words: Words
    margin: F64 | None = None
    tied: int = 0
    nearest: int = 0
    kept: int = 0


def baseline_of(words: Words, turns: Turns | None, *, only: Bool | None = None) -> Baseline:
    """Label words from turns where turns are known; ``only`` (N,) as in ``assign``."""
    if turns is None or not len(turns):
        return Baseline(words)
    found = assign(words, turns, only=only)
    return Baseline(
        found.words,
        found.margin,
        tied=int(found.tied.sum()),
        nearest=int(found.nearest.sum()),
        kept=int(found.kept.sum()),
    )
