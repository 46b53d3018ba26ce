"""What every file format is a row of, and what those without labelled words are read to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from diarfix.core import Label, Turns, Words, is_mark, turns_from_rows, words_from_rows

if TYPE_CHECKING:  # who reads need not load what writes
    from diarfix.formats.recordings import Recording, WriteOptions


class Recordings(dict[str, Turns]):
    """Turns by recording, and in ``notes`` what a person should know about how they were read."""

    notes: list[str]

    def __init__(self, table: Iterable[tuple[str, Turns]] = ()) -> None:
        super().__init__(table)
        self.notes = []


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of transcript: speaker (None if nobody is named), start and end in s, text."""

    speaker: Label | None
    start: float
    end: float
    text: str


def utterance_words(utterances: list[Utterance]) -> Words:
    """The words of utterances, in order; only an utterance of one word times it."""
    rows = []
    for item in utterances:
        tokens: list[str] = []
        for token in item.text.split():
            if tokens and is_mark(token):
                tokens[-1] += f" {token}"
            else:
                tokens.append(token)
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


@dataclass(frozen=True, slots=True)
class Target:
    """A format as ``convert`` writes it.

    write   recordings, options -> text
    suffix  of files that are named after their input
    heeds   the :class:`WriteOptions` that make a difference to it
    alone   it can hold but one recording
    needs_times  it cannot hold a word without a time
    guesses  it holds words without a time of their own, at a guessed one if it needs times
    by_word  every word stands by itself; else those without a speaker stand with those before them
    channels  channels are recordings of their own in it; else speakers of one name in two channels
             must get two names
    """

    write: Callable[[Sequence[Recording], WriteOptions], str]
    suffix: str
    heeds: frozenset[str] = frozenset()
    alone: bool = False
    needs_times: bool = True
    guesses: bool = True
    by_word: bool = False
    channels: bool = False


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One file format: a row of the table in :mod:`diarfix.formats.detect`.

    name   what options and reports call it
    what   one line for people
    fits   whether a text is in this format, None if it is never read
    pattern  of the names of its files, by which a folder is searched; "" where it is not scored
    parsed  ``fits`` looks at the parsed tree of a text, not at the text
    turns, utterances  what a file of it holds beside or instead of words with labels, by recording:
           (text, name of the file) -> that; raises InputError for what cannot be read
    speakers  it says who speaks
    target  how it is written, None if it is not
    """

    name: str
    what: str
    fits: Callable[[Any], bool] | None = None
    pattern: str = ""
    _: KW_ONLY
    parsed: bool = False
    turns: Callable[[str, str], Recordings] | None = None
    utterances: Callable[[str, str], dict[str, list[Utterance]]] | None = None
    speakers: bool = True
    target: Target | None = None
