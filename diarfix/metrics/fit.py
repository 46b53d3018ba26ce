"""Whether reference, hypothesis and UEM can be of one recording, on one clock, in this order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from diarfix.core import Label, Pieces, Turns, merge
from diarfix.errors import InputError

if TYPE_CHECKING:
    from diarfix.metrics.pair import Pair
    from diarfix.metrics.sides import Side

#: Units that times are given in by mistake: how many of them make a second.
_UNITS = {1000: "milliseconds", 100: "hundredths of a second"}

#: Seconds of speech on either side from which sides that lie apart, or that never speak at once
#: within one stretch of time, are beyond doubt of two recordings.
_APART, _NEVER = 5.0, 60.0

#: Shares of the speech of either side, or of the reference inside the UEM, that are as good as
#: nothing, and that are worth telling.
_NOTHING, _LITTLE = 0.01, 0.1

_BY_MACHINE = re.compile(r"(speaker|spkr?|s|voice|person)?[ _-]?\d+", re.IGNORECASE)
_HINT = "is one of them of another recording?"


def misfits(pair: Pair) -> list[str]:
    """What seems not to fit, one line each.

    Raises InputError, with what was seen, where it is beyond doubt.
    """
    found = _swapped(pair.ref, pair.hyp)
    for what, turns in (("reference", pair.ref.turns), ("hypothesis", pair.hyp.turns)):
        early = 0 if turns is None else int((turns.start < 0).sum())
        if early:
            plural = "turn begins" if early == 1 else "turns begin"
            found.append(f"{early} {plural} before 0 s in the {what}")
    ref, hyp = pair.ref.turns, pair.hyp.turns
    if ref is None or not len(ref):
        return found
    if hyp is not None and len(hyp):
        found += _sides(pair, ref, hyp)
    if pair.uem is not None:
        found += _uem(pair, ref, hyp)
    return found


def _sides(pair: Pair, ref: Turns, hyp: Turns) -> list[str]:
    a, b = merge(ref.start, ref.end), merge(hyp.start, hyp.end)
    for slow, fast, what in ((a, b, "hypothesis"), (b, a, "reference")):
        # One turn that spans all may be just that.
        unit = _unit(slow, fast) if min(len(ref), len(hyp)) > 1 else None
        if unit is not None:
            seen = f"the reference ends at {a.end[-1]:.1f}, the hypothesis at {b.end[-1]:.1f}"
            raise InputError(
                f"{pair.name}: {seen}: the {what} seems to be in {unit}",
                hint="all times are to be in seconds",
            )
    met = _met(a, b)
    least = min(a.seconds, b.seconds)
    if met >= _LITTLE * least:
        return []
    seen = (
        f"the reference speaks at {_range(a)}, the hypothesis at {_range(b)}, and {met:.1f} s of"
        f" {least:.1f} s meet"
    )
    lie_apart = a.end[-1] <= b.start[0] or b.end[-1] <= a.start[0]
    doubt = met > _NOTHING * least or least < (_APART if lie_apart else _NEVER)
    if doubt or pair.same_words:
        return [f"{seen}: {_HINT}"]
    raise InputError(f"{pair.name}: {seen}", hint=_HINT)


def _uem(pair: Pair, ref: Turns, hyp: Turns | None) -> list[str]:
    start, end = (np.asarray(column, dtype=np.float64) for column in pair.uem or ((), ()))
    spoken, scored = merge(ref.start, ref.end), merge(start[end > start], end[end > start])
    if not len(scored.start):
        return []
    met = _met(spoken, scored)
    seen = (
        f"the UEM scores {_range(scored)}, the reference speaks at {_range(spoken)}, and"
        f" {met:.1f} s of {spoken.seconds:.1f} s are scored"
    )
    apart = scored.end[-1] <= spoken.start[0] or spoken.end[-1] <= scored.start[0]
    last = max(float(side.end.max()) for side in (ref, hyp) if side is not None and len(side))
    beyond = scored.end[-1] > min(_UNITS) * max(last, 1.0) / 2
    hint = "is it in milliseconds?" if beyond else "is it of another recording?"
    if apart:
        raise InputError(f"{pair.name}: {seen}", hint=hint)
    return [f"{seen}: {hint}"] if beyond or met < _LITTLE * spoken.seconds else []


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


def _range(pieces: Pieces) -> str:
    return f"{pieces.start[0]:.1f}-{pieces.end[-1]:.1f} s"


def _swapped(ref: Side, hyp: Side) -> list[str]:
    """Why reference and hypothesis may stand in the wrong order."""
    if not hyp.labelled:
        return []
    way = "are REF and HYP the other way round?"
    if all(map(_by_machine, ref.speakers)) and all(map(_by_person, hyp.speakers)):
        return [
            f"a machine named the speakers of the reference, not those of the hypothesis: {way}"
        ]
    if ref.words is not None and not ref.utterances and hyp.words is None:
        return [f"the reference has words, the hypothesis turns alone: {way}"]
    return []


def _by_machine(label: Label) -> bool:
    return _BY_MACHINE.fullmatch(str(label).strip()) is not None


def _by_person(label: Label) -> bool:
    return len(str(label)) > 2 and not any(c.isdigit() for c in str(label))
