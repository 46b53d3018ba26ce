"""Repairing the labels of one recording by a method of choice: new labels, and why each moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from diarfix.config import DEFAULT_METHOD, Settings, find_method, imported
from diarfix.core.assign import agreeing_neighbours
from diarfix.core.smooth.path import Rows
from diarfix.core.words import F64, UNKNOWN, Bool, Turns, Words

if TYPE_CHECKING:
    from diarfix.core.smooth.opinions import Trust


@dataclass(frozen=True, slots=True)
class Change:
    """One word that moved.

    index     position of the word in its document
    before    speaker code it carried, -1 for none
    after     speaker code it carries now
    rule      short name of what decided: "island", "seam", "tie", ...
    evidence  numbers that decided, by name, each with its unit in the name's suffix (``_s``,
              ``_words``, ``_nats``), ready for ``--changes``
    """

    index: int
    before: int
    after: int
    rule: str
    evidence: dict[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Smoothed:
    """Labels after smoothing.

    words              the words under their new labels
    changes            one entry per moved word, ascending by index
    islands_collapsed  runs that were swallowed by both flanks
    seams_moved        changes of speaker that now stand elsewhere
    trust              what each of several opinions counted; nothing where there was one, or none
    disputed           (N,) bool, words on which one of several has another speaker; else None
    """

    words: Words
    changes: tuple[Change, ...] = ()
    islands_collapsed: int = 0
    seams_moved: int = 0
    trust: tuple[Trust, ...] = ()
    disputed: Bool | None = None


def smooth(
    words: Words,
    turns: Turns | Sequence[Turns] | None = None,
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
              straggler without time or label is then labelled where its neighbours agree. Those of
              several diarizers: all are evidence, and the first names the speakers
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
        known = {"turns": turns, "heard": heard, "margin": margin, "settings": settings}
        taken = {name: known[name] for name in row.takes}
        knobs = getattr(settings, row.name)
        done = imported(row.function)(words, knobs=knobs, pinned=pinned, **taken)
    words = done.words
    lost = (words.speaker == UNKNOWN) & ~words.timed
    if not any(map(len, opinions_of(turns))) or not lost.any():
        return done
    codes = np.where(lost, agreeing_neighbours(words.speaker, words.timed), words.speaker)
    return replace(done, words=words.with_speaker(codes))


def opinions_of(turns: Turns | Sequence[Turns] | None) -> tuple[Turns, ...]:
    """The opinions (O,) that turns are: none, one diarizer's, or those of several."""
    if turns is None:
        return ()
    return (turns,) if isinstance(turns, Turns) else tuple(turns)
