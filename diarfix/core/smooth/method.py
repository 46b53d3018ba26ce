"""Repairing the labels of one recording by a method of choice."""

from __future__ import annotations

import numpy as np

from diarfix.config import DEFAULT_METHOD, Settings, find_method, imported
from diarfix.core.assign import agreeing_neighbours
from diarfix.core.smooth.path import Rows
from diarfix.core.smooth.smoothed import Smoothed
from diarfix.core.words import F64, UNKNOWN, Bool, Turns, Words


def smooth(
    words: Words,
    turns: Turns | None = None,
    *,
    method: str = DEFAULT_METHOD,
    settings: Settings | None = None,
    margin: F64 | None = None,
    pinned: Bool | None = None,
    heard: Rows | None = None,
) -> Smoothed:
    """Repair the labels of one recording.

    words     N labelled words; see :func:`~diarfix.core.assign.assign`
    turns     the diarizer's turns, if known: evidence for a method that goes by them, and a
              straggler without time or label is then labelled where its neighbours agree
    method    a name of :data:`~diarfix.config.METHODS`
    settings  knobs; the defaults if None
    margin    (N,)  float64, s, overlap margins, for the rules' ``margin_threshold``
    pinned    (N,)  bool, words whose label may not change
    heard     what voices are worth, evidence beside turns or labels

    Raises UsageError for an unknown method.

    >>> from diarfix.core.words import words_from_rows
    >>> rows = [(f"w{i}", i, i + 1.0, "b" if i == 3 else "A") for i in range(7)]
    >>> set(smooth(words_from_rows(rows)).words.labels)
    {'A'}
    """
    row = find_method(method)
    settings = settings or Settings()
    done = Smoothed(words)
    if settings.smoothing_enabled:
        known = {"turns": turns, "heard": heard, "margin": margin}
        taken = {name: known[name] for name in row.takes}
        knobs = getattr(settings, row.name)
        done = imported(row.function)(words, knobs=knobs, pinned=pinned, **taken)
    if turns is None or not len(turns):
        return done
    return _with_stragglers(done)


def _with_stragglers(done: Smoothed) -> Smoothed:
    """Label words without time or label on whose speaker both neighbours agree."""
    words = done.words
    lost = (words.speaker == UNKNOWN) & ~words.timed
    if not lost.any():
        return done
    codes = np.where(lost, agreeing_neighbours(words.speaker, words.timed), words.speaker)
    return Smoothed(
        words.with_speaker(codes), done.changes, done.islands_collapsed, done.seams_moved
    )
