"""The pipeline over a document: every recording in it by itself, labels put together again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from diarfix.config import DEFAULT_METHOD, Method, Settings
from diarfix.core.pipeline import Baseline, baseline, smooth
from diarfix.core.segments import Segments
from diarfix.core.smoothed import Change, Smoothed
from diarfix.core.words import Label, Turns, Words, encode
from diarfix.errors import InputError
from diarfix.io.document import Document, Part, moved
from diarfix.io.files import recording_id

#: The rule named in ``--changes`` for a word that took another label from the turns.
ASSIGNED = "assign"


@dataclass(frozen=True, slots=True)
class Moved:
    """A word whose label is another than before.

    index          position in the document
    before, after  labels; ``before`` is the file's, or the turns' where the file had none
    rule           what moved it
    evidence       see :class:`~diarfix.core.smoothed.Change`
    """

    index: int
    before: Label | None
    after: Label | None
    rule: str
    evidence: dict[str, float | int | str]


@dataclass(frozen=True, eq=False, slots=True)
class Repair:
    """A document and the labels it is to have.

    off                the labels before repair
    words              the labels after it
    moved              the words that changed speaker, by position
    assigned           words that had no label and took one from the turns
    islands_collapsed, seams_moved  what the smoother did
    tied, nearest, kept  see :class:`~diarfix.core.pipeline.Baseline`
    """

    document: Document
    off: Words
    words: Words
    moved: tuple[Moved, ...]
    assigned: int
    islands_collapsed: int
    seams_moved: int
    tied: int
    nearest: int
    kept: int


def repair(
    document: Document,
    *,
    turns: Mapping[str, Turns] | None = None,
    method: Method = DEFAULT_METHOD,
    settings: Settings | None = None,
) -> Repair:
    """Run assign and smooth over a document.

    turns  turns by part name (see :func:`match_turns`), which label every timed word anew; None to
           go by the file: its own turns label the words that carry no speaker key

    Raises InputError if no word is labelled and no turns are known.
    """
    words = document.words
    results = [_part(document, part, words, turns, method, settings) for part in document.parts]
    off = _together(document, [(p, b.words) for p, b, _ in results])
    after = _together(document, [(p, s.words) for p, _, s in results])
    known = turns is not None or document.turns is not None
    if len(words) and not known and not (off.speaker >= 0).any():
        raise InputError(
            f"{document.name}: no word has a speaker and no turns are known",
            hint="give --turns with the diarizer's RTTM",
        )
    changed = _moved(document.words, off, after, results)
    quiet = not changed
    return Repair(
        document,
        off,
        after,
        changed,
        assigned=int(((document.words.speaker < 0) & (after.speaker >= 0)).sum()),
        islands_collapsed=0 if quiet else sum(s.islands_collapsed for _, _, s in results),
        seams_moved=0 if quiet else sum(s.seams_moved for _, _, s in results),
        tied=sum(b.tied for _, b, _ in results),
        nearest=sum(b.nearest for _, b, _ in results),
        kept=sum(b.kept for _, b, _ in results),
    )


def _part(
    document: Document,
    part: Part,
    words: Words,
    turns: Mapping[str, Turns] | None,
    method: Method,
    settings: Settings | None,
) -> tuple[Part, Baseline, Smoothed]:
    mine = words if len(part.index) == len(words) else words.take(part.index)
    known = document.turns if turns is None else turns[part.name]
    only = ~document.keyed[part.index] if turns is None else None
    start = baseline(mine, known, only=only)
    # Where turns are known viterbi goes by them, not by labels that an earlier run wrote.
    base = baseline(mine, known) if method == "viterbi" and only is not None else start
    done = smooth(base.words, known, method=method, settings=settings, margin=base.margin)
    return part, start, done


def _together(document: Document, parts: list[tuple[Part, Words]]) -> Words:
    if len(parts) == 1 and len(parts[0][0].index) == len(document.words):
        return parts[0][1]
    labels: list[Label | None] = list(document.words.labels)
    for part, words in parts:
        for i, label in zip(part.index.tolist(), words.labels, strict=True):
            labels[i] = label
    codes, speakers = encode(labels)
    return document.words.with_speaker(codes, speakers)


def _moved(
    source: Words, off: Words, after: Words, results: list[tuple[Part, Baseline, Smoothed]]
) -> tuple[Moved, ...]:
    why: dict[int, Change] = {
        int(part.index[change.index]): change
        for part, _, smoothed in results
        for change in smoothed.changes
    }
    had = source.speaker >= 0
    candidates = np.flatnonzero((had & moved(source, after)) | (~had & moved(off, after)))
    old, first, new = source.labels, off.labels, after.labels
    found = []
    for i in candidates.tolist():
        before = old[i] if had[i] else first[i]
        change = why.get(i)
        if before is None:
            continue  # a straggler that took its first label
        found.append(
            Moved(
                i,
                before,
                new[i],
                change.rule if change else ASSIGNED,
                change.evidence if change else {},
            )
        )
    return tuple(found)


def match_turns(
    document: Document, recordings: Mapping[str, Turns], *, alone: bool
) -> dict[str, Turns]:
    """Find the turns of each part of a document among recordings; labels take the file's types.

    alone  one document is being processed: a single recording then serves it whatever its name

    Recordings match by part name (``session_id``) or by the file's name up to its first dot; the
    channels of one file share its recording. Raises InputError if one is missing.
    """
    names = [part.name for part in document.parts]
    file_id = recording_id(document.name)
    found = {}
    for name in names:
        if name in recordings:
            turns = recordings[name]
        elif file_id in recordings:
            turns = recordings[file_id]
        elif alone and len(recordings) == 1 and (len(names) == 1 or name.startswith("channel ")):
            turns = next(iter(recordings.values()))
        else:
            known = ", ".join(list(recordings)[:5])
            raise InputError(
                f"{document.name}: no turns for recording {name or file_id!r}",
                hint=f"the turns are of: {known}",
            )
        found[name] = with_types(turns, document.words.speakers)
    return found


def with_types(turns: Turns, labels: tuple[Label, ...]) -> Turns:
    """Turns whose labels take the type of the file's where they read the same (``"0"`` -> 0)."""
    book: dict[str, Label] = {}
    for label in labels:
        book.setdefault(str(label), label)
    codes, speakers = encode([book.get(str(label), label) for label in turns.labels])
    return Turns(turns.start, turns.end, codes, speakers)


def hidden_turns(document: Document, turns: Mapping[str, Turns] | None) -> Document:
    """The document with its baseline labels and no turns: what a tool without turns would see."""
    off = repair(document, turns=turns, settings=Settings(smoothing_enabled=False)).words
    keyed = np.ones(len(off), dtype=np.bool_)
    return dataclasses.replace(document, words=off, keyed=keyed, turns=None)


def finalize(document: Document, words: Words, segments: Segments = "keep") -> str:
    """The text of a document under the labels of ``words``: see :meth:`Document.render`."""
    return document.render(words, segments=segments)
