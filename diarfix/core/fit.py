"""Whether words and turns can be of one recording, told in one unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarfix.core.overlap import merge
from diarfix.core.words import Turns, Words

#: Words so near to a turn (s) lie in it, for this question: turns end early where speech is soft.
_NEAR = 1.0

#: Below this share of words in a turn a person is told, and from so many words on it is refused.
_TOLD, _REFUSED, _ENOUGH = 0.5, 0.05, 10

#: Turns that reach so many times further than the words are told.
_FURTHER = 20

#: Half of the turns are longer (s): no talk in seconds is, and no shot of it so short.
_LONG = 60.0


@dataclass(frozen=True, slots=True)
class Misfit:
    """What does not fit, in words with numbers, and whether it is beyond doubt."""

    what: str
    certain: bool


def misfit(words: Words, turns: Turns) -> Misfit | None:
    """What speaks against these turns (M) being of these words (N); None where nothing does.

    Turns that touch almost none of the words are of another recording, or words and turns are in
    other units. Turns that reach far beyond all words may be of a longer recording, but in whole
    numbers, or by a factor of 100 or 1000, and each longer than people speak, they are in frames or
    milliseconds.
    """
    timed = words.timed
    if not len(turns) or not timed.any():
        return None
    start, end = words.start[timed], words.end[timed]
    n, reach, until = len(start), float(turns.end.max()), float(end.max())
    near = merge(turns.start - _NEAR, turns.end + _NEAR)
    n_near = int((near.speech(end + 1e-3) - near.speech(start) > 0).sum())
    spans = f"words until {until:.1f} s, turns from {turns.start.min():.1f} to {reach:.1f} s"
    if n_near < _TOLD * n:
        certain = n >= _ENOUGH and n_near <= _REFUSED * n
        return Misfit(f"{n_near} of {n} words lie in a turn ({spans})", certain)
    factor = reach / max(until, 1e-3)
    if factor < _FURTHER:
        return None
    whole = bool((turns.start == np.rint(turns.start)).all() and (turns.end % 1 == 0).all())
    scaled = any(0.8 * unit <= factor <= 1.25 * unit for unit in (100, 1000))
    long = float(np.median(turns.end - turns.start)) >= _LONG
    times = f"turns reach {factor:.0f} times further than the words ({spans})"
    return Misfit(times, certain=long and (whole or scaled))
