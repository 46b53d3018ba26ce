"""Files whose containers own the label of their words: monologues, utterances, segments.

A word has no label of its own there. Where words inside a container part ways, the container is cut
in two, whatever ``--segments`` says: the file has no other way to tell them apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from diarfix.core import cut_text, is_mark
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
    Dialect,
    Group,
    Json,
    Layout,
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
        values = texts(found.words, self.text, found.path)
        spoken = [not _follows(w, self, t) for w, t in zip(found.words, values, strict=True)]
        text, place, containers = _words(found, values, spoken)
        group = Group(
            containers,
            self.speaker,
            holders,
            self.items,
            self.said[0] if self.said else None,
            self.begins,
            self.ends,
            owns=True,
            within=self.within,
        )
        group.check(self.root)
        owners = [group.place(box.holder) for box in containers for _ in box.words]
        layout = lay_out(
            [found.words[i] for i in place],
            lambda i: found.path(place[i]),
            text=text,
            start=self.start,
            end=self.end,
            label=self.speaker,
            owners=owners,
            groups=[group],
            scale=self.scale,
            names=self.names,
        )
        group.divide = lambda whole, pieces, words: self._divide(whole, pieces, words, layout)
        return layout

    def _divide(
        self, whole: Holder, pieces: list[Holder], words: list[Sequence[int]], layout: Layout
    ) -> None:
        """Divide what else a container says."""
        spoken = [layout.text[i] for span in words for i in span]
        firsts = [*itertools.accumulate(map(len, words))][:-1]
        for key in self.said[1:]:
            if isinstance(whole.get(key), str):
                parts = cut_text(whole[key], spoken, firsts)
                for piece, part in zip(pieces, parts, strict=True):
                    piece[key] = part


def _follows(entry: Holder, shape: _Shape, text: str) -> bool:
    """Whether an entry is no word, but punctuation or space after one."""
    kind_ = entry.get(shape.type)
    if isinstance(kind_, str) and kind_.lower().startswith("punct"):
        return True
    return entry.get(shape.start) is None and (not text.strip() or is_mark(text))


def _words(
    found: Nested, values: list[str], spoken: Sequence[bool]
) -> tuple[list[str], list[int], list[Container]]:
    """Words with the punctuation after them: their texts and entries, and the containers."""
    text: list[str] = []
    place: list[int] = []  # word -> entry
    containers = []
    for box in found.containers:
        first, spots = len(text), []
        for spot, i in enumerate(box.words):
            if spoken[i]:
                text.append(values[i])
                place.append(i)
                spots.append(spot)
            elif values[i].strip() and len(text) > first:
                text[-1] += values[i].rstrip()
        containers.append(Container(box.holder, range(first, len(text)), spots))
    return text, place, containers


def _transcription(tree: Json) -> Json:
    for path in (("result", "transcription"), ("payload", "transcription"), ("transcription",)):
        inner = reach(tree, *path)
        if isinstance(inner, dict):
            return inner
    return None


def _walk_gladia(tree: Json) -> Layout:
    root = _transcription(tree)
    utterances = dicts(root["utterances"], "utterances")
    found = nested(utterances, "utterances")
    layout = lay_out(
        found.words,
        found.path,
        owners=found.owners,
        groups=[Group(found.containers, "speaker", utterances, "words", "text", owns=True)],
        parts=channels([u.get("channel") for u in found.owners]),
    )
    sentences = root.get("sentences")
    if is_dicts(sentences, "speaker"):
        layout.groups.append(Group(by_time(sentences, found.words), "speaker"))
    return layout


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
    lambda tree: is_dicts(reach(_transcription(tree), "utterances"), "words"),
    _walk_gladia,
)
