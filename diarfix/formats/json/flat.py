"""Flat word lists under their many key names, and Rev .nlp."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from diarfix.errors import InputError
from diarfix.files import BOM
from diarfix.formats.fileformat import Target, TextTable
from diarfix.formats.jsonfields import by_time, is_dicts, lay_out, texts
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Dialect, Group, Json, Layout, Part, channels, sessions

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

#: Key names in use for one thing, the most common first.
WORD = ("word", "text", "punctuated_word", "content", "token", "value")
START = ("start", "start_time", "startTime", "start_ts", "ts", "begin", "from")
END = ("end", "end_time", "endTime", "end_ts", "endTs", "to")
SPEAKER = ("speaker", "speaker_label", "speaker_id", "speakerLabel", "speakerId", "spk",
           "speaker_name")  # fmt: skip

#: Words longer than this on average (s) are not words: whole numbers like that are milliseconds.
_LONGEST_MEAN = 20


def alias(words: Iterable[Holder], names: tuple[str, ...], default: str = "") -> str:
    """The first of some names that is a key of some objects."""
    present = {key for word in words for key in word}
    return next((name for name in names if name in present), default)


def _fits_flat(tree: Json) -> bool:
    return is_dicts(tree.get("words") if isinstance(tree, dict) else tree, *WORD)


def _walk_flat(tree: Json) -> Layout:
    root = "words" if isinstance(tree, dict) else ""
    words = tree["words"] if root else tree
    word, start, end = (alias(words, names) for names in (WORD, START, END))
    speaker = alias(words, SPEAKER, "speaker")
    path = (root + "[{}]").format
    layout = lay_out(
        words,
        path,
        text=texts(words, word, path, needed=True) if word else [],
        start=start or [None] * len(words),
        end=end or [None] * len(words),
        label=speaker,
        parts=_parts(words),
    )
    if in_milliseconds(layout.start, layout.end):
        layout.scale = 1e-3
        layout.notes.append("whole-number times read as milliseconds (--time-unit s if not)")
    if isinstance(tree, dict) and start and end:
        for name in ("sentences", "utterances", "segments"):
            holders: Json = tree.get(name)
            if is_dicts(holders, speaker):
                layout.groups.append(Group(by_time(holders, words, start, end), speaker))
    return layout


def _parts(words: list[Holder]) -> list[Part]:
    """Sessions or channels that a list names for every word, none if there is but one."""
    if all("session_id" in word for word in words):
        found = sessions([word["session_id"] for word in words])
        if len(found) > 1:
            return found
    return channels([w["channel"] for w in words]) if all("channel" in w for w in words) else []


def in_milliseconds(start: list[Any], end: list[Any]) -> bool:
    """Whether whole-number times can only be milliseconds: as seconds the words would last too
    long on average.
    """
    pairs = [(a, b) for a, b in zip(start, end, strict=True) if a is not None and b is not None]
    whole = all(type(a) is int and type(b) is int for a, b in pairs)
    return bool(pairs) and whole and sum(b - a for a, b in pairs) > _LONGEST_MEAN * len(pairs)


def write_words(recordings: Sequence[Recording], _: WriteOptions) -> str:
    """One object per word; labels keep their type."""
    several = len(recordings) > 1
    return listed(
        ({"session_id": recording.id, "channel": recording.channel} if several else {})
        | {"word": text.strip(), "start": _written(start), "end": _written(end), "speaker": label}
        for recording in recordings
        for text, start, end, label in zip(
            recording.words.text,
            recording.words.start.tolist(),
            recording.words.end.tolist(),
            recording.words.labels,
            strict=True,
        )
    )


def listed(entries: Iterable[Holder]) -> str:
    """A JSON list with one entry per line."""
    lines = ",\n".join("  " + json.dumps(entry, ensure_ascii=False) for entry in entries)
    # A lone surrogate has no place in UTF-8, and JSON's own spelling.
    lines = re.sub("[\ud800-\udfff]", lambda lone: f"\\u{ord(lone[0]):04x}", lines)
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def _written(seconds: float) -> float | None:
    return None if math.isnan(seconds) else round(seconds, 6)


class NlpTable(TextTable):
    """A Rev ``.nlp`` file: lines of ``token|speaker|ts|endTs|punctuation|…`` under a header."""

    HEADER = ("token", "speaker", "ts", "endTs")

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text, name)
        columns: list[str] = []
        self.numbers: list[int] = []
        # Not str.splitlines: a token may hold what Unicode calls a line separator.
        for number, line in enumerate(re.finditer(r"[^\n]*\n|[^\n]+", text), start=1):
            body = line.group().rstrip("\r\n")
            fields = body.split("|")
            if number == 1:
                columns = [*self.HEADER, *fields[len(self.HEADER) :]]
            elif body:
                if len(fields) < len(self.HEADER):
                    raise InputError(
                        f"{name}: line {number}: expected token|speaker|ts|endTs|…,"
                        f" found {body[:40]!r}"
                    )
                at = line.start() + len(fields[0]) + 1
                self.add(dict(zip(columns, fields, strict=False)), (at, at + len(fields[1])))
                self.numbers.append(number)

    @classmethod
    def fits(cls, text: str) -> bool:
        """Whether a text begins with the header of the format."""
        return text.removeprefix(BOM).startswith("|".join(cls.HEADER))

    def spell(self, label: str) -> str:
        """A label as it stands in a line. Raises InputError for one that would break it."""
        if not {"|", "\r", "\n"}.isdisjoint(label):
            raise InputError(f"label {label!r} cannot stand in an .nlp file")
        return label


def _walk_nlp(table: Json) -> Layout:
    rows = table.rows
    return lay_out(
        rows,
        lambda i: f"line {table.numbers[i]}",
        text=[row["token"] + row.get("punctuation", "") for row in rows],
        start=[row["ts"] or None for row in rows],
        end=[row["endTs"] or None for row in rows],
    )


FLAT = Dialect(
    "words",
    'a flat list of words, or {"words": [...]}',
    _fits_flat,
    _walk_flat,
    target=Target(write_words, ".words.json", needs_times=False, by_word=True),
)
NLP = Dialect(
    "nlp",
    "Rev .nlp (token|speaker|ts|endTs|...)",
    lambda tree: isinstance(tree, NlpTable),
    _walk_nlp,
    pattern="*.nlp",
)
