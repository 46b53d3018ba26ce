"""AWS Transcribe: times as strings, punctuation as items of its own, labels in three places."""

from __future__ import annotations

from diarfix.formats.layout import (
    Container,
    Dialect,
    Group,
    Holder,
    Json,
    Layout,
    ShapeError,
    Track,
    channels,
    dicts,
    hashable,
    text_of,
)


def _fits_aws(tree: Json) -> bool:
    return (
        isinstance(tree, dict)
        and isinstance(tree.get("results"), dict)
        and isinstance(tree["results"].get("items"), list)
    )


def _content(item: Holder, path: str) -> str:
    best = dicts(item.get("alternatives"), f"{path}.alternatives")[:1]
    if not best:
        raise ShapeError(f"{path}.alternatives: expected at least one")
    return text_of(best[0].get("content"), f"{path}.alternatives[0].content")


def _walk_aws(tree: Json) -> Layout:
    results = tree["results"]
    items = dicts(results["items"], "results.items")
    text: list[str] = []
    place: list[int] = []  # word -> item
    word_of: dict[int, int] = {}  # item -> the word it is or follows
    channel_of = _channels(results, items)
    last: dict[Json, int] = {}  # channel -> its latest word
    for i, item in enumerate(items):
        content = _content(item, f"results.items[{i}]")
        if item.get("type") == "punctuation":
            if channel_of[i] in last:
                word_of[i] = last[channel_of[i]]
                text[word_of[i]] += content
        else:
            word_of[i] = last[channel_of[i]] = len(text)
            text.append(content)
            place.append(i)
    words = [items[i] for i in place]
    followers = [i for i in word_of if items[i].get("type") == "punctuation"]
    # Punctuation without a label of its own gets none.
    followers = [i for i in followers if "speaker_label" in items[i]]
    segments = _segments(results)
    joined = _join(words, [item for _, inner in segments for item in inner])
    # Older files name speakers only in speaker_labels: there the joined entry owns the label.
    older = not any("speaker_label" in words[i] for i in joined)
    owners = [joined.get(i, w) if older else w for i, w in enumerate(words)]
    layout = Layout(
        text=text,
        start=[w.get("start_time") for w in words],
        end=[w.get("end_time") for w in words],
        path=lambda i: f"results.items[{place[i]}]",
        tracks=[Track("speaker_label", range(len(words)), owners)],
        parts=channels([channel_of[i] for i in place]),
    )
    if followers:
        layout.tracks.append(
            Track("speaker_label", [word_of[i] for i in followers], [items[i] for i in followers])
        )
    index = sorted(i for i in joined if owners[i] is words[i])
    if index:
        layout.tracks.append(Track("speaker_label", index, [joined[i] for i in index]))
    if segments:
        layout.groups.append(_segment_group(results, segments, joined))
    audio = dicts(results.get("audio_segments"), "results.audio_segments")
    if audio:
        layout.groups.append(_audio_group(results, audio, items, word_of))
    return layout


def _channels(results: Holder, items: list[Holder]) -> list[Json]:
    """The channel of each item, None where the file tells none: on the item, or in a list beside.

    Items of that list are joined by time and text, each used once; punctuation, which has no time,
    stands with the item before it.
    """
    if any("channel_label" in item for item in items):
        return [hashable((item.get("channel_label"),))[0] for item in items]
    labels = results.get("channel_labels")
    path = "results.channel_labels.channels"
    waiting: dict[Json, list[Json]] = {}
    for n, heard in enumerate(dicts(labels.get("channels"), path) if labels else []):
        for item in dicts(heard.get("items"), f"{path}[{n}].items"):
            key = hashable((item.get("start_time"), item.get("end_time")))
            waiting.setdefault(key, []).append(str(heard.get("channel_label", n)))
    found: list[Json] = []
    for item in items:
        key = hashable((item.get("start_time"), item.get("end_time")))
        spoken = item.get("type") != "punctuation"
        here = waiting.get(key) if spoken else None
        found.append(here.pop(0) if here else found[-1] if found and not spoken else None)
    return found


def _segments(results: Holder) -> list[tuple[Holder, list[Holder]]]:
    labels = results.get("speaker_labels")
    if not isinstance(labels, dict):
        return []
    path = "results.speaker_labels.segments"
    return [
        (segment, dicts(segment.get("items"), f"{path}[{s}].items"))
        for s, segment in enumerate(dicts(labels.get("segments"), path))
    ]


def _join(words: list[Holder], entries: list[Holder]) -> dict[int, Holder]:
    """Entries of speaker_labels by the word they name; joined by start time, each used once."""
    waiting: dict[Json, list[Holder]] = {}
    for entry in reversed(entries):
        waiting.setdefault(hashable((entry.get("start_time"),)), []).append(entry)
    return {
        i: stack.pop()
        for i, word in enumerate(words)
        if (stack := waiting.get(hashable((word.get("start_time"),))))
    }


def _segment_group(
    results: Holder, segments: list[tuple[Holder, list[Holder]]], joined: dict[int, Holder]
) -> Group:
    word_of = {id(entry): i for i, entry in joined.items()}
    containers = []
    for segment, inner in segments:
        spots = [j for j, entry in enumerate(inner) if id(entry) in word_of]
        words = [word_of[id(inner[j])] for j in spots]
        containers.append(Container(segment, words, spots))
    return Group(
        containers,
        "speaker_label",
        results["speaker_labels"]["segments"],
        "items",
        None,
        "start_time",
        "end_time",
    )


def _audio_group(
    results: Holder, audio: list[Holder], items: list[Holder], word_of: dict[int, int]
) -> Group:
    index = {item["id"]: i for i, item in enumerate(items) if isinstance(item.get("id"), int)}
    containers = []
    for segment in audio:
        ids = segment.get("items") if isinstance(segment.get("items"), list) else []
        words, spots = [], []
        for spot, name in enumerate(ids or []):
            i = index.get(name) if isinstance(name, int) else None
            if i is not None and i in word_of and items[i].get("type") != "punctuation":
                words.append(word_of[i])
                spots.append(spot)
        containers.append(Container(segment, words, spots))
    return Group(
        containers,
        "speaker_label",
        results["audio_segments"],
        "items",
        "transcript",
        "start_time",
        "end_time",
    )


AWS = Dialect("aws", "AWS Transcribe (results.items[])", _fits_aws, _walk_aws)
