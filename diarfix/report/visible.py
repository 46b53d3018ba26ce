r"""Text from files as people are shown it: whatever it holds, it is seen and does nothing."""

from __future__ import annotations

import re
import unicodedata

#: Joiners of letters, which Persian and emoji need; between ASCII they only hide.
_JOINERS = "\u200c\u200d"

#: They give the text between them a direction of its own, which moves nothing beside it.
ISOLATES = "\u2068\u2069"

#: What ends a cell, or is markup, in GitHub's Markdown; HTML is part of that.
_MARKUP = re.compile(r"[\\`|*\[\]]")


def one_line(text: str, keep: str = "") -> str:
    r"""Text in which nothing moves the cursor, changes the direction or hides.

    Controls, marks of direction, and characters without width are spelled as Python does.

    keep  characters that stay as they are

    >>> one_line("a\r\nb: no speaker '\u9ec4 \x1b[2J\u202e'")
    "a\\r\\nb: no speaker '黄 \\x1b[2J\\u202e'"
    """
    if text.isprintable():
        return text
    return "".join(
        c if _seen(c) or c in keep or _joins(text, i) else c.encode("unicode_escape").decode()
        for i, c in enumerate(text)
    )


def _seen(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) == "Zs"


def _joins(text: str, at: int) -> bool:
    around = text[at - 1 : at] + text[at + 1 : at + 2]
    return (
        text[at] in _JOINERS and len(around) == 2 and all(c > "\x7f" and _seen(c) for c in around)
    )


def cell(text: str) -> str:
    r"""The same for Markdown: the text of a cell, a line or a heading, and nothing but text.

    >>> cell("a|b\n<img src=x> `c`")
    'a\\|b\\\\n&lt;img src=x&gt; \\`c\\`'
    """
    marked = _MARKUP.sub(r"\\\g<0>", one_line(text))
    return marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
