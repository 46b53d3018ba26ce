"""The layout of what was found in a file: one word file, or several that are its recordings.

The unit of its times is doubted by their size: no word lasts a millisecond, or a minute.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from diarfix.core import F64, LATEST, turns_from_rows
from diarfix.files import recording_id
from diarfix.formats.envelopes import Opened, Root, json_path, speaker_named
from diarfix.formats.jsonfields import reach, times
from diarfix.formats.layout import (
    Container,
    Json,
    Layout,
    Part,
    ShapeError,
    Track,
    containers_tell,
    names_speakers,
)
from diarfix.formats.marks import marks_follow
from diarfix.formats.unread import WORDS_WANTED
from diarfix.formats.utterances import Utterance

_Item = TypeVar("_Item", Track, Container)

#: Keys under which a response tells of which file it is, and under which an id.
_FILES = ("file", "filename", "file_name", "file_path", "path", "audio", "audio_file", "audio_path",
          "audio_filepath", "audio_url", "media_url", "uri", "url", "source", "name")  # fmt: skip
_IDS = ("recording_id", "session_id", "call_id", "jobName", "job_id", "transcript_id", "id",
        "request_id")  # fmt: skip

#: Longer than this (s, at the median) nothing is, words and stretches of text: such times are
#: milliseconds. Whole numbers tell sooner, since seconds are rarely whole.
_WHOLE, _BROKEN = (20.0, 100.0), (50.0, 500.0)
#: Shorter than this (s, at the median) nothing is: such times are seconds, if they are not whole.
_BRIEF = (0.005, 0.02)
#: Longer than this (s, at the median) is odd.
_ODD = (5.0, 100.0)

#: A longer name is none.
_LONGEST = 120


def laid_out(found: Opened, tree: Json, scale: float | None = None) -> Layout:
    """The layout of all that was found in a file, its JSON paths from the top of the file.

    tree   the whole file
    scale  seconds per unit of its times, None where the dialect says

    Raises ShapeError for a shape that breaks, for recordings that cannot stand in one document, and
    for words in an envelope whose speakers are named where they are not read.
    """
    layouts = [_read(found, root, scale) for root in found.roots]
    if len(layouts) > 1 and scale is None:
        for one in layouts:  # each has its unit
            begins, ends = (
                times(values, one.scale, one.path, key)
                for values, key in ((one.start, "start"), (one.end, "end"))
            )
            settle_unit(one, begins, ends)
    layout = layouts[0] if len(layouts) == 1 else _together(found, layouts)
    inside = json_path(found.path or found.roots[0].path)
    if inside and layout.turns is None and not _labelled(layout):
        where = speaker_named(tree)
        if where is not None:
            raise ShapeError(
                f"{json_path(where)}: names a speaker for the words under {inside}, where it is"
                " not read: they would be without",
                hint=WORDS_WANTED,
            )
    if found.path or (len(layouts) == 1 and inside):
        layout.notes.insert(0, f"read under {inside}")
    if found.passed:
        layout.notes.append(f"responses without a transcript, passed over: {len(found.passed)}")
    return layout


def _labelled(layout: Layout) -> bool:
    told = any(utterance.speaker is not None for utterance in layout.utterances)
    return told or names_speakers(layout, layout.tracks[0])


def _read(found: Opened, root: Root, scale: float | None) -> Layout:
    prefix = json_path(root.path)
    try:
        layout = found.dialect.walk(root.tree)
        if not layout.utterances:
            containers_tell(layout)
            layout = marks_follow(layout)
    except ShapeError as error:
        raise ShapeError(_under(prefix, error.message), hint=error.hint) from error
    if scale is not None:
        rescale(layout, scale)
    if prefix:
        inner = layout.path
        layout.path = lambda i: _under(prefix, inner(i))
    return layout


def _together(found: Opened, layouts: list[Layout]) -> Layout:
    """Several layouts as one: recordings, or pieces of one recording."""
    said = [layout for layout in layouts if layout.text]
    for differ, what in (
        (lambda one: one.tracks[0].key, "names its speakers under another key"),
        (lambda one: one.scale, "has its times in another unit"),
        (lambda one: bool(one.utterances), "times its words otherwise"),
    ):
        odd = next((one for one in said if differ(one) != differ(said[0])), None)
        if odd is not None:
            raise ShapeError(
                f"{odd.path(0)}: {what} than the recording before it",
                hint="cut the recordings out one by one (jq)",
            )
    _without_turns(found, layouts)
    files, ids = _names(found.roots, _FILES), _names(found.roots, _IDS)
    if not files and not any(one.parts for one in layouts) and _in_sequence(layouts):
        whole = _combined(layouts, ())
        whole.notes.append(f"{len(layouts)} pieces of one recording, each after the one before")
        return whole
    return _combined(layouts, files or ids or [str(n) for n in range(1, len(layouts) + 1)])


def _without_turns(found: Opened, layouts: Iterable[Layout]) -> None:
    """Pass over the turns that recordings of one document bring along, if words are labelled."""
    for root, layout in zip(found.roots, layouts, strict=True):
        if layout.turns is None and not layout.centroids:
            continue
        owner = layout.tracks[0]
        if not all(owner.key in holder for holder in owner.holders):
            raise ShapeError(
                f"{json_path(root.path)}: has turns of its own, which label its words",
                hint="cut the recordings out one by one (jq)",
            )
        layout.turns, layout.centroids, layout.regions = None, {}, None
        layout.notes.append("several recordings: the diarizer's turns in them are not used")


def _names(roots: Sequence[Root], keys: Iterable[str]) -> list[str]:
    """What recordings are called under the first key that tells them apart; none if none does."""
    for key in keys:
        names = [next(_told(root, key), "") for root in roots]
        if key in _FILES:
            names = [recording_id(name) if name else "" for name in names]
        if all(0 < len(name) <= _LONGEST for name in names) and len({*names}) == len(names):
            return names
    return []


def _told(root: Root, key: str) -> Iterator[str]:
    for holder in (root.entry, root.tree, reach(root.tree, "metadata")):
        value: Json = reach(holder, key)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            yield " ".join(str(value).split())


def _under(prefix: str, path: str) -> str:
    """A JSON path, or a message that begins with one, below another.

    >>> _under("data", "words[0]"), _under("data", "[0].end: soon"), _under("", "words[0]")
    ('data.words[0]', 'data[0].end: soon', 'words[0]')
    """
    return prefix + path if not prefix or path.startswith("[") else f"{prefix}.{path}"


def _combined(layouts: Sequence[Layout], names: Sequence[str]) -> Layout:
    """Layouts one after another, each a recording.

    layouts  at least one: times in one unit, labels under one key, words timed in all or in none
    names    of the recordings, no two the same; none where all are pieces of one recording
    """
    offsets = [0, *itertools.accumulate(len(layout.text) for layout in layouts)]
    holders = [holder for layout in layouts for holder in layout.tracks[0].holders]
    owner = replace(layouts[0].tracks[0], words=range(offsets[-1]), holders=holders)
    whole = Layout(
        text=[text for layout in layouts for text in layout.text],
        start=[value for layout in layouts for value in layout.start],
        end=[value for layout in layouts for value in layout.end],
        path=_paths(layouts, offsets),
        tracks=[owner],
        scale=layouts[0].scale,
        unknown=tuple(dict.fromkeys(label for layout in layouts for label in layout.unknown)),
        names=tuple(dict.fromkeys(name for layout in layouts for name in layout.names)),
    )
    if any(layout.entry is not None for layout in layouts):
        sides = [layout.entry or (np.full(len(layout.text), np.nan),) * 2 for layout in layouts]
        starts, ends = zip(*sides, strict=True)
        whole.entry = np.concatenate(starts), np.concatenate(ends)
    told: list[Utterance] = []
    for n, (layout, offset) in enumerate(zip(layouts, offsets, strict=False)):
        whole.tracks += [_moved(track, offset) for track in layout.tracks[1:]]
        whole.groups += [
            replace(group, containers=[_moved(box, offset) for box in group.containers])
            for group in layout.groups
        ]
        whole.refresh += layout.refresh
        whole.strays |= {word + offset for word in layout.strays}
        whole.fixed |= {word + offset for word in layout.fixed}
        base = len(whole.parts)
        if names:
            whole.parts += _parts(layout, offset, names[n])
        told += [replace(u, part=base + u.part) for u in layout.utterances]
        for recording, said in layout.entries.items():
            whole.entries.setdefault(recording, []).extend(said)
    whole.utterances = told
    whole.notes = [*dict.fromkeys(note for layout in layouts for note in layout.notes)]
    return whole


def _in_sequence(layouts: Sequence[Layout]) -> bool:
    """Whether each begins where the one before has ended: they are pieces of one recording."""
    last = -np.inf
    for layout in layouts:
        start = times(layout.start, layout.scale, layout.path, "start")
        end = times(layout.end, layout.scale, layout.path, "end")
        spans = [(u.start, u.end) for u in layout.utterances if u.timed]
        known = np.isfinite(start) & np.isfinite(end)
        spans += zip(start[known].tolist(), end[known].tolist(), strict=True)
        if not spans:
            continue
        if min(a for a, _ in spans) < last:
            return False
        last = max(b for _, b in spans)
    return True


def _paths(layouts: Sequence[Layout], offsets: Sequence[int]) -> Callable[[int], str]:
    def path(i: int) -> str:
        n = bisect.bisect_right(offsets, i) - 1
        return layouts[n].path(i - offsets[n])

    return path


def _moved(item: _Item, offset: int) -> _Item:
    """A track or a container whose words stand further on."""
    words = item.words
    if isinstance(words, range):
        return replace(item, words=range(words.start + offset, words.stop + offset, words.step))
    return replace(item, words=[word + offset for word in words])


def _parts(layout: Layout, offset: int, name: str) -> list[Part]:
    """The parts of one recording among others: each of its channels is one of its own."""
    if not layout.parts:
        return [Part(name, np.arange(offset, offset + len(layout.text)))]
    return [
        Part(f"{name}.{part.name}" if part.name else name, part.index + offset)
        for part in layout.parts
    ]


def settle_unit(layout: Layout, start: F64, end: F64) -> tuple[F64, F64]:
    """Times (N,), (N,) in s, in the unit that their size allows, which the layout then has too.

    start, end  as the dialect reads them, NaN for none

    The median decides: recognisers give a single word half a minute, and some times are broken.
    """
    said = layout.utterances
    edges = start, end
    if said:
        edges = np.array([u.start for u in said]), np.array([u.end for u in said])
    length, whole = _sizes(*edges, layout.scale)
    text = bool(said)
    what = "an entry" if text else "a word"
    lasts = f"{length:,.3g}" if length < 1000 else f"{length:,.0f}"
    if layout.scale == 1.0 and length > (_WHOLE if whole else _BROKEN)[text]:
        unit, name, other = 1e-3, "milliseconds", "s"
    elif layout.scale == 1e-3 and not whole and length < _BRIEF[text]:
        unit, name, other = 1.0, "seconds", "ms"
    else:
        if layout.scale == 1.0 and length > _ODD[text]:
            odd = f"{what} lasts {lasts} s at the median (--time-unit ms if times are milliseconds)"
            layout.notes.append(odd)
        return start, end
    layout.notes.append(
        f"times read as {name}: else {what} would last {lasts} s (--time-unit {other} if so)"
    )
    factor = rescale(layout, unit)
    return start * factor, end * factor


def rescale(layout: Layout, unit: float) -> float:
    """Read the times of a layout in another unit (s); what its seconds are multiplied by."""
    factor = unit / layout.scale
    layout.scale = unit
    if factor != 1.0:
        said, turns = layout.utterances, layout.turns
        layout.utterances = [replace(u, start=u.start * factor, end=u.end * factor) for u in said]
        if layout.entry is not None:
            layout.entry = layout.entry[0] * factor, layout.entry[1] * factor
        if turns is not None:
            found = turns.start * factor, turns.end * factor
            layout.turns = turns_from_rows(zip(*found, turns.labels, strict=True))
    return factor


def _sizes(start: F64, end: F64, scale: float) -> tuple[float, bool]:
    """The median of what lasts at all (s), 1 if nothing does; whether most times are whole."""
    lasting = (start >= 0) & (end > start) & (end <= LATEST)
    if not lasting.any():
        return 1.0, False
    start, end = start[lasting], end[lasting]
    values = np.concatenate((start, end)) / scale
    values = values[values != 0]
    whole = int(np.count_nonzero(np.abs(values - np.round(values)) < 1e-6))
    return float(np.median(end - start)), 2 * whole > len(values)
