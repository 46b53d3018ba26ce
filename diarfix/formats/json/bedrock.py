"""AWS Bedrock Data Automation, audio: a list of items, and segments that own their labels.

Items and segments number each other, and topics number segments: all of it follows a cut.
"""

from __future__ import annotations

from diarfix.core import is_mark
from diarfix.formats.jsonedit import Edits
from diarfix.formats.jsonfields import dicts, is_dicts, lay_out, reach, text_of
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import (
    Container,
    Dialect,
    Group,
    Json,
    Layout,
    ShapeError,
    channels,
)

_START, _END = "start_timestamp_millis", "end_timestamp_millis"
_HOME, _ITEMS = "audio_segment_index", "audio_item_indices"


def _homes(items: list[Holder], count: int) -> list[list[int]]:
    """The items of each of ``count`` segments. Raises ShapeError for one outside all of them."""
    members: list[list[int]] = [[] for _ in range(count)]
    last = 0
    for i, item in enumerate(items):
        n = item.get(_HOME)
        if type(n) is not int or not last <= n < count:
            raise ShapeError(f"audio_items[{i}].{_HOME}: expected a segment's number, in order")
        members[n].append(i)
        last = n
    return members


def _walk(tree: Json) -> Layout:
    segments = dicts(tree["audio_segments"], "audio_segments")
    items = dicts(tree["audio_items"], "audio_items")
    members = _homes(items, len(segments))
    text: list[str] = []
    place: list[int] = []  # word -> item
    containers = []
    for segment, inside in zip(segments, members, strict=True):
        first, spots = len(text), []
        for spot, i in enumerate(inside):
            content = text_of(items[i].get("content"), f"audio_items[{i}].content")
            if items[i].get(_START) is not None or not is_mark(content):
                text.append(content)
                place.append(i)
                spots.append(spot)
            elif len(text) > first:
                text[-1] += content
        containers.append(Container(segment, range(first, len(text)), spots))
    group = Group(
        containers,
        "speaker_label",
        segments,
        _ITEMS,
        "text",
        _START,
        _END,
        owns=True,
        within="speaker",
        renumber=lambda holders, edits: _renumber(tree, holders, edits),
    )
    group.check("audio_segments")
    owners = [box.holder for box in containers for _ in box.words]
    layout = lay_out(
        [items[i] for i in place],
        lambda i: f"audio_items[{place[i]}]",
        text=text,
        start=_START,
        end=_END,
        label="speaker_label",
        owners=[group.place(holder) for holder in owners],
        groups=[group],
        scale=1e-3,
        parts=channels([reach(holder, "channel", "channel_label") for holder in owners]),
    )
    if [segment.get(_ITEMS) for segment in segments] != members:
        # A cut would leave two stories of what belongs where.
        layout.fixed.update(range(len(text)))
        group.parent = None
    return layout


def _renumber(tree: Json, holders: list[Holder], edits: Edits) -> None:
    """Number segments anew, and where items and topics number them."""
    items = tree["audio_items"]
    became: dict[Json, list[int]] = {}
    for n, holder in enumerate(holders):
        edits.set(holder, "segment_index", n)
        for i in holder[_ITEMS]:
            became.setdefault(items[i][_HOME], []).append(n)
            edits.set(items[i], _HOME, n)
    for topic in dicts(tree.get("topics"), "topics"):
        old = topic.get("audio_segment_indices")
        if isinstance(old, list):
            new = [n for o in old if type(o) is int for n in became.get(o, [])]
            edits.set(topic, "audio_segment_indices", [*dict.fromkeys(new)])


BDA = Dialect(
    "aws-bda",
    "AWS Bedrock Data Automation, audio (audio_items[], audio_segments[])",
    lambda tree: (
        is_dicts(reach(tree, "audio_items"), "content") and is_dicts(reach(tree, "audio_segments"))
    ),
    _walk,
)
