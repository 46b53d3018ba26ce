"""What a dialect tells about a parsed file: where its words are and where their labels stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from diarfix.core import F64, Label, Turns
from diarfix.errors import InputError
from diarfix.formats.fileformat import FileFormat
from diarfix.formats.jsonedit import Edits
from diarfix.formats.jsonplaces import Holder

if TYPE_CHECKING:
    from diarfix.formats.utterances import Utterance

Json = Any


@dataclass(slots=True)
class Track:
    """One place where labels of words are written: ``holders[i][key]`` is that of ``words[i]``.

    spell  label -> what stands for it in this place, where that is not the label itself
    """

    key: str
    words: Sequence[int]
    holders: Sequence[Holder]
    spell: Callable[[Label], Json] | None = None


@dataclass(slots=True)
class Container:
    """A stretch of words with a speaker of its own, such as a segment or an utterance.

    holder  the JSON object
    words   indices of its words, ascending
    spots   for each word, where its entry stands in the holder's list of items
    """

    holder: Holder
    words: Sequence[int]
    spots: Sequence[int] = ()


def boxed(holder: Holder, words: Iterable[int | None]) -> Container:
    """A container of the words that its entries are, None for an entry that is no word."""
    found = [(word, spot) for spot, word in enumerate(words) if word is not None]
    return Container(holder, [word for word, _ in found], [spot for _, spot in found])


@dataclass(frozen=True, slots=True)
class Cut:
    """A container that is cut.

    whole   its object
    pieces  an object like it for each piece
    words   the words of each piece
    firsts  where each piece but the first begins in its list of entries
    layout  of the file
    """

    whole: Holder
    pieces: list[Holder]
    words: list[Sequence[int]]
    firsts: list[int]
    layout: Layout


@dataclass(slots=True)
class Group:
    """A list of containers of one kind, and the names of their fields.

    parent      the JSON list that holds them, or None where they cannot be cut
    speaker     key of the container's speaker
    items       key of the list of entries, if a cut must divide it
    text        key of the text, if a cut must divide it
    start, end  keys of the times, in the file's unit
    owns        its words have no label but the container's: a relabel must cut
    within      key of an object in the container in which the speaker stands
    people      that object of each speaker, where it tells more of them than the label
    divide      divides what these names do not cover
    renumber    called with the holders of all containers where some are cut or joined, to renew
                what numbers them elsewhere
    """

    containers: list[Container]
    speaker: str
    parent: list[Json] | None = None
    items: str | None = None
    text: str | None = None
    start: str = "start"
    end: str = "end"
    owns: bool = False
    within: str | None = None
    people: dict[Label, Holder] = field(default_factory=dict)
    divide: Callable[[Cut], None] | None = None
    renumber: Callable[[list[Holder], Edits], None] | None = None

    def place(self, holder: Holder) -> Holder:
        """The object of a container in which its speaker stands; an empty one if it has none."""
        inner = holder if self.within is None else holder.get(self.within)
        return inner if isinstance(inner, dict) else {}


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """Words that follow each other in one recording: a session, or a channel of one.

    name     its name in the file, "" if the file has but one
    index    (K,)  int64, positions of its words
    channel  where the parts of a file are channels of one recording: its number, from 1
    """

    name: str
    index: NDArray[np.int64]
    channel: int | None = None


@dataclass(slots=True)
class Layout:
    """Where everything is in one parsed file, N words in document order.

    text        N strings, as shown to a reader, separate punctuation appended
    start, end  N raw time values
    scale       seconds per unit of those values
    path        index -> JSON path of the word, for messages
    tracks      every place of labels; the first covers all words in order and is read from
    groups      containers that carry a speaker too
    parts       recordings or channels that must not run into each other, none if there is but one
    turns       the diarizer's turns, if the file holds them
    centroids   a voiceprint per label, if the file holds them
    regions     (start, end) of overlapped speech in seconds, if the file tells
    unknown     labels by which the format says that the speaker is not known
    entry       (N,), (N,) s: of the entry in which a word without times of its own stands
    names       other keys under which the file names speakers
    refresh     each called with the edits of labels, to renew text that repeats them
    notes       things a person should know about how the file was read
    strays      words whose marks carry another label than they do
    fixed       words for whose labels the file has no place: they cannot move
    utterances  stretches of text in a file that times no words: its words are cut out of them
    entries     those by recording of a file whose words may stand in stretches of several
    """

    text: list[str]
    start: list[Json]
    end: list[Json]
    path: Callable[[int], str]
    tracks: list[Track]
    scale: float = 1.0
    groups: list[Group] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    turns: Turns | None = None
    centroids: dict[Label, list[float]] = field(default_factory=dict)
    regions: tuple[F64, F64] | None = None
    unknown: tuple[Label, ...] = ()
    names: tuple[str, ...] = ()
    entry: tuple[F64, F64] | None = None
    refresh: list[Callable[[Edits], None]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    strays: set[int] = field(default_factory=set)
    fixed: set[int] = field(default_factory=set)
    utterances: Sequence[Utterance] = ()
    entries: dict[str, list[Utterance]] = field(default_factory=dict)

    def follow(self, key: str, pairs: Sequence[tuple[int, Holder]]) -> None:
        """Let other places of labels move with a word: pairs of the word and what holds ``key``."""
        if pairs:
            words, holders = zip(*pairs, strict=True)
            self.tracks.append(Track(key, words, holders))


def containers_tell(layout: Layout) -> None:
    """Where no word of a layout has a label, read those of copies or containers, in place.

    Copies are read where all words have one. Containers own the labels of their words from then
    on, if all words stand in one that can be cut. Turns that the file holds come before both.
    """
    count = len(layout.text)
    if not count or layout.turns is not None or names_speakers(layout, layout.tracks[0]):
        return
    named = [track for track in layout.tracks[1:] if names_speakers(layout, track)]
    whole = next((track for track in named if [*track.words] == [*range(count)]), None)
    if whole is not None:
        layout.tracks = [whole, *(track for track in named if track is not whole)]
        return
    for group in layout.groups:
        index = [i for box in group.containers for i in box.words]
        owners = [group.place(box.holder) for box in group.containers for _ in box.words]
        track = Track(group.speaker, range(count), owners)
        if group.parent is not None and index == [*range(count)] and names_speakers(layout, track):
            layout.tracks = [track]
            group.owns = True
            return


def names_speakers(layout: Layout, track: Track) -> bool:
    """Whether a track names a speaker anywhere."""
    found = (holder.get(track.key) for holder in track.holders)
    return any(
        math.isfinite(v) if type(v) is float else v != ""
        for v in found
        if type(v) in {str, int, float} and v not in layout.unknown
    )


@dataclass(frozen=True, slots=True)
class Dialect(FileFormat):
    """A format of files whose words have labels: a row of :mod:`diarfix.formats.json`.

    fits   whether a parsed tree has this shape
    walk   parsed tree -> :class:`Layout`; raises ShapeError where the shape breaks
    read_only  words that move have no place for their label
    timing  how word times are got, where a file has text and no words
    stretches  what its utterances are called, where words have no times
    """

    fits: Callable[[Json], bool]
    walk: Callable[[Json], Layout]
    read_only: bool = False
    pattern: str = field(default="*.json", kw_only=True)
    parsed: bool = field(default=True, kw_only=True)
    timing: str = field(default="ask the recogniser for the times of words", kw_only=True)
    stretches: str = field(default="segments", kw_only=True)


class ShapeError(InputError):
    """A place in a file is not what its dialect says; the message starts with the JSON path."""


def channel(name: Json, number: int, index: Sequence[int] | NDArray[np.int64]) -> Part:
    """A channel of a recording, by its name in the file (0, "ch_0") and its number from 1."""
    called = str(name)
    called = called if called.startswith("ch") else f"channel {called}"
    return Part(called, np.asarray(index, dtype=np.int64), number)


def channels(values: Sequence[Json]) -> list[Part]:
    """Parts of a file by the channel of each word, none if there is only one."""
    found = sessions(values)
    parts = [channel(p.name, n, p.index) for n, p in enumerate(found, start=1)]
    return parts if len(parts) > 1 else []


def sessions(values: Sequence[Json]) -> list[Part]:
    """Parts of a file by the recording that each word names."""
    found: dict[str, list[int]] = {}
    for i, value in enumerate(values):
        found.setdefault(str(value), []).append(i)
    return [Part(name, np.asarray(index, dtype=np.int64)) for name, index in found.items()]
