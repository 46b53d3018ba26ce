"""Recognisers whose list mixes words with items that are none: AWS, Speechmatics, ElevenLabs."""

from __future__ import annotations

from collections.abc import Iterable

from diarfix.formats.jsonfields import (
    dicts,
    first_of,
    identity,
    is_dicts,
    lay_out,
    match,
    nested,
    reach,
    text_of,
)
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Container, Dialect, Group, Json, Layout, boxed, channels

_PUNCTUATION = "punctuation"


def _follow(layout: Layout, key: str, pairs: Iterable[tuple[int, Holder]]) -> None:
    """Let items that are no words move with the word they belong to.

    pairs  a word, and what holds the label of the item

    Only those that carry the word's label follow it: laughter of another speaker stays theirs.
    """
    owners = layout.tracks[0].holders
    found = [(w, item) for w, item in pairs if key in item and item[key] == owners[w].get(key)]
    layout.follow(key, found)


def _walk_aws(tree: Json) -> Layout:
    results = tree["results"]
    items = dicts(results["items"], "results.items")
    text: list[str] = []
    place: list[int] = []  # word -> item
    marks: list[tuple[int, Holder]] = []  # punctuation, and the word that it follows
    channel_of = _channels(results, items)
    last: dict[Json, int] = {}  # channel -> its latest word
    for i, item in enumerate(items):
        path = f"results.items[{i}]"
        best = first_of(item, "alternatives", path, needed=True)
        content = text_of(best.get("content"), f"{path}.alternatives[0].content")
        if item.get("type") != _PUNCTUATION:
            last[channel_of[i]] = len(text)
            text.append(content)
            place.append(i)
        elif channel_of[i] in last:
            text[last[channel_of[i]]] += content
            marks.append((last[channel_of[i]], item))
    words = [items[i] for i in place]
    segments = nested(
        dicts(reach(results, "speaker_labels", "segments"), "results.speaker_labels.segments"),
        "results.speaker_labels.segments",
        "items",
    )
    # Entries of speaker_labels by the word they name: joined by start time, each used once.
    index, entries = match(words, segments.words, ("start_time",))
    joined = {i: segments.words[j] for i, j in zip(index, entries, strict=True)}
    # Older files name speakers only in speaker_labels: there the joined entry owns the label.
    older = not any("speaker_label" in words[i] for i in joined)
    layout = lay_out(
        words,
        lambda i: f"results.items[{place[i]}]",
        text=text,
        start="start_time",
        end="end_time",
        label="speaker_label",
        owners=[joined.get(i, w) if older else w for i, w in enumerate(words)],
        parts=channels([channel_of[i] for i in place]),
    )
    # Punctuation without a label of its own gets none.
    layout.follow("speaker_label", [(w, m) for w, m in marks if "speaker_label" in m])
    if not older:
        layout.follow("speaker_label", sorted(joined.items(), key=lambda pair: pair[0]))
    if segments.containers:
        word_of = {id(entry): i for i, entry in joined.items()}
        parent = results["speaker_labels"]["segments"]
        inside = [
            [word_of.get(id(segments.words[j])) for j in b.words] for b in segments.containers
        ]
        layout.groups.append(_group(parent, inside))
    audio = dicts(results.get("audio_segments"), "results.audio_segments")
    if audio:
        word_at = {i: w for w, i in enumerate(place)}
        named = {e.get("id"): word_at.get(i) for i, e in enumerate(items) if _is_id(e.get("id"))}
        inside = [[named.get(n) if _is_id(n) else None for n in _ids(segment)] for segment in audio]
        layout.groups.append(_group(audio, inside, "transcript"))
    return layout


def _group(parent: list[Holder], words: list[list[int | None]], text: str | None = None) -> Group:
    boxes = [boxed(holder, inside) for holder, inside in zip(parent, words, strict=True)]
    return Group(boxes, "speaker_label", parent, "items", text, "start_time", "end_time")


def _is_id(value: Json) -> bool:
    return isinstance(value, int)


def _ids(segment: Holder) -> list[Json]:
    found = segment.get("items")
    return found if isinstance(found, list) else []


def _channels(results: Holder, items: list[Holder]) -> list[Json]:
    """The channel of each item, None where the file tells none: on the item, or in a list beside.

    Items of that list are joined by time and text, each used once; punctuation, which has no time,
    stands with the item before it.
    """
    if any("channel_label" in item for item in items):
        return [identity(item, ("channel_label",))[0] for item in items]
    path, keys = "results.channel_labels.channels", ("start_time", "end_time")
    waiting: dict[Json, list[Json]] = {}
    for n, heard in enumerate(dicts(reach(results, "channel_labels", "channels"), path)):
        for item in dicts(heard.get("items"), f"{path}[{n}].items"):
            label = str(heard.get("channel_label", n))
            waiting.setdefault(identity(item, keys), []).append(label)
    found: list[Json] = []
    for item in items:
        spoken = item.get("type") != _PUNCTUATION
        here = waiting.get(identity(item, keys)) if spoken else None
        found.append(here.pop(0) if here else found[-1] if found and not spoken else None)
    return found


#: Tuples, not sets: what stands in a file may have no hash.
_SPOKEN = ("word", "entity", _PUNCTUATION)


def _fits_speechmatics(tree: Json) -> bool:
    results = reach(tree, "results")
    return is_dicts(results, "alternatives") and (
        any("type" in item for item in results)
        or (not results and "format" in tree and "metadata" in tree)
    )


def _walk_speechmatics(tree: Json) -> Layout:
    text: list[str] = []
    place: list[int] = []
    holders: list[Holder] = []
    marks: list[tuple[int, Holder]] = []  # each with the word it belongs to
    ahead = ""  # punctuation that waits for the word after it
    results = dicts(tree["results"], "results")
    for i, item in enumerate(results):
        if item.get("type") not in _SPOKEN:
            continue  # speaker_change and what may come
        path = f"results[{i}]"
        best = first_of(item, "alternatives", path, needed=True)
        content = text_of(best.get("content"), f"{path}.alternatives[0].content")
        if item["type"] != _PUNCTUATION:
            text.append(ahead + content)
            ahead = ""
            place.append(i)
            holders.append(best)
        elif item.get("attaches_to") == "next":
            ahead += content
            marks.append((len(place), best))
        elif place:
            text[-1] += ("" if item.get("attaches_to") != "none" else " ") + content
            marks.append((len(place) - 1, best))
    words = [results[i] for i in place]
    layout = lay_out(
        words,
        lambda i: f"results[{place[i]}]",
        text=text,
        start="start_time",
        end="end_time",
        owners=holders,
        unknown=("UU",),
        parts=channels([w.get("channel") for w in words]),
    )
    _follow(layout, "speaker", (pair for pair in marks if pair[0] < len(words)))
    return layout


_SCRIBE = ("word", "spacing", "audio_event")


def _scribed(tree: Json) -> list[tuple[str, Holder]]:
    """The objects whose ``words`` are a transcript's, and where they stand in the file."""
    for root in ("transcripts", "segments"):  # one per channel; the export in segments
        inner = reach(tree, root)
        if is_dicts(inner, "words") and inner:
            return [(f"{root}[{n}].", holder) for n, holder in enumerate(inner)]
    return [("", tree)] if isinstance(tree, dict) else []


def _fits_elevenlabs(tree: Json) -> bool:
    lists = [holder["words"] for _, holder in _scribed(tree) if holder.get("words")]
    return bool(lists) and all(
        is_dicts(items, "type")
        and all(item.get("type") in _SCRIBE and "text" in item for item in items[:50])
        for items in lists[:50]
    )


def _walk_elevenlabs(tree: Json) -> Layout:
    words: list[Holder] = []
    paths: list[str] = []
    others: list[tuple[int, Holder]] = []  # each with the word before it
    containers = []
    said = _scribed(tree)
    for root, holder in said:
        first, spots = len(words), []
        for i, item in enumerate(dicts(holder.get("words"), f"{root}words")):
            if item.get("type", "word") == "word":
                words.append(item)
                paths.append(f"{root}words[{i}]")
                spots.append(i)
            elif len(words) > first:
                others.append((len(words) - 1, item))
        containers.append(Container(holder, range(first, len(words)), spots))
    part = [box.holder.get("channel_index") for box in containers for _ in box.words]
    layout = lay_out(
        words,
        paths.__getitem__,
        text="text",
        label="speaker_id",
        parts=channels(
            part if any(c is not None for c in part) else [w.get("channel_index") for w in words]
        ),
    )
    _follow(layout, "speaker_id", others)
    if said[0][0].startswith("segments"):
        layout.groups.append(Group(containers, "speaker_id", tree["segments"], "words", "text"))
    return layout


AWS = Dialect(
    "aws",
    "AWS Transcribe (results.items[])",
    lambda tree: isinstance(reach(tree, "results", "items"), list),
    _walk_aws,
)
SPEECHMATICS = Dialect(
    "speechmatics",
    "Speechmatics json-v2 (results[].alternatives[])",
    _fits_speechmatics,
    _walk_speechmatics,
)
ELEVENLABS = Dialect(
    "elevenlabs",
    "ElevenLabs Scribe (words[] with type word, spacing, audio_event; transcripts[], segments[])",
    _fits_elevenlabs,
    _walk_elevenlabs,
)
