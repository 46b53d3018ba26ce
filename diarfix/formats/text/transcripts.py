"""CTM and STM: transcripts that are read, never written."""

from __future__ import annotations

from dataclasses import dataclass

from diarfix.core.words import Label, Turns, Words, turns_from_rows, words_from_rows
from diarfix.errors import InputError
from diarfix.formats.text.rttm import lines_of, number_in

#: Speaker names of STM lines that hold no speech to score.
_NO_SPEECH = frozenset({"inter_segment_gap", "excluded_region"})


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of transcript: speaker (None if the format has none), start and end in s, text."""

    speaker: Label | None
    start: float
    end: float
    text: str


def read_stm(text: str, name: str) -> dict[str, list[Utterance]]:
    """Read ``<file> <channel> <speaker> <start> <end> [<label>] text``: recording -> utterances.

    Raises InputError, naming the line, for too few fields or a time that is no number.
    """
    found: dict[str, list[Utterance]] = {}
    for number, line in lines_of(text):
        fields = line.split(maxsplit=5)
        if len(fields) < 5:
            raise InputError(
                f"{name}: line {number}: STM line has {len(fields)} fields,"
                " expected <file> <channel> <speaker> <start> <end> text"
            )
        if fields[2].lower() in _NO_SPEECH:
            continue
        start = number_in(fields[3], name, number, "start")
        end = number_in(fields[4], name, number, "end")
        rest = fields[5] if len(fields) > 5 else ""
        if rest.startswith("<") and ">" in rest.split(maxsplit=1)[0]:
            rest = rest.partition(">")[2].lstrip()
        found.setdefault(fields[0], []).append(Utterance(fields[2], start, end, rest))
    return found


def read_ctm(text: str, name: str) -> dict[str, list[Utterance]]:
    """Read ``<file> <channel> <start> <duration> <word> [<confidence>]``: recording -> words.

    CTM has no speakers. Raises InputError, naming the line, for too few fields or a bad time.
    """
    found: dict[str, list[Utterance]] = {}
    for number, line in lines_of(text):
        fields = line.split()
        if len(fields) < 5:
            raise InputError(
                f"{name}: line {number}: CTM line has {len(fields)} fields,"
                " expected <file> <channel> <start> <duration> <word>"
            )
        start = number_in(fields[2], name, number, "start")
        length = number_in(fields[3], name, number, "duration")
        found.setdefault(fields[0], []).append(Utterance(None, start, start + length, fields[4]))
    return found


def utterance_words(utterances: list[Utterance]) -> Words:
    """The words of utterances, in order; only an utterance of one word times it."""
    rows = []
    for item in utterances:
        tokens = item.text.split()
        one = len(tokens) == 1
        rows += [
            (token, item.start if one else None, item.end if one else None, item.speaker)
            for token in tokens
        ]
    return words_from_rows(rows)


def utterance_turns(utterances: list[Utterance]) -> Turns:
    """The utterances as turns of their speakers."""
    return turns_from_rows(
        (item.start, item.end, item.speaker) for item in utterances if item.speaker is not None
    )
