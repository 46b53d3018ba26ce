"""Where speakers may change: what a change costs, by pauses and punctuation."""

from __future__ import annotations

import numpy as np

from diarfix.config import ViterbiKnobs
from diarfix.core.smooth.evidence import MICRO
from diarfix.core.words import F64, I64, Bool, Words

#: What ends a sentence: Latin, Greek, CJK, Arabic, Urdu, Indic, Armenian, Ethiopic, Burmese, Khmer.
_SENTENCE_ENDS = frozenset(".?!…。．｡？！‼⁇⁈⁉؟۔।॥։።፧။។\u037e")

#: What may stand after it: white space, closing quotes and brackets.
_CLOSERS = " \t\n\r\u00a0\u3000\"'”’»›)]}）］｝】」』》〉*_"

#: The share of a recording's own gaps that lie at or below its offset.
_OFFSET_QUANTILE = 0.9


def sentence_ends(text: tuple[str, ...]) -> Bool:
    """Whether each word (N,) ends a sentence, closing quotes and brackets aside.

    >>> sentence_ends(("so", "what?”", "3.5", "そう。")).tolist()
    [False, True, False, True]
    """
    ends = [word.rstrip(_CLOSERS)[-1:] in _SENTENCE_ENDS for word in text]
    return np.array(ends, dtype=np.bool_)


def silences(start: F64, end: F64) -> F64:
    """Seconds of silence before each word (N,), negative where words overlap; inf for the first."""
    gap = np.full(len(start), np.inf)
    gap[1:] = start[1:] - end[:-1]
    return gap


def change_costs(words: Words, index: I64, knobs: ViterbiKnobs) -> I64:
    """Micro-nats (K,) that a change costs before each of the words ``index`` (K,), ascending.

    Across passed-over words (no time, or no label) the silence is unknown and reads as none, but
    their punctuation counts.
    """
    ends = np.append(0, np.cumsum(sentence_ends(words.text)))
    previous = np.append(0, index[:-1])
    after_sentence = ends[index] > ends[previous]
    base = np.where(after_sentence, knobs.sentence_end_cost, knobs.change_cost)
    gap = silences(words.start[index], words.end[index])
    gap[1:][np.diff(index) > 1] = 0.0
    known = gap[np.isfinite(gap)]
    offset = float(np.quantile(known, _OFFSET_QUANTILE)) if len(known) else 0.0
    pause = np.maximum(gap - min(max(offset, 0.0), knobs.pause_offset), 0.0)
    left = knobs.pause_share + (1.0 - knobs.pause_share) * np.exp(-pause / knobs.pause_scale)
    return np.asarray(np.rint(base * left * MICRO), dtype=np.int64)
