"""The layout of a file that holds several: recordings one after another, or pieces of one."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from diarfix.formats.jsonfields import times
from diarfix.formats.layout import Container, Group, Layout, Part, Track
from diarfix.formats.utterances import Utterance


def prefixed(layout: Layout, prefix: str) -> Layout:
    """The layout, in place, of a file that stands under a JSON path of another."""
    inner = layout.path
    layout.path = lambda i: under(prefix, inner(i))
    return layout


def under(prefix: str, path: str) -> str:
    """A JSON path, or a message that begins with one, below another.

    >>> under("data", "words[0]"), under("data", "[0].end: soon"), under("", "words[0]")
    ('data.words[0]', 'data[0].end: soon', 'words[0]')
    """
    return prefix + path if not prefix or path.startswith("[") else f"{prefix}.{path}"


def combined(layouts: Sequence[Layout], names: Sequence[str]) -> Layout:
    """Layouts one after another, each a recording.

    layouts  at least one: times in one unit, labels under one key, words timed in all or in none
    names    of the recordings, no two the same; none where all are pieces of one recording
    """
    offsets = [0, *itertools.accumulate(len(layout.text) for layout in layouts)]
    owner = Track(
        layouts[0].tracks[0].key,
        range(offsets[-1]),
        [holder for layout in layouts for holder in layout.tracks[0].holders],
        layouts[0].tracks[0].spell,
    )
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
        sides = [layout.entry or ([None] * len(layout.text),) * 2 for layout in layouts]
        whole.entry = (
            [value for starts, _ in sides for value in starts],
            [value for _, ends in sides for value in ends],
        )
    told: list[Utterance] = []
    for n, (layout, offset) in enumerate(zip(layouts, offsets, strict=False)):
        whole.tracks += [_moved_track(track, offset) for track in layout.tracks[1:]]
        whole.groups += [_moved_group(group, offset) for group in layout.groups]
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


def in_sequence(layouts: Sequence[Layout]) -> bool:
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


def _moved(words: Sequence[int], offset: int) -> Sequence[int]:
    if isinstance(words, range):
        return range(words.start + offset, words.stop + offset, words.step)
    return [word + offset for word in words]


def _moved_track(track: Track, offset: int) -> Track:
    return Track(track.key, _moved(track.words, offset), track.holders, track.spell)


def _moved_group(group: Group, offset: int) -> Group:
    boxes = [Container(b.holder, _moved(b.words, offset), b.spots) for b in group.containers]
    return replace(group, containers=boxes)


def _parts(layout: Layout, offset: int, name: str) -> list[Part]:
    """The parts of one recording among others: each of its channels is one of its own."""
    if not layout.parts:
        return [Part(name, np.arange(offset, offset + len(layout.text)))]
    return [
        Part(f"{name}.{part.name}" if part.name else name, part.index + offset)
        for part in layout.parts
    ]
