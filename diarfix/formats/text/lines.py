"""Text on lines of limited width: how wide characters are, and where a line may break."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from diarfix.core.segments import needs_space

#: Columns of a subtitle line, as broadcasters limit them (BBC: 37 to 42 characters; Netflix: 42).
COLUMNS = 42

#: Words up to this width never break: tokenisers of unspaced scripts make shorter ones.
_WHOLE = 16


def width(text: str) -> int:
    """Columns that a text takes: East Asian wide characters two, combining marks none.

    >>> width("café"), width("你好")
    (4, 4)
    """
    if text.isascii():
        return len(text)
    return sum(_column(char) for char in text)


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
        if found and _clings(found[-1], char) and width(found[-1] + char) <= COLUMNS:
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
    best: tuple[float, list[str]] | None = None
    for i in range(1, len(parts)):
        upper, lower = joined(parts[:i]), joined(parts[i:])
        if width(upper) > COLUMNS:
            break
        if width(lower) <= COLUMNS:
            mark = unicodedata.category(upper[-1:] or "x")[0] == "P"
            cost = abs(width(upper) - width(lower)) - 10 * mark
            if best is None or cost < best[0]:
                best = (cost, [upper, lower])
    return None if best is None else best[1]


def joined(parts: Sequence[str]) -> str:
    """Parts as one text."""
    return "".join(parts).strip()
