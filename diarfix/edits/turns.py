"""Whose turns each part of a document is given: one diarizer's, or the opinions of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from diarfix.core import Label, Turns, encode, misfit, runs, turns_from_rows
from diarfix.errors import InputError, UsageError
from diarfix.files import recording_id
from diarfix.formats import Document, Part

#: The turns of one recording: one diarizer's, or those of several, by their names or in order.
Given: TypeAlias = Turns | Mapping[str, Turns] | Sequence[Turns]


class Opinion(NamedTuple):
    """What one diarizer says of recordings.

    name        for people
    recordings  turns by recording; None for the labels that the document itself has
    """

    name: str
    recordings: Mapping[str, Turns] | None


def match_turns(
    document: Document, recordings: Mapping[str, Turns], *, alone: bool
) -> dict[str, Turns]:
    """Find the turns of each part of a document among recordings; labels take the file's types.

    alone  one document is being processed: a single recording then serves it whatever its name

    Recordings match by part name (``session_id``) or by the file's name up to its first dot; the
    channels of one file share its recording. Raises InputError if one is missing, or cannot be of
    these words: see :func:`doubtful_turns`.
    """
    found = {}
    for part in document.parts:
        turns = _turns_of(document, part, recordings, alone=alone)
        if turns is None:
            raise _missing(document, part, recordings)
        found[part.name] = turns
    doubtful_turns(document, found)
    return found


def match_opinions(
    document: Document, opinions: Sequence[Opinion], *, alone: bool
) -> tuple[dict[str, Given], list[str]]:
    """Find what each opinion says of each part, and what is to be told: as :func:`match_turns`.

    One that says nothing of a part is told, and silent; InputError is raised if none says anything.
    """
    if len(opinions) == 1 and opinions[0].recordings is not None:
        only = match_turns(document, opinions[0].recordings, alone=alone)
        return {**only}, doubtful_turns(document, only)
    found: dict[str, Given] = {}
    told: list[str] = []
    for part in document.parts:
        by_name: dict[str, Turns] = {}
        for opinion in opinions:
            if opinion.recordings is None:
                turns: Turns | None = own_turns(document, part)
            else:
                turns = _turns_of(document, part, opinion.recordings, alone=alone)
            if turns is None:
                where = f" of {part.name}" if part.name else ""
                told.append(f"{opinion.name} says nothing{where}")
                turns = turns_from_rows([])
            else:
                told += _doubts(document, part, opinion.name, turns)
            by_name[_free(opinion.name, by_name)] = turns
        if not any(map(len, by_name.values())):
            known = next((o.recordings for o in opinions if o.recordings is not None), {})
            raise _missing(document, part, known)
        found[part.name] = by_name
    return found, told


def _doubts(document: Document, part: Part, name: str, turns: Turns) -> list[str]:
    try:
        return [f"{name}: {note}" for note in doubtful_turns(document, {part.name: turns})]
    except InputError as error:
        raise InputError(f"{name}: {error.message}", hint=error.hint) from None


def _free(name: str, taken: Mapping[str, Turns]) -> str:
    numbered = (name if n == 1 else f"{name} ({n})" for n in range(1, len(taken) + 2))
    return next(one for one in numbered if one not in taken)


def _turns_of(
    document: Document, part: Part, recordings: Mapping[str, Turns], *, alone: bool
) -> Turns | None:
    file_id = recording_id(document.name)
    one = len(document.parts) == 1 or part.channel is not None
    if part.name in recordings:
        turns = recordings[part.name]
    elif file_id in recordings:
        turns = recordings[file_id]
    elif alone and len(recordings) == 1 and one:
        turns = next(iter(recordings.values()))
    else:
        return None
    return with_types(turns, document.words.speakers)


def _missing(document: Document, part: Part, recordings: Mapping[str, Turns]) -> InputError:
    known = ", ".join(list(recordings)[:5])
    return InputError(
        f"{document.name}: no turns for recording {part.name or recording_id(document.name)!r}",
        hint=f"the turns are of: {known}" if known else "no word of it has a speaker",
    )


def named_opinions(turns: Mapping[str, Given] | None, part: Part) -> dict[str, Turns] | None:
    """The turns of one part by the names of who gave them: numbers, if they have none.

    Raises UsageError where there are none of this part.
    """
    if turns is None:
        return None
    given = turns.get(part.name)
    if isinstance(given, Turns):
        return {"1": given}
    if isinstance(given, Mapping):
        return dict(given)
    if given is None:
        raise UsageError(
            f"no turns for part {part.name!r}: turns are given by part, then by diarizer",
            hint=f"turns={{{part.name!r}: …}}",
        )
    return {str(n): one for n, one in enumerate(given, start=1)}


def own_turns(document: Document, part: Part) -> Turns | None:
    """What a document itself says of a part: the turns in it, else the runs of its words."""
    if document.turns is not None:
        return document.turns
    table = runs(document.words.take(part.index))
    rows = zip(table.start.tolist(), table.end.tolist(), table.speaker.tolist(), strict=True)
    spoken = [(a, b, document.words.speakers[k]) for a, b, k in rows if b > a]
    return turns_from_rows(spoken) if spoken else None


def doubtful_turns(document: Document, turns: Mapping[str, Turns]) -> list[str]:
    """What speaks against turns by part name being of a document, for people.

    Raises InputError where it is beyond doubt.
    """
    told = []
    for part in (part for part in document.parts if part.name in turns):
        found = misfit(document.words.take(part.index), turns[part.name])
        if found is None:
            continue
        where = f" in {part.name}" if part.name else ""
        if found.certain:
            raise InputError(
                f"{document.name}: these turns are not of these words{where}: {found.what}",
                hint="both must be of one recording, in seconds: check --turns, or --time-unit",
            )
        told.append(f"do the turns fit?{where} {found.what}")
    return told


def with_types(turns: Turns, labels: tuple[Label, ...]) -> Turns:
    """Turns whose labels take the type of the file's where they read the same (``"0"`` -> 0)."""
    book: dict[str, Label] = {}
    for label in labels:
        # Where a file has 0 and "0", the text of a turn is the text: which comes first may change.
        if isinstance(label, str) or str(label) not in book:
            book[str(label)] = label
    codes, speakers = encode([book.get(str(label), label) for label in turns.labels])
    return Turns(turns.start, turns.end, codes, speakers)
