"""A word file: text -> document -> words, and words -> text, touching only what moved."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from diarfix.core import F64, UNKNOWN, Bool, Label, Segments, Turns, Words, encode
from diarfix.errors import InputError, UsageError
from diarfix.formats.contents import laid_out, settle_unit
from diarfix.formats.detect import contents_of, read_json, table_of, text_format
from diarfix.formats.envelopes import has_text
from diarfix.formats.fileformat import Source
from diarfix.formats.jsonedit import Edits
from diarfix.formats.jsonfields import column, kind
from diarfix.formats.jsonfields import times as raw_times
from diarfix.formats.jsonsource import QuotedJson
from diarfix.formats.jsontext import too_deep
from diarfix.formats.layout import Dialect, Json, Layout, Part, ShapeError
from diarfix.formats.relabel import label_keys, labels_in, relabel, rename_in, typed
from diarfix.formats.utterances import Utterance

TimeUnit = Literal["auto", "s", "ms"]
_LISTED = "diarfix convert FILE --to words makes a file that can be repaired"
_SCALE = {"s": 1.0, "ms": 1e-3}


@dataclass(frozen=True, eq=False, slots=True)
class Document:
    """A word file as read; nothing here is ever modified.

    name       what the file is called in messages
    source     its text, byte order mark included
    dialect    the format it was recognised as
    words      its N words, times in seconds
    keyed      (N,)  bool, the word has a place for a label already, whatever stands there
    parts      one or more, each smoothed and scored by itself
    turns      the diarizer's turns, if the file holds them
    centroids  a voiceprint per label, if the file holds them
    regions    (start, end) of overlapped speech, s, if the file tells
    notes      what a person should know about how it was read
    scale      seconds per unit of the times in the file
    entry      (N,), (N,) s: for words without times of their own, those of the entry in which they
               stand (a SegLST line); None where words are timed one by one
    held       how many containers with a speaker of their own there are
    inverted   how many words end before they start
    strays     words whose punctuation, an item of its own, carries another label
    utterances  stretches of text, where the file times no words: ``words`` are cut out of them
    """

    name: str
    source: str
    dialect: Dialect
    words: Words
    keyed: Bool
    parts: tuple[Part, ...]
    turns: Turns | None
    centroids: dict[Label, list[float]]
    regions: tuple[F64, F64] | None
    notes: tuple[str, ...]
    scale: float
    entry: tuple[F64, F64] | None
    held: int
    inverted: int
    strays: frozenset[int]
    utterances: tuple[Utterance, ...]
    _file: Source
    _roots: tuple[Json, ...]
    _layout: Layout

    def render(self, words: Words, *, segments: Segments = "keep") -> str:
        """The file's text under the labels of ``words``; all but labels stays byte for byte.

        Every copy of a moved label moves with it; containers are re-voted, cut or joined as
        ``segments`` says, and only those that are cut or joined are written anew.

        Raises InputError for a read-only dialect, ValueError for another number of words.
        """
        self.check_word_times()
        if self.dialect.read_only:
            raise InputError(
                f"{self.name}: {self.dialect.what} is read only: no place for a label per word",
                hint=_LISTED,
            )
        if len(words) != len(self.words):
            msg = f"{len(words)} words for a file of {len(self.words)}"
            raise ValueError(msg)
        # Marks that carry another label than their word are brought in step with it.
        changed = {*np.flatnonzero(moved(self.words, words)).tolist(), *self.strays}
        if not changed and segments == "keep":
            return self.source
        if lost := sorted(changed & self._layout.fixed):
            raise InputError(
                f"{self.name}: {len(lost)} words have no place for a label in this file, the"
                f" first at {self._layout.path(lost[0])}",
                hint=_LISTED,
            )
        edits = Edits()
        if not relabel(self._layout, words, changed, segments, edits) and not changed:
            return self.source
        return self._edited(edits)

    def _edited(self, edits: Edits) -> str:
        for refresh in self._layout.refresh:
            refresh(edits)
        try:
            return self._file.edited(edits)
        except RecursionError as error:
            raise too_deep(self.name) from error

    def check_word_times(self) -> None:
        """Raise InputError if the file tells when sentences were said, and of no word."""
        if self.utterances:
            n = len(self.utterances)
            if not any(utterance.words for utterance in self.utterances):
                raise InputError(
                    f"{self.name}: {n} turns without text, and no words: nothing to repair",
                    hint="give them as --turns to a word file",
                )
            what = self.dialect.stretches if n > 1 else self.dialect.stretches.removesuffix("s")
            raise InputError(
                f"{self.name}: {n} {what} with text and no word times: nothing to repair word by"
                " word, labels cannot move",
                hint=self.dialect.timing,
            )
        self.check_words()

    def check_words(self) -> None:
        """Raise InputError if the file holds text and no word of it, so that nothing is lost."""
        if not len(self.words) and any(map(has_text, self._roots)):
            found = f"{self.held} segments or phrases with text" if self.held else "text"
            raise InputError(
                f"{self.name}: {found} and no words in this {self.dialect.name} file: there is"
                " nothing to repair or convert word by word",
                hint=self.dialect.timing,
            )

    def entries(self) -> dict[str, list[Utterance]] | None:
        """The stretches of text by recording, of a file that tells them and not all word times."""
        return None if bool(self.words.timed.all()) else self._layout.entries or None

    def labels(self) -> list[Label]:
        """Every label that stands in the file, in order: of words, containers, turns, centroids."""
        found = labels_in(self._file.objects, label_keys(self._layout))
        return [label for label in found if label not in self._layout.unknown]

    def renamed(self, book: Mapping[Label, Label]) -> Document:
        """The document with other names for its speakers, in every place that names them.

        book  label -> new label; labels are told apart by type: ``1`` is not ``"1"``

        Raises UsageError for a name that means "unknown" in the dialect, InputError for one that
        would be read as another or as a part of the text.
        """
        for label in book.values():
            if label in self._layout.unknown:
                raise UsageError(f"{label!r} means an unknown speaker in {self.dialect.what}")
        edits = Edits()
        names = {typed(old): new for old, new in book.items()}
        rename_in(self._file.objects, label_keys(self._layout), names, edits)
        unit: TimeUnit = "ms" if self.scale == _SCALE["ms"] else "s"
        text = self._edited(edits)
        again = read_document(text, self.name, format=self.dialect.name, time_unit=unit)
        if again.words.text != self.words.text:
            names_ = ", ".join(map(repr, book.values()))
            raise InputError(f"{self.name}: {self.dialect.what}: no place for the name {names_}")
        return replace(again, strays=frozenset())


def moved(before: Words, after: Words) -> Bool:
    """(N,) bool: the word's label differs, types included."""
    book = {(type(label), label): code for code, label in enumerate(before.speakers)}
    table = [book.get((type(label), label), -2) for label in after.speakers]
    code = np.array([*table, UNKNOWN], dtype=np.int32)[after.speaker]
    differs: Bool = code != before.speaker
    return differs


def read_document(
    text: str,
    name: str,
    *,
    format: str | None = None,  # noqa: A002 - the option's name
    time_unit: TimeUnit = "auto",
) -> Document:
    """Read a word file from its text.

    name       what to call it in messages
    format     the name of a dialect, or None to go by shape
    time_unit  what unit times are in; "auto" is the dialect's, unless their size says another

    Raises InputError (bad JSON, unknown shape, a time that is none, a label that is none).
    """
    file: Source
    if table := table_of(text):
        file = table(text, name)
    else:
        other = text_format(text)
        if other is not None:
            raise InputError(
                f"{name}: this is {other.what}, expected a file with words and labels",
                hint=f"turns go beside words: diarfix smooth WORDS --turns {name}"
                if other.turns is not None
                else None,
            )
        file = read_json(text, name)
    found = contents_of(file, name, format)
    dialect = found.dialect
    if found.quoted is not None:
        file = QuotedJson(file, found.quoted.holder, found.quoted.key, found.quoted.tree)
    try:
        layout = laid_out(found, file.tree, None if time_unit == "auto" else _SCALE[time_unit])
        start = raw_times(layout.start, layout.scale, layout.path, "start")
        end = raw_times(layout.end, layout.scale, layout.path, "end")
        if time_unit == "auto" and len(found.roots) == 1:  # those of several are settled
            start, end = settle_unit(layout, start, end)
        labels, keyed = _labels(layout)
    except ShapeError as error:
        raise InputError(f"{name}: {file.place(error.message)}", hint=error.hint) from error
    except RecursionError as error:
        raise too_deep(name) from error
    codes, speakers = encode(labels)
    words = Words(tuple(layout.text), start, end, codes, speakers)
    if inverted := int((end < start).sum()):
        layout.notes.append(f"words that end before they start, read without a time: {inverted}")
    return Document(
        name=name,
        source=text,
        dialect=dialect,
        words=words,
        keyed=keyed,
        parts=tuple(layout.parts) or (Part("", np.arange(len(words))),),
        turns=layout.turns,
        centroids=layout.centroids,
        regions=layout.regions,
        notes=tuple(layout.notes),
        scale=layout.scale,
        entry=layout.entry,
        held=sum(len(group.containers) for group in layout.groups),
        inverted=inverted,
        strays=frozenset(layout.strays),
        utterances=tuple(layout.utterances),
        _file=file,
        _roots=tuple(root.tree for root in found.roots),
        _layout=layout,
    )


_NO_KEY = object()


def _labels(layout: Layout) -> tuple[list[Label | None], Bool]:
    owner = layout.tracks[0]
    raw = column(owner.holders, owner.key, _NO_KEY)
    if {str, int} >= set(map(type, raw)) and {"", *layout.unknown}.isdisjoint(raw):
        return raw, np.ones(len(raw), np.bool_)
    keyed = np.fromiter((label is not _NO_KEY for label in raw), np.bool_, len(raw))
    nobody = (None, "", math.inf, -math.inf, *layout.unknown)
    labels: list[Label | None] = []
    for i, label in enumerate(raw):
        if label is _NO_KEY or label in nobody or label != label:  # noqa: PLR0124 - NaN
            labels.append(None)
        elif isinstance(label, (str, int, float)) and not isinstance(label, bool):
            labels.append(label)
        else:
            raise ShapeError(
                f"{layout.path(i)}.{owner.key}: expected a label, found {kind(label)}",
                hint="put a name or a number in its place, or drop the key and give --turns",
            )
    return labels, keyed
