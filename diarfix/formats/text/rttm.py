"""RTTM and UEM: turns and scoring regions, one line each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from diarfix.core import F64, Label, Turns, runs, turns_from_rows
from diarfix.errors import InputError
from diarfix.formats.fileformat import FileFormat, Recordings, Target
from diarfix.formats.text.fields import (
    BLANKS,
    first_lines,
    in_utf8,
    lines_of,
    number_in,
    numbers,
    records,
    told_apart,
)
from diarfix.formats.utterances import utterance_turns

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

#: Record types of the RTTM specification (RT-09); all but SPEAKER are skipped.
_RECORD_TYPES = frozenset({
    "SPEAKER", "LEXEME", "NON-LEX", "NON-SPEECH", "SEGMENT", "NOSCORE", "NO_RT_METADATA", "EDIT",
    "FILLER", "SU", "IP", "CB", "A/P", "SPKR-INFO",
})  # fmt: skip
_NA = "<NA>"
_FIELDS = "SPEAKER <file> <channel> <start> <duration> <NA> <NA> <speaker>"
_FIELD = re.compile(f"[^{BLANKS}]+")
_SPACE = re.compile(f"[{BLANKS}]+")
_BREAKS = re.compile(r"[\r\n\v\f]")
_PADDING = f"{BLANKS}\u00a0"
_CONFIDENCE = re.compile(r"[01]?\.\d+")

#: The fields before a name, counted from 6 and 7, which are both ``<NA>``.
_BEFORE_NAME = 5


def _is_rttm(text: str) -> bool:
    return any(fields and fields[0] in _RECORD_TYPES for fields in first_lines(text, 50))


def read_rttm(text: str, name: str) -> Recordings:
    """Read the SPEAKER lines of an RTTM file: recording -> turns, in file order.

    A line is read from both ends, so that a recording's name and a speaker's may hold spaces: the
    fields 6 and 7 are ``<NA> <NA>``; what follows them is the speaker, up to the trailing ``<NA>``
    (one or two, or a confidence). Turns of no length are ignored; record types that RTTM does not
    have and turns that begin before zero are counted in the notes.

    Raises InputError, naming the line, for too few fields, a time that is no number, a negative
    duration, or a text without any record that RTTM has.
    """
    rows: dict[str, list[tuple[float, float, Label]]] = {}
    strange: dict[str, int] = {}
    first, early, nameless, known = "", 0, 0, False
    for number, line in lines_of(text):
        fields = list(_FIELD.finditer(line))
        kind = fields[0].group()
        if kind not in _RECORD_TYPES:
            first = first or f"line {number}: expected {_FIELDS}, found {line[:60]!r}"
            strange[kind] = strange.get(kind, 0) + 1
            continue
        known = True
        if kind != "SPEAKER":
            continue
        if len(fields) < 8:
            raise InputError(
                f"{name}: line {number}: RTTM line has {len(fields)} fields, expected at least 8:"
                f" {_FIELDS}"
            )
        at = _anchor([field.group() for field in fields])
        start = number_in(fields[at - 2].group(), name, number, "start")
        length = number_in(fields[at - 1].group(), name, number, "duration")
        if length < 0:
            raise InputError(f"{name}: line {number}: negative duration {fields[at - 1].group()}")
        early += start < 0
        recording = line[fields[1].start() : fields[at - 4].end()]
        speaker = _speaker(line, fields[at + 2 :])
        if speaker == _NA:
            nameless += 1
            continue
        rows.setdefault(recording, []).append((start, start + length, speaker))
    if strange and not known:
        raise InputError(f"{name}: {first}")
    found = Recordings((recording, turns_from_rows(table)) for recording, table in rows.items())
    kinds = ", ".join(f"{n} of {kind[:20]!r}" for kind, n in [*strange.items()][:4])
    for what, counted in (
        ("lines that are no RTTM record, passed over", kinds),
        ("turns without a speaker, passed over", nameless),
        ("turns that begin before zero", early),
    ):
        if counted:
            found.notes.append(f"{what}: {counted}")
    return found


def _anchor(fields: Sequence[str]) -> int:
    """Where field 6 stands: further on than sixth where the recording's name holds spaces."""
    for at in range(_BEFORE_NAME, len(fields) - 2):
        if fields[at] == fields[at + 1] == _NA and numbers(fields[at - 2 : at]):
            return at
    return _BEFORE_NAME


def _speaker(line: str, fields: Sequence[re.Match[str]]) -> str:
    stop = len(fields)
    for _ in range(2):
        if stop > 1 and fields[stop - 1].group() == _NA:
            stop -= 1
    # "name 0.97 <NA>" or "name 0.97": a confidence stands where the first <NA> was.
    if stop > 1 and stop >= len(fields) - 1 and _CONFIDENCE.fullmatch(fields[stop - 1].group()):
        stop -= 1
    return line[fields[0].start() : fields[stop - 1].end()].strip(_PADDING) or _NA


def write_rttm(recordings: Mapping[str, Turns]) -> str:
    """Turns as RTTM text, three decimals, by recording in the order given.

    White space in a recording's name becomes ``_``: other readers part fields by it. Two labels
    never share a name: one that would (1 beside "1", "A " beside "A") gets a number behind it.
    """
    ids = told_apart(recordings, lambda text: _SPACE.sub("_", in_utf8(text)) or _NA)
    labels = (label for turns in recordings.values() for label in turns.speakers)
    names = told_apart(labels, _one_line)
    return "".join(
        f"SPEAKER {ids[str, recording]} 1 {start:.3f} {end - start:.3f}"
        f" <NA> <NA> {names[type(label), label]} <NA> <NA>\n"
        for recording, turns in recordings.items()
        for start, end, label in _rounded(turns)
    )


def _one_line(text: str) -> str:
    name = _BREAKS.sub(" ", in_utf8(text)).strip(_PADDING) or "_"
    return "NA" if name == _NA else name  # which would be read as nobody


def _rounded(turns: Turns) -> Iterable[tuple[float, float, Label]]:
    # Both ends are rounded, not the length: neighbours that touched still touch.
    start, end = np.round(turns.start, 3), np.round(turns.end, 3)
    return zip(start.tolist(), end.tolist(), turns.labels, strict=True)


def run_turns(recordings: Sequence[Recording]) -> dict[str, Turns]:
    """The runs of each recording, or its utterances, as turns.

    Runs without timed words have no place in time.

    Channels are recordings of their own: RTTM readers overlay what has one name.
    """
    found = {}
    for recording in recordings:
        part = recording.part.replace(" ", "")
        name = f"{recording.id}.{part}" if part else recording.id
        if recording.utterances:
            found[name] = utterance_turns(recording.utterances)
            continue
        table = runs(recording.words)
        timed = table.n_words > 0
        found[name] = Turns(
            table.start[timed], table.end[timed], table.speaker[timed], recording.words.speakers
        )
    return found


def _write_runs(recordings: Sequence[Recording], _: WriteOptions) -> str:
    return write_rttm(run_turns(recordings))


def _is_uem(text: str) -> bool:
    return all(len(fields) == 4 and numbers(fields[2:4]) for fields in first_lines(text) or [[]])


def read_uem(text: str, name: str) -> dict[str, tuple[F64, F64]]:
    """Read scoring regions: recording -> (starts, ends) in seconds.

    Raises InputError, naming the line, for too few fields or a region that ends before it begins.
    """
    rows: dict[str, list[tuple[float, float]]] = {}
    for number, fields in records(text, name, "UEM", "<file> <channel> <start> <end>"):
        start = number_in(fields[2], name, number, "start")
        end = number_in(fields[3], name, number, "end")
        if end < start:
            raise InputError(f"{name}: line {number}: region ends ({end}) before it starts")
        rows.setdefault(fields[0], []).append((start, end))
    return {
        recording: (np.array([a for a, _ in spans]), np.array([b for _, b in spans]))
        for recording, spans in rows.items()
    }


RTTM = FileFormat(
    "rttm", "an RTTM file (turns, no words)", _is_rttm, "*.rttm",
    turns=read_rttm,
    target=Target(_write_runs, ".rttm", guesses=False, channels=True),
)  # fmt: skip
UEM = FileFormat("uem", "a UEM file (scoring regions)", _is_uem, speakers=False)
