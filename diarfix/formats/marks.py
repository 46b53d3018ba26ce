"""Marks that stand in a list of words as items of their own: they follow their word."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from diarfix.core import is_mark
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Layout, Track


def marks_follow(layout: Layout) -> Layout:
    """The layout with its marks taken out of the words, in place: each follows the word before it.

    A mark that opens (a bracket, a quote), or that begins a container or a recording, follows the
    word after it. In a container without any word it follows nothing and keeps its label; people
    read it after the word before. Where nothing but marks stands, they stay words.
    """
    among = {text for text in set(layout.text) if not text[:1].isalnum() and is_mark(text)}
    marks = [i for i, text in enumerate(layout.text) if text in among] if among else []
    if not marks or len(marks) == len(layout.text):
        return layout
    home = _homes(layout)
    owner = _owners(layout.text, set(marks), home)
    label = layout.tracks[0]
    _track(layout, label, {m: w for m, w in owner.items() if home[m] == home[w]})
    kept = [i for i in range(len(layout.text)) if i not in owner]
    layout.text[:] = _texts(layout.text, owner, kept)
    _take(layout, kept)
    layout.notes.append(f"marks that stand as words, read with the word they follow: {len(owner)}")
    return layout


def _homes(layout: Layout) -> list[tuple[int, int]]:
    """Where each word stands: (its recording or channel, its container)."""
    part, box = [0] * len(layout.text), [-1] * len(layout.text)
    for n, found in enumerate(layout.parts):
        for i in found.index.tolist():
            part[i] = n
    # Lines and phrases that own a label are the holders of several words.
    alone = len({*map(id, layout.tracks[0].holders)}) == len(layout.text)
    if not alone:
        box = [id(holder) for holder in layout.tracks[0].holders]
    elif layout.groups:
        for n, container in enumerate(layout.groups[0].containers):
            for i in container.words:
                box[i] = n
    return list(zip(part, box, strict=True))


def _owners(
    text: Sequence[str], marks: set[int], home: Sequence[tuple[int, int]]
) -> dict[int, int]:
    """The word that each mark is read with."""
    before: dict[int, int] = {}  # part -> its latest word
    found: dict[int, int] = {}
    waiting: list[int] = []
    for i in range(len(text)):
        if i not in marks:
            held = [m for m in waiting if home[m][0] == home[i][0]]
            for m in held:
                # What waited for a word of its container, and met one of another, goes back.
                found[m] = before.get(home[m][0], i) if home[m] != home[i] else i
            waiting = [m for m in waiting if m not in held]
            before[home[i][0]] = i
        elif (last := before.get(home[i][0])) is None or home[last] != home[i] or _opens(text[i]):
            waiting.append(i)
        else:
            found[i] = last
    for m in waiting:
        if home[m][0] in before:
            found[m] = before[home[m][0]]
    return found


def _opens(text: str) -> bool:
    return text.strip()[0] in "¿¡" or unicodedata.category(text.strip()[0]) in {"Ps", "Pi"}


def _texts(text: Sequence[str], owner: dict[int, int], kept: Sequence[int]) -> list[str]:
    """The words with their marks, parted as the file parts them, dashes and signs by a space."""
    whole = dict(zip(kept, (text[i] for i in kept), strict=True))
    for m, w in owner.items():
        mark = text[m]
        space = " " if unicodedata.category(mark.strip()[0]) in {"Pd", "Sc", "Sm", "So"} else ""
        if m < w:
            lead = whole[w][: len(whole[w]) - len(whole[w].lstrip())]
            whole[w] = lead + mark.strip() + space + whole[w].lstrip()
        else:
            whole[w] += mark if mark[0].isspace() or whole[w][-1:].isspace() else space + mark
    return list(whole.values())


def _track(layout: Layout, label: Track, owner: dict[int, int]) -> None:
    """Let the labels of marks move with their word, and note those that differ from it."""
    holders = label.holders
    for track in layout.tracks[1:]:
        found = [(i, h) for i, h in zip(track.words, track.holders, strict=True) if i in owner]
        if found:
            _add(layout, track, [owner[i] for i, _ in found], [h for _, h in found])
    if any(group.owns for group in layout.groups):
        return
    moving: list[tuple[int, Holder]] = []
    for m, w in owner.items():
        mine, other = holders[m].get(label.key), holders[w].get(label.key)
        if holders[m] is holders[w] or (mine is None) != (other is None):
            continue  # a mark without a label gets none
        if mine != other and not any(label in ("", *layout.unknown) for label in (mine, other)):
            layout.strays.add(w)
        moving.append((w, holders[m]))
    if moving:
        _add(layout, label, [w for w, _ in moving], [h for _, h in moving])


def _add(layout: Layout, like: Track, words: list[int], holders: list[Holder]) -> None:
    layout.tracks.append(Track(like.key, words, holders, like.spell))


def _take(layout: Layout, kept: Sequence[int]) -> None:
    """Number everything in the layout by the words that are left."""
    to = {old: new for new, old in enumerate(kept)}
    layout.start[:] = [layout.start[i] for i in kept]
    layout.end[:] = [layout.end[i] for i in kept]
    if layout.entry is not None:
        layout.entry = layout.entry[0][kept], layout.entry[1][kept]
    path = layout.path
    layout.path = lambda i: path(kept[i])
    for track in layout.tracks:
        pairs = [(to[i], h) for i, h in zip(track.words, track.holders, strict=True) if i in to]
        track.words, track.holders = [i for i, _ in pairs], [h for _, h in pairs]
    for group in layout.groups:
        for box in group.containers:
            spots = [s for i, s in zip(box.words, box.spots, strict=False) if i in to]
            box.words, box.spots = [to[i] for i in box.words if i in to], spots
    layout.parts = [
        replace(part, index=np.array([to[i] for i in part.index.tolist() if i in to], np.int64))
        for part in layout.parts
    ]
    layout.strays = {to[i] for i in layout.strays if i in to}
    layout.fixed = {to[i] for i in layout.fixed if i in to}
