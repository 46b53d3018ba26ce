"""Recognisers whose list mixes words with items that are none: Speechmatics, ElevenLabs Scribe."""

from __future__ import annotations

from collections.abc import Sequence

from diarfix.formats.layout import (
    Dialect,
    Holder,
    Json,
    Layout,
    ShapeError,
    Track,
    channels,
    dicts,
    is_dicts,
    text_of,
)


def follow(
    layout: Layout, key: str, items: Sequence[Holder], word_of: Sequence[int | None]
) -> None:
    """Let items that are no words move with the word they belong to.

    items, word_of  the items' label holders, and for each the word it follows, None for no word

    Only those that carry the word's label follow it: laughter of another speaker stays theirs.
    """
    owners = layout.tracks[0].holders
    pairs = [
        (word, item)
        for item, word in zip(items, word_of, strict=True)
        if word is not None and key in item and item[key] == owners[word].get(key)
    ]
    if pairs:
        layout.tracks.append(Track(key, [w for w, _ in pairs], [item for _, item in pairs]))


def _fits_speechmatics(tree: Json) -> bool:
    return (
        isinstance(tree, dict)
        and is_dicts(tree.get("results"), "alternatives")
        and (
            any("type" in item for item in tree["results"])
            or (not tree["results"] and "format" in tree and "metadata" in tree)
        )
    )


def _best(item: Holder, path: str) -> Holder:
    best = dicts(item.get("alternatives"), f"{path}.alternatives")[:1]
    if not best:
        raise ShapeError(f"{path}.alternatives: expected at least one")
    return best[0]


#: Tuples, not sets: what stands in a file may have no hash.
_SPOKEN = ("word", "entity", "punctuation")


def _walk_speechmatics(tree: Json) -> Layout:
    text: list[str] = []
    place: list[int] = []
    holders: list[Holder] = []
    marks: list[Holder] = []
    mark_word: list[int] = []
    ahead: list[tuple[Holder, str]] = []  # punctuation that waits for the word after it
    results = dicts(tree["results"], "results")
    for i, item in enumerate(results):
        if item.get("type") not in _SPOKEN:
            continue  # speaker_change and what may come
        path = f"results[{i}]"
        best = _best(item, path)
        content = text_of(best.get("content"), f"{path}.alternatives[0].content")
        if item["type"] != "punctuation":
            text.append("".join(mark for _, mark in ahead) + content)
            marks += [holder for holder, _ in ahead]
            mark_word += [len(place)] * len(ahead)
            ahead = []
            place.append(i)
            holders.append(best)
        elif item.get("attaches_to") == "next":
            ahead.append((best, content))
        elif place:
            text[-1] += ("" if item.get("attaches_to") != "none" else " ") + content
            marks.append(best)
            mark_word.append(len(place) - 1)
    words = [results[i] for i in place]
    layout = Layout(
        text=text,
        start=[w.get("start_time") for w in words],
        end=[w.get("end_time") for w in words],
        path=lambda i: f"results[{place[i]}]",
        tracks=[Track("speaker", range(len(words)), holders)],
        unknown=("UU",),
        parts=channels([w.get("channel") for w in words]),
    )
    follow(layout, "speaker", marks, mark_word)
    return layout


_SCRIBE = ("word", "spacing", "audio_event")


def _fits_elevenlabs(tree: Json) -> bool:
    return (
        isinstance(tree, dict)
        and is_dicts(tree.get("words"), "type")
        and bool(tree["words"])
        and all(w.get("type") in _SCRIBE and "text" in w for w in tree["words"][:50])
    )


def _walk_elevenlabs(tree: Json) -> Layout:
    items = dicts(tree["words"], "words")
    place = [i for i, item in enumerate(items) if item.get("type", "word") == "word"]
    words = [items[i] for i in place]
    owner: list[int | None] = []
    seen = 0
    for item in items:
        seen += item.get("type", "word") == "word"
        owner.append(seen - 1 if seen else None)
    others = [i for i, item in enumerate(items) if item.get("type", "word") != "word"]
    layout = Layout(
        text=[text_of(items[i].get("text"), f"words[{i}].text") for i in place],
        start=[w.get("start") for w in words],
        end=[w.get("end") for w in words],
        path=lambda i: f"words[{place[i]}]",
        tracks=[Track("speaker_id", range(len(words)), words)],
        parts=channels([w.get("channel_index") for w in words]),
    )
    follow(layout, "speaker_id", [items[i] for i in others], [owner[i] for i in others])
    return layout


SPEECHMATICS = Dialect(
    "speechmatics",
    "Speechmatics json-v2 (results[].alternatives[])",
    _fits_speechmatics,
    _walk_speechmatics,
)
ELEVENLABS = Dialect(
    "elevenlabs",
    "ElevenLabs Scribe (words[] with type word, spacing, audio_event)",
    _fits_elevenlabs,
    _walk_elevenlabs,
)
