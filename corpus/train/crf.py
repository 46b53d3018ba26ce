"""Probabilities of a chain of words: what a step towards the truth would be for every term.

Words stand in chunks, B chunks of at most T words and S speakers, padded; a chunk's speakers are
those with a row somewhere in it. What a path is worth is what
:class:`~diarfix.core.smooth.handover.Terms` says, in nats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Marginals:
    """Expected counts.

    here    (T, B, S)  the speaker has the word
    change  (T, B)     somebody else has it than the one before
    begin, end  (T, B, S)  the speaker begins with the word; ends before it
    """

    here: F64
    change: F64
    begin: F64
    end: F64


def marginals(score: F64, cost: F64, enter: F64, leave: F64) -> Marginals:
    """Expected counts over all paths.

    score, enter, leave  (T, B, S)  nats; a score of -inf bans
    cost                 (T, B)  nats
    """
    n, n_chunks, n_speakers = score.shape
    emit = np.exp(score - score.max(axis=2, keepdims=True))
    begins, ends = np.exp(enter - cost[..., None]), np.exp(leave)
    forward = np.empty_like(score)
    forward[0] = emit[0] / emit[0].sum(axis=1, keepdims=True)
    for t in range(1, n):
        out = forward[t - 1] * ends[t]
        came = forward[t - 1] + begins[t] * (out.sum(axis=1, keepdims=True) - out)
        new = came * emit[t]
        forward[t] = new / new.sum(axis=1, keepdims=True)
    backward = np.ones((n_chunks, n_speakers))
    here = np.empty_like(score)
    here[n - 1] = forward[n - 1]
    begin, end = np.zeros((2, n, n_chunks, n_speakers))
    change = np.zeros((n, n_chunks))
    for t in range(n - 1, 0, -1):
        ahead = emit[t] * backward
        into = ahead * begins[t]
        out = forward[t - 1] * ends[t]
        ended = out * (into.sum(axis=1, keepdims=True) - into)
        begun = into * (out.sum(axis=1, keepdims=True) - out)
        total = (forward[t - 1] * ahead).sum(axis=1) + begun.sum(axis=1)
        begin[t], end[t] = begun / total[:, None], ended / total[:, None]
        change[t] = begin[t].sum(axis=1)
        backward = ahead + ends[t] * (into.sum(axis=1, keepdims=True) - into)
        backward /= backward.max(axis=1, keepdims=True)
        here[t - 1] = forward[t - 1] * backward
        here[t - 1] /= here[t - 1].sum(axis=1, keepdims=True)
    return Marginals(here, change, begin, end)
