"""RTTM and UEM: turns and scoring regions, one line each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from diarfix.core.words import F64, Label, Turns, runs, turns_from_rows
from diarfix.errors import InputError
from diarfix.formats.fileformat import FileFormat, Target
from diarfix.formats.text.fields import BLANKS, first_fields, lines_of, number_in, numbers

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
_CONFIDENCE = re.compile(r"[01]?\.\d+")


def _is_rttm(text: str) -> bool:
    fields = first_fields(text)
    return bool(fields) and fields[0] in _RECORD_TYPES


def read_rttm(text: str, name: str) -> dict[str, Turns]:
    """Read the SPEAKER lines of an RTTM file: recording -> turns, in file order.

    Speaker names may hold spaces: what stands between field 7 and the trailing ``<NA>`` (one or
    two, or a confidence) is the name. Turns of no length are ignored.

    Raises InputError, naming the line, for too few fields, a time that is no number, a negative
    duration, or a record type that RTTM does not have.
    """
    rows: dict[str, list[tuple[float, float, Label]]] = {}
    for number, line in lines_of(text):
        fields = _FIELD.findall(line)
        if fields[0] not in _RECORD_TYPES:
            raise InputError(f"{name}: line {number}: expected {_FIELDS}, found {line[:60]!r}")
        if fields[0] != "SPEAKER":
            continue
        if len(fields) < 8:
            raise InputError(
                f"{name}: line {number}: RTTM line has {len(fields)} fields, expected at least 8:"
                f" {_FIELDS}"
            )
        start = number_in(fields[3], name, number, "start")
        length = number_in(fields[4], name, number, "duration")
        if length < 0:
            raise InputError(f"{name}: line {number}: negative duration {fields[4]}")
        rows.setdefault(fields[1], []).append((start, start + length, _speaker(line)))
    return {recording: turns_from_rows(table) for recording, table in rows.items()}


def _speaker(line: str) -> str:
    fields = list(_FIELD.finditer(line))[7:]
    stop = len(fields)
    for _ in range(2):
        if stop > 1 and fields[stop - 1].group() == _NA:
            stop -= 1
    # "name 0.97 <NA>": a confidence stands where the first <NA> was.
    if stop == len(fields) - 1 and stop > 1 and _CONFIDENCE.fullmatch(fields[stop - 1].group()):
        stop -= 1
    return line[fields[0].start() : fields[stop - 1].end()]


def write_rttm(recordings: Mapping[str, Turns]) -> str:
    """Turns as RTTM text, three decimals, by recording in the order given.

    White space in a recording's name becomes ``_``: it would shift the fields.
    """
    return "".join(
        f"SPEAKER {_token(recording)} 1 {start:.3f} {end - start:.3f}"
        f" <NA> <NA> {_one_line(label)} <NA> <NA>\n"
        for recording, turns in recordings.items()
        for start, end, label in _rounded(turns)
    )


def _token(recording: str) -> str:
    return _SPACE.sub("_", recording) or _NA


def _one_line(label: Label) -> str:
    return re.sub(r"[\r\n\v\f]", " ", str(label))


def _rounded(turns: Turns) -> Iterable[tuple[float, float, Label]]:
    # Both ends are rounded, not the length: neighbours that touched still touch.
    start, end = np.round(turns.start, 3), np.round(turns.end, 3)
    return zip(start.tolist(), end.tolist(), turns.labels, strict=True)


def run_turns(recordings: Sequence[Recording]) -> dict[str, Turns]:
    """The runs of each recording as turns; runs without timed words have no place in time.

    Channels are recordings of their own: RTTM readers overlay what has one name.
    """
    found = {}
    for recording in recordings:
        table = runs(recording.words)
        timed = table.n_words > 0
        part = recording.part.replace(" ", "")
        found[f"{recording.id}.{part}" if part else recording.id] = Turns(
            table.start[timed],
            table.end[timed],
            table.speaker[timed],
            recording.words.speakers,
        )
    return found


def _write_runs(recordings: Sequence[Recording], _: WriteOptions) -> str:
    return write_rttm(run_turns(recordings))


def _is_uem(text: str) -> bool:
    fields = first_fields(text)
    return len(fields) == 4 and numbers(fields[2:4])


def read_uem(text: str, name: str) -> dict[str, tuple[F64, F64]]:
    """Read scoring regions: recording -> (starts, ends) in seconds.

    Raises InputError, naming the line, for too few fields or a region that ends before it begins.
    """
    rows: dict[str, list[tuple[float, float]]] = {}
    for number, line in lines_of(text):
        fields = line.split()
        if len(fields) < 4:
            raise InputError(
                f"{name}: line {number}: UEM line has {len(fields)} fields,"
                " expected <file> <channel> <start> <end>"
            )
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
    turns=read_rttm, target=Target(_write_runs, ".rttm", guesses=False),
)  # fmt: skip
UEM = FileFormat("uem", "a UEM file (scoring regions)", _is_uem, speakers=False)
