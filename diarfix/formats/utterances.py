"""Stretches of text with one speaker each, in files that time no words: sentences, cues."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from diarfix.core import Label, Turns, Words, is_mark, turns_from_rows, words_from_rows
from diarfix.formats.jsonfields import label_of, spans, text_of
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Json, Layout, Part, Track, channels


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch of text: who speaks (None: nobody is named), start and end in s, what is said.

    part  which of the channels of its file it belongs to
    """

    speaker: Label | None
    start: float
    end: float
    text: str
    part: int = 0

    @property
    def timed(self) -> bool:
        """Whether it has a place in time."""
        return math.isfinite(self.start) and math.isfinite(self.end)

    @property
    def words(self) -> list[str]:
        """Its text in words; a mark stays with the word before it, or behind it if it is first."""
        found: list[str] = []
        for token in self.text.split():
            if found and (is_mark(token) or is_mark(found[-1])):
                found[-1] += f" {token}"
            else:
                found.append(token)
        return found


def utterance_words(utterances: Iterable[Utterance]) -> Words:
    """The words of utterances, in order; only an utterance of one word times it."""
    rows = []
    for item in utterances:
        tokens = item.words
        one = len(tokens) == 1
        rows += [
            (token, item.start if one else None, item.end if one else None, item.speaker)
            for token in tokens
        ]
    return words_from_rows(rows)


def utterance_turns(utterances: Iterable[Utterance]) -> Turns:
    """The utterances that have a time and a speaker, as turns."""
    return turns_from_rows(
        (item.start, item.end, item.speaker)
        for item in utterances
        if item.speaker is not None and item.timed
    )


def utterance_layout(
    holders: Sequence[Holder],
    texts: Sequence[Json],
    starts: list[Json],
    ends: list[Json],
    path: Callable[[int], str],
    *,
    speaker: str = "speaker",
    scale: float = 1.0,
    unknown: tuple[Label, ...] = (),
    channel: Sequence[Json] = (),
) -> Layout:
    """The layout of a file of N utterances.

    holders        the object of each, which holds its label under ``speaker``
    texts          what is said
    starts, ends   raw times, in units of ``scale`` seconds
    path           index -> JSON path of an utterance, for messages
    channel        the channel of each, where the file has several

    Raises ShapeError for a text, a time or a label that is none.
    """
    start, end = spans(starts, ends, scale, path)
    parts = channels(channel)
    part_of = {i: n for n, part in enumerate(parts) for i in part.index.tolist()}
    said = [
        Utterance(
            label_of(holder.get(speaker), f"{path(u)}.{speaker}", unknown),
            float(start[u]),
            float(end[u]),
            text_of(texts[u], path(u)),
            part_of.get(u, 0),
        )
        for u, holder in enumerate(holders)
    ]
    tokens = [utterance.words for utterance in said]
    owner = [u for u, found in enumerate(tokens) for _ in found]
    alone = [len(tokens[u]) == 1 for u in owner]
    layout = Layout(
        text=[token for found in tokens for token in found],
        start=[starts[u] if one else None for u, one in zip(owner, alone, strict=True)],
        end=[ends[u] if one else None for u, one in zip(owner, alone, strict=True)],
        path=lambda i: path(owner[i]),
        tracks=[Track(speaker, range(len(owner)), [holders[u] for u in owner])],
        scale=scale,
        unknown=unknown,
        entry=(start[owner], end[owner]),
        utterances=said,
    )
    for n, part in enumerate(parts):
        index = [i for i, u in enumerate(owner) if said[u].part == n]
        layout.parts.append(Part(part.name, np.array(index, dtype=np.int64), part.channel))
    return layout
