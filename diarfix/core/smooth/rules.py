"""The published rule: a short run between two runs of one other speaker is swallowed by them.

    before   A A A b A A A        b: one word of 0.4 s, no pause at either seam
    after    A A A A A A A

The rule is OpenTranscribe's (boundary smoothing), made a fixed point: an island must be strictly
shorter than both flanks, and the rule is repeated until nothing collapses. A candidate's neighbours
cannot be candidates while it stands (each would have to be shorter than the other), and collapsing
one only lengthens the flanks of the rest. So the result does not depend on the order of
processing, and smoothing it again changes nothing.
"""

from __future__ import annotations

import numpy as np

from diarfix.config import RulesKnobs
from diarfix.core.smooth.method import Change, Smoothed
from diarfix.core.words import F64, TIME_EPS, Bool, Runs, Words, runs

ISLAND = "island"


def collapse_islands(
    words: Words, knobs: RulesKnobs, *, margin: F64 | None = None, pinned: Bool | None = None
) -> Smoothed:
    """Collapse every island until none is left.

    words   N words; those without a label are passed over
    margin  (N,)  float64, s, overlap margins of :func:`~diarfix.core.assign.assign`; only used
            when ``knobs.margin_threshold`` > 0
    pinned  (N,)  bool, words whose label may not change; a run that holds one stays
    """
    table = runs(words)
    if margin is None or knobs.margin_threshold <= 0:
        margin = np.full(len(words), np.nan)
    undisputed = words.timed & ~(margin <= knobs.margin_threshold + TIME_EPS)
    chain = _Chain(table, knobs, _any(table, undisputed), _any(table, pinned))
    waiting = list(range(len(table)))
    while waiting:
        r = waiting.pop()
        if chain.collapses(r):
            waiting += chain.swallow(r)
    return _result(words, table, chain)


def _any(table: Runs, flags: Bool | None) -> list[bool]:
    """Whether each run holds a word of those flagged (N,)."""
    if flags is None or not len(table):
        return [False] * len(table)
    found: list[bool] = np.logical_or.reduceat(flags[table.member], table.first).tolist()
    return found


class _Chain:
    """Runs as a linked list; swallowing one joins it and its flanks into the left flank.

    Everything is kept per run of the table; a joined run goes by the number of its first.
    """

    def __init__(
        self, table: Runs, knobs: RulesKnobs, undisputed: list[bool], pinned: list[bool]
    ) -> None:
        n = len(table)
        self.knobs = knobs
        self.speaker: list[int] = table.speaker.tolist()
        self.size: list[int] = table.n_words.tolist()
        self.start: list[float] = table.start.tolist()
        self.end: list[float] = table.end.tolist()
        self.undisputed = undisputed
        self.pinned = pinned
        # A seam with no time on a side has no silence that could be measured.
        gap = np.nan_to_num(table.gap, nan=0.0)
        quick: list[bool] = (gap <= knobs.min_silent_gap + TIME_EPS).tolist()
        self.left = list(range(-1, n - 1))
        self.right = [*range(1, n), -1]
        self.quick_left = [False, *quick]
        self.quick_right = [*quick, False]
        self.stop = list(range(1, n + 1))
        self.alive = [True] * n
        self.final = list(self.speaker)
        self.flank = [0] * n
        self.n_collapsed = 0

    def _is_small(self, r: int) -> bool:
        few = self.size[r] <= self.knobs.max_island_words
        if not few and self.knobs.margin_threshold > 0:
            few = not self.undisputed[r]
        brief = self.end[r] - self.start[r] <= self.knobs.max_island_duration + TIME_EPS
        return few and brief and self.size[r] >= 1 and not self.pinned[r]

    def collapses(self, r: int) -> bool:
        """Whether the rule applies to run ``r`` as things stand."""
        a, b = self.left[r], self.right[r]
        if a < 0 or b < 0 or not (self.quick_left[r] and self.quick_right[r]):
            return False
        if not (self.alive[r] and self._is_small(r)):  # swallowed since, or grown
            return False
        least = max(self.knobs.min_flank_words, self.size[r] + 1)
        same = self.speaker[a] == self.speaker[b]
        return same and self.size[a] >= least and self.size[b] >= least

    def swallow(self, r: int) -> list[int]:
        """Join ``r`` and its flanks; returns the runs to which the rule may apply now."""
        a, b = self.left[r], self.right[r]
        smaller = min(self.size[a], self.size[b])
        for inner in range(r, self.stop[r]):
            self.final[inner] = self.speaker[a]
            self.flank[inner] = smaller
        self.n_collapsed += 1
        self.alive[r] = self.alive[b] = False
        self.size[a] += self.size[r] + self.size[b]
        self.start[a] = min(self.start[a], self.start[r], self.start[b])
        self.end[a] = max(self.end[a], self.end[r], self.end[b])
        self.undisputed[a] |= self.undisputed[r] | self.undisputed[b]
        self.pinned[a] |= self.pinned[r] | self.pinned[b]
        self.stop[a] = self.stop[b]
        self.quick_right[a] = self.quick_right[b]
        self.right[a] = self.right[b]
        if self.right[b] >= 0:
            self.left[self.right[b]] = a
        return [r for r in (self.left[a], a, self.right[a]) if r >= 0]


def _result(words: Words, table: Runs, chain: _Chain) -> Smoothed:
    gone = [r for r, code in enumerate(chain.final) if code != table.speaker[r]]
    if not gone:
        return Smoothed(words)
    codes = words.speaker.copy()
    changes: list[Change] = []
    for r in gone:
        members = table.member[table.first[r] : table.stop[r]]
        codes[members] = chain.final[r]
        evidence = _evidence(table, r, chain.flank[r])
        before = int(table.speaker[r])
        changes += [Change(int(i), before, chain.final[r], ISLAND, evidence) for i in members]
    return Smoothed(words.with_speaker(codes), tuple(changes), islands_collapsed=chain.n_collapsed)


def _evidence(table: Runs, r: int, flank: int) -> dict[str, float | int | str]:
    found: dict[str, float | int | str] = {
        "island_words": int(table.n_words[r]),
        "island_s": round(float(table.end[r] - table.start[r]), 3),
        "flank_words": flank,
    }
    for name, gap in (("gap_before_s", table.gap[r - 1]), ("gap_after_s", table.gap[r])):
        if not np.isnan(gap):
            found[name] = round(float(gap), 3)
    return found
