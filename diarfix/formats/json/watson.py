"""IBM Watson Speech to Text: words as lists, and labels in a list beside, joined by their start.

A response, a list of responses (the messages of a stream, labels in other ones than words), or a
job with its ``results``.
"""

from __future__ import annotations

from diarfix.formats.jsonfields import dicts, first_of, is_dicts, kind, lay_out, number, text_of
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Dialect, Json, Layout, ShapeError

_LABELS = "speaker_labels"


def _messages(tree: Json) -> tuple[str, list[Holder]]:
    """The responses in a file, and where they stand."""
    if isinstance(tree, list):
        return "[{}].", tree if is_dicts(tree) else []
    if not isinstance(tree, dict):
        return "", []
    inner: Json = tree.get("results")
    if is_dicts(inner) and any(is_dicts(m.get("results"), "alternatives") for m in inner):
        return "results[{}].", inner
    return "", [tree]


def _fits(tree: Json) -> bool:
    return any(
        "timestamps" in alternative
        for message in _messages(tree)[1]
        if is_dicts(message.get("results"), "alternatives")
        for result in message["results"]
        if is_dicts(result.get("alternatives"))
        for alternative in result["alternatives"]
    )


def _walk(tree: Json) -> Layout:
    root, messages = _messages(tree)
    text: list[str] = []
    edges: tuple[list[Json], list[Json]] = [], []
    paths: list[str] = []
    untimed = 0
    for m, message in enumerate(messages):
        at = root.format(m) + "results"
        for r, result in enumerate(dicts(message.get("results"), at)):
            if result.get("final") is False:
                continue  # said again in a later message
            path = f"{at}[{r}]"
            best = first_of(result, "alternatives", path)
            entries: Json = best.get("timestamps")
            untimed += bool(best.get("transcript")) and not entries
            for n, entry in enumerate(entries if isinstance(entries, list) else []):
                here = f"{path}.alternatives[0].timestamps[{n}]"
                if not isinstance(entry, list) or len(entry) != 3:
                    raise ShapeError(f"{here}: expected [word, from, to], found {kind(entry)}")
                text.append(text_of(entry[0], here).strip())
                edges[0].append(entry[1])
                edges[1].append(entry[2])
                paths.append(here)
    labels = [
        entry
        for m, message in enumerate(messages)
        for entry in dicts(message.get(_LABELS), root.format(m) + _LABELS)
    ]
    layout = _joined(text, edges, paths, labels)
    if untimed:
        layout.notes.append(f"results that have text and no words, passed over: {untimed}")
    return layout


def _joined(
    text: list[str], edges: tuple[list[Json], list[Json]], paths: list[str], labels: list[Holder]
) -> Layout:
    """Words with their labels; of several for one word, as streams mend them, the last counts."""
    told: dict[float | None, list[Holder]] = {}
    for entry in labels:
        told.setdefault(number(entry.get("from")), []).append(entry)
    told.pop(None, None)
    # Of two words that begin together the first takes the label.
    found = [told.pop(number(start), []) for start in edges[0]]
    owners = [entries[-1] if entries else {} for entries in found]
    layout = lay_out(
        owners, paths.__getitem__, text=text, start=edges[0], end=edges[1], owners=owners
    )
    earlier = [(i, entry) for i, entries in enumerate(found) for entry in entries[:-1]]
    layout.follow("speaker", earlier)
    layout.fixed.update(i for i, entries in enumerate(found) if not entries)
    return layout


WATSON = Dialect(
    "watson",
    "IBM Watson (results[].alternatives[].timestamps, speaker_labels)",
    _fits,
    _walk,
)
