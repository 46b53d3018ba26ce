"""The pipeline over a document: every recording in it by itself, labels put together again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diarfix.config import DEFAULT_METHOD, Method, Settings, find_method
from diarfix.core import Assignment, Label, Turns, Words, baseline_of, encode
from diarfix.core.smooth import Change, Smoothed, opinions_of, smooth
from diarfix.edits.turns import Given, named_opinions
from diarfix.errors import InputError, UsageError
from diarfix.formats import Document, Part, moved

if TYPE_CHECKING:  # who smooths need not load what listens
    from diarfix.core.smooth import Trust
    from diarfix.core.voice import Account, Rechecked

#: The rule named in ``--changes`` for a word that took another label from the turns.
ASSIGNED = "assign"

#: Hears one part of a document again, given its baseline and its turns, if known.
Listen = Callable[[Assignment, Turns | None], "Rechecked"]


@dataclass(frozen=True, slots=True)
class Moved:
    """A word whose label is another than before.

    index          position in the document
    before, after  labels; ``before`` is the file's, or the turns' where the file had none
    rule           what moved it
    evidence       see :class:`~diarfix.core.smooth.method.Change`
    """

    index: int
    before: Label | None
    after: Label | None
    rule: str
    evidence: dict[str, float | int | str]


@dataclass(frozen=True, eq=False, slots=True)
class Edit:
    """A document and the labels it is to have.

    off    the labels before
    words  the labels after
    moved  the words that changed speaker, by position
    """

    document: Document
    off: Words
    words: Words
    moved: tuple[Moved, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Repair(Edit):
    """The labels a document has after repair, and how they came about.

    assigned           words that had no label and took one from the turns
    islands_collapsed, seams_moved  what the smoother did
    tied, nearest, kept  how many words, see :class:`~diarfix.core.assign.Assignment`
    recheck            what listening again found, None if nobody listened
    trust              by part, what each of several opinions counted, by name
    """

    assigned: int
    islands_collapsed: int
    seams_moved: int
    tied: int
    nearest: int
    kept: int
    recheck: Account | None = None
    trust: Mapping[str, Mapping[str, Trust]] = field(default_factory=dict)


def repair(
    document: Document,
    *,
    turns: Mapping[str, Given] | None = None,
    method: str = DEFAULT_METHOD,
    settings: Settings | None = None,
    listen: Listen | None = None,
) -> Repair:
    """Run assign, recheck (if somebody listens) and smooth over a document.

    turns  turns by part name (see :func:`~diarfix.edits.turns.match_turns`), one diarizer's or
           those of several by name, which label every timed word anew; None to go by the file: its
           own turns label the words that carry no speaker key
    listen hears each part again before it is smoothed: see :func:`diarfix.edits.rechecks`

    Raises InputError if no word is labelled and no turns are known, UsageError for an unknown
    method, or if the settings ask for a recheck and nobody listens.
    """
    row = find_method(method)
    knobs = settings or Settings()
    if knobs.acoustic_recheck_enabled and listen is None:
        raise UsageError(
            "acoustic_recheck_enabled needs audio", hint="call diarfix.edits.rechecks instead"
        )
    document.check_word_times()
    results = [_part(document, part, turns, row, knobs, listen) for part in document.parts]
    off = _together(document, [(r.part, r.start.words) for r in results])
    after = _together(document, [(r.part, r.done.words) for r in results])
    known = turns is not None or document.turns is not None
    if len(document.words) and not known and not (off.speaker >= 0).any():
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
        islands_collapsed=0 if quiet else sum(r.done.islands_collapsed for r in results),
        seams_moved=0 if quiet else sum(r.done.seams_moved for r in results),
        tied=sum(int(r.start.tied.sum()) for r in results),
        nearest=sum(int(r.start.nearest.sum()) for r in results),
        kept=sum(int(r.start.kept.sum()) for r in results),
        recheck=_account([r.found for r in results if r.found is not None]),
        trust={
            r.part.name: dict(zip(given, r.done.trust, strict=True))
            for r in results
            if r.done.trust and (given := named_opinions(turns, r.part))
        },
    )


def _account(found: list[Rechecked]) -> Account | None:
    if not found:
        return None
    from diarfix.core.voice import pool_accounts

    return pool_accounts([part.account for part in found])


class _Result(NamedTuple):
    """One part: its baseline, what listening found, and the labels after repair."""

    part: Part
    start: Assignment
    found: Rechecked | None
    done: Smoothed


def _part(
    document: Document,
    part: Part,
    turns: Mapping[str, Given] | None,
    method: Method,
    settings: Settings,
    listen: Listen | None,
) -> _Result:
    words = document.words
    mine = words if len(part.index) == len(words) else words.take(part.index)
    named = named_opinions(turns, part)
    opinions = opinions_of(document.turns) if named is None else tuple(named.values())
    known = next((opinion for opinion in opinions if len(opinion)), None)
    only = ~document.keyed[part.index] if turns is None else None
    start = baseline_of(mine, known, only=only)
    # Who goes by turns does not go by labels that an earlier run wrote from them.
    anew = method.by_turns and settings.smoothing_enabled and only is not None
    base = baseline_of(mine, known) if anew else start
    if listen is not None and len(opinions) > 1:
        base = _agreed(base, opinions, method, settings)
    found = None if listen is None else listen(base, known)
    done = smooth(
        base.words if found is None else found.words,
        opinions,
        method=method.name,
        settings=settings,
        margin=base.margin,
        pinned=None if found is None else found.pinned,
        heard=None if found is None else found.heard,
    )
    return _Result(part, start, found, done)


def _agreed(
    base: Assignment, opinions: tuple[Turns, ...], method: Method, settings: Settings
) -> Assignment:
    """A baseline on which several opinions agree; a word on which one differs has no margin."""
    done = smooth(base.words, opinions, method=method.name, settings=settings)
    if done.disputed is None or base.margin is None:
        return base
    margin = np.where(done.disputed, 0.0 * base.margin, base.margin)
    return dataclasses.replace(base, words=done.words, margin=margin)


def _together(document: Document, parts: list[tuple[Part, Words]]) -> Words:
    if len(parts) == 1 and len(parts[0][0].index) == len(document.words):
        return parts[0][1]
    labels: list[Label | None] = list(document.words.labels)
    for part, words in parts:
        for i, label in zip(part.index.tolist(), words.labels, strict=True):
            labels[i] = label
    codes, speakers = encode(labels)
    return document.words.with_speaker(codes, speakers)


def _moved(source: Words, off: Words, after: Words, results: list[_Result]) -> tuple[Moved, ...]:
    why: dict[int, Change] = {
        int(result.part.index[change.index]): change
        for result in results
        for change in (*(result.found.changes if result.found else ()), *result.done.changes)
    }
    had = source.speaker >= 0
    candidates = np.flatnonzero((had & moved(source, after)) | (~had & moved(off, after)))
    old, first, new = (words.take(candidates).labels for words in (source, off, after))
    found = []
    for i, *labels, now in zip(candidates.tolist(), old, first, new, strict=True):
        before = labels[0 if had[i] else 1]
        if before is not None:  # else a straggler that took its first label
            change = why.get(i)
            rule, evidence = (change.rule, change.evidence) if change else (ASSIGNED, {})
            found.append(Moved(i, before, now, rule, evidence))
    return tuple(found)


def known_labels(document: Document) -> Words:
    """The words of a document under the labels it tells: its own, or those of turns in the file."""
    if document.turns is None or not len(document.words):
        return document.words
    return repair(document, settings=Settings(smoothing_enabled=False)).words


def hidden_turns(document: Document, turns: Mapping[str, Given] | None) -> Document:
    """The document with its baseline labels and no turns: what a tool without turns would see."""
    off = repair(document, turns=turns, settings=Settings(smoothing_enabled=False)).words
    keyed = np.ones(len(off), dtype=np.bool_)
    return dataclasses.replace(document, words=off, keyed=keyed, turns=None)
