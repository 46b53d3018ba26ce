"""The best label path through a sequence of words: exact, in whole numbers, linear in words.

A path gives each word one speaker. Its score is the evidence it collects minus the cost of its
changes, and a change costs the same between any two speakers. Only the few speakers with evidence
on a word (its *rows*) gain there, so all others keep their score, or are entered by a change: the
value of that is one number per word, the best score so far minus the cost of changing. A speaker
is therefore brought up to date only at the words that speak for them, from the largest such number
since, and time and memory grow with words and rows, not with words times speakers.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from diarfix.core.words import I32, I64, UNKNOWN

#: Whole numbers of this many make one nat: sums are exact, and equal on every machine.
MICRO = 1_000_000


@dataclass(frozen=True, eq=False, slots=True)
class Rows:
    """E pieces of evidence, ascending by word, then by speaker.

    word     (E,)  int64, which word speaks
    speaker  (E,)  int32, for whom
    gain     (E,)  int64, >= 0, what that speaker is worth more there than one without a row
    """

    word: I64
    speaker: I32
    gain: I64

    def find(self, word: I64, speaker: I32) -> I64:
        """The row (K,) of each pair of a word and a speaker, -1 where there is none."""
        key, wanted = _keys(self.word, self.speaker), _keys(word, speaker)
        at = np.searchsorted(key, wanted)
        return np.where(np.append(key, -1)[at] == wanted, at, -1)

    def plus(self, word: I64, speaker: I32, gain: I64) -> Rows:
        """Rows with further evidence (K,), in any order; what speaks on one word for one speaker
        adds up.
        """
        return Rows.summed(
            np.append(self.word, word), np.append(self.speaker, speaker), np.append(self.gain, gain)
        )

    @classmethod
    def summed(cls, word: I64, speaker: I32, gain: I64) -> Rows:
        """Rows of evidence (K,) in any order, in which one word and one speaker may stand often."""
        word, speaker, (total,) = sums_of_pairs(word, speaker, gain)
        return cls(word, speaker, total)


@dataclass(frozen=True, eq=False, slots=True)
class Terms:
    """What a path over N words gains and pays, in micro-nats.

    rows   E pieces of evidence, of any sign
    enter  (E,) int64, what is saved where the row's speaker begins with the row's word
    leave  (E,) int64, what is saved where they end before it
    cost   (N,) int64, >= 0, of a change before each word; the first is not used
    """

    rows: Rows
    enter: I64
    leave: I64
    cost: I64

    @classmethod
    def plain(cls, rows: Rows, cost: I64) -> Terms:
        """Evidence and costs alone: it does not matter who ends and who begins."""
        nothing = np.zeros(len(rows.word), dtype=np.int64)
        return cls(rows, nothing, nothing, cost)

    def plus(
        self,
        word: I64,
        speaker: I32,
        gain: I64,
        enter: I64 | None = None,
        leave: I64 | None = None,
    ) -> Terms:
        """Terms with further rows (K,), in any order; what speaks on one word for one speaker adds
        up.
        """
        nothing = np.zeros(len(word), dtype=np.int64)
        return Terms.summed(
            np.append(self.rows.word, word),
            np.append(self.rows.speaker, speaker),
            np.append(self.rows.gain, gain),
            np.append(self.enter, nothing if enter is None else enter),
            np.append(self.leave, nothing if leave is None else leave),
            self.cost,
        )

    @classmethod
    def summed(cls, word: I64, speaker: I32, gain: I64, enter: I64, leave: I64, cost: I64) -> Terms:
        """Terms of rows (K,) in any order, in which one word and one speaker may stand often."""
        word, speaker, sums = sums_of_pairs(word, speaker, gain, enter, leave)
        gain, enter, leave = sums
        return cls(Rows(word, speaker, gain), enter, leave, cost)

    def recoded(self, code: I32) -> Terms:
        """The same by other codes of speakers, without those whose code is -1."""
        rows = self.rows
        speaker = code[rows.speaker]
        there = speaker != UNKNOWN
        gain, enter, leave = (part[there] for part in (rows.gain, self.enter, self.leave))
        return Terms.summed(rows.word[there], speaker[there], gain, enter, leave, self.cost)

    @property
    def certain(self) -> int:
        """More than any path could lose."""
        sums = (np.abs(column).sum() for column in (self.rows.gain, self.enter, self.leave))
        return sum(map(int, sums)) + int(self.cost.sum()) + MICRO

    def price(self, at: I64, left: I32, begun: I32) -> I64:
        """Micro-nats (K,) that changes before the words ``at`` (K,) cost, by who ends and who
        begins; less than 0 where one pays, 0 where there is none.
        """
        at = np.minimum(at, len(self.cost) - 1)
        leaves = np.append(self.leave, 0)[self.rows.find(at, left)]
        enters = np.append(self.enter, 0)[self.rows.find(at, begun)]
        return np.where(left == begun, 0, self.cost[at] - leaves - enters)


def sums_of_pairs(word: I64, speaker: I32, *columns: I64) -> tuple[I64, I32, list[I64]]:
    """Each pair of a word and a speaker (K,) once, ascending, with the sums of columns (K,)."""
    key = _keys(word, speaker)
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    sums = [np.add.reduceat(c[order], first) if len(first) else c[:0] for c in columns]
    return key[first] >> 32, key[first].astype(np.int32), sums


def _keys(word: I64, speaker: I32) -> I64:
    """Pairs (K,) as numbers of the order of the pairs."""
    return word << 32 | speaker


def best_path(rows: Rows, cost: I64, present: I32) -> I32:
    """The path (N,) of highest score over N words.

    rows     evidence; every word has a row for its present speaker (of gain 0 if need be)
    cost     (N,) int64, >= 0, of a change before each word; the first is not used
    present  (N,) int32, the speakers the words carry now

    Of equal scores the path that changes fewest labels wins, then the one with fewest seams, then
    the speaker of lower code. The three are one number: the score in the high bits, then the
    labels kept, then minus the seams.
    """
    n = len(cost)
    bits = (n + 1).bit_length()
    most = max(int(rows.gain.max()), int(cost.max()))
    whole = np.dtype(np.int64 if most.bit_length() + 2 * bits < 63 else object)
    kept = (present[rows.word] == rows.speaker).astype(whole)
    gain = ((rows.gain.astype(whole) << 2 * bits) + (kept << bits)).tolist()
    price = ((cost.astype(whole) << 2 * bits) + 1).tolist()
    bounds = np.searchsorted(rows.word, np.arange(n + 1)).tolist()
    return _trace(*_forward(bounds, rows.speaker.tolist(), gain, price))


def _forward(
    bounds: list[int], speaker: list[int], gain: list[int], price: list[int]
) -> tuple[list[int], list[int]]:
    """For each word the speaker of the best path up to it, and the word where that run began."""
    n_speakers = max(speaker) + 1
    score = [0] * n_speakers
    current = [-1] * n_speakers  # the word up to which a speaker's score is known
    began = [0] * n_speakers
    best, leader = -1, 0
    leaders, starts = [], []
    # Values of entering a speaker by a change, falling, and the words where they arose: the
    # largest since any word is then found by bisection. That of the last word stands by itself.
    entry_value: list[int] = []
    entry_word: list[int] = []
    newest, row = -1, 0
    for i, cost in enumerate(price):
        value = best - cost
        if value > newest:
            while entry_value and entry_value[-1] < value:
                entry_value.pop()
                entry_word.pop()
        else:
            entry_value.append(newest)
            entry_word.append(i - 1)
        newest = value
        stop = bounds[i + 1]
        while row < stop:
            k = speaker[row]
            known = score[k]
            entered, at = newest, i
            if current[k] < i - 1:
                j = bisect_right(entry_word, current[k])
                if j < len(entry_word):
                    entered, at = entry_value[j], entry_word[j]
            if entered > known:
                known, began[k] = entered, at
            known += gain[row]
            score[k] = known
            current[k] = i
            if known > best:
                best, leader = known, k
            row += 1
        leaders.append(leader)
        starts.append(began[leader])
    return leaders, starts


def _trace(leaders: list[int], starts: list[int]) -> I32:
    """Read the best path backwards, run by run."""
    path = np.empty(len(leaders), dtype=np.int32)
    i = len(leaders) - 1
    while i >= 0:
        path[starts[i] : i + 1] = leaders[i]
        i = starts[i] - 1
    return path
