"""What texts become where they must be seen, and inside XML and HTML."""

from __future__ import annotations

import html
import re

#: What XML cannot hold, not even escaped (XML 1.0, section 2.2), and controls nobody wants to see.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def legible(text: str) -> str:
    """A text on one line, with U+FFFD for controls and for what XML or UTF-8 cannot hold."""
    return _ILLEGAL.sub("\ufffd", " ".join(text.split()))


def escaped(text: str) -> str:
    """The same as no markup, in elements and in quoted attributes.

    >>> escaped('<a href="x">&')
    '&lt;a href=&quot;x&quot;&gt;&amp;'
    """
    return html.escape(legible(text))
