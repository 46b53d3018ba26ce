"""Stretches of transcript, as formats tell them whose words have no times of their own."""

from __future__ import annotations

from dataclasses import dataclass

from diarfix.core import Label, Turns, Words, is_mark, turns_from_rows, words_from_rows


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
