"""What a converter starts from: recordings, their words, and turns made of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diarfix.core import F64, UNKNOWN, Label, Words, encode, join_text, stretches
from diarfix.files import recording_id
from diarfix.formats.document import Document

#: Spoken time of a character that no clock measured, s: some 15 characters a second.
_CHARACTER = 1 / 15


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """What a person may choose.

    names  say who speaks
    times  say when each turn begins
    every_cue  say who speaks in every cue, not only where a turn begins
    """

    names: bool = True
    times: bool = False
    every_cue: bool = False


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """Words of one speaker in a row.

    first, stop  their positions in the recording
    label       who speaks, None if nobody knows
    start, end  s, NaN if nothing in the recording has a time
    words       their texts, as they stand in the file
    """

    first: int
    stop: int
    label: Label | None
    start: float
    end: float
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words as people read them, on one line."""
        return join_text([t for word in self.words if (t := " ".join(word.split()))])

    @property
    def spaced(self) -> str:
        """The words told apart by spaces, in scripts too that are written without."""
        return " ".join(" ".join(self.words).split())


@dataclass(frozen=True, eq=False, slots=True)
class Recording:
    """The words of one recording, or of one channel of it.

    id       name of the recording
    part     name of this channel, "" if there is but one
    channel  its number, from 1
    words    its N words
    start, end  (N,) float64, s, where each word is shown: its own times, or a place between its
             timed neighbours; NaN only if nothing in the recording has a time
    """

    id: str
    part: str
    channel: int
    words: Words
    start: F64
    end: F64

    @property
    def guessed(self) -> int:
        """How many words are shown where nobody measured them."""
        return int((~self.words.timed & ~np.isnan(self.start)).sum())

    def turns(self) -> list[SpokenTurn]:
        """The words cut at changes of speaker.

        A word without a label stands with the words before it: it is part of the text, and nobody
        knows better.
        """
        found = []
        for first, stop in stretches(self.words.speaker.tolist()):
            codes = self.words.speaker[first:stop]
            known = codes[codes != UNKNOWN]
            label = self.words.speakers[int(known[0])] if len(known) else None
            texts = tuple(self.words.text[first:stop])
            found.append(SpokenTurn(first, stop, label, *self._hull(first, stop), texts))
        return found

    def spoken(self) -> list[SpokenTurn]:
        """The turns that have a text, by start."""
        return sorted((turn for turn in self.turns() if turn.spaced), key=lambda turn: turn.start)

    def _hull(self, first: int, stop: int) -> tuple[float, float]:
        start, end = self.start[first:stop], self.end[first:stop]
        if np.isnan(start).all():
            return np.nan, np.nan
        return float(np.nanmin(start)), float(np.nanmax(end))


def channel_words(document: Document, words: Words, *, apart: bool = True) -> Words:
    """Words under labels that tell the channels of a document apart; the same where there is one.

    apart  False where channels become recordings: only channels without any label get a name

    A label that two channels have is two people: each gets the channel's name before it. Who
    speaks in a channel without labels is named as the channel.
    """
    labels = list(words.labels)
    heard = [
        (part, {labels[i] for i in part.index.tolist()} - {None})
        for part in document.parts
        if part.channel is not None
    ]
    counts = Counter(label for _, told in heard for label in told)
    for part, told in heard:
        name = part.name.replace(" ", "")
        for i in part.index.tolist():
            if not told:
                labels[i] = name
            elif apart and labels[i] is not None and counts[labels[i]] > 1:
                labels[i] = f"{name}_{labels[i]}"
    return words.with_speaker(*encode(labels)) if heard else words


def recordings_of(
    document: Document, words: Words | None = None, *, apart: bool = True
) -> list[Recording]:
    """The recordings in a document, under the labels of ``words`` (its own if None).

    apart  see :func:`channel_words`
    """
    words = channel_words(document, document.words if words is None else words, apart=apart)
    own = recording_id(document.name)
    found = []
    for part in document.parts:
        mine = words.take(part.index)
        entry = None if document.entry is None else tuple(t[part.index] for t in document.entry)
        start, end = placed(mine, entry)
        if part.channel is None:
            found.append(Recording(part.name or own, "", 1, mine, start, end))
        else:
            found.append(Recording(own, part.name, part.channel, mine, start, end))
    return found


def placed(words: Words, entry: Sequence[F64] | None = None) -> tuple[F64, F64]:
    """Times (N,), (N,) in s at which words are shown; measured ones stay as they are.

    entry  (starts, ends) in s of the entry around each word: words without times share it out

    Elsewhere words without times share the silence between their timed neighbours, by length of
    text; at either end of a recording they last as long as people need to say them.
    """
    start, end = words.start.copy(), words.end.copy()
    missing = np.flatnonzero(~words.timed)
    if not len(missing):
        return start, end
    for group in np.split(missing, np.flatnonzero(np.diff(missing) != 1) + 1):
        for block, low, high in _blocks(group, start, end, entry):
            sizes = np.array([max(len(words.text[i].strip()), 1) for i in block.tolist()])
            first, last = _bounds(low, high, float(sizes.sum()) * _CHARACTER)
            edges = first + (last - first) * np.append(0, np.cumsum(sizes)) / sizes.sum()
            start[block], end[block] = edges[:-1], edges[1:]
    return start, end


def _blocks(
    group: np.ndarray[tuple[int], np.dtype[np.int64]],
    start: F64,
    end: F64,
    entry: Sequence[F64] | None,
) -> list[tuple[np.ndarray[tuple[int], np.dtype[np.int64]], float, float]]:
    """Neighbouring words without times, and the time that is free for them."""
    if entry is not None and not np.isnan(entry[0][group] + entry[1][group]).any():
        lows, highs = entry[0][group], entry[1][group]
        cuts = np.flatnonzero((np.diff(lows) != 0) | (np.diff(highs) != 0)) + 1
        parts = np.split(np.arange(len(group)), cuts)
        return [(group[p], float(lows[p[0]]), float(highs[p[0]])) for p in parts]
    first, last = int(group[0]), int(group[-1])
    low = float(end[first - 1]) if first else np.nan
    after = start[last + 1 :][:1]
    return [(group, low, float(after[0]) if len(after) else np.nan)]


def _bounds(low: float, high: float, needed: float) -> tuple[float, float]:
    if np.isnan(low) and np.isnan(high):
        return np.nan, np.nan
    if np.isnan(low):
        return max(high - needed, 0.0), high
    if np.isnan(high):
        return low, low + needed
    return low, max(min(high, low + 2 * needed), low)
