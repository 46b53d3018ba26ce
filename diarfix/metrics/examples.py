"""Where labels go wrong: stretches of wrong words, named by kind, the longest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diarfix.core import UNKNOWN, Label, Words, join_text
from diarfix.metrics.labels import ISLAND_WORDS, LabelScore


@dataclass(frozen=True, slots=True)
class WrongStretch:
    """Consecutive wrong words of one speaker given to one other.

    first, stop  positions of its words
    start, end   s, NaN if no word has a time
    n_words      scored words in it
    text         the words
    ref, hyp     who spoke, and the label they carry (None: no label)
    kind         "island", "absorption" (a whole reference turn of at most three words), "turn" (a
                 longer one), "seam" (next to a true change), or "confusion"
    """

    first: int
    stop: int
    start: float
    end: float
    n_words: int
    text: str
    ref: Label
    hyp: Label | None
    kind: str


def wrong_stretches(words: Words, score: LabelScore) -> list[WrongStretch]:
    """The wrong stretches of a recording in document order; unscored words between are passed."""
    index = np.flatnonzero(score.ref != UNKNOWN)
    if not len(index):
        return []
    ref, hyp, wrong = score.ref[index], score.hyp[index], score.wrong[index]
    opens = np.append(True, (np.diff(ref) != 0) | (np.diff(hyp) != 0))
    first = np.flatnonzero(opens)
    stop = np.append(first[1:], len(index))
    found = []
    for a, b in zip(first.tolist(), stop.tolist(), strict=True):
        if wrong[a]:
            members = index[a:b].tolist()
            starts, ends = words.start[members], words.end[members]
            code = int(hyp[a])
            found.append(
                WrongStretch(
                    members[0],
                    members[-1] + 1,
                    float(np.nanmin(starts)) if not np.isnan(starts).all() else float("nan"),
                    float(np.nanmax(ends)) if not np.isnan(ends).all() else float("nan"),
                    b - a,
                    join_text([words.text[i].strip() for i in members]),
                    score.names[ref[a]],
                    None if code == UNKNOWN else words.speakers[code],
                    _kind(score, members[0], ref.tolist(), a, b),
                )
            )
    return found


def _kind(score: LabelScore, word: int, ref: list[int], a: int, b: int) -> str:
    if score.island[word]:
        return "island"
    opens = a == 0 or ref[a - 1] != ref[a]
    closes = b == len(ref) or ref[b] != ref[b - 1]
    if opens and closes:
        return "absorption" if b - a <= ISLAND_WORDS else "turn"
    return "seam" if opens or closes else "confusion"


def worst(found: Sequence[WrongStretch], n: int) -> list[WrongStretch]:
    """The ``n`` stretches of most words, earliest first among equals."""
    return sorted(found, key=lambda s: (-s.n_words, s.first))[:n]
