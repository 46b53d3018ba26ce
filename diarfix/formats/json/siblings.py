"""Speakers beside a list of words: paragraphs, segments, turns that hold words by time or number.

Where no word has a label a word is that of the container in which it begins, and in a gap that of
the one before. New labels then go to the containers, which are cut; where no time tells two words
apart that part ways, the file cannot say so, and writing is refused.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from diarfix.core import LATEST, turns_from_rows
from diarfix.errors import InputError
from diarfix.formats.json.keys import DURATION, PAIR, Clock, alias, clock_of, label_key
from diarfix.formats.jsonfields import is_dicts, number
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Container, Cut, Group, Json, Layout

#: Keys under which containers stand beside words.
_NAMES = ("sentences", "utterances", "segments", "paragraphs", "turns", "blocks", "speakers")

#: Times closer than this, in any unit, are one.
_CLOSE = 1e-6

_Edge = tuple[float | None, float | None]


def take_siblings(layout: Layout, beside: Mapping[str, Json]) -> None:
    """Give a layout the containers with speakers that stand beside its words.

    beside  what the object that holds the words holds else
    """
    for name in _NAMES:
        holders = beside.get(name)
        if not (holders and is_dicts(holders)):
            continue
        timed = clock_of(holders, (name + "[{}]").format)
        key = label_key(holders, "")
        if key and (numbers := _numbers(holders, len(layout.text))):
            boxes = [Container(h, n, range(len(n))) for h, n in zip(holders, numbers, strict=True)]
            counted = Group(boxes, key, holders, "words", "text", *timed.edges)
            counted.divide = _division(holders, timed)
            layout.groups.append(counted)
        elif key and timed:
            hold_by_time(layout, Group([], key, holders), timed, name)
        elif timed and not key and alias(holders, ("name",)) and layout.turns is None:
            _take_turns(layout, holders, timed)


def hold_by_time(layout: Layout, group: Group, timed: Clock, name: str) -> None:
    """Fill a group with containers that hold the words by time, and give it to a layout.

    group  its parent is the list of containers
    timed  their times
    name   what they are called in messages
    """
    holders = group.parent or []
    edges = [(number(a), number(b)) for a, b in zip(timed.start, timed.end, strict=True)]
    begins = [number(t) for t in layout.start]
    found = _held(edges, begins)
    inside = [
        [i for i in box if _within(edge, begins[i])] for edge, box in zip(edges, found, strict=True)
    ]
    known, within = sum(t is not None for t in begins), sum(map(len, inside))
    label = layout.tracks[0]
    free = all(holder.get(label.key) in (None, "") for holder in label.holders)
    ordered = [a for a, _ in edges if a is not None]
    if not free or 2 * within < known or ordered != sorted(ordered):
        # Words have labels of their own: containers follow those that begin in them.
        group.containers = [Container(h, box) for h, box in zip(holders, inside, strict=True)]
        group.parent = None
        if group.within is None:
            layout.groups.append(group)
        return
    # No entries are divided: a word stands where its time is.
    group.containers = [Container(h, box, box) for h, box in zip(holders, found, strict=True)]
    group.text = "text"
    group.start, group.end = timed.edges
    shared = _division(holders, timed)

    def divide(cut: Cut) -> None:
        shared(cut)
        _check(cut)

    group.divide = divide
    layout.groups.append(group)
    if known > within:
        layout.notes.append(
            f"words outside all {name}, read as if in those before them: {known - within}"
        )


def _division(holders: list[Holder], timed: Clock) -> Callable[[Cut], None]:
    """What divides times that are no start and end of their own: pairs and durations."""
    key, end = timed.keys
    length = "" if end or not key else alias(holders, DURATION)

    def divide(cut: Cut) -> None:
        if key in PAIR:
            first, last = cut.whole[key]
            for piece, start, end in _ends(cut):
                piece[key] = [first if start is None else start, last if end is None else end]
        elif length:
            _divide_duration(cut, key, length)

    return divide


def _numbers(holders: list[Holder], words: int) -> list[list[int]] | None:
    """The words of each container where it counts them, None where not."""
    found = [holder.get("words") for holder in holders]
    counted = all(
        isinstance(n, list) and all(type(i) is int and 0 <= i < words for i in n) for n in found
    )
    return found if counted and any(found) else None  # type: ignore[return-value]


def _held(edges: Sequence[_Edge], begins: Sequence[float | None]) -> list[list[int]]:
    """The words of each container: those that begin in it, or behind it and before the next.

    A word without time goes with the one before.
    """
    order = sorted((a, k) for k, (a, _) in enumerate(edges) if a is not None)
    starts = [a for a, _ in order]
    found: list[list[int]] = [[] for _ in edges]
    at = order[0][1] if order else 0
    for i, t in enumerate(begins):
        if t is not None and order:
            at = order[max(0, bisect.bisect_right(starts, t + _CLOSE) - 1)][1]
        found[at].append(i)
    return found


def _within(edge: _Edge, t: float | None) -> bool:
    a, b = edge
    if a is None or t is None or t < a - _CLOSE:
        return False
    return b is None or b < a or t < b + _CLOSE  # one without an end ends where the next begins


def _check(cut: Cut) -> None:
    """Raise InputError if the times of pieces do not tell which of them a word is in."""
    layout, order = cut.layout, [i for inside in cut.words for i in inside]
    edges = [(number(a), None) for a in clock_of(cut.pieces, str).start]
    held = _held(edges, [number(layout.start[i]) for i in order])
    if (begins := [a for a, _ in edges if a is not None]) != sorted(begins):
        held = [[]] * len(cut.pieces)
    stops = [0, *itertools.accumulate(map(len, cut.words))]
    for (a, b), found in zip(itertools.pairwise(stops), held, strict=True):
        if found != [*range(a, b)]:
            raise InputError(
                f"{layout.path(order[a])}: no time tells it from a word of another speaker, and"
                " its label stands on what it is said in",
                hint="diarfix convert FILE --to words makes a file with a label per word",
            )


def _ends(cut: Cut) -> Iterator[tuple[Holder, Json, Json]]:
    """The start of each piece but the first, and the end of each but the last, None for these."""
    for piece, inside in zip(cut.pieces, cut.words, strict=True):
        starts = (t for i in inside if (t := cut.layout.start[i]) is not None)
        ends = (t for i in reversed(inside) if (t := cut.layout.end[i]) is not None)
        first, last = piece is cut.pieces[0], piece is cut.pieces[-1]
        yield piece, None if first else next(starts, None), None if last else next(ends, None)


def _divide_duration(cut: Cut, start: str, length: str) -> None:
    whole = cut.whole
    # In the start's unit, which a duration in milliseconds may not have.
    own = 1e-3 if length.lower().endswith("ms") and not start.lower().endswith("ms") else 1.0
    begins, lasts = number(whole.get(start)), number(whole.get(length))
    stop = None if begins is None or lasts is None else begins + own * lasts
    for piece, _, end in _ends(cut):
        a, b = number(piece.get(start)), stop if end is None else number(end)
        if a is not None and b is not None:
            spelled = round(max(0.0, b - a) / own, 6)
            piece[length] = str(spelled) if isinstance(whole[length], str) else spelled


def _take_turns(layout: Layout, holders: list[Holder], timed: Clock) -> None:
    """The diarizer's turns by name, as Hyperaudio and Speechmatics 1.0 keep them."""
    rows = []
    for holder, start, end in zip(holders, timed.start, timed.end, strict=True):
        a, b, name = number(start), number(end), holder.get("name")
        if (
            a is not None
            and b is not None
            and 0 <= a <= b <= LATEST
            and isinstance(name, str)
            and name
        ):
            rows.append((a * layout.scale, b * layout.scale, name))
    if rows:
        layout.turns = turns_from_rows(rows)
        layout.names = ("speakers.name",)
