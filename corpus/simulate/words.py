"""Word times as another recogniser or aligner would give them.

No function here changes a text, a label or the number of words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diarfix.core.words import F64, TIME_EPS, Words
from simulate.draws import (
    Range,
    Seed,
    generator,
    require_amount,
    require_range,
    require_share,
    uniform,
)
from simulate.edges import REACH


def jitter_words(words: Words, seed: Seed, *, sigma: float) -> Words:
    """Move the borders of words by a normal draw.

    sigma  standard deviation, s

    Words that touch share their border, which moves once. A move is cut at 45 % of the shorter of
    the two words, so that starts stay in order where words did not overlap.
    """
    require_amount("sigma", sigma)
    index = np.flatnonzero(words.timed)
    if not sigma or not len(index):
        return words
    rng = generator(seed)
    start, end = words.start[index], words.end[index]
    length = np.pad(end - start, 1, constant_values=np.inf)
    limit = REACH * np.minimum(length[:-1], length[1:])  # of each border, both ends included
    opens = np.clip(rng.normal(0.0, sigma, len(limit)), -limit, limit)
    closes = np.clip(rng.normal(0.0, sigma, len(limit)), -limit, limit)
    touch = np.append(np.append(False, np.abs(start[1:] - end[:-1]) <= TIME_EPS), False)
    closes = np.where(touch, opens, closes)
    return _with_times(words, index, np.maximum(start + opens[:-1], 0.0), end + closes[1:])


def gap_words(words: Words, seed: Seed, *, rate: float, gap: Range = (0.02, 0.08)) -> Words:
    """Leave a small hole after a share of the words, as aligners do inside fluent speech.

    rate  share of the words that end early
    gap   by how much, s; at most 45 % of the word
    """
    require_share("rate", rate)
    require_range("gap", gap)
    if not rate:
        return words
    rng = generator(seed)
    index = np.flatnonzero(words.timed)
    start, end = words.start[index], words.end[index]
    early = np.where(rng.random(len(index)) < rate, uniform(rng, gap, len(index)), 0.0)
    return _with_times(words, index, start, end - np.minimum(early, REACH * (end - start)))


def run_on(words: Words, seed: Seed, *, rate: float, max_extension: float = 2.0) -> Words:
    """Let the end of a share of the words run into the silence behind them.

    rate           share of the words before a silence that do
    max_extension  longest addition, s

    The word ends at an even draw from the silence, never after the next word begins. WhisperX's
    word ends are known to run on by seconds.
    """
    require_share("rate", rate)
    require_amount("max_extension", max_extension)
    index = np.flatnonzero(words.timed)
    if not rate or len(index) < 2:
        return words
    rng = generator(seed)
    start, end = words.start[index], words.end[index].copy()
    silence = np.clip(start[1:] - end[:-1], 0.0, max_extension)
    chosen = rng.random(len(silence)) < rate
    end[:-1] += np.where(chosen, rng.random(len(silence)) * silence, 0.0)
    return _with_times(words, index, start, end)


def lose_times(words: Words, seed: Seed, *, rate: float) -> Words:
    """Take the times from a share of the words, as happens to numerals an aligner cannot spell."""
    require_share("rate", rate)
    if not rate:
        return words
    lost = generator(seed).random(len(words)) < rate
    start = np.where(lost, np.nan, words.start)
    return Words(words.text, start, words.end, words.speaker, words.speakers)


def _with_times(words: Words, index: NDArray[np.intp], start: F64, end: F64) -> Words:
    new_start, new_end = words.start.copy(), words.end.copy()
    new_start[index], new_end[index] = start, end
    return Words(words.text, new_start, new_end, words.speaker, words.speakers)
