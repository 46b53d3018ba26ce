"""Every place of a parsed file in which a speaker is named, wherever its dialect repeats it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from diarfix.core.words import Label
from diarfix.formats.json import Json, Layout

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
    found: dict[Typed, Label] = {}

    def note(label: Label) -> Label:
        found.setdefault(typed(label), label)
        return label

    _visit(tree, keys, note)
    return list(found.values())


def rename_in(tree: Json, keys: frozenset[str], book: dict[Typed, Label]) -> None:
    """Put other labels in the place of those in ``book``, all at once."""
    _visit(tree, keys, lambda label: book.get(typed(label), label))


def _visit(tree: Json, keys: frozenset[str], new: Callable[[Label], Label]) -> None:
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
                node[key] = new(value)
            elif key in _TABLES and isinstance(value, dict):
                _rename_keys(value, new)
        waiting.extend(_inner(node.values()))


def _inner(values: Iterable[Json]) -> Iterator[Json]:
    return reversed([value for value in values if isinstance(value, (dict, list))])


def _is_label(value: Json) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != ""


def _rename_keys(table: Json, new: Callable[[Label], Label]) -> None:
    # Two voiceprints under one name cannot be told apart: the first stays.
    entries: dict[str, Json] = {}
    for key, value in table.items():
        entries.setdefault(str(new(key)), value)
    table.clear()
    table.update(entries)
