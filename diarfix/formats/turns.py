"""Turns from whatever holds them, as ``--turns`` takes them."""

from __future__ import annotations

from diarfix.errors import InputError
from diarfix.files import read_text, show
from diarfix.formats.detect import text_format
from diarfix.formats.fileformat import Recordings
from diarfix.formats.json.pyannote import PYANNOTE
from diarfix.formats.text.rttm import RTTM
from diarfix.formats.unread import refuse


def read_turns(path: str) -> Recordings:
    """Read turns by recording; a JSON file holds one recording, named ``""``.

    Raises InputError if the file is none of the formats or holds no turn.
    """
    return turns_of_text(read_text(path), show(path))


def turns_of_text(text: str, name: str) -> Recordings:
    """As :func:`read_turns`, from text."""
    row = text_format(text)
    if row is None:
        refuse(text, name, "turns: RTTM or pyannote JSON")
    if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        row = PYANNOTE
    elif row is None:
        row = RTTM  # whose reader names the line that is none
    if row.turns is None:
        raise InputError(f"{name}: expected turns: RTTM or pyannote JSON")
    found = row.turns(text, name)
    if not any(len(turns) for turns in found.values()):
        raise InputError(f"{name}: no turn in it, expected SPEAKER lines")
    return found
