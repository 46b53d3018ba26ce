"""Tiers: what each speaker says, as intervals that follow each other, for annotation tools."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from diarfix.core import Label, join_text
from diarfix.formats.text.fields import told_apart
from diarfix.formats.text.markup import legible
from diarfix.formats.text.talk import Saying, sayings_by_id

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording


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
