"""ELAN's annotation format (EAF 3.0): per speaker a tier of turns, and under it one of words."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from diarfix.formats.fileformat import FileFormat, Target
from diarfix.formats.text.markup import escaped
from diarfix.formats.text.tiers import Stretch, tiers_of

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


ELAN = FileFormat(
    "elan", "ELAN annotations (EAF 3.0)", target=Target(write_elan, ".eaf", alone=True)
)
