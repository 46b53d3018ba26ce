"""How cost grows with the words, the turns and the speakers of a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from data import recording
from timing import median_ms

from diarfix.core.assign import assign
from diarfix.core.smooth.method import smooth
from diarfix.metrics.der import der
from diarfix.metrics.labels import score_against_turns
from diarfix.metrics.sweep import words_to_turns

Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]

#: (words, turns, speakers) of each column.
WORDS = [(n, max(n // 9, 2), 6) for n in (1_000, 10_000, 100_000, 1_000_000)]
TURNS = [(50_000, n, 6) for n in (500, 5_000, 50_000)]
SPEAKERS = [(50_000, 5_000, n) for n in (2, 8, 32, 128)]


def tables() -> Iterator[Table]:
    """A table in ms per dimension: title, head, rows."""
    yield _table("Growth with words, ms (a turn per nine words, 6 speakers)", WORDS, 0)
    yield _table("Growth with turns, ms (50,000 words, 6 speakers)", TURNS, 1)
    yield _table("Growth with speakers, ms (50,000 words, 5,000 turns)", SPEAKERS, 2)


def _table(title: str, sizes: Sequence[tuple[int, int, int]], varies: int) -> Table:
    found: dict[str, list[str]] = {}
    for size in sizes:
        repeats = 2 if size[0] >= 1_000_000 else 3
        for name, work in _works(*size).items():
            found.setdefault(name, []).append(f"{median_ms(work, repeats):.1f}")
    head = ("", *(f"{size[varies]:,}" for size in sizes))
    return title, head, [(name, *row) for name, row in found.items()]


def _works(n_words: int, n_turns: int, n_speakers: int) -> dict[str, Callable[[], object]]:
    words, turns = recording(n_words, n_turns, n_speakers)
    off = assign(words, turns).words
    hyp = words_to_turns(off)
    return {
        "assign": lambda: assign(words, turns),
        "rules": lambda: smooth(off, method="rules"),
        "viterbi, turns": lambda: smooth(off, turns, method="viterbi"),
        "learned, turns": lambda: smooth(off, turns, method="learned"),
        "viterbi, labels": lambda: smooth(off, method="viterbi"),
        "label metrics": lambda: score_against_turns(off, turns),
        "DER": lambda: der(turns, hyp),
    }
