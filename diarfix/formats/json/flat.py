"""Flat word lists under their many key names, and Rev .nlp."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from diarfix.core import is_mark
from diarfix.errors import InputError
from diarfix.files import BOM
from diarfix.formats.fileformat import Target, TextTable
from diarfix.formats.json.keys import PAIR, START, WORD, alias, are_sentences, clock_of, label_key
from diarfix.formats.json.siblings import take_siblings
from diarfix.formats.jsonfields import column, is_dicts, lay_out, texts
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Dialect, Json, Layout, Part, channels, sessions

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

_TEXT = (*WORD, "body")

#: Keys of lists of words, the likeliest first: any may hold sentences instead, but the first.
_ROOTS = ("words", "word_segments", "word_timestamps", "speakers", "chunks", "results", "result",
          "segments")  # fmt: skip


def word_root(tree: Holder) -> str:
    """The key under which the words of an object stand, "" where none do."""
    words: Json = tree.get("words")
    if _named(words) or (is_dicts(words, *WORD) and not are_sentences(words, timeless=True)):
        return "words"
    lists = {key: value for key, value in tree.items() if value and is_dicts(value)}
    names = [key for key in _ROOTS if key in lists]
    if "chunks" in lists and column(lists["chunks"], "text") != column(
        lists.get("speakers", []), "text"
    ):
        # Hugging Face's pipelines: what speakers say, put together of what was said.
        names = [key for key in names if key != "speakers"]
    return next((key for key in names if _are_words(lists[key])), "")


def _named(words: Json) -> bool:
    """Whether words are called names, as Hyperaudio and Speechmatics 1.0 do."""
    return bool(words) and is_dicts(words, "name") and is_dicts(words, "time")


def _are_words(entries: list[Holder]) -> bool:
    text, timed = alias(entries, _TEXT), alias(entries, (*START, *PAIR))
    held = (value for entry in entries[:50] for value in entry.values())
    containers = any(isinstance(value, list) and dict in map(type, value) for value in held)
    if not text or not timed or containers or are_sentences(entries):
        return False
    # Where some begin with a space, those that do not are parts of words.
    said = [t for e in entries[1:] if isinstance(t := e.get(text), str) and not is_mark(t)]
    spaced = sum(t[:1].isspace() for t in said)
    return not spaced or spaced > 0.8 * len(said)


def _fits_flat(tree: Json) -> bool:
    if isinstance(tree, dict):
        return bool(word_root(tree))
    return is_dicts(tree, *WORD) and not are_sentences(tree, timeless=True)


def _walk_flat(tree: Json) -> Layout:
    root = word_root(tree) if isinstance(tree, dict) else ""
    words = tree[root] if root else tree
    path = (root + "[{}]").format
    timed = clock_of(words, path)
    word = "name" if _named(words) else alias(words, _TEXT)
    layout = lay_out(
        words,
        path,
        text=texts(words, word, path, needed=True) if word else [],
        start=timed.start,
        end=timed.end,
        label=label_key(words),
        scale=timed.unit,
        parts=_parts(words),
    )
    if isinstance(tree, dict):
        take_siblings(layout, {key: value for key, value in tree.items() if key != root})
    return layout


def _parts(words: list[Holder]) -> list[Part]:
    """Sessions or channels that a list names for every word, none if there is but one."""
    if all("session_id" in word for word in words):
        found = sessions([word["session_id"] for word in words])
        if len(found) > 1:
            return found
    return channels([w["channel"] for w in words]) if all("channel" in w for w in words) else []


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
