"""The unit of a file's times, doubted by their size: no word lasts a millisecond, or a minute."""

from __future__ import annotations

import numpy as np

from diarfix.core import F64, LATEST, turns_from_rows
from diarfix.formats.layout import Layout
from diarfix.formats.utterances import rescaled

#: Longer than this (s, at the median) nothing is, words and stretches of text: such times are
#: milliseconds. Whole numbers tell sooner, since seconds are rarely whole.
_WHOLE, _BROKEN = (20.0, 100.0), (50.0, 500.0)
#: Shorter than this (s, at the median) nothing is: such times are seconds, if they are not whole.
_BRIEF = (0.005, 0.02)
#: Longer than this (s, at the median) is odd.
_ODD = (5.0, 100.0)


def settle_unit(layout: Layout, start: F64, end: F64) -> tuple[F64, F64]:
    """Times (N,), (N,) in s, in the unit that their size allows, which the layout then has too.

    start, end  as the dialect reads them, NaN for none

    The median decides: recognisers give a single word half a minute, and some times are broken.
    """
    said = layout.utterances
    edges = start, end
    if said:
        edges = np.array([u.start for u in said]), np.array([u.end for u in said])
    length, whole = _sizes(*edges, layout.scale)
    text = bool(said)
    what = "an entry" if text else "a word"
    lasts = f"{length:,.3g}" if length < 1000 else f"{length:,.0f}"
    if layout.scale == 1.0 and length > (_WHOLE if whole else _BROKEN)[text]:
        unit, name, other = 1e-3, "milliseconds", "s"
    elif layout.scale == 1e-3 and not whole and length < _BRIEF[text]:
        unit, name, other = 1.0, "seconds", "ms"
    else:
        if layout.scale == 1.0 and length > _ODD[text]:
            odd = f"{what} lasts {lasts} s at the median (--time-unit ms if times are milliseconds)"
            layout.notes.append(odd)
        return start, end
    layout.notes.append(
        f"times read as {name}: else {what} would last {lasts} s (--time-unit {other} if so)"
    )
    factor = rescale(layout, unit)
    return start * factor, end * factor


def rescale(layout: Layout, unit: float) -> float:
    """Read the times of a layout in another unit (s); what its seconds are multiplied by."""
    factor = unit / layout.scale
    layout.scale = unit
    if factor != 1.0:
        layout.utterances = rescaled(layout.utterances, factor)
    if factor != 1.0 and layout.turns is not None:
        found = layout.turns.start * factor, layout.turns.end * factor
        layout.turns = turns_from_rows(zip(*found, layout.turns.labels, strict=True))
    return factor


def _sizes(start: F64, end: F64, scale: float) -> tuple[float, bool]:
    """The median of what lasts at all (s), 1 if nothing does; whether most times are whole."""
    lasting = (start >= 0) & (end > start) & (end <= LATEST)
    if not lasting.any():
        return 1.0, False
    start, end = start[lasting], end[lasting]
    values = np.concatenate((start, end)) / scale
    values = values[values != 0]
    whole = int(np.count_nonzero(np.abs(values - np.round(values)) < 1e-6))
    return float(np.median(end - start)), 2 * whole > len(values)
