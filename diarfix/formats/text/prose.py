"""Transcripts for readers: plain text, Markdown, and HTML that word processors open."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diarfix.core import join_text
from diarfix.core.smooth import sentence_ends
from diarfix.files import STREAM, show
from diarfix.formats.fileformat import FileFormat, Target
from diarfix.formats.text.fields import escaped, in_utf8, legible, minutes, told_apart
from diarfix.formats.text.talk import Saying, sayings_by_id

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

#: A paragraph ends with the first sentence after so many words or seconds; without a sentence it
#: ends at the longest silence before it has so many.
_WORDS, _SECONDS = 130, 60.0
_MANY_WORDS, _MANY_SECONDS = 200, 90.0
#: What is left of a turn and has fewer words is no paragraph of its own.
_FEW = 20

#: Most names of recordings that stand in a title, and what stands there of standard input.
_TITLES, _UNTITLED = 3, "transcript"


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """Text of one speaker; the name stands where they begin, the time (``m:ss``) if asked for."""

    name: str
    time: str
    text: str


def write_markdown(recordings: Sequence[Recording], options: WriteOptions) -> str:
    """A heading per recording, a paragraph per turn; nothing that is said becomes markup."""
    return "\n".join(
        f"# {_plain(name)}\n" + "".join(f"\n{_markdown(p)}\n" for p in paragraphs)
        for name, paragraphs in _chapters(recordings, options)
    )


def _markdown(paragraph: _Paragraph) -> str:
    name, text = _plain(paragraph.name), _plain(paragraph.text)
    if paragraph.time:
        who = f"**{name}** ({paragraph.time}): " if name else f"({paragraph.time}) "
    else:
        who = f"**{name}:** " if name else ""
    return who + (text if who else _plain_start(text))


#: What may be markup wherever it stands, in CommonMark or what others added to it.
_MARKS = re.compile(r"[\\`*\[\]<>#~|$^]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
#: What may be at the start of a paragraph: lists, underlines, definitions, title blocks.
_STARTS = re.compile(r"(?:\(?(?:\d+|[a-z]|[ivxlcdm]+)(?=[.)]))?([-+=:%.)])", re.IGNORECASE)


def _plain(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", legible(text))


def _plain_start(text: str) -> str:
    found = _STARTS.match(text)
    return text if found is None else f"{text[: found.start(1)]}\\{text[found.start(1) :]}"


def write_html(recordings: Sequence[Recording], options: WriteOptions) -> str:
    """The same as a document without script or style: headings, bold names, paragraphs.

    Every paragraph and name has the direction of its own script.
    """
    chapters = [*_chapters(recordings, options)]
    names = [name for name, _ in chapters]
    title = ", ".join(names[:_TITLES]) + (", …" if len(names) > _TITLES else "")
    body = "".join(
        f'<h1 dir="auto">{escaped(name)}</h1>\n' + "".join(map(_html, paragraphs))
        for name, paragraphs in chapters
    )
    return (
        "<!DOCTYPE html>\n<html>\n<head>\n"
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
        f"<title>{escaped(title)}</title>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def _html(paragraph: _Paragraph) -> str:
    name = f"<b><bdi>{escaped(paragraph.name)}</bdi></b>" if paragraph.name else ""
    time = f"({paragraph.time})" if paragraph.time else ""
    who = " ".join(filter(None, (name, time))) + (":" if name else "")
    return f'<p dir="auto">{" ".join(filter(None, (who, escaped(paragraph.text))))}</p>\n'


def _chapters(
    recordings: Sequence[Recording], options: WriteOptions
) -> Iterator[tuple[str, list[_Paragraph]]]:
    """The name of each recording, and its paragraphs."""
    talk = [
        (_UNTITLED if name == show(STREAM) else _name(name), said)
        for name, said in sayings_by_id(recordings)
    ]
    labels = dict.fromkeys(saying.key for _, said in talk for saying in said)
    names = told_apart((label for _, label in labels), _name)
    for name, said in talk:
        found = []
        for key, turns in itertools.groupby(said, key=lambda saying: saying.key):
            who = names[key] if options.names and key[1] is not None else ""
            for n, part in enumerate(_parts([*turns])):
                time = minutes(min(part.start)) if options.times else ""
                found.append(_Paragraph("" if n else who, time, join_text(part.words)))
        yield name, found


def _name(name: str) -> str:
    return legible(name) or "_"


def _parts(turns: Sequence[Saying]) -> Iterator[Saying]:
    """What one speaker says before another does, in paragraphs."""
    words, start, end = (
        tuple(itertools.chain.from_iterable(column))
        for column in zip(*((t.words, t.start, t.end) for t in turns), strict=True)
    )
    whole = Saying(turns[0].label, words, start, end)
    first = 0
    ends = sentence_ends(whole.words).tolist()
    while first < len(whole.words):
        stop = _stop(whole, ends, first)
        yield whole.part(first, stop)
        first = stop


def _stop(whole: Saying, ends: Sequence[bool], first: int) -> int:
    """Where the paragraph that begins with word ``first`` ends."""
    last = len(whole.words) - _FEW
    soft = None
    for i in range(first + 1, last + 1):
        lasting = whole.end[i - 1] - whole.start[first]  # NaN is no longer than anything
        if soft is None and (i - first >= _WORDS or lasting >= _SECONDS):
            soft = i
        if soft is None:
            continue
        if ends[i - 1]:
            return i
        if i - first >= _MANY_WORDS or lasting >= _MANY_SECONDS:
            silence = [_silence(whole, n) for n in range(soft, i + 1)]
            return soft + silence.index(max(silence))
    return len(whole.words)


def _silence(whole: Saying, i: int) -> float:
    """Seconds of silence before a word, 0 where nobody knows."""
    return max(0.0, whole.start[i] - whole.end[i - 1])


def write_plain(recordings: Sequence[Recording], options: WriteOptions) -> str:
    """One line per turn, ``[m:ss] Name: text``; an empty line between recordings."""
    blocks = []
    for recording in recordings:
        lines = []
        for turn in recording.turns():
            when = f"[{minutes(turn.start)}] " if options.times else ""
            named = options.names and turn.label is not None
            who = f"{' '.join(str(turn.label).split())}: " if named else ""
            lines.append(f"{when}{who}{turn.text}\n")
        blocks.append(in_utf8("".join(lines)))
    return "\n".join(blocks)


def _row(name: str, what: str, suffix: str, write: Callable[..., str]) -> FileFormat:
    heeds = frozenset({"names", "times"})
    return FileFormat(name, what, target=Target(write, suffix, heeds=heeds, needs_times=False))


MARKDOWN = _row("md", "Markdown, one paragraph per turn", ".md", write_markdown)
HTML = _row("html", "HTML for word processors, one paragraph per turn", ".html", write_html)
TXT = FileFormat(
    "txt", "text, one line per turn",
    target=Target(write_plain, ".txt", heeds=frozenset({"names", "times"}), needs_times=False),
)  # fmt: skip
