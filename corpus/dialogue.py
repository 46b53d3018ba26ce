"""Dialogues as text, and the times at which their words are spoken.

A dialogue file has one turn per line, ``Name: what is said``. Further notation::

    # comment              also ``# language: es``
    Name^: well, no        begins before the one before has ended
    so {Name: Yeah.} then  said by the listener while the speaker goes on
    so [Name: Yeah.] then  said by the listener while the speaker waits
    (0.8)                  a pause of that many seconds
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from diarfix.core.words import Turns, Words, turns_from_rows, words_from_rows

SENTENCE_END = tuple(".?!。？！…")
COMMA = tuple(",;:，、；：")
UNSPACED = ("zh", "ja")

_LINE = re.compile(r"(?P<name>[^\s:^]+)(?P<early>\^?): *(?P<text>.+)")
_PART = re.compile(
    r"(?P<bracket>[{\[])(?P<name>[^:}\]]+): *(?P<aside>[^}\]]+)[}\]]"
    r"|\((?P<pause>[\d.]+)\)|(?P<text>[^{\[(]+)"
)
_CJK = re.compile(r"[^\s。？！，、…；：][。？！，、…；：]*")

Row = tuple[str, float, float, str]


@dataclass(frozen=True)
class Aside:
    """What the listener says inside the speaker's turn, who goes on or waits for it."""

    name: str
    words: list[str]
    waits: bool


@dataclass(frozen=True)
class Line:
    """One turn: its speaker, whether it cuts in, and words, pauses (s) and asides in order."""

    name: str
    early: bool
    parts: list[str | float | Aside]


@dataclass(frozen=True)
class Dialogue:
    """A dialogue file, read."""

    language: str
    lines: list[Line]


def read(path: Path) -> Dialogue:
    """Read a dialogue file."""
    text = path.read_text(encoding="utf-8")
    found = re.search(r"^# language: (\w+)$", text, flags=re.MULTILINE)
    language = found[1] if found else "en"
    return Dialogue(
        language,
        [_line(line, language) for line in text.splitlines() if line and line[0] != "#"],
    )


def _line(line: str, language: str) -> Line:
    turn = _LINE.fullmatch(line)
    if turn is None:
        raise ValueError(f"not a turn: {line!r}")
    parts: list[str | float | Aside] = []
    for part in _PART.finditer(turn["text"]):
        if part["aside"]:
            parts.append(
                Aside(part["name"], split_words(part["aside"], language), part["bracket"] == "[")
            )
        elif part["pause"]:
            parts.append(float(part["pause"]))
        else:
            parts += split_words(part["text"], language)
    return Line(turn["name"], bool(turn["early"]), parts)


def split_words(text: str, language: str) -> list[str]:
    """The words of a text, punctuation attached; one character each where words have no spaces."""
    return _CJK.findall(text) if language in UNSPACED else text.split()


class Clock:
    """Draws how long things take. Only even draws are used: they are the same in every NumPy."""

    def __init__(self, seed: int, language: str) -> None:
        self._rng = np.random.Generator(np.random.PCG64(seed))
        self._unspaced = language in UNSPACED
        self._pace: dict[str, float] = {}

    def between(self, low: float, high: float) -> float:
        """An even draw."""
        return low + (high - low) * self._rng.random()

    def word(self, text: str, name: str) -> float:
        """Length of a word, s: a constant and a share per letter, longer before a stop."""
        pace = self._pace.setdefault(name, self.between(0.88, 1.12))
        letters = sum(c.isalnum() for c in text)
        length = 0.19 if self._unspaced else 0.08 + 0.042 * letters
        if text.endswith(SENTENCE_END):
            length *= 1.3
        return length * pace * self.between(0.8, 1.25)

    def pause(self, text: str) -> float:
        """Silence after a word of a speaker who goes on, s."""
        if text.endswith(SENTENCE_END):
            return self.between(0.15, 0.75)
        if text.endswith(COMMA):
            return self.between(0.05, 0.3) if self.between(0, 1) < 0.6 else 0.0
        return self.between(0.1, 0.45) if self.between(0, 1) < 0.02 else 0.0

    def handover(self, *, early: bool) -> float:
        """Silence between two speakers, s; below 0 where the second cuts in."""
        return -self.between(0.15, 0.6) if early else 0.02 + 0.6 * self.between(0, 1) ** 2


def speak(dialogue: Dialogue, seed: int) -> Words:
    """The true words of a dialogue with times drawn from ``seed``, in order of their starts."""
    clock = Clock(seed, dialogue.language)
    rows: list[Row] = []
    at = clock.between(0.2, 0.6)
    for line, following in zip_longest(dialogue.lines, dialogue.lines[1:]):
        for part in line.parts:
            if isinstance(part, float):
                at += part
            elif isinstance(part, Aside):
                heard = _say(rows, part.words, part.name, at + clock.between(0.02, 0.2), clock)
                at = heard if part.waits else at
            else:
                at = _say(rows, [part], line.name, at, clock)
        spoken = max(row[2] for row in rows if row[3] == line.name)
        at = spoken + clock.handover(early=following is not None and following.early)
    rows.sort(key=lambda row: row[1])
    return words_from_rows((w, round(a, 3), round(b, 3), who) for w, a, b, who in rows)


def _say(rows: list[Row], words: list[str], name: str, at: float, clock: Clock) -> float:
    """Append words from ``at`` on and return when the next may begin."""
    for word in words:
        end = at + clock.word(word, name)
        rows.append((word, at, end, name))
        at = end + clock.pause(word)
    return at


def turns_of(words: Words, *, max_gap: float = 0.5) -> Turns:
    """The true turns: words of one speaker, joined over gaps in which nobody else speaks.

    max_gap  longest gap that is joined, s
    """
    middle = (words.start + words.end) / 2
    rows: list[tuple[float, float, str]] = []
    for code, name in enumerate(words.speakers):
        mine = np.flatnonzero(words.speaker == code)
        others = middle[words.speaker != code]
        start, end = words.start[mine], words.end[mine]
        held = [
            a - b <= max_gap and not ((others > b) & (others < a)).any()
            for b, a in zip(end[:-1], start[1:], strict=True)
        ]
        first = np.flatnonzero([True, *(not h for h in held)])
        last = np.append(first[1:], len(mine)) - 1
        rows += [
            (a, b, str(name))
            for a, b in zip(start[first].tolist(), end[last].tolist(), strict=True)
        ]
    return turns_from_rows(sorted(rows))
