"""Who said what in which order, where channels are one conversation."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diarfix.core import Label

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording

#: A silence (s) that ends what a channel says at a time: another channel may answer there.
_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Saying:
    """Words of one speaker in a row.

    label  who speaks, None if nobody knows
    words  their texts, each on one line, none empty
    start, end  of each, s, NaN if nothing in the recording has a time
    """

    label: Label | None
    words: tuple[str, ...]
    start: tuple[float, ...]
    end: tuple[float, ...]

    @property
    def key(self) -> tuple[type, Label | None]:
        """The label by its type too: 1 and "1" are two speakers."""
        return type(self.label), self.label

    def part(self, first: int, stop: int) -> Saying:
        """Some of the words."""
        span = slice(first, stop)
        return Saying(self.label, self.words[span], self.start[span], self.end[span])


def sayings_by_id(recordings: Sequence[Recording]) -> Iterator[tuple[str, list[Saying]]]:
    """Recordings by name, and what is said in each.

    The turns of one channel stand as they do in the file. Those of several are cut at silences of
    a second and stand by start: else a telephone call would be two monologues.
    """
    for name, group in itertools.groupby(recordings, key=lambda recording: recording.id):
        channels = [[*_sayings(recording)] for recording in group]
        found = [saying for channel in channels for saying in channel]
        timed = all(saying.start[0] == saying.start[0] for saying in found)
        if len(channels) > 1 and timed:
            found = sorted(
                (part for saying in found for part in _cut(saying)),
                key=lambda part: min(part.start),
            )
        yield name, found


def _sayings(recording: Recording) -> Iterator[Saying]:
    for turn in recording.turns():
        words, start, end = [], [], []
        for i, text in enumerate(turn.words, start=turn.first):
            if word := " ".join(text.split()):
                words.append(word)
                start.append(float(recording.start[i]))
                end.append(float(recording.end[i]))
        if words:
            yield Saying(turn.label, tuple(words), tuple(start), tuple(end))


def _cut(saying: Saying) -> Iterator[Saying]:
    first, said = 0, saying.end[0]
    for i, (start, end) in enumerate(zip(saying.start, saying.end, strict=True)):
        if start - said > _PAUSE:
            yield saying.part(first, i)
            first = i
        said = max(said, end)
    yield saying.part(first, len(saying.words))
