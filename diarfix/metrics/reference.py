"""Which speaker the reference gives each word, if it gives it to one."""

from __future__ import annotations

import numpy as np

from diarfix.core.overlap import pieces_by_speaker
from diarfix.core.words import I32, UNKNOWN, Label, Turns, Words

#: Reference labels that name nobody. OVERLAP stands for two or more speakers at once.
UNSCORED = frozenset({"?", "", "OVERLAP"})


def names_somebody(label: Label) -> bool:
    """Whether a reference label is one speaker's, hence can be scored.

    >>> [names_somebody(label) for label in ("Ann", 0, "?", " ", "OVERLAP")]
    [True, True, False, False, False]
    """
    return str(label).strip() not in UNSCORED


def labels_at_midpoints(words: Words, turns: Turns) -> I32:
    """The speaker (N,) whose turn ``[start, end)`` holds each word's midpoint.

    Codes into ``turns.speakers``; -1 where there is no turn, where two or more speakers have one,
    where the label names nobody, or where the word has no time.
    """
    middle = (words.start + words.end) / 2
    at = np.nan_to_num(middle, nan=-np.inf)
    found = np.full(len(words), UNKNOWN, dtype=np.int32)
    n_active = np.zeros(len(words), dtype=np.int32)
    for code, pieces in enumerate(pieces_by_speaker(turns)):
        if not len(pieces.start):
            continue
        place = np.searchsorted(pieces.start, at, side="right") - 1
        inside = (place >= 0) & (at < pieces.end[place])
        n_active += inside
        found[inside] = code
    found[n_active > 1] = UNKNOWN
    return only_named(found, turns.speakers)


def only_named(codes: I32, names: tuple[Label, ...]) -> I32:
    """Codes (N,), -1 where the label names nobody."""
    named = np.array([names_somebody(name) for name in names] + [False])
    return np.where(named[codes], codes, UNKNOWN).astype(np.int32)


def are_parallel(ref: Words, hyp: Words) -> bool:
    """Whether two word lists are the same words in the same order, spaces around them aside."""
    return len(ref) == len(hyp) and all(
        a == b or a.strip() == b.strip() for a, b in zip(ref.text, hyp.text, strict=True)
    )
