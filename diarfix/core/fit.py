"""Whether what is given together can be of one recording, on one clock: told in what was seen.

Words and turns, the turns of two sides, turns and scoring regions: each pair is two sets of times.
Those of one recording meet; what never does is of two recordings, or in other units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diarfix.core.overlap import Pieces, merge
from diarfix.core.words import F64, Turns, Words

#: Words so near to a turn (s) lie in it, for this question: turns end early where speech is soft.
_NEAR = 1.0

#: Below this share of words in a turn a person is told, and from so many words on it is refused.
_TOLD, _REFUSED, _ENOUGH = 0.5, 0.05, 10

#: Turns that reach so many times further than the words are told.
_FURTHER = 20

#: Half of the turns are longer (s): no talk in seconds is, and no shot of it so short.
_LONG = 60.0

#: Units that times are given in by mistake: how many of them make a second.
_UNITS = {1000: "milliseconds", 100: "hundredths of a second"}

#: Seconds of speech on either side from which sides that lie apart, or that never speak at once
#: within one stretch of time, are beyond doubt of two recordings.
_APART, _NEVER = 5.0, 60.0

#: Shares of the speech of either side, or of the reference inside the UEM, that are as good as
#: nothing, and that are worth telling.
_NOTHING, _LITTLE = 0.01, 0.1

_OTHER = "is one of them of another recording?"


@dataclass(frozen=True, slots=True)
class Misfit:
    """What does not fit, in words with numbers, whether it is beyond doubt, and what it may be."""

    what: str
    certain: bool
    hint: str = ""


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
    scaled = any(0.8 * unit <= factor <= 1.25 * unit for unit in _UNITS)
    long = float(np.median(turns.end - turns.start)) >= _LONG
    times = f"turns reach {factor:.0f} times further than the words ({spans})"
    return Misfit(times, certain=long and (whole or scaled))


def sides_misfit(ref: Turns, hyp: Turns, *, same_words: bool = False) -> Misfit | None:
    """What speaks against two sides (neither empty) being of one recording, likewise.

    same_words  they are said to speak the same words, so that other times prove nothing
    """
    a, b = merge(ref.start, ref.end), merge(hyp.start, hyp.end)
    for slow, fast, what in ((a, b, "hypothesis"), (b, a, "reference")):
        # One turn that spans all may be just that.
        unit = _unit(slow, fast) if min(len(ref), len(hyp)) > 1 else None
        if unit is not None:
            seen = f"the reference ends at {a.end[-1]:.1f}, the hypothesis at {b.end[-1]:.1f}"
            hint = "all times are to be in seconds"
            return Misfit(f"{seen}: the {what} seems to be in {unit}", certain=True, hint=hint)
    met = _met(a, b)
    least = min(a.seconds, b.seconds)
    if met >= _LITTLE * least:
        return None
    seen = (
        f"the reference speaks at {_range(a)}, the hypothesis at {_range(b)}, and {met:.1f} s of"
        f" {least:.1f} s meet"
    )
    doubt = met > _NOTHING * least or least < (_APART if _lie_apart(a, b) else _NEVER)
    return Misfit(seen, certain=not (doubt or same_words), hint=_OTHER)


def regions_misfit(start: F64, end: F64, ref: Turns, hyp: Turns | None) -> Misfit | None:
    """What speaks against scoring regions (U), each of some length, being of a reference."""
    spoken, scored = merge(ref.start, ref.end), merge(start, end)
    if not len(scored.start):
        return None
    met = _met(spoken, scored)
    seen = (
        f"the UEM scores {_range(scored)}, the reference speaks at {_range(spoken)}, and"
        f" {met:.1f} s of {spoken.seconds:.1f} s are scored"
    )
    last = max(float(side.end.max()) for side in (ref, hyp) if side is not None and len(side))
    beyond = bool(scored.end[-1] > min(_UNITS) * max(last, 1.0) / 2)
    hint = "is it in milliseconds?" if beyond else "is it of another recording?"
    apart = _lie_apart(spoken, scored)
    told = apart or beyond or met < _LITTLE * spoken.seconds
    return Misfit(seen, certain=apart, hint=hint) if told else None


def _unit(slow: Pieces, fast: Pieces) -> str | None:
    """The unit in which ``fast`` tells what ``slow`` tells in seconds, if any."""
    reach, seconds = slow.end[-1], slow.seconds
    for per_second, name in _UNITS.items():
        if (
            0.5 < fast.end[-1] / (max(reach, 1.0) * per_second) < 2
            and fast.seconds > per_second / 10 * seconds
        ):
            scaled = merge(fast.start / per_second, fast.end / per_second)
            if _met(slow, scaled) > 0.5 * min(seconds, scaled.seconds):
                return name
    return None


def _met(a: Pieces, b: Pieces) -> float:
    return float(a.overlap(b.start, b.end).sum())


def _lie_apart(a: Pieces, b: Pieces) -> bool:
    return bool(a.end[-1] <= b.start[0] or b.end[-1] <= a.start[0])


def _range(pieces: Pieces) -> str:
    return f"{pieces.start[0]:.1f}-{pieces.end[-1]:.1f} s"
