"""Times as protocol buffers and ISO 8601 spell them in JSON."""

from __future__ import annotations

import re

from diarfix.formats.layout import Json, ShapeError, kind

_PB = re.compile(r"(\d+(?:\.\d+)?)s")
_ISO = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")


def pb_seconds(value: Json, path: str) -> float | None:
    """A protobuf duration in s: ``"1.300s"``, or its fields ``{"seconds": "1", "nanos": …}``.

    Raises ShapeError, naming the place, for anything else but null.

    >>> pb_seconds("1.300s", "x"), pb_seconds({"seconds": "2", "nanos": 500000000}, "x")
    (1.3, 2.5)
    """
    if value is None:
        return None
    if isinstance(value, str) and (found := _PB.fullmatch(value)):
        return float(found[1])
    try:
        if isinstance(value, dict):
            return int(value.get("seconds", 0)) + int(value.get("nanos", 0)) * 1e-9
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ShapeError(f'{path}: {_shown(value)} is not a time: expected a duration like "1.300s"')


def iso_seconds(value: Json, path: str) -> float | None:
    """An ISO 8601 duration in s; days and longer do not occur in recordings.

    Raises ShapeError, naming the place, for anything else but null.

    >>> iso_seconds("PT1M0.76S", "x")
    60.76
    """
    if value is None:
        return None
    found = _ISO.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[0] == "PT":
        raise ShapeError(
            f'{path}: {_shown(value)} is not a time: expected a duration like "PT0.76S"'
        )
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def iso_text(seconds: float) -> str:
    """A duration as Azure spells it.

    >>> iso_text(60.76), iso_text(0)
    ('PT1M0.76S', 'PT0S')
    """
    ticks = round(seconds * 1e7)
    minutes, rest = divmod(ticks, 600_000_000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 10_000_000}.{rest % 10_000_000:07d}".rstrip("0").rstrip(".")
    head = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    return f"PT{head}{tail}S" if rest or not head else f"PT{head}"


def _shown(value: Json) -> str:
    return kind(value) if isinstance(value, (dict, list)) else repr(value)[:60]
