"""Every place of a parsed file in which a speaker is named, wherever its dialect repeats it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diarfix.core import Label
from diarfix.formats.json import Json, Layout
from diarfix.formats.jsonedit import Edits
from diarfix.formats.layout import Holder

#: Keys whose value is a label, in any dialect, in lists that no dialect module reads too.
_LABEL_KEYS = ("speaker", "speaker_label", "speaker_id", "speakerLabel", "speakerId", "spk")
#: Objects keyed by label: voiceprints.
_TABLES = ("speaker_embeddings", "native_speaker_embeddings")

#: A label by its type too: 1 and "1" are two speakers.
Typed = tuple[type, Label]


def typed(label: Label) -> Typed:
    """A label as a dictionary key."""
    return type(label), label


def label_keys(layout: Layout) -> frozenset[str]:
    """The keys under which a file names its speakers."""
    tracks = (track.key for track in layout.tracks if track.spell is None)
    return frozenset((*_LABEL_KEYS, *tracks, *(group.speaker for group in layout.groups)))


def labels_in(tree: Json, keys: frozenset[str]) -> list[Label]:
    """The labels that stand in a parsed file, in order, each once."""
    found = {typed(label): label for _, _, label in reversed(list(_slots(tree, keys)))}
    return list(reversed(found.values()))


def rename_in(tree: Json, keys: frozenset[str], book: dict[Typed, Label], edits: Edits) -> None:
    """Put other labels in the place of those in ``book``, all at once.

    Two voiceprints that come under one name cannot be told apart: the first stays.
    """
    for holder, key, label in _slots(tree, keys):
        new = book.get(typed(label), label)
        if key is None:
            edits.rekey(holder, str(label), str(new))
        else:
            edits.set(holder, key, new)


def _slots(tree: Json, keys: frozenset[str]) -> Iterator[tuple[Holder, str | None, Label]]:
    """Every place of a label: its object and key, or None for the key of a voiceprint."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(reversed(node))
            continue
        if not isinstance(node, dict):
            continue
        for key, value in node.items():
            if key in keys and _is_label(value):
                yield node, key, value
            elif key in _TABLES and isinstance(value, dict):
                for label in value:
                    yield value, None, label
        waiting.extend(_inner(node.values()))


def _inner(values: Iterable[Json]) -> Iterator[Json]:
    return reversed([value for value in values if isinstance(value, (dict, list))])


def _is_label(value: Json) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != ""
