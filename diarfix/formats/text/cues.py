"""Subtitles: turns cut into cues that players show and people can read.

Limits are those of the common style guides: two lines of 42 columns, 1 to 7 s, 20 characters a
second (Netflix Timed Text Style Guide: 42, 5/6 s to 7 s, 20 for adults; BBC: 160 to 180 words a
minute). Where speech is faster than anyone can read, text is kept and the limit gives way.
"""

from __future__ import annotations

import functools
import itertools
import math
import unicodedata
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from diarfix.core import Label, needs_space
from diarfix.core.smooth import sentence_ends
from diarfix.formats.text.pacing import LONGEST, SHORTEST, Span, paced

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, SpokenTurn

#: Columns of a subtitle line, as broadcasters limit them (BBC: 37 to 42 characters; Netflix: 42).
COLUMNS = 42

#: Words up to this width never break: tokenisers of unspaced scripts make shorter ones.
_WHOLE = 16

#: A silence (s) over which no cue stays.
_PAUSE = 1.5

#: Where two speak at once each is shown for so long (s) before the other.
_SHARE = 2.0

#: Longest name that stands before a line, in columns.
_NAME = 24

#: Characters, and parts, after which names, parts and cues end that have no width to end by.
_MANY = 200


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle: times in s, who speaks (None: unknown), whether they begin here, the lines."""

    start: float
    end: float
    label: Label | None
    begins: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of text that never breaks, the space before it included; times in s."""

    text: str
    start: float
    end: float
    ends_sentence: bool = False


def cues_of(recordings: Sequence[Recording], *, names: bool, every_cue: bool = False) -> list[Cue]:
    """Cut recordings (channels of one) into cues, by time, none overlapping.

    names  leave room for, and write, the speaker's name where they begin
    every_cue  not only there, but in every cue

    A turn into which another speaks is cut in two, and the other stands between.
    """
    talk = [
        _Stretch(turn.label, turn.begins, parts)
        for recording in recordings
        for turn in recording.turns(by_utterance=True)
        if (parts := _parts(recording, turn))
    ]
    found = []
    for stretch in _in_turn(talk):
        head = _head(stretch.label) if names and stretch.label is not None else []
        again = head if every_cue else []
        found += _cut(stretch, head if stretch.begins else again, again)
    return _timed(sorted(found, key=lambda cue: cue.start))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What one speaker says without a break; whether their turn begins here."""

    label: Label | None
    begins: bool
    parts: Sequence[_Part]

    @property
    def start(self) -> float:
        return self.parts[0].start


def _in_turn(talk: Sequence[_Stretch]) -> Iterator[_Stretch]:
    """Turns by start, each cut where others begin inside it, which then come in between."""
    coming = deque(sorted(talk, key=lambda stretch: stretch.start))
    waiting: deque[_Stretch] = deque()
    while coming or waiting:
        stretch = (waiting or coming).popleft()
        parts = stretch.parts
        stop = 1
        while stop < len(parts):
            now = parts[stop].start
            while coming and coming[0].start <= now:
                waiting.append(coming.popleft())
            # What is left must be worth a cue of its own: seams in real files overlap a little.
            lasting = parts[-1].end - now >= SHORTEST
            if waiting and lasting and now - parts[0].start >= _SHARE:
                waiting.append(replace(stretch, begins=True, parts=parts[stop:]))
                break
            stop += 1
        yield replace(stretch, parts=parts[:stop])


def _head(label: Label) -> list[_Part]:
    return [_Part(" " + t, math.nan, math.nan) for t in f"{_short(label)}:".split()]


def _cut(stretch: _Stretch, head: Sequence[_Part], again: Sequence[_Part]) -> list[Cue]:
    """The cues of a stretch, with ``head`` before the first and ``again`` before the others."""
    found: list[Cue] = []
    first = 0
    while first < len(stretch.parts):
        before = again if found else head
        group = stretch.parts[first : _reach(stretch.parts, first, before)]
        first += len(group)
        lines = wrap([p.text for p in (*before, *group)]) or []
        start, end = group[0].start, max(p.end for p in group)
        begins = stretch.begins and not found
        found.append(Cue(start, min(end, start + LONGEST), stretch.label, begins, tuple(lines)))
    return found


def _short(label: Label) -> str:
    text = " ".join(str(label)[: 10 * _MANY].split())[:_MANY]
    while width(text) > _NAME:
        text = text.rstrip("…")[:-1] + "…"
    return text


def _parts(recording: Recording, turn: SpokenTurn) -> list[_Part]:
    found: list[_Part] = []
    span = range(turn.first, turn.stop)
    ends = sentence_ends(recording.words.text[turn.first : turn.stop])
    for i, last in zip(span, ends.tolist(), strict=True):
        tokens = [p for word in recording.words.text[i].split() for p in _spaced(word)]
        start, end = float(recording.start[i]), float(recording.end[i])
        step = (end - start) / max(len(tokens), 1)
        for n, token in enumerate(tokens):
            text = token
            if found and token.startswith(" ") and not needs_space(found[-1].text, token[1:]):
                text = token[1:]
            closes = last and n == len(tokens) - 1
            found.append(_Part(text, start + n * step, start + (n + 1) * step, closes))
    return found


def _spaced(word: str) -> list[str]:
    first, *rest = pieces(word)
    return [" " + first, *rest]


def _reach(parts: Sequence[_Part], first: int, head: Sequence[_Part]) -> int:
    """Where the cue that begins at a part ends: late, at the last punctuation if one is near."""
    texts = [p.text for p in head]
    for stop in range(first, len(parts)):
        part = parts[stop]
        texts.append(part.text)
        if stop == first:
            continue
        before = parts[stop - 1]
        if part.start - before.end > _PAUSE:
            return stop
        lasting = parts[-1].end - part.start >= SHORTEST
        if before.ends_sentence and lasting and width(joined(texts[:-1])) >= COLUMNS:
            return stop
        long = part.end - parts[first].start > LONGEST or len(texts) > _MANY
        if long or wrap(texts) is None:
            return _back(parts, first, stop)
    return len(parts)


def _back(parts: Sequence[_Part], first: int, stop: int) -> int:
    """Where a full cue ends: after punctuation in its second half, or where it is full.

    What is left of the turn should last long enough to be a cue of its own.
    """
    rest = stop
    while rest > first + 1 and parts[-1].end - parts[rest].start < SHORTEST:
        rest -= 1
    if parts[rest - 1].end - parts[first].start < SHORTEST:
        rest = stop
    for i in range(rest, first + (stop - first) // 2, -1):
        if not parts[i - 1].text[-1].isalnum():
            return i
    return rest


def _timed(cues: list[Cue]) -> list[Cue]:
    spans = [Span(c.start, c.end, sum(map(width, c.lines)), c.label) for c in cues]
    return [
        replace(cue, start=start, end=end)
        for cue, (start, end) in zip(cues, paced(spans), strict=True)
    ]


def width(text: str) -> int:
    """Columns that a text takes: East Asian wide characters two, combining marks none.

    >>> width("café"), width("你好")
    (4, 4)
    """
    if text.isascii():
        return len(text)
    return sum(_column(char) for char in text)


@functools.lru_cache(1 << 12)
def _column(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def pieces(word: str) -> list[str]:
    """A word in parts that may stand on different lines.

    Long words of scripts without spaces break between characters, but never before closing
    punctuation or after opening; what is too long for a line breaks where it must.

    >>> pieces("hello"), pieces("「你好吗？」他问道。")
    (['hello'], ['「你', '好', '吗？」', '他', '问', '道。'])
    """
    if width(word) <= _WHOLE:
        return [word]
    found: list[str] = []
    for char in word:
        last = found[-1] if found else ""
        if last and len(last) < _MANY and _clings(last, char) and width(last + char) <= COLUMNS:
            found[-1] += char
        else:
            found.append(char)
    return found


def _clings(before: str, char: str) -> bool:
    kind = unicodedata.category(char)
    if kind[0] == "M" or kind in {"Pe", "Pf", "Po", "Lm"}:
        return True
    if unicodedata.category(before[-1]) in {"Ps", "Pi"}:
        return True
    # The same test that joins words without a space.
    return needs_space(before[-1], char)


def wrap(parts: Sequence[str]) -> list[str] | None:
    """Parts of a text on one line or two, the break where both are most even; None if too long.

    parts  texts with the space before them, if there is one; a line may break between any two

    A break after punctuation is worth an unevenness of ten columns.
    """
    whole = joined(parts)
    if width(whole) <= COLUMNS:
        return [whole]
    if width(whole) > 2 * COLUMNS + 1:
        return None
    best: tuple[float, int] | None = None
    ends = list(itertools.accumulate(map(width, parts)))
    for i in range(1, len(parts)):
        upper, lower = ends[i - 1] - _lead(parts[0]), ends[-1] - ends[i - 1] - _lead(parts[i])
        if upper > COLUMNS:
            break
        if lower <= COLUMNS:
            mark = unicodedata.category(parts[i - 1][-1:] or "x")[0] == "P"
            cost = abs(upper - lower) - 10 * mark
            if best is None or cost < best[0]:
                best = (cost, i)
    return None if best is None else [joined(parts[: best[1]]), joined(parts[best[1] :])]


def _lead(part: str) -> int:
    return len(part) - len(part.lstrip())


def joined(parts: Sequence[str]) -> str:
    """Parts as one text."""
    return "".join(parts).strip()
