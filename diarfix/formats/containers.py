"""Bring the containers of a parsed file in step with its words: re-vote, cut, join."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from diarfix.core.segments import Segments, cut_text, join_text, joins, level, stretches, vote
from diarfix.core.words import UNKNOWN, Label
from diarfix.formats.json import Container, Group, Json, Layout
from diarfix.formats.layout import number


class Relabelled:
    """The labels a file is to have, by word index.

    codes    (N,) code of each word, -1 for none
    labels   the labels those codes name
    changed  indices of the words whose label moved
    """

    def __init__(self, codes: list[int], labels: tuple[Label, ...], changed: set[int]) -> None:
        self.codes = codes
        self.labels = labels
        self.changed = changed
        self._book = {(type(label), label): code for code, label in enumerate(labels)}

    def code(self, label: Json) -> int:
        """The code of a label that stands in the file; -1 for one no word carries."""
        if isinstance(label, (str, int, float)):
            return self._book.get((type(label), label), UNKNOWN)
        return UNKNOWN


def revote(groups: list[Group], to: Relabelled) -> None:
    """Give containers with a changed word the label of most of their words (ties keep theirs)."""
    for group in groups:
        for container in group.containers:
            if group.speaker not in container.holder or to.changed.isdisjoint(container.words):
                continue
            present = to.code(container.holder[group.speaker])
            winner = vote([to.codes[i] for i in container.words], present)
            if winner not in {present, UNKNOWN}:
                container.holder[group.speaker] = to.labels[winner]


def relabel_owners(layout: Layout, to: Relabelled) -> None:
    """Where containers own the label of their words, cut those of which words moved.

    A container all of whose words moved together takes their label; others stay as they are.
    """
    for group in layout.groups:
        if not group.owns or group.parent is None:
            continue
        made = [
            [c] if to.changed.isdisjoint(c.words) else _divide(c, group, layout, to)
            for c in group.containers
        ]
        _replace(group, [piece for parts in made for piece in parts])


def would_cut(layout: Layout, to: Relabelled, mode: Segments) -> bool:
    """Whether ``split`` or ``merge`` would change the list of containers."""
    for group in layout.groups:
        if group.parent is None:
            continue
        pieces = [p for c in group.containers for p in _pieces(c, group, to)]
        if len(pieces) != len(group.containers):
            return True
        if mode == "merge" and len(_joined(pieces, group, layout, to)) != len(pieces):
            return True
    return False


def cut(layout: Layout, to: Relabelled, mode: Segments) -> None:
    """Rebuild the container lists of a parsed file, cut at label changes, then joined."""
    for group in layout.groups:
        if group.parent is None:
            continue
        made = [_divide(c, group, layout, to) for c in group.containers]
        pieces = [piece for parts in made for piece in parts]
        if mode == "merge":
            pieces = [
                _unite([pieces[i] for i in span], group)
                for span in _joined(pieces, group, layout, to)
            ]
        _replace(group, pieces)


def _replace(group: Group, pieces: list[Container]) -> None:
    parent = group.parent or []
    numbered = _numbering(parent)
    holders = [p.holder for p in pieces]
    if numbered is not None and len(holders) != len(parent):
        for number, holder in enumerate(holders, start=numbered):
            holder["id"] = number
    parent[:] = holders
    group.containers = pieces


def _numbering(parent: list[Json]) -> int | None:
    """The first ``id`` if the containers are numbered one after the other, else None."""
    ids = [holder.get("id") for holder in parent]
    if ids and type(ids[0]) is int and ids == list(range(ids[0], ids[0] + len(ids))):
        return ids[0]
    return None


def _pieces(container: Container, group: Group, to: Relabelled) -> list[Container]:
    codes = [to.codes[i] for i in container.words]
    # What stands in an owner has its label: a word without one needs a container without.
    spans = level(codes) if group.owns else stretches(codes)
    if len(spans) < 2:
        return [container]
    return [
        Container(container.holder, container.words[a:b], container.spots[a:b]) for a, b in spans
    ]


def _label(words: Sequence[int], to: Relabelled) -> int:
    return next((to.codes[i] for i in words if to.codes[i] != UNKNOWN), UNKNOWN)


def _divide(container: Container, group: Group, layout: Layout, to: Relabelled) -> list[Container]:
    pieces = _pieces(container, group, to)
    if len(pieces) == 1:
        only = _label(container.words, to)
        if only != UNKNOWN and (group.owns or group.speaker not in container.holder):
            container.holder[group.speaker] = to.labels[only]
        return pieces
    return _parted(container, pieces, group, layout, to)


def _parted(
    container: Container, pieces: list[Container], group: Group, layout: Layout, to: Relabelled
) -> list[Container]:
    """Give each of several pieces a holder of its own: its label, times, entries and text."""
    whole = container.holder
    firsts = list(itertools.accumulate(len(p.words) for p in pieces))[:-1]
    holders: list[dict[str, Any]] = [dict(whole) for _ in pieces]
    for piece, holder in zip(pieces, holders, strict=True):
        code = _label(piece.words, to)
        if code != UNKNOWN:
            holder[group.speaker] = to.labels[code]
    for left, right in itertools.pairwise(range(len(pieces))):
        if group.end in whole:
            holders[left][group.end] = _edge(layout.end, pieces[left].words, last=True)
        if group.start in whole:
            holders[right][group.start] = _edge(layout.start, pieces[right].words, last=False)
    bounds = [0, *(container.spots[i] for i in firsts), None]
    if group.items is not None and isinstance(whole.get(group.items), list):
        for holder, (a, b) in zip(holders, itertools.pairwise(bounds), strict=True):
            holder[group.items] = whole[group.items][a:b]
    if group.text is not None and isinstance(whole.get(group.text), str):
        words = [layout.text[i] for i in container.words]
        _share_text(whole, holders, group.text, cut_text(whole[group.text], words, firsts))
    if group.divide is not None:
        group.divide(whole, holders, [p.words for p in pieces])
    offsets = [0, *(container.spots[i] for i in firsts)]
    return [
        Container(holder, piece.words, [s - offset for s in piece.spots])
        for holder, piece, offset in zip(holders, pieces, offsets, strict=True)
    ]


def _share_text(
    whole: dict[str, Any], holders: list[dict[str, Any]], key: str, texts: list[str]
) -> None:
    for holder, text in zip(holders, texts, strict=True):
        holder[key] = text
    # WhisperX's ``chars`` stand one for one beside the characters of the text.
    chars = whole.get("chars")
    if not isinstance(chars, list) or len(chars) != len(whole[key]):
        return
    at = 0
    for holder, text in zip(holders, texts, strict=True):
        bare = text.strip()
        found = whole[key].find(bare, at)
        if found < 0:
            return
        at = found + len(bare)
        holder["chars"] = chars[found:at]


def _edge(values: list[Json], words: Sequence[int], *, last: bool) -> Json:
    """The raw time at which a piece ends or begins: that of its outermost word with one."""
    order = reversed(words) if last else iter(words)
    return next((values[i] for i in order if values[i] is not None), None)


def _joined(pieces: list[Container], group: Group, layout: Layout, to: Relabelled) -> list[range]:
    def seconds(piece: Container, key: str) -> float:
        found = number(piece.holder.get(key))
        return np.nan if found is None else found * layout.scale

    # Words of two channels or sessions never stand in one container.
    part = {i: n for n, p in enumerate(layout.parts) for i in p.index.tolist()}

    def speaker(piece: Container) -> int:
        code = _label(piece.words, to)
        return (
            code
            if code == UNKNOWN
            else code * (len(layout.parts) + 1) + part.get(piece.words[0], 0)
        )

    return joins(
        [speaker(p) for p in pieces],
        [seconds(p, group.start) for p in pieces],
        [seconds(p, group.end) for p in pieces],
    )


def _unite(pieces: list[Container], group: Group) -> Container:
    if len(pieces) == 1:
        return pieces[0]
    first, last = pieces[0].holder, pieces[-1].holder
    holder = dict(first)
    if group.end in last:
        holder[group.end] = last[group.end]
    spots = list(pieces[0].spots)
    lists = [key for key in (group.items, "chars") if key and isinstance(first.get(key), list)]
    for piece in pieces[1:]:
        offset = len(holder[group.items]) if group.items in lists else 0
        spots += [s + offset for s in piece.spots]
        for key in lists:
            more = piece.holder.get(key)
            holder[key] = holder[key] + (more if isinstance(more, list) else [])
    if group.text is not None and isinstance(first.get(group.text), str):
        texts = [p.holder.get(group.text) for p in pieces]
        holder[group.text] = join_text([t for t in texts if isinstance(t, str)])
    return Container(holder, [i for p in pieces for i in p.words], spots)
