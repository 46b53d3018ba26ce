"""Which speaker the reference gives each word, if it gives it to one."""

from __future__ import annotations

import numpy as np

from diarfix.core import I32, UNKNOWN, Label, Turns, Words
from diarfix.metrics.sweep import merged_turns

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
    start, end, code = merged_turns(turns)
    begun, over = np.argsort(start, kind="stable"), np.argsort(end, kind="stable")
    # Who has begun and is not over: how many, and the sum of their codes, which of one is his.
    n_begun = np.searchsorted(start[begun], at, side="right")
    n_over = np.searchsorted(end[over], at, side="right")
    codes = (np.append(0, np.cumsum(code[order], dtype=np.int64)) for order in (begun, over))
    among_begun, among_over = codes
    alone = n_begun - n_over == 1
    found = np.where(alone, among_begun[n_begun] - among_over[n_over], UNKNOWN).astype(np.int32)
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
