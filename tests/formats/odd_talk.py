"""Talk that no format should trip over: words, names and times as they never should be."""

import re

from hypothesis import strategies as st

from tests.formats.converted import recording

#: Pieces that some format takes for more than text.
PIECES = [
    "a", "B", "7", "é", "好", "שלום", " ", "\n", "\r", "\t", "\x1c", "\u0085", "\u00a0", "\u2028",
    "\ufeff", "\u202e", "\x00", "\x1b", "\x9f", "\ufffe", "\ud800", "😀",
    ",", ";", ":", "{", "}", "{\\b1}", "\\", "\\N", "\\n", "\\h", "*", "**", "_", "__", "`", "#",
    "1.", "(2)", "-", "+", "=", "---", ">", "<", "<b>", "</p>", "<!--", "]]>", "&", "&amp;", "&lt;",
    "[", "](x)", "!", "|", "~~", "$", '"', '""', "'", "item [1]:", "<exists>", "Default",
    "unknown", "Dialogue: 0", "-->", "%",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
labels = st.one_of(texts.filter(bool), st.integers(0, 2), st.just(1.5), st.sampled_from("AB"))

_GAPS = [0.0, 0.0, 0.05, 0.3, 2.5, -0.2, -3.0]
_LENGTHS = [0.0, 0.0004, 0.25, 0.25, 0.6, 5.0]


@st.composite
def talks(draw, *, straight=False, least=1):
    """``(text, start, end, label)`` in the order of a file.

    straight  each word after the one before, as subtitles and prose keep them
    """
    rows, at = [], draw(st.sampled_from([0.0, 3.0]))
    who = draw(st.lists(labels, min_size=1, max_size=3))
    for _ in range(draw(st.integers(least, 10))):
        length = draw(st.sampled_from(_LENGTHS[2:] if straight else _LENGTHS))
        text = draw(texts) or "w"
        rows.append((text, round(at, 4), round(at + length, 4), draw(st.sampled_from(who))))
        gap = draw(st.sampled_from(_GAPS[:5] if straight else _GAPS))
        at = max(at + length + gap, 0.0)
    return rows


def alone(rows, *, name="talk"):
    """Recordings of one channel."""
    return [recording(rows, name=name)]


def letters(*texts):
    """What can be seen of texts, whatever parts them; what cannot be written is U+FFFD."""
    whole = "".join("".join(texts).split())
    return re.sub("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", whole)


def order(found):
    """In which order speakers come, whatever they are called."""
    seen = list(dict.fromkeys(found))
    runs = [seen.index(name) for name in found]
    return [number for i, number in enumerate(runs) if not i or runs[i - 1] != number]


def spoken(rows):
    """The rows that have a text, their labels with their types."""
    return [(text, start, end, (type(v), v)) for text, start, end, v in rows if text.split()]
