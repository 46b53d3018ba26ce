"""Files whose containers own the label of their words: monologues, utterances, segments.

Bedrock Data Automation numbers items, segments and topics by each other: all of it follows a cut.

A word has no label of its own there. Where words inside a container part ways, the container is cut
in two, whatever ``--segments`` says: the file has no other way to tell them apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any

from diarfix.core import cut_text, is_mark
from diarfix.formats.jsonedit import Edits
from diarfix.formats.jsonfields import (
    Nested,
    by_time,
    dicts,
    is_dicts,
    lay_out,
    nested,
    reach,
    texts,
)
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import (
    Container,
    Cut,
    Dialect,
    Group,
    Json,
    Layout,
    ShapeError,
    channels,
)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where containers and words stand in a file.

    root, items  keys of the list of containers, and of the list of entries in each
    text, start, end  keys of an entry
    speaker      key of the label in a container, or in the object that it has under ``within``
    begins, ends  keys of a container's times, in the unit of its words
    said         keys of a container's texts
    type         key of what an entry is: punctuation follows the word before it
    names        other keys under which the file names speakers
    scale        seconds per unit of time
    """

    root: str
    items: str
    text: str
    start: str
    end: str
    _: KW_ONLY
    speaker: str = "speaker"
    within: str | None = None
    begins: str = "start"
    ends: str = "end"
    said: tuple[str, ...] = ()
    type: str = "type"
    names: tuple[str, ...] = ()
    scale: float = 1.0

    def fits(self, tree: Json) -> bool:
        """Whether a file has this shape."""
        return is_dicts(reach(tree, self.root), self.items) and any(
            is_dicts(box.get(self.items), self.text) for box in tree[self.root]
        )

    def walk(self, tree: Json) -> Layout:
        """The layout of a file of this shape."""
        holders = dicts(tree[self.root], self.root)
        found = nested(holders, self.root, self.items)
        words, text = _words(found, self.text, self._follows)
        said = self.said[0] if self.said else None
        group = Group([], self.speaker, holders, self.items, said, self.begins, self.ends)
        group.within, group.divide = self.within, self._divide
        times = {"start": self.start, "end": self.end, "scale": self.scale}
        return owned_layout(words, group, self.root, text=text, names=self.names, **times)

    def _divide(self, cut: Cut) -> None:
        """Divide what else a container says."""
        spoken = [cut.layout.text[i] for span in cut.words for i in span]
        firsts = [*itertools.accumulate(map(len, cut.words))][:-1]
        for key in self.said[1:]:
            if isinstance(cut.whole.get(key), str):
                parts = cut_text(cut.whole[key], spoken, firsts)
                for piece, part in zip(cut.pieces, parts, strict=True):
                    piece[key] = part

    def _follows(self, entry: Holder, text: str) -> bool:
        """Whether an entry is no word, but punctuation or space after one."""
        kind_ = entry.get(self.type)
        if isinstance(kind_, str) and kind_.lower().startswith("punct"):
            return True
        return entry.get(self.start) is None and (not text.strip() or is_mark(text))


def owned_layout(found: Nested, group: Group, path: str, **how: Any) -> Layout:
    """The layout of words whose containers own their labels.

    group  of the containers: its parent, the place of their speaker, its items
    path   JSON path of the list of containers, for messages
    how    as for :func:`~diarfix.formats.jsonfields.lay_out`

    Raises ShapeError where another thing stands for the object in which a speaker should stand.
    """
    group.containers, group.owns = found.containers, True
    for n, box in enumerate(found.containers):
        inner = None if group.within is None else box.holder.get(group.within)
        if inner is not None and not isinstance(inner, dict):
            raise ShapeError(f"{path}[{n}].{group.within}: expected an object")
    owners = [group.place(holder) for holder in found.owners]
    return lay_out(
        found.words, found.path, label=group.speaker, owners=owners, groups=[group], **how
    )


def _words(
    found: Nested, key: str, follows: Callable[[Holder, str], bool]
) -> tuple[Nested, list[str]]:
    """The words among entries, and their texts with the punctuation after them.

    key      of an entry's text
    follows  entry, text -> whether it is no word, but follows one
    """
    values = texts(found.words, key, found.path)
    text: list[str] = []
    place: list[int] = []  # word -> entry
    containers = []
    for box in found.containers:
        first, spots = len(text), []
        for spot, i in enumerate(box.words):
            if not follows(found.words[i], values[i]):
                text.append(values[i])
                place.append(i)
                spots.append(spot)
            elif values[i].strip() and len(text) > first:
                text[-1] += values[i].rstrip()
        containers.append(Container(box.holder, range(first, len(text)), spots))
    words = [found.words[i] for i in place]
    return Nested(words, containers, lambda i: found.path(place[i])), text


def _transcription(tree: Json) -> tuple[str, Json]:
    """Where the utterances stand, and what holds them."""
    ways = (("result", "transcription"), ("payload", "transcription"), ("transcription",))
    found = ((".".join((*way, "utterances")), reach(tree, *way)) for way in ways)
    return next((one for one in found if isinstance(one[1], dict)), ("", None))


def _walk_gladia(tree: Json) -> Layout:
    path, root = _transcription(tree)
    utterances = dicts(root["utterances"], path)
    found = nested(utterances, path)
    group = Group([], "speaker", utterances, "words", "text")
    parts = channels([u.get("channel") for u in found.owners])
    layout = owned_layout(found, group, path, parts=parts)
    sentences = root.get("sentences")
    if is_dicts(sentences, "speaker"):
        layout.groups.append(Group(by_time(sentences, found.words), "speaker"))
    return layout


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


def _walk_bedrock(tree: Json) -> Layout:
    segments = dicts(tree["audio_segments"], "audio_segments")
    items = dicts(tree["audio_items"], "audio_items")
    members = _homes(items, len(segments))
    boxes = [Container(s, inside) for s, inside in zip(segments, members, strict=True)]
    found, text = _words(
        Nested(items, boxes, "audio_items[{}]".format),
        "content",
        lambda item, content: item.get(_START) is None and is_mark(content),
    )
    group = Group([], "speaker_label", segments, _ITEMS, "text", _START, _END, within="speaker")
    group.renumber = lambda holders, edits: _renumber(tree, holders, edits)
    layout = owned_layout(
        found, group, "audio_segments", text=text, start=_START, end=_END, scale=1e-3,
        parts=channels([reach(holder, "channel", "channel_label") for holder in found.owners]),
    )  # fmt: skip
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
    _walk_bedrock,
)


def _row(name: str, what: str, shape: _Shape) -> Dialect:
    return Dialect(name, what, shape.fits, shape.walk)


REVAI = _row(
    "revai",
    "Rev.ai (monologues[].elements[])",
    _Shape("monologues", "elements", "value", "ts", "end_ts"),
)
REV_EDITOR = _row(
    "rev-editor",
    "Rev's editor (monologues[].spans[])",
    _Shape("monologues", "spans", "value", "ts", "endTs", begins="startTime"),
)
GECKO = _row(
    "gecko",
    "Gecko, as NeMo writes it (monologues[].terms[])",
    _Shape("monologues", "terms", "text", "start", "end", speaker="id", within="speaker"),
)
CALL_ANALYTICS = _row(
    "aws-calls",
    "AWS Transcribe Call Analytics (Transcript[].Items[])",
    _Shape(
        "Transcript",
        "Items",
        "Content",
        "BeginOffsetMillis",
        "EndOffsetMillis",
        speaker="ParticipantRole",
        begins="BeginOffsetMillis",
        ends="EndOffsetMillis",
        said=("Content",),
        type="Type",
        scale=1e-3,
    ),
)
POST_CALL = _row(
    "aws-post-call",
    "AWS post-call analytics (SpeechSegments[].WordConfidence[])",
    _Shape(
        "SpeechSegments",
        "WordConfidence",
        "Text",
        "StartTime",
        "EndTime",
        speaker="SegmentSpeaker",
        begins="SegmentStartTime",
        ends="SegmentEndTime",
        said=("DisplayText", "OriginalText"),
        names=("Speaker",),
    ),
)
GLADIA = Dialect(
    "gladia",
    "Gladia v2 (result.transcription.utterances[])",
    lambda tree: is_dicts(reach(_transcription(tree)[1], "utterances"), "words"),
    _walk_gladia,
)
