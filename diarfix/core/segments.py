"""Finalize: what becomes of containers (segments, utterances) when words inside them moved."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from diarfix.core.words import TIME_EPS, UNKNOWN

Segments = Literal["keep", "split", "merge"]
SEGMENT_MODES: tuple[Segments, ...] = ("keep", "split", "merge")

#: Longest segment that ``merge`` makes, s: what subtitle players and readers still follow.
MAX_MERGED_SECONDS = 30.0

#: Scripts written without spaces between words, by the first word of their Unicode names.
_UNSPACED = {"CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "IDEOGRAPHIC"}

_SPOKEN = re.compile(r"[^\W_]")


def is_mark(text: str) -> bool:
    """Whether a text holds no letter and no digit, and something else.

    >>> is_mark("—"), is_mark(" 。"), is_mark("a."), is_mark(" ")
    (True, True, False, False)
    """
    if _SPOKEN.search(text) or not text.strip():
        return False
    # Vowel signs are parts of letters, wherever a tokeniser has cut; half a character may be one.
    kinds = {unicodedata.category(char) for char in text}
    return kinds.isdisjoint({"Mn", "Mc", "Me", "Cs", "Co", "Cn"})


def vote(codes: Sequence[int], present: int) -> int:
    """The speaker of most words of a container; ties keep ``present``, else the first seen wins.

    Words without a label do not vote; without any vote ``present`` stays.
    """
    votes = Counter(code for code in codes if code != UNKNOWN)
    if not votes:
        return present
    most = max(votes.values())
    return present if votes[present] == most else next(c for c in votes if votes[c] == most)


def stretches(codes: Sequence[int]) -> list[tuple[int, int]]:
    """Cut a container's words at label changes: ``(first, stop)`` positions.

    A word without a label stays with the stretch before it, at the beginning with the one after.

    >>> stretches([0, 0, -1, 1])
    [(0, 3), (3, 4)]
    """
    first = next((code for code in codes if code != UNKNOWN), UNKNOWN)
    known = itertools.accumulate(
        codes, lambda last, code: last if code == UNKNOWN else code, initial=first
    )
    return level([*known][1:])


def level(codes: Sequence[int]) -> list[tuple[int, int]]:
    """Cut wherever the label differs, also where there is none: ``(first, stop)`` positions.

    >>> level([0, 0, -1, 1])
    [(0, 2), (2, 3), (3, 4)]
    """
    sizes = (len(list(group)) for _, group in itertools.groupby(codes))
    return list(itertools.pairwise(itertools.accumulate(sizes, initial=0)))


def joins(speaker: Sequence[int], start: Sequence[float], end: Sequence[float]) -> list[range]:
    """Group neighbouring pieces of one speaker, greedily, up to :data:`MAX_MERGED_SECONDS`.

    speaker     code of each piece, -1 for pieces that join nothing
    start, end  s; a piece with a NaN time joins nothing

    Joining again joins nothing more: the next piece was left out because it did not fit.
    """
    groups: list[range] = []
    for i, code in enumerate(speaker):
        head = groups[-1].start if groups else i
        # Not so where a time is NaN.
        fits = not math.isnan(start[i] + end[head]) and (
            end[i] - start[head] <= MAX_MERGED_SECONDS + TIME_EPS
        )
        if head < i and code != UNKNOWN and speaker[head] == code and fits:
            groups[-1] = range(head, i + 1)
        else:
            groups.append(range(i, i + 1))
    return groups


def needs_space(left: str, right: str) -> bool:
    """Whether two texts are parted by a space: not in scripts that are written without.

    >>> needs_space("thank", "you"), needs_space("谢谢", "你"), needs_space("thank", " you")
    (True, False, False)
    """
    if not left or not right or left[-1].isspace() or right[0].isspace():
        return False
    return not (_unspaced(left[-1]) and _unspaced(right[0]))


def _unspaced(char: str) -> bool:
    wide = unicodedata.east_asian_width(char)
    if (wide == "F" and not char.isalnum()) or (
        wide == "W" and unicodedata.category(char)[0] == "P"
    ):
        return True  # full-width punctuation carries its own space
    return unicodedata.name(char, "").split(" ", 1)[0].split("-", 1)[0] in _UNSPACED


def cut_text(text: str, words: Sequence[str], firsts: Sequence[int]) -> list[str]:
    """Divide a container's text where the words ``firsts`` begin.

    text    the text as it stands, every word of it in order
    words   the container's words, with or without spaces around them
    firsts  positions in ``words`` at which the second and later pieces begin

    White space at the cuts goes; if the text begins with some (Whisper's habit), so does each
    piece. Where a word cannot be found in the text, the pieces are made of the words alone.
    """
    at = 0
    places: list[int] = []
    for word in words:
        found, stop = _find(text, word.strip(), at)
        if found < 0:
            bounds = [0, *firsts, len(words)]
            spans = itertools.pairwise(bounds)
            return [join_text([w.strip() for w in words[a:b]]) for a, b in spans]
        places.append(found)
        at = stop
    places.append(len(text))  # where a piece without words begins
    lead = text[: len(text) - len(text.lstrip())]
    trail = text[len(text.rstrip()) :]
    edges = [0, *(places[i] for i in firsts), len(text)]
    bare = [text[a:b].strip() for a, b in itertools.pairwise(edges)]
    return [lead + piece + (trail if i == len(bare) - 1 else "") for i, piece in enumerate(bare)]


def _find(text: str, word: str, at: int) -> tuple[int, int]:
    """Where a word stands in a text from ``at`` on; parts of it may stand apart there."""
    found = text.find(word, at)
    if found >= 0:
        return found, found + len(word)
    loose = re.compile(r"\s*".join(map(re.escape, "".join(word.split())))).search(text, at)
    return (-1, -1) if loose is None else loose.span()


def join_text(pieces: Sequence[str]) -> str:
    """Join texts with a space where the script wants one.

    >>> join_text(["Hello", "there."]), join_text(["你", "好"])
    ('Hello there.', '你好')
    """
    whole = ""
    for piece in pieces:
        whole += " " + piece if needs_space(whole, piece) else piece
    return whole
