"""Tell the text formats apart by their first line with something on it."""

from __future__ import annotations

import itertools

from diarfix.files.local import BOM
from diarfix.formats.text.rttm import RECORD_TYPES, lines_of


def text_format(text: str) -> str | None:
    """One of ``"rttm"``, ``"stm"``, ``"ctm"``, ``"uem"``; None for JSON and for anything else."""
    if text[:200].removeprefix(BOM).lstrip()[:1] in {"{", "[", '"', ""}:
        return None
    head = [line for _, line in itertools.islice(lines_of(text[:20_000]), 1)]
    fields = head[0].split() if head else []
    if fields and fields[0] in RECORD_TYPES:
        return "rttm"
    if len(fields) == 4 and _numbers(fields[2:4]):
        return "uem"
    if len(fields) >= 5 and _numbers(fields[2:4]) and not _numbers(fields[4:5]):
        return "ctm"
    if len(fields) >= 5 and _numbers(fields[3:5]):
        return "stm"
    if len(fields) >= 5 and _numbers(fields[2:4]):
        return "ctm"
    return None


def _numbers(fields: list[str]) -> bool:
    try:
        [float(f) for f in fields]
    except ValueError:
        return False
    return True


_NAMES = {
    "rttm": "an RTTM file (turns, no words)",
    "uem": "a UEM file (scoring regions)",
    "ctm": "a CTM file (no speakers, read only)",
    "stm": "an STM file (read only)",
}


def read_only_kind(text: str) -> str | None:
    """What a text is that holds no labels to write back, for a message; None if it may."""
    found = text_format(text)
    return None if found is None else _NAMES[found]
