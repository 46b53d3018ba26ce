"""SubRip and WebVTT: written in cues that can be read, and read with the names that stand in them.

Zoom, Teams, whisper-diarization, whisper-ctranslate2 and whisper.cpp each name speakers in a way of
their own; no two ways are mixed in one file.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diarfix.errors import InputError
from diarfix.files import BOM
from diarfix.formats.fileformat import Target, TextTable
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Dialect, Layout
from diarfix.formats.text.fields import in_utf8
from diarfix.formats.utterances import utterance_layout

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

_CLOCK = r"(?:(\d{1,6}):)?(\d{1,6}):(\d\d)[.,](\d{1,3})"
_TIMES = re.compile(rf"[ \t]*{_CLOCK}[ \t]*-->[ \t]*{_CLOCK}[^\n]*")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+([^<>\n]*)>|</v>")
_TAG = re.compile(r"<[^<>\n]*>")
#: SubRip knows few tags; what else stands in angle brackets is said.
_SUBRIP_TAG = re.compile(r"</?(?:i|b|u|s|em|strong|font)\b[^<>\n]*>|\{\\[^{}\n]*\}", re.IGNORECASE)

#: Names before what is said. ``[A]:`` and ``(speaker 0)`` are plain; ``A:`` may be said.
_BRACKETS = re.compile(r"\s*\[([^\]\n]{1,80})\]:[ \t]*")
_NUMBERED = re.compile(r"\s*\((speaker (?:\d+|\?))\)[ \t]*", re.IGNORECASE)
_ROUND = re.compile(r"\s*\(([^()\n]{1,80})\)[ \t]*")
_COLON = re.compile(
    r"\s*(?:>>[ \t]*|-[ \t]+)?([^\s:<>\[\](){}?!][^:\n<>?!]{0,59}?)[ \t]*:[ \t]+(?=\S)"
)

#: A name has at most so many words; more before a colon are the text.
_LONGEST_NAME = 5

#: Names before a colon are believed if so large a share of the cues has one, or one comes again.
_SHARE = 0.3

#: How tags begin that players of SubRip obey.
_OBEYED = re.compile(r"(<(?=[A-Za-z/])|\{(?=\\))")

_NAMES = frozenset({"names", "every_cue"})


@dataclass(frozen=True, slots=True)
class _Cue:
    """Times in s, and where its text stands in the file."""

    start: float
    end: float
    lines: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What one speaker says in a cue; where their name stands, None if it stands nowhere."""

    cue: _Cue
    name: tuple[int, int] | None
    text: str


def _cues(text: str) -> list[_Cue]:
    webvtt = _is_webvtt(text)
    lines = [(m.start(), m.start() + len(m[0].rstrip("\r\n"))) for m in _LINE.finditer(text)]
    said = [bool(text[a:b].strip()) for a, b in lines]
    clocks = {n: m.groups() for n, at in enumerate(lines) if (m := _TIMES.fullmatch(text, *at))}
    found = []
    for (n, clock), after in zip(clocks.items(), [*clocks, len(lines)][1:], strict=True):
        body = [i for i in range(n + 1, after) if said[i]]
        if webvtt:  # where a blank line ends a cue
            stop = next((i for i in range(n + 1, after) if not said[i]), after)
            body = [i for i in body if i < stop]
        last = body[-1] if body else n
        # What stands alone before the next times is that cue's number or name.
        alone = last == after - 1 and not said[last - 1]
        number = last == after - 1 and text[slice(*lines[last])].strip().isdigit()
        if after < len(lines) and last > n and (alone or number):
            body.pop()
        found.append(_Cue(_seconds(clock[:4]), _seconds(clock[4:]), tuple(lines[i] for i in body)))
    return found


def _is_webvtt(text: str) -> bool:
    return text[:200].removeprefix(BOM).lstrip().startswith("WEBVTT")


def _seconds(clock: Iterable[str | None]) -> float:
    hours, minutes, seconds, part = clock
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole + float(f"0.{part or 0}")


def _by_tags(text: str, cues: list[_Cue]) -> Iterator[_Said]:
    for cue in cues:
        name, said = None, ""
        for n, (a, b) in enumerate(cue.lines):
            at = a
            for tag in _VOICE.finditer(text, a, b):
                said += text[at : tag.start()]
                at = tag.end()
                if said.strip():
                    yield _Said(cue, name, said)
                    said = ""
                name = tag.span(1) if tag.start(1) >= 0 else None
            said += text[at:b] + (" " if n < len(cue.lines) - 1 else "")
        if said.strip():
            yield _Said(cue, name, said)


def _by_prefix(text: str, cues: list[_Cue], prefix: re.Pattern[str]) -> Iterator[_Said]:
    for cue in cues:
        name, said = None, ""
        for a, b in cue.lines:
            found = prefix.match(text, a, b)
            if found is not None and _is_name(found[1]):
                if said.strip():
                    yield _Said(cue, name, said)
                name, said, a = found.span(1), "", found.end()  # noqa: PLW2901
            said += text[a:b] + " "
        if said.strip():
            yield _Said(cue, name, said)


def _is_name(text: str) -> bool:
    words = text.split()
    return len(words) <= _LONGEST_NAME and any(map(str.isalnum, text)) and words[0][:1] not in "\"'"


def _said(text: str) -> tuple[list[_Said], bool]:
    """What is said in a file, by the way in which most of its names stand.

    With it whether a cue without a name goes on with the speaker of the cue before: where names
    stand before a colon, they stand where a speaker begins.
    """
    cues = _cues(text)
    ways: list[tuple[list[_Said], bool]] = []
    if _VOICE.search(text):
        ways.append((list(_by_tags(text, cues)), False))
        # A tag that is spoken in SubRip names nobody, but for what follows it.
        if _is_webvtt(text) and _names(text, ways[0][0]):
            return ways[0]
    for prefix in (_BRACKETS, _NUMBERED, _ROUND, _COLON):
        found = list(_by_prefix(text, cues, prefix))
        if _believed(prefix, _names(text, found), len(found)):
            ways.append((found, prefix is _COLON))
    nobody = list(_by_prefix(text, cues, re.compile(r"(?!)"))), False
    return max(ways, key=lambda way: len(_names(text, way[0])), default=nobody)


def _names(text: str, told: Iterable[_Said]) -> list[str]:
    return [text[slice(*said.name)] for said in told if said.name is not None]


def _believed(prefix: re.Pattern[str], names: list[str], cues: int) -> bool:
    """Whether what stands before the texts of so many cues are names."""
    different = len(set(names))
    if prefix is _ROUND:  # a noise may stand so too, but not before everything that is said
        return len(names) == cues > different
    if prefix is _COLON:
        many = len(names) >= _SHARE * cues
        numbers = all(name.strip().isdigit() for name in names)
        often = many or (different < len(names) and not numbers)
        return often and different <= max(2, len(names) / 2)
    return bool(names)


class CueTable(TextTable):
    """A file of subtitles: rows of speaker, start, end and text, one for each speaker in a cue."""

    @classmethod
    def fits(cls, text: str) -> bool:
        """Whether a text is SubRip or WebVTT."""
        head = text[:20_000].removeprefix(BOM).lstrip()
        return head.startswith("WEBVTT") or any(
            _TIMES.fullmatch(line.rstrip("\r")) for line in head.split("\n", 3)[:3]
        )

    def __init__(self, text: str, name: str) -> None:
        self.webvtt = _is_webvtt(text)
        self.carried = 0
        super().__init__(text, name)
        told, carries = _said(text)
        for said in told:
            spelled = None if said.name is None else text[slice(*said.name)]
            row: Holder = {
                "start": said.cue.start,
                "end": said.cue.end,
                "text": self._read(said.text),
            }
            if spelled is not None:
                row["speaker"] = " ".join(self._read(spelled).split())
            elif carries and self.rows and "speaker" in self.rows[-1]:
                row["speaker"] = self.rows[-1]["speaker"]
                self.carried += 1
            self.add(row, said.name)
        if not self.rows and "-->" in text:
            raise InputError(f"{name}: no cue with a text in these subtitles")

    def _read(self, text: str) -> str:
        if self.webvtt:
            return html.unescape(_TAG.sub("", text)).strip()
        return _SUBRIP_TAG.sub("", text).strip()

    def spell(self, label: str) -> str:
        """A label as it stands in the file. Raises InputError for one that cannot."""
        if {"\n", "\r"} & set(label) or (not self.webvtt and ":" in label) or "-->" in label:
            raise InputError(f"label {label!r} cannot stand in subtitles")
        return html.escape(label, quote=False) if self.webvtt else label


def _walk(table: CueTable) -> Layout:
    """The layout of a file of subtitles; a cue without a name is nobody's."""
    rows = table.rows
    layout = utterance_layout(
        rows,
        [row["text"] for row in rows],
        [row["start"] for row in rows],
        [row["end"] for row in rows],
        lambda i: f"cue {i + 1}",
        unknown=("speaker ?", "?"),
    )
    if table.carried:
        layout.notes.append(f"cues without a name, said by the speaker before: {table.carried}")
    return layout


def write_srt(recordings: Sequence[Recording], options: WriteOptions) -> str:
    """SubRip: numbered cues; the name stands before the first cue of a turn, or every one."""
    from diarfix.formats.text.cues import cues_of  # loaded by who writes cues

    cues = cues_of(recordings, names=options.names, every_cue=options.every_cue)
    return "\n".join(
        f"{number}\n{_stamp(cue.start, ',')} --> {_stamp(cue.end, ',')}\n"
        + "".join(_unmarked(line) + "\n" for line in cue.lines)
        for number, cue in enumerate(cues, start=1)
    )


def _unmarked(line: str) -> str:
    """A line in which no player takes words for a cue's times, or for tags, and hides them."""
    return _OBEYED.sub(r"\1 ", in_utf8(line).replace("-->", "-- >"))


def write_vtt(recordings: Sequence[Recording], options: WriteOptions) -> str:
    """WebVTT: every cue in a voice tag (W3C WebVTT, section 3.5), so that players can tell."""
    from diarfix.formats.text.cues import cues_of

    blocks = ["WEBVTT\n"]
    for cue in cues_of(recordings, names=False):
        text = "\n".join(map(_escape, cue.lines))
        if options.names and cue.label is not None:
            name = _escape(" ".join(str(cue.label).split()))
            text = f"<v {name}>{text}</v>"
        blocks.append(f"{_stamp(cue.start, '.')} --> {_stamp(cue.end, '.')}\n{text}\n")
    return "\n".join(blocks)


def _escape(text: str) -> str:
    return in_utf8(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _stamp(seconds: float, point: str) -> str:
    total = round(seconds * 1000)
    minutes, rest = divmod(total, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"


_TIMING = "cues time no words: give the recogniser's own JSON, with a time for each word"

SRT = Dialect(
    "srt", "SubRip subtitles",
    lambda tree: isinstance(tree, CueTable) and not tree.webvtt, _walk,
    pattern="*.srt", timing=_TIMING, stretches="cues",
    target=Target(write_srt, ".srt", heeds=_NAMES, alone=True),
)  # fmt: skip
VTT = Dialect(
    "vtt", "WebVTT subtitles",
    lambda tree: isinstance(tree, CueTable) and tree.webvtt, _walk,
    pattern="*.vtt", timing=_TIMING, stretches="cues",
    target=Target(write_vtt, ".vtt", heeds=_NAMES, alone=True),
)  # fmt: skip
