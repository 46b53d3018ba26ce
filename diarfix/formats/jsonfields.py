"""What dialects read a parsed file with: members of its objects, as words, times and labels.

A dialect says under which keys texts, times and labels stand, and :func:`lay_out` does the rest.
Keys are one name, or several of which a word has one.
"""

from __future__ import annotations

import bisect
import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diarfix.core import F64, LATEST, Label
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Container, Json, Layout, ShapeError, Track

Keys = str | tuple[str, ...]
_MISSING = object()


def reach(tree: Json, *keys: str) -> Json:
    """What stands under a path of keys; None where there is nothing."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def enclosed(tree: Json, key: str) -> Json:
    """The object under a key, in which a dialect may stand; the tree itself where there is none."""
    inner = reach(tree, key)
    return inner if isinstance(inner, dict) else tree


def kind(value: Json) -> str:
    """What a JSON value is, in JSON's own words."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")


def shown(value: Json) -> str:
    """A value in a message: what it is, or what it says."""
    return kind(value) if isinstance(value, (dict, list)) else repr(value)[:60]


def is_dicts(value: Json, *keys: str) -> bool:
    """Whether ``value`` is a list of objects, and one of the first has one of ``keys``.

    An empty list is one.
    """
    return (
        isinstance(value, list)
        and all(isinstance(v, dict) for v in value)
        and (not value or not keys or any(k in v for v in value[:50] for k in keys))
    )


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


def first_of(holder: Holder, key: str, path: str, *, needed: bool = False) -> Holder:
    """The first of an object's alternatives, an empty object if it has none.

    Raises ShapeError if ``needed`` and there is none.
    """
    found = dicts(holder.get(key), f"{path}.{key}")
    if needed and not found:
        raise ShapeError(f"{path}.{key}: expected at least one")
    return found[0] if found else {}


def text_of(value: Json, path: str) -> str:
    """A word's text. Raises ShapeError if it is not a string."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise ShapeError(f"{path}: expected the word as a string, found {kind(value)}")


def label_of(value: Json, path: str, unknown: Sequence[Label] = ()) -> Label | None:
    """A label, None for what names nobody. Raises ShapeError for what is no label."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, type(None))):
        raise ShapeError(f"{path}: expected a label, found {kind(value)}")
    nobody = value is None or value == "" or (isinstance(value, float) and not math.isfinite(value))
    return None if nobody or value in unknown else value


def column(words: Sequence[Holder], keys: Keys, default: Json = None) -> list[Json]:
    """What each word holds under the first of some keys that it has."""
    names = (keys,) if isinstance(keys, str) else keys
    try:
        return list(map(operator.itemgetter(names[0]), words))  # in a third of the time
    except KeyError:
        pass
    if len(names) == 1:
        return [word.get(names[0], default) for word in words]
    return [next((word[key] for key in names if key in word), default) for word in words]


def texts(
    words: Sequence[Holder], keys: Keys, path: Callable[[int], str], *, needed: bool = False
) -> list[str]:
    """The texts of words. Raises ShapeError for one that is no text, or misses if ``needed``."""
    found = column(words, keys, _MISSING if needed else None)
    if set(map(type, found)) <= {str}:
        return found
    names = (keys,) if isinstance(keys, str) else keys
    for i, value in enumerate(found):
        if value is _MISSING:
            raise ShapeError(f"{path(i)}: expected a key {names[0]!r}")
    at = [next((key for key in names if key in word), names[0]) for word in words]
    return [text_of(value, f"{path(i)}.{at[i]}") for i, value in enumerate(found)]


def lay_out(
    words: Sequence[Holder],
    path: Callable[[int], str],
    *,
    text: Keys | list[str] = "word",
    start: Keys | list[Json] = "start",
    end: Keys | list[Json] = "end",
    label: str = "speaker",
    owners: Sequence[Holder] | None = None,
    **more: Any,
) -> Layout:
    """The layout of N words.

    text, start, end  the keys under which they stand in a word, or a list of N of them
    label   the key of labels, in the words or in what ``owners`` has for each
    more    other fields of the layout
    """
    return Layout(
        text=text if isinstance(text, list) else texts(words, text, path),
        start=start if isinstance(start, list) else column(words, start),
        end=end if isinstance(end, list) else column(words, end),
        path=path,
        tracks=[Track(label, range(len(words)), words if owners is None else owners)],
        **more,
    )


@dataclass(slots=True)
class Nested:
    """Words that stand in lists inside containers.

    words, owners  N words, and for each its container's object
    containers     the containers
    path           index -> JSON path of the word
    """

    words: list[Holder]
    containers: list[Container]
    path: Callable[[int], str]

    @property
    def owners(self) -> list[Holder]:
        """For each word the object that contains it."""
        return [box.holder for box in self.containers for _ in box.words]


def nested(
    holders: Sequence[Holder], root: str, key: Keys = "words", *, best: str | None = None
) -> Nested:
    """The words in the lists that the containers of a list have, or their first alternatives.

    root  JSON path of the list of containers
    key   of the lists of words; of several the first under which words stand
    best  key of the alternatives

    Raises ShapeError for a list that is none of objects.
    """
    words: list[Holder] = []
    containers = []
    starts = []
    names = (key,) if isinstance(key, str) else key
    middle = "" if best is None else f".{best}[0]"
    chosen = []
    for n, holder in enumerate(holders):
        inside = holder if best is None else first_of(holder, best, f"{root}[{n}]")
        name = next((name for name in names if inside.get(name)), names[0])
        entries = dicts(inside.get(name), f"{root}[{n}]{middle}.{name}")
        starts.append(len(words))
        chosen.append(name)
        words += entries
        span = range(starts[n], len(words))
        containers.append(Container(holder, span, range(len(span))))

    def path(i: int) -> str:
        n = bisect.bisect_right(starts, i) - 1
        return f"{root}[{n}]{middle}.{chosen[n]}[{i - starts[n]}]"

    return Nested(words, containers, path)


def by_time(holders: list[Holder], words: list[Holder]) -> list[Container]:
    """Containers that repeat no words: each owns those that begin inside it."""
    known = sorted((t, i) for i, w in enumerate(words) if (t := number(w.get("start"))) is not None)
    begins = [t for t, _ in known]
    found = []
    for holder in holders:
        a, b = number(holder.get("start")), number(holder.get("end"))
        inside: list[int] = []
        if a is not None and b is not None:
            lo, hi = bisect.bisect_left(begins, a), bisect.bisect_left(begins, b)
            inside = sorted(i for _, i in known[lo:hi])
        found.append(Container(holder, inside))
    return found


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


def spans(
    starts: list[Json], ends: list[Json], scale: float, path: Callable[[int], str]
) -> tuple[F64, F64]:
    """Starts and ends as by :func:`times`; NaN for both of what is no stretch of time."""
    start, end = times(starts, scale, path, "start"), times(ends, scale, path, "end")
    usable = (start >= 0) & (end >= start) & (end <= LATEST)
    return np.where(usable, start, np.nan), np.where(usable, end, np.nan)


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
    raise ShapeError(f"{path}: {shown(value)} is not a time: expected a number or a numeric string")


def number(value: Json) -> float | None:
    """A container's time as a number, in the file's unit; None where it is none."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if math.isnan(found) else found


def pair(
    words: Sequence[Holder], copies: Sequence[Holder], text: str, *others: str
) -> tuple[Sequence[int], Sequence[int]]:
    """Match copies of words to the words: ``(word indices, copy indices)``.

    text, others  keys of the text, and of what else tells one word from another

    Where the texts are the same in the same order, so are the words, whatever happened to their
    times; else words match that are equal in all keys, each once, in order, and copies that match
    nothing are left out.
    """
    if [w.get(text) for w in words] == [c.get(text) for c in copies]:
        return range(len(words)), range(len(words))
    return match(words, copies, (text, *others))


def match(
    words: Sequence[Holder], copies: Sequence[Holder], keys: Sequence[str]
) -> tuple[list[int], list[int]]:
    """Objects that hold the same under some keys, as :func:`pair`: each once, in order."""
    waiting: dict[tuple[Json, ...], list[int]] = {}
    for i in range(len(words) - 1, -1, -1):
        waiting.setdefault(identity(words[i], keys), []).append(i)
    found = [
        (stack.pop(), j)
        for j, copy in enumerate(copies)
        if (stack := waiting.get(identity(copy, keys)))
    ]
    return [i for i, _ in found], [j for _, j in found]


def identity(holder: Holder, keys: Sequence[str]) -> tuple[Json, ...]:
    """What an object holds under some keys, as a dictionary key."""
    values = map(holder.get, keys)
    return tuple(repr(v) if isinstance(v, (dict, list)) else v for v in values)
