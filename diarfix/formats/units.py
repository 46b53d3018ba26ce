"""The unit of a file's times, doubted by their size: no word lasts a millisecond, or a minute."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np

from diarfix.core import F64
from diarfix.formats.layout import Json, Layout
from diarfix.formats.utterances import rescaled

#: Seconds that a word, and that a stretch of text, lasts on average.
_WORD, _STRETCH = (0.002, 20.0), (0.02, 100.0)

#: Nobody has recordings that end later, in whatever unit.
_FAR = 1e12


def settle_unit(layout: Layout, start: F64, end: F64) -> tuple[F64, F64]:
    """Times (N,), (N,) in s, in the unit that their size allows, which the layout then has too.

    start, end  as the dialect reads them, NaN for none

    Milliseconds take whole numbers to be believed: some recognisers give one word half a minute.
    """
    if layout.utterances:
        begins = np.array([item.start for item in layout.utterances])
        ends = np.array([item.end for item in layout.utterances])
        (least, most), what = _STRETCH, "an entry"
        whole = False  # who reads them has looked
    else:
        begins, ends = start, end
        (least, most), what = _WORD, "a word"
        whole = _whole(itertools.chain(layout.start, layout.end))
    usable = (begins >= 0) & (ends > begins) & (ends <= _FAR)
    lengths = ends[usable] - begins[usable]
    mean = float(lengths.mean()) if len(lengths) else 1.0
    if layout.scale == 1e-3 and mean < least:
        unit, name, other = 1.0, "seconds", "milliseconds"
    elif layout.scale == 1.0 and mean > most and whole:
        unit, name, other = 1e-3, "milliseconds", "seconds"
    else:
        return start, end
    factor = unit / layout.scale
    layout.scale = unit
    layout.utterances = rescaled(layout.utterances, factor)
    short = {"seconds": "s", "milliseconds": "ms"}[other]
    layout.notes.append(
        f"times read as {name}: as {other} {what} would last {mean:.2g} s (--time-unit {short})"
    )
    return start * factor, end * factor


def _whole(values: Iterable[Json]) -> bool:
    """Whether most of some times are whole numbers."""
    kinds = [type(v) is int or (isinstance(v, str) and v.isdecimal()) for v in values if v != 0]
    return 2 * sum(kinds) > len(kinds)
