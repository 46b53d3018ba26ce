"""Annotation tools: ELAN (EAF 3.0) and Praat's TextGrid, per speaker a tier of turns and of words.

The intervals of a tier follow each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from diarfix.core import Label, join_text
from diarfix.formats.fileformat import FileFormat, Target
from diarfix.formats.text.fields import escaped, legible, told_apart
from diarfix.formats.text.talk import Saying, sayings_by_id

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

# The schema wants a date; one file always becomes the same, so it is none of today.
_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="diarfix" DATE="1970-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
        <PROPERTY NAME="lastUsedAnnotationId">{last}</PROPERTY>
    </HEADER>
"""
_TAIL = """\
    <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="turn" TIME_ALIGNABLE="true"/>
    <LINGUISTIC_TYPE CONSTRAINTS="Included_In" GRAPHIC_REFERENCES="false" \
LINGUISTIC_TYPE_ID="word" TIME_ALIGNABLE="true"/>
    <CONSTRAINT DESCRIPTION="Within the time of the annotation above, gaps allowed" \
STEREOTYPE="Included_In"/>
</ANNOTATION_DOCUMENT>
"""

#: What a TextGrid of nothing lasts, ms: Praat wants an end after the start.
_SHORTEST = 1000


class Stretch(NamedTuple):
    """A text and where it stands, in ms from the start of the recording; never without length."""

    start: int
    end: int
    text: str


class TierTurn(NamedTuple):
    """A turn, and its words, which lie within it."""

    whole: Stretch
    words: list[Stretch]


@dataclass(frozen=True, slots=True)
class Tier:
    """One speaker: turns by time, none overlapping another.

    name, words_name  of the tiers of turns and of words: no two tiers have one name
    """

    name: str
    words_name: str
    turns: list[TierTurn]


def tiers_of(recordings: Sequence[Recording]) -> list[Tier]:
    """What each speaker of a recording (channels of one) says, speakers as they come.

    Turns of one speaker that overlap become one. A word that lasts into the next of its speaker
    ends there; words that begin together share their time; each lasts at least a millisecond.
    """
    said: dict[tuple[type, Label | None], list[Saying]] = {}
    for _, sayings in sayings_by_id(recordings):
        for saying in sayings:
            said.setdefault(saying.key, []).append(saying)
    names = told_apart((label for _, label in said), _name)
    taken = set(names.values())
    found = []
    for key, sayings in said.items():
        words_name = f"{names[key]} - words"
        while words_name in taken:
            words_name += "_2"
        taken.add(words_name)
        found.append(Tier(names[key], words_name, _turns(sayings)))
    return found


def _name(text: str) -> str:
    return legible(text) or "_"


def _turns(sayings: Sequence[Saying]) -> list[TierTurn]:
    spans: list[list[Stretch]] = []
    end = -1
    for words in sorted(map(_stretches, sayings), key=lambda words: min(words).start):
        if spans and min(words).start < end:
            spans[-1] += words
        else:
            spans.append(words)
        end = max(end, *(word.end for word in words))
    found = []
    clock = 0
    for span in spans:
        words = _placed(sorted(span, key=lambda word: word[:2]), clock)
        clock = max(words[-1].end, *(word.end for word in span))
        text = join_text([word.text for word in span])
        found.append(TierTurn(Stretch(words[0].start, clock, text), words))
    return found


def _stretches(saying: Saying) -> list[Stretch]:
    rows = zip(saying.start, saying.end, saying.words, strict=True)
    return [Stretch(round(a * 1000), round(b * 1000), legible(text)) for a, b, text in rows]


def _placed(words: Sequence[Stretch], clock: int) -> list[Stretch]:
    """Words by start, so that none begins before ``clock`` or before the one before it ends."""
    groups = [[*group] for _, group in itertools.groupby(words, key=lambda word: word.start)]
    found = []
    for group, after in itertools.zip_longest(groups, groups[1:]):
        start = max(group[0].start, clock)
        end = max(word.end for word in group)
        clock = max(end if after is None else min(end, after[0].start), start + len(group))
        cuts = [start + (clock - start) * n // len(group) for n in range(len(group) + 1)]
        found += [
            Stretch(a, b, word.text)
            for word, (a, b) in zip(group, itertools.pairwise(cuts), strict=True)
        ]
    return found


def write_elan(recordings: Sequence[Recording], _: WriteOptions) -> str:
    """Turns as time-aligned annotations, words as annotations included in them."""
    slots: list[int] = []
    ids = itertools.count(1)
    tiers = []
    for tier in tiers_of(recordings):
        name, words_name = escaped(tier.name), escaped(tier.words_name)
        of_turns = f'LINGUISTIC_TYPE_REF="turn" PARTICIPANT="{name}" TIER_ID="{name}"'
        of_words = f'LINGUISTIC_TYPE_REF="word" PARENT_REF="{name}" PARTICIPANT="{name}"'
        tiers += [
            f"    <TIER {of_turns}>\n",
            *_annotations((turn.whole for turn in tier.turns), ids, slots),
            f'    <TIER {of_words} TIER_ID="{words_name}">\n',
            *_annotations((word for turn in tier.turns for word in turn.words), ids, slots),
        ]
    order = sorted(range(len(slots)), key=slots.__getitem__)
    return "".join(
        [
            _HEAD.format(last=len(slots) // 2),
            "    <TIME_ORDER>\n",
            *(
                f'        <TIME_SLOT TIME_SLOT_ID="ts{n + 1}" TIME_VALUE="{slots[n]}"/>\n'
                for n in order
            ),
            "    </TIME_ORDER>\n",
            *tiers,
            _TAIL,
        ]
    )


def _annotations(
    stretches: Iterable[Stretch], ids: Iterable[int], slots: list[int]
) -> Iterable[str]:
    """The annotations of a tier and its end; their times are put to ``slots``, which name them."""
    for stretch, number in zip(stretches, ids, strict=False):
        slots += stretch[:2]
        yield (
            "        <ANNOTATION>\n"
            f'            <ALIGNABLE_ANNOTATION ANNOTATION_ID="a{number}"'
            f' TIME_SLOT_REF1="ts{len(slots) - 1}" TIME_SLOT_REF2="ts{len(slots)}">\n'
            f"                <ANNOTATION_VALUE>{escaped(stretch.text)}</ANNOTATION_VALUE>\n"
            "            </ALIGNABLE_ANNOTATION>\n"
            "        </ANNOTATION>\n"
        )
    yield "    </TIER>\n"


def write_textgrid(recordings: Sequence[Recording], _: WriteOptions) -> str:
    """Interval tiers from 0 to the last end, without a gap: silence is an interval without text."""
    tiers = tiers_of(recordings)
    xmax = max((tier.turns[-1].whole.end for tier in tiers), default=_SHORTEST)
    rows: list[tuple[str, list[Stretch]]] = []
    for tier in tiers:
        rows.append((tier.name, [turn.whole for turn in tier.turns]))
        rows.append((tier.words_name, [word for turn in tier.turns for word in turn.words]))
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0",
        f"xmax = {_seconds(xmax)}",
        "tiers? <exists>",
        f"size = {len(rows)}",
        "item []:",
    ]
    for number, (name, stretches) in enumerate(rows, start=1):
        filled = [*_without_gaps(stretches, xmax)]
        lines += [
            f"    item [{number}]:",
            '        class = "IntervalTier"',
            f"        name = {_quoted(name)}",
            "        xmin = 0",
            f"        xmax = {_seconds(xmax)}",
            f"        intervals: size = {len(filled)}",
        ]
        for n, (start, end, text) in enumerate(filled, start=1):
            lines += [
                f"        intervals [{n}]:",
                f"            xmin = {_seconds(start)}",
                f"            xmax = {_seconds(end)}",
                f"            text = {_quoted(text)}",
            ]
    return "\n".join(lines) + "\n"


def _without_gaps(stretches: Iterable[Stretch], xmax: int) -> Iterator[Stretch]:
    clock = 0
    for stretch in stretches:
        if stretch.start > clock:
            yield Stretch(clock, stretch.start, "")
        yield stretch
        clock = stretch.end
    if clock < xmax:
        yield Stretch(clock, xmax, "")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03d}".rstrip("0").rstrip(".")


ELAN = FileFormat(
    "elan", "ELAN annotations (EAF 3.0)", target=Target(write_elan, ".eaf", alone=True)
)
TEXTGRID = FileFormat(
    "textgrid", "Praat TextGrid", target=Target(write_textgrid, ".TextGrid", alone=True)
)
