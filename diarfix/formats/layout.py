"""What a dialect tells about a parsed file: where its words are and where their labels stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from diarfix.core import F64, LATEST, Label, Turns
from diarfix.errors import InputError
from diarfix.formats.fileformat import FileFormat
from diarfix.formats.jsonedit import Edits

if TYPE_CHECKING:
    from diarfix.formats.utterances import Utterance

Json = Any
Holder = dict[str, Any]


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


@dataclass(slots=True)
class Group:
    """A list of containers of one kind, and the names of their fields.

    parent      the JSON list that holds them, or None where they cannot be cut
    speaker     key of the container's speaker
    items       key of the list of entries, if a cut must divide it
    text        key of the text, if a cut must divide it
    start, end  keys of the times, in the file's unit
    owns        its words have no label but the container's: a relabel must cut
    divide      called with the whole, the pieces' holders and the pieces' words, to divide what
                these names do not cover
    """

    containers: list[Container]
    speaker: str
    parent: list[Json] | None = None
    items: str | None = None
    text: str | None = None
    start: str = "start"
    end: str = "end"
    owns: bool = False
    divide: Callable[[Holder, list[Holder], list[Sequence[int]]], None] | None = None


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
    entry       (N starts, N ends), raw: the entry in which a word without times of its own stands
    refresh     called with the edits of labels, to renew text that repeats them
    notes       things a person should know about how the file was read
    strays      words whose marks carry another label than they do
    origin      where each word stood among words and marks, None if all were words
    utterances  stretches of text in a file that times no words: its words are cut out of them
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
    entry: tuple[list[Json], list[Json]] | None = None
    refresh: Callable[[Edits], None] | None = None
    notes: list[str] = field(default_factory=list)
    strays: set[int] = field(default_factory=set)
    origin: Sequence[int] | None = None
    utterances: Sequence[Utterance] = ()


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


def dicts(value: Json, path: str) -> list[Holder]:
    """``value`` as a list of JSON objects. Raises ShapeError if it is not one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ShapeError(f"{path}: expected a list, found {kind(value)}")
    if not {*map(type, value)} <= {dict}:
        i = next(i for i, item in enumerate(value) if not isinstance(item, dict))
        raise ShapeError(f"{path}[{i}]: expected an object, found {kind(value[i])}")
    return value


def kind(value: Json) -> str:
    """What a JSON value is, in JSON's own words."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")


def is_dicts(value: Json, *keys: str) -> bool:
    """Whether ``value`` is a list of objects of which the first has one of ``keys``."""
    return (
        isinstance(value, list)
        and all(isinstance(v, dict) for v in value)
        and (not value or not keys or any(k in v for v in value[:50] for k in keys))
    )


def channel(name: Json, number: int, index: Sequence[int]) -> Part:
    """A channel of a recording, by its name in the file (0, "ch_0") and its number from 1."""
    called = str(name)
    called = called if called.startswith("ch") else f"channel {called}"
    return Part(called, np.asarray(index, dtype=np.int64), number)


def channels(values: Sequence[Json]) -> list[Part]:
    """Parts of a file by the channel of each word, none if there is only one."""
    found: dict[str, list[int]] = {}
    for i, value in enumerate(values):
        found.setdefault(str(value), []).append(i)
    parts = [channel(name, n, index) for n, (name, index) in enumerate(found.items(), start=1)]
    return parts if len(parts) > 1 else []


def text_of(value: Json, path: str) -> str:
    """A word's text. Raises ShapeError if it is not a string."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise ShapeError(f"{path}: expected the word as a string, found {kind(value)}")


def label_of(value: Json, path: str, unknown: tuple[Label, ...] = ()) -> Label | None:
    """A label, None for what names nobody. Raises ShapeError for what is no label."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, type(None))):
        raise ShapeError(f"{path}: expected a label, found {kind(value)}")
    nobody = value is None or value == "" or (isinstance(value, float) and not math.isfinite(value))
    return None if nobody or value in unknown else value


def times(values: list[Json], scale: float, path: Callable[[int], str], key: str) -> F64:
    """Raw time values as float64 seconds (N,); NaN for null, NaN and what is missing.

    Numeric strings count as numbers. Raises ShapeError for anything else, naming its place.
    """
    if set(map(type, values)) <= {float, int, type(None)}:
        try:
            return np.array(values, dtype=np.float64) * scale
        except OverflowError:
            pass  # an integer beyond float64: found below
    column = np.empty(len(values))
    for i, value in enumerate(values):
        column[i] = _seconds(value, f"{path(i)}.{key}")
    return column * scale


def _seconds(value: Json, path: str) -> float:
    if value is None:
        return np.nan
    # Python reads "1_0" as 10; no recogniser writes that.
    odd = isinstance(value, bool) or (isinstance(value, str) and "_" in value)
    if isinstance(value, (int, float, str)) and not odd:
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    shown = repr(value) if not isinstance(value, (dict, list)) else kind(value)
    raise ShapeError(f"{path}: {shown[:60]} is not a time: expected a number or a numeric string")


def number(value: Json) -> float | None:
    """A container's time as a number, in the file's unit; None where it is none."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if math.isnan(found) else found


def turn_rows(value: Json, path: str) -> tuple[list[tuple[float, float, Label]], int]:
    """A JSON list of ``{start, end, speaker}`` as rows in seconds, and how many had no usable time.

    Raises ShapeError for an entry without a label, or a time that is none.
    """
    entries = dicts(value, path)
    start = times([e.get("start") for e in entries], 1.0, (path + "[{}]").format, "start")
    end = times([e.get("end") for e in entries], 1.0, (path + "[{}]").format, "end")
    rows: list[tuple[float, float, Label]] = []
    for i, entry in enumerate(entries):
        label = entry.get("speaker")
        if not isinstance(label, (str, int)) or isinstance(label, bool) or label == "":
            raise ShapeError(f"{path}[{i}].speaker: expected a label, found {kind(label)}")
        if abs(start[i]) <= LATEST and start[i] <= end[i] <= LATEST:
            rows.append((float(start[i]), float(end[i]), label))
    return rows, len(entries) - len(rows)


def pair(
    words: Sequence[tuple[Json, ...]], copies: Sequence[tuple[Json, ...]]
) -> tuple[list[int], list[int]]:
    """Match copies of words to the words: ``(word indices, copy indices)``.

    Keys are ``(text, start, end)``. Where the texts are the same in the same order, so are the
    words, whatever happened to their times; else equal keys match, each word once, in order, and
    copies that match nothing are left out.
    """
    if [w[0] for w in words] == [c[0] for c in copies]:
        same = list(range(len(words)))
        return same, same
    waiting: dict[tuple[Json, ...], list[int]] = {}
    for i in range(len(words) - 1, -1, -1):
        waiting.setdefault(hashable(words[i]), []).append(i)
    found = [
        (stack.pop(), j) for j, key in enumerate(copies) if (stack := waiting.get(hashable(key)))
    ]
    return [i for i, _ in found], [j for _, j in found]


def hashable(key: tuple[Json, ...]) -> tuple[Json, ...]:
    """JSON values as a dictionary key."""
    return tuple(repr(k) if isinstance(k, (dict, list)) else k for k in key)
