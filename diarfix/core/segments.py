"""Finalize: what becomes of containers (segments, utterances) when words inside them moved."""

from __future__ import annotations

import bisect
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

    text    the text as it stands
    words   the container's words, with or without spaces around them
    firsts  positions in ``words`` at which the second and later pieces begin

    White space at the cuts goes; if the text begins with some (Whisper's habit), so does each
    piece. All else stays letter by letter, also where the text spells words otherwise (capitals,
    points, "$20" for "twenty dollars"): it is then cut beside the words that are the same.
    """
    places = _places(text, words)
    at = [places[i] for i in firsts] if places is not None else _nearest(text, words, firsts)
    lead = text[: len(text) - len(text.lstrip())]
    trail = text[len(text.rstrip()) :]
    bare = [text[a:b].strip() for a, b in itertools.pairwise([0, *at, len(text)])]
    return [lead + piece + (trail if i == len(bare) - 1 else "") for i, piece in enumerate(bare)]


def _places(text: str, words: Sequence[str]) -> list[int] | None:
    """Where each word begins, and the end; None where the text is not the words in order."""
    at = 0
    places = []
    for word in words:
        found, stop = _find(text, word.strip(), at)
        if found < 0 or _SPOKEN.search(text, at, found):
            return None
        places.append(found)
        at = stop
    return [*places, len(text)]


def _find(text: str, word: str, at: int) -> tuple[int, int]:
    """Where a word stands in a text from ``at`` on; parts of it may stand apart there."""
    found = text.find(word, at)
    if found >= 0:
        return found, found + len(word)
    loose = re.compile(r"\s*".join(map(re.escape, "".join(word.split())))).search(text, at)
    return (-1, -1) if loose is None else loose.span()


#: So many words of a text may stand for as many others: "1984".
_WINDOW = 12


def _nearest(text: str, words: Sequence[str], firsts: Sequence[int]) -> list[int]:
    """Where to cut a text that spells the words otherwise: see :func:`cut_text`."""
    spoken = [spell for word in words for spell, _ in _spelled(word)]
    counts = [0, *itertools.accumulate(len(_spelled(word)) for word in words)]
    written = _spelled(text)
    same = _same(spoken, [spell for spell, _ in written])
    known = sorted(same)
    found = []
    for first in firsts:
        k = counts[first]
        n = bisect.bisect_left(known, k)
        before, after = known[n - 1] if n else -1, known[n] if n < len(known) else len(spoken)
        low, high = same.get(before, -1) + 1, same.get(after, len(written))
        # Words that are spelled otherwise share what stands between those that are not.
        share = (k - before - 1) / max(after - before - 1, 1)
        at = high if k == after else low + round((high - low) * share)
        found.append(_token(text, written[at][1]) if at < len(written) else len(text))
    return found


def _spelled(text: str) -> list[tuple[str, int]]:
    """The words of a text without points or capitals, and where they begin."""
    found: list[tuple[str, int]] = []
    inside = False
    for at, char in enumerate(text):
        spoken = unicodedata.category(char)[0] in "LNM"
        alone = spoken and _unspaced(char)
        if spoken and inside and not alone:
            found[-1] = found[-1][0] + char.casefold(), found[-1][1]
        elif spoken:
            found.append((char.casefold(), at))
        inside = spoken and not alone
    return found


def _same(spoken: Sequence[str], written: Sequence[str]) -> dict[int, int]:
    """Pairs of equal words, in order: after a difference those that come next."""
    found: dict[int, int] = {}
    i = j = 0
    while i < len(spoken) and j < len(written):
        if spoken[i] == written[j]:
            found[i] = j
            i, j = i + 1, j + 1
            continue
        near = spoken[i : i + _WINDOW + 1], written[j : j + _WINDOW + 1]
        x, y = min(
            ((x, y) for x, word in enumerate(near[0]) for y, w in enumerate(near[1]) if w == word),
            key=sum,
            default=(1, 1),
        )
        i, j = i + x, j + y
    return found


def _token(text: str, at: int) -> int:
    """Where what is written begins of which a word begins at ``at``: brackets, signs included."""
    start = at
    while start and not text[start - 1].isspace() and not text[start - 1].isalnum():
        start -= 1
    if not start or text[start - 1].isspace():
        return start
    while unicodedata.category(text[at - 1]) in {"Ps", "Pi", "Sc"} or text[at - 1] in "¿¡":
        at -= 1
    return at


def join_text(pieces: Sequence[str]) -> str:
    """Join texts with a space where the script wants one.

    >>> join_text(["Hello", "there."]), join_text(["你", "好"])
    ('Hello there.', '你好')
    """
    whole = ""
    for piece in pieces:
        whole += " " + piece if needs_space(whole, piece) else piece
    return whole
