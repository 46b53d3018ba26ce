"""The best label path where a change costs differently by who falls silent and who begins.

As :func:`~diarfix.core.smooth.path.best_path`, exact, in whole numbers and linear in words and
rows; but beside the cost of any change before a word there is what speaks for this speaker to end
there, and for that one to begin. So who is entered from depends on who enters: of the two best to
come from, the first who is somebody else. Speakers without a row on a word neither gain nor lose
there; the best of them is the head of a heap, or entered by a change since they last had a row.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from heapq import heappop, heappush

import numpy as np

from diarfix.core.smooth.path import Terms
from diarfix.core.words import I32

#: Less than any score.
_NEVER = -(1 << 200)

#: A run: its score, its speaker, the word at which it began.
_Run = tuple[int, int, int]


def best_handover(terms: Terms, present: I32) -> I32:
    """The path (N,) of highest score over N words.

    present  (N,) int32, the speakers the words carry now, each with a row on its word

    Of equal scores the path that changes fewest labels wins, then the one with fewest seams; what
    is equal then falls to one side or the other, always the same.
    """
    rows, n = terms.rows, len(terms.cost)
    bits = (n + 1).bit_length()
    columns = (rows.gain, terms.enter, terms.leave, terms.cost)
    most = max(int(np.abs(column).max()) for column in columns)
    whole = np.dtype(np.int64 if most.bit_length() + 2 * bits < 62 else object)
    gain, enter, leave, cost = (column.astype(whole) << 2 * bits for column in columns)
    kept = (present[rows.word] == rows.speaker).astype(whole) << bits
    return _Search(
        np.searchsorted(rows.word, np.arange(n + 1)).tolist(),
        rows.speaker.tolist(),
        (gain + kept).tolist(),
        enter.tolist(),
        leave.tolist(),
        [-_NEVER, *(cost[1:] + 1).tolist()],  # before the first word nothing changes
    ).path()


class _Search:
    """One pass over the words, and the way back.

    bounds  the rows of word i are ``bounds[i]:bounds[i + 1]``
    """

    def __init__(
        self,
        bounds: list[int],
        speaker: list[int],
        gain: list[int],
        enter: list[int],
        leave: list[int],
        price: list[int],
    ) -> None:
        self.bounds, self.speaker, self.gain = bounds, speaker, gain
        self.enter, self.leave, self.price = enter, leave, price
        n = max(speaker) + 1
        self.score = [0] * n
        self.began = [0] * n
        self.current = [-1] * n  # the last word up to which the score holds
        # Those without a row on the word, by score and by how long ago they had one; what is said
        # of a speaker who has had one since is passed over.
        self.waiting = [(0, k, -1) for k in range(n)]
        self.longest = deque((k, -1) for k in range(n))
        # Values of entering by a change, falling, and where they arose: the largest since any word
        # is found by bisection.
        self.entry_value: list[int] = []
        self.entry_word: list[int] = []

    def path(self) -> I32:
        sources, best = self._forward()
        path = np.empty(len(sources), dtype=np.int32)
        stop = len(sources)
        while True:
            _, k, began = best
            path[began:stop] = k
            stop = began
            if not stop:
                return path
            first, second = sources[stop]
            best = second if first[1] == k else first

    def _forward(self) -> tuple[list[tuple[_Run, _Run]], _Run]:
        """By word the two best runs to come from, by different speakers; and the best of all."""
        score, began, enter, leave, gain = (
            self.score, self.began, self.enter, self.leave, self.gain,
        )  # fmt: skip
        sources = []
        mine: list[int] = []
        none = (_NEVER, -1, 0)
        rest = none
        begin = 0
        for i, price in enumerate(self.price):
            stop = self.bounds[i + 1]
            before, mine = mine, self.speaker[begin:stop]
            if mine != before:  # else who has a row is up to date, and so is the best of the rest
                rest = self._exchange(before, mine, i)
            first, second = rest, none
            for row, k in enumerate(mine, begin):
                value = score[k] + leave[row]
                if value > first[0]:
                    first, second = (value, k, began[k]), first
                elif value > second[0]:
                    second = (value, k, began[k])
            sources.append((first, second))
            enters, instead = first[0] - price, second[0] - price
            if rest[1] >= 0:  # somebody waits
                self._remember(enters, i)
                if enters > rest[0]:
                    rest = (enters, rest[1], i)
            for row, k in enumerate(mine, begin):
                entered = (enters if k != first[1] else instead) + enter[row]
                if entered > score[k]:
                    score[k] = entered
                    began[k] = i
                score[k] += gain[row]
            begin = stop
        best = max([rest, *((score[k], k, began[k]) for k in mine)], key=_score)
        return sources, best

    def _exchange(self, before: list[int], mine: list[int], i: int) -> _Run:
        """Let those go who have no row on word ``i``, bring those up to date who come, and return
        the best run of those who wait.
        """
        score, current = self.score, self.current
        for k in before:
            current[k] = i - 1
        come = [(*self._known(k)[::2], k) for k in mine if current[k] != i - 1]
        for k in mine:
            current[k] = i
        for value, began, k in come:
            score[k], self.began[k] = value, began
        for k in before:
            if current[k] != i:
                heappush(self.waiting, (-score[k], k, i - 1))
                self.longest.append((k, i - 1))
        return self._best_waiting()

    def _remember(self, value: int, i: int) -> None:
        """Keep what a change before word ``i`` to somebody without a row there is worth."""
        while self.entry_value and self.entry_value[-1] <= value:
            self.entry_value.pop()
            self.entry_word.pop()
        self.entry_value.append(value)
        self.entry_word.append(i)

    def _known(self, k: int) -> _Run:
        """The best run of a speaker who waits."""
        at = bisect_right(self.entry_word, self.current[k])
        if at < len(self.entry_word) and self.entry_value[at] > self.score[k]:
            return self.entry_value[at], k, self.entry_word[at]
        return self.score[k], k, self.began[k]

    def _best_waiting(self) -> _Run:
        """The best run of those who wait, if any do.

        Of changes to them the best is that to who has waited longest: the most places to choose
        from.
        """
        current, waiting, longest = self.current, self.waiting, self.longest
        while waiting and current[waiting[0][1]] != waiting[0][2]:
            heappop(waiting)
        if not waiting:
            return _NEVER, -1, 0
        while current[longest[0][0]] != longest[0][1]:
            longest.popleft()
        entered = self._known(longest[0][0])
        value, k = -waiting[0][0], waiting[0][1]
        return entered if entered[0] > value else (value, k, self.began[k])


def _score(run: _Run) -> int:
    return run[0]
