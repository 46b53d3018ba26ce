"""Turns from whatever holds them, as ``--turns`` takes them."""

from __future__ import annotations

from diarfix.errors import InputError
from diarfix.files import read_text, show
from diarfix.formats.detect import table_of, wordless_format
from diarfix.formats.document import read_document
from diarfix.formats.fileformat import Recordings
from diarfix.formats.recordings import recordings_of
from diarfix.formats.text.rttm import RTTM, run_turns
from diarfix.formats.text.unread import refuse
from diarfix.formats.utterances import utterance_turns

_EXPECTED = "turns: RTTM, pyannote JSON, or a file whose words or segments have speakers"


def read_turns(path: str, *, runs: bool = True) -> Recordings:
    """Read turns by recording; a JSON file of turns holds one recording, named ``""``.

    runs  of a file of words that holds no turns, the runs of its words are taken for turns

    Raises InputError if the file is none of the formats or holds no turn.
    """
    return turns_of_text(read_text(path), show(path), runs=runs)


def turns_of_text(text: str, name: str, *, runs: bool = True) -> Recordings:
    """As :func:`read_turns`, from text."""
    row = wordless_format(text)
    worded = table_of(text) is not None or text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}
    if row is None and not worded:
        refuse(text, name, _EXPECTED)
        row = RTTM  # whose reader names the line that is none
    if row is not None and row.turns is not None:
        found = row.turns(text, name)
    elif row is not None and row.utterances is not None:
        told = row.utterances(text, name).items()
        found = Recordings((recording, utterance_turns(said)) for recording, said in told)
    elif row is not None:
        raise InputError(f"{name}: this is {row.what}, expected {_EXPECTED}")
    else:
        found = _turns_of_words(text, name, runs=runs)
    if not any(len(turns) for turns in found.values()):
        raise InputError(f"{name}: no turn in it", hint=f"expected {_EXPECTED}")
    return found


def _turns_of_words(text: str, name: str, *, runs: bool) -> Recordings:
    """The turns in a word file, else its utterances, else the runs of its words."""
    try:
        document = read_document(text, name)
    except InputError as error:
        raise InputError(error.message, hint=f"expected {_EXPECTED}") from error
    if document.turns is not None:
        found = Recordings([("", document.turns)])
    elif runs or document.utterances:
        found = Recordings(run_turns(recordings_of(document, apart=False)).items())
    else:
        found = Recordings()
    found.notes += document.notes
    return found
