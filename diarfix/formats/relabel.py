"""New labels for a parsed file, in every place: its words and their copies, containers, names.

Containers come in step with their words: they are re-voted, cut, joined.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from diarfix.core import (
    UNKNOWN,
    Label,
    Segments,
    Words,
    cut_text,
    join_text,
    joins,
    level,
    stretches,
    vote,
)
from diarfix.formats.jsonedit import Edits
from diarfix.formats.jsonfields import number
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Container, Cut, Group, Json, Layout

#: Keys whose value is a label, in any dialect, in lists that no dialect module reads too.
_LABEL_KEYS = ("speaker", "speaker_label", "speaker_id", "speakerLabel", "speakerId", "spk")
#: Objects keyed by label: voiceprints, names.
_TABLES = ("speaker_embeddings", "native_speaker_embeddings", "speaker_names")

_MISSING = object()

#: A label by its type too: 1 and "1" are two speakers.
Typed = tuple[type, Label]


def relabel(layout: Layout, words: Words, changed: set[int], mode: Segments, edits: Edits) -> bool:
    """Write the labels of words, and bring all containers in step; True if some are cut or joined.

    words    with the labels that the file is to have
    changed  indices of those whose label moved

    Containers that own the label of their words are cut where words moved; one all of whose words
    moved together takes their label. The others with a moved word are re-voted, and all are cut at
    label changes, then joined, as ``mode`` says.
    """
    codes = words.speaker.tolist()
    owned = any(group.owns for group in layout.groups)
    moving = {i for i in changed if codes[i] != UNKNOWN}
    for track in layout.tracks[1:] if owned else layout.tracks:
        places = (n for n, i in enumerate(track.words) if i in moving)
        for n in sorted(moving) if track.words == range(len(codes)) else places:
            label = words.speakers[codes[track.words[n]]]
            spelled = label if track.spell is None else track.spell(label)
            edits.set(track.holders[n], track.key, spelled)
    anew = False
    for group in layout.groups:
        work = _Work(group, layout, codes, words.speakers, changed, edits)
        pieces = group.containers
        if group.owns and group.parent is not None:
            pieces = work.divided(pieces, only_changed=True)
        work.revote(pieces)
        if mode != "keep" and group.parent is not None:
            pieces = work.divided(pieces, only_changed=False)
            if mode == "merge":
                pieces = work.joined(pieces)
        if group.parent is not None:
            anew |= work.replaced(pieces)
    return anew


@dataclass(slots=True)
class _Work:
    """What is to be done to one group of containers.

    codes    code of each word, -1 for none
    labels   what the codes stand for
    changed  indices of the words whose label moved
    """

    group: Group
    layout: Layout
    codes: list[int]
    labels: tuple[Label, ...]
    changed: set[int]
    edits: Edits

    def revote(self, containers: list[Container]) -> None:
        """Give those with a changed word the label of most of their words (ties keep theirs)."""
        book = {typed(label): code for code, label in enumerate(self.labels)}
        for container in containers:
            if self.changed.isdisjoint(container.words):
                continue
            stands = self._speaker(container.holder)
            if stands is _MISSING:
                continue
            present = book.get(typed(stands), UNKNOWN) if _is_label(stands) else UNKNOWN
            winner = vote([self.codes[i] for i in container.words], present)
            if winner not in {present, UNKNOWN}:
                self._name(container.holder, self.labels[winner])

    def _speaker(self, holder: Holder) -> Json:
        """What stands for the speaker of a container."""
        group = self.group
        inner = holder if group.within is None else self.edits.get(holder, group.within)
        found = isinstance(inner, dict) and group.speaker in inner
        return self.edits.get(inner, group.speaker) if found else _MISSING

    def _name(self, holder: Holder, label: Label) -> None:
        """Give a container another speaker."""
        group = self.group
        if group.within is None:
            self.edits.set(holder, group.speaker, label)
            return
        inner = self.edits.get(holder, group.within)
        person = group.people.get(label)
        if person is None and isinstance(inner, dict) and not self.edits.made(holder):
            self.edits.set(inner, group.speaker, label)
        elif self._speaker(holder) != label:
            known = inner if isinstance(inner, dict) else {}
            self.edits.set(holder, group.within, person or known | {group.speaker: label})

    def divided(self, containers: list[Container], *, only_changed: bool) -> list[Container]:
        """Cut containers at label changes; whole ones stay what they are."""
        found = []
        for container in containers:
            if only_changed and self.changed.isdisjoint(container.words):
                found.append(container)
            else:
                found += self._divide(container)
        return found

    def _divide(self, container: Container) -> list[Container]:
        group = self.group
        codes = [self.codes[i] for i in container.words]
        # What stands in an owner has its label: a word without one needs a container without.
        spans = level(codes) if group.owns else stretches(codes)
        if len(spans) > 1:
            return self._parted(container, spans)
        only = self._code(container)
        if only != UNKNOWN and (group.owns or self._speaker(container.holder) is _MISSING):
            self._name(container.holder, self.labels[only])
        return [container]

    def _code(self, container: Container) -> int:
        codes = (self.codes[i] for i in container.words)
        return next((code for code in codes if code != UNKNOWN), UNKNOWN)

    def _parted(self, container: Container, spans: list[tuple[int, int]]) -> list[Container]:
        """Give each of several pieces a holder of its own: its label, times, entries and text."""
        group, whole = self.group, container.holder
        firsts = [a for a, _ in spans[1:]]
        offsets = [0, *(container.spots[i] for i in firsts)]
        pieces = [
            Container(
                self.edits.copy(whole),
                container.words[a:b],
                [s - offset for s in container.spots[a:b]],
            )
            for (a, b), offset in zip(spans, offsets, strict=True)
        ]
        holders = [piece.holder for piece in pieces]
        for piece in pieces:
            code = self._code(piece)
            if code != UNKNOWN:
                self._name(piece.holder, self.labels[code])
        for left, right in itertools.pairwise(pieces):
            if group.end in whole:
                left.holder[group.end] = _edge(self.layout.end, left.words[::-1])
            if group.start in whole:
                right.holder[group.start] = _edge(self.layout.start, right.words)
        if group.items is not None and isinstance(whole.get(group.items), list):
            for holder, (a, b) in zip(holders, itertools.pairwise([*offsets, None]), strict=True):
                holder[group.items] = whole[group.items][a:b]
        if group.text is not None and isinstance(whole.get(group.text), str):
            said = [self.layout.text[i] for i in container.words]
            _share_text(whole, holders, group.text, cut_text(whole[group.text], said, firsts))
        if group.divide is not None:
            words = [piece.words for piece in pieces]
            group.divide(Cut(whole, holders, words, offsets[1:], self.layout))
        return pieces

    def joined(self, pieces: list[Container]) -> list[Container]:
        """Join neighbours of one speaker, as long as :func:`~diarfix.core.segments.joins` says."""
        # Words of two channels or sessions never stand in one container.
        part = {i: n for n, p in enumerate(self.layout.parts) for i in p.index.tolist()}
        apart = len(self.layout.parts) + 1

        def speaker(piece: Container) -> int:
            code = self._code(piece)
            return code if code == UNKNOWN else code * apart + part.get(piece.words[0], 0)

        def seconds(key: str) -> list[float]:
            found = (number(piece.holder.get(key)) for piece in pieces)
            return [np.nan if at is None else at * self.layout.scale for at in found]

        spans = joins(
            list(map(speaker, pieces)), seconds(self.group.start), seconds(self.group.end)
        )
        return [self._unite([pieces[i] for i in span]) for span in spans]

    def _unite(self, pieces: list[Container]) -> Container:
        if len(pieces) == 1:
            return pieces[0]
        group = self.group
        first, last = pieces[0].holder, pieces[-1].holder
        holder = self.edits.copy(first)
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

    def replaced(self, pieces: list[Container]) -> bool:
        """Put the pieces into the list of containers, numbered anew if it was; True if new."""
        parent = self.group.parent or []
        holders = [piece.holder for piece in pieces]
        if [*map(id, holders)] == [*map(id, parent)]:
            return False
        ids = [holder.get("id") for holder in parent]
        if type(ids[0]) is int and ids == list(range(ids[0], ids[0] + len(ids))):
            for number_, holder in enumerate(holders, start=ids[0]):
                self.edits.set(holder, "id", number_)
        if self.group.renumber is not None:
            self.group.renumber(holders, self.edits)
        self.edits.relist(parent, holders)
        return True


def _share_text(whole: Holder, holders: list[Holder], key: str, texts: list[str]) -> None:
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


def _edge(values: list[Json], words: Sequence[int]) -> Json:
    """The raw time at which a piece ends or begins: the first there is among these words'."""
    return next((values[i] for i in words if values[i] is not None), None)


def typed(label: Label) -> Typed:
    """A label as a dictionary key."""
    return type(label), label


def label_keys(layout: Layout) -> frozenset[str]:
    """The keys under which a file names its speakers; ``"speaker.id"`` stands inside another."""
    keys = {track.key: track.key for track in layout.tracks if track.spell is None}
    for group in layout.groups:
        outer = "" if group.within is None else f"{group.within}."
        keys[group.speaker] = outer + group.speaker
    return frozenset((*_LABEL_KEYS, *layout.names, *keys.values()))


def labels_in(tree: Json, keys: frozenset[str]) -> list[Label]:
    """The labels that stand in a parsed file, in order, each once."""
    slots = [*_slots(tree, keys)]
    held = {str(label) for _, key, label in slots if key is not None}
    # A key is text: that of 0 is "0", and no other label.
    return [*{typed(v): v for _, key, v in slots if key is not None or v not in held}.values()]


def rename_in(tree: Json, keys: frozenset[str], book: dict[Typed, Label], edits: Edits) -> None:
    """Put other labels in the place of those in ``book``, all at once.

    Two voiceprints that come under one name cannot be told apart: the first stays.
    """
    by_text = {str(label): new for (_, label), new in book.items()}
    for holder, key, label in _slots(tree, keys):
        if key is None:
            edits.rekey(holder, str(label), str(by_text.get(str(label), label)))
        else:
            edits.set(holder, key, book.get(typed(label), label))


def _slots(tree: Json, keys: frozenset[str]) -> Iterator[tuple[Holder, str | None, Label]]:
    """Every place of a label: its object and key, or None for the key of a voiceprint."""
    inner = {outer: frozenset({key}) for outer, _, key in (k.partition(".") for k in keys) if key}
    waiting = [(tree, keys)]
    while waiting:
        node, wanted = waiting.pop()
        if isinstance(node, list):
            waiting.extend((v, wanted) for v in reversed(node) if isinstance(v, (dict, list)))
            continue
        for key, value in node.items():
            if key in wanted and _is_label(value):
                yield node, key, value
            elif isinstance(value, dict) and (key in _TABLES or _is_table(key, value)):
                for label in value:
                    yield value, None, label
        waiting += [
            (value, keys | inner[key] if key in inner else keys)
            for key, value in reversed(node.items())
            if isinstance(value, (dict, list))
        ]


def _is_table(key: str, value: Holder) -> bool:  # as Trint keeps it
    return key == "speakers" and all(isinstance(person, dict) for person in value.values())


def _is_label(value: Json) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != ""
