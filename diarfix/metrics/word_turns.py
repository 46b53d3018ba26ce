"""Words seen as turns: what a word file claims about who spoke when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from diarfix.core import TIME_EPS, Turns, Words, merge
from diarfix.metrics.counts import Counts, share
from diarfix.metrics.sweep import Uem, reach_so_far, sweep

if TYPE_CHECKING:
    from diarfix.metrics.pair import Pair

#: Silence (s) between words that still belongs to one turn.
MAX_GAP = 0.5


def words_to_turns(words: Words, *, max_gap: float = MAX_GAP) -> Turns:
    """Join consecutive words of one label over gaps of at most ``max_gap`` seconds.

    Consecutive in time, whatever the order of the document: a word of another speaker, or one
    without label, ends the turn. Words without time are left out. The speaker codes stay.

    ::

        words   A A  A    A  B A        | the fourth A begins more than max_gap after the third
        turns   AAAAAA    A  B A
    """
    index = np.flatnonzero(words.timed)
    index = index[np.lexsort((words.end[index], words.start[index]))]
    start, end, speaker = words.start[index], words.end[index], words.speaker[index]
    n = len(index)
    changes = np.append(True, speaker[1:] != speaker[:-1])[:n]
    reach = reach_so_far(end, np.cumsum(changes, dtype=np.int64))
    opens = changes.copy()
    opens[1:] |= start[1:] > reach[:-1] + max_gap + TIME_EPS
    first = np.flatnonzero(opens)
    last = np.append(first[1:], n)[: len(first)] - 1
    known = speaker[first] >= 0
    return Turns(start[first][known], reach[last][known], speaker[first][known], words.speakers)


@dataclass(frozen=True, slots=True)
class CoverageCounts(Counts):
    """How much of the reference the words speak to at all.

    covered  s of single-speaker reference speech under hypothesis words, labelled or not
    total    s of single-speaker reference speech
    """

    family = "coverage"
    parts = (("covered", "total"),)

    covered: float = 0.0
    total: float = 0.0

    @classmethod
    def measure(cls, pair: Pair) -> CoverageCounts | str:
        """The coverage by the words of the hypothesis, by its turns where no word has a time."""
        turns = pair.turns
        if isinstance(turns, str):
            return turns
        ref, hyp = turns
        words = pair.hyp.words
        if words is None or not words.timed.any():
            words = Words(("",) * len(hyp), hyp.start, hyp.end, hyp.speaker, hyp.speakers)
        return covered_speech(ref, words, uem=pair.uem)

    @property
    def rate(self) -> float | None:
        """Coverage as a fraction; None without reference speech."""
        return share(self.covered, self.total)


def covered_speech(
    ref: Turns, words: Words, *, max_gap: float = MAX_GAP, uem: Uem | None = None
) -> CoverageCounts:
    """Measure the single-speaker reference speech that lies under hypothesis words.

    Gaps of at most ``max_gap`` seconds between words count as covered, whoever speaks them. Outside
    ``uem``, if given, nothing counts.
    """
    timed = words.timed
    spans = merge(words.start[timed], words.end[timed], gap=max_gap + TIME_EPS)
    heard = Turns(spans.start, spans.end, np.zeros(len(spans.start), dtype=np.int32), ("words",))
    cut = sweep(ref, heard, uem=uem)
    alone = np.where(cut.ref.active == 1, cut.seconds, 0.0)
    return CoverageCounts(float(alone @ (cut.hyp.active > 0)), float(alone.sum()))
