"""Other names for the speakers of a document: the user's, in the place of the diarizer's."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence

import numpy as np

from diarfix.core import Label
from diarfix.edits.repairs import Edit, Moved
from diarfix.errors import UsageError
from diarfix.formats import Document, moved

#: The rule named in ``--changes`` for a word of a renamed speaker.
RENAMED = "rename"


def rename(document: Document, names: Sequence[tuple[str, str]]) -> Edit:
    """Rename the speakers of a document.

    names  (old, new) as the user wrote them, no old one twice

    Raises UsageError for a name that nobody in the file has.
    """
    present = document.labels()
    book = rename_book(present, names, document.name)
    joined = _joined(present, book)
    renamed = document.renamed(book) if book else document
    notes = (*renamed.notes, *(f"{who} are now one speaker" for who in joined))
    renamed = dataclasses.replace(renamed, notes=notes)
    old, new = document.words.labels, renamed.words.labels
    index = np.flatnonzero(moved(document.words, renamed.words)).tolist()
    changed = tuple(Moved(i, old[i], new[i], RENAMED, {}) for i in index)
    return Edit(renamed, document.words, renamed.words, changed)


def rename_book(
    present: Sequence[Label], names: Sequence[tuple[str, str]], where: str
) -> dict[Label, Label]:
    """Old label -> new label, with the types of the file; what keeps its name is left out.

    A new name that reads like a label of the file is that label; a number among labels that are
    all numbers is a number. A name that nobody has is passed over if the new one is there already:
    it was given before.

    >>> rename_book([0, 1], [("0", "Ann"), ("1", "7")], "talk.json")
    {0: 'Ann', 1: 7}
    """
    by_text = {str(label): label for label in reversed(present)}
    whole = bool(present) and all(type(label) is int for label in present)
    book: dict[Label, Label] = {}
    for old, new in names:
        matches = [label for label in present if str(label) == old]
        if not matches and new not in by_text:
            near = difflib.get_close_matches(old, by_text, n=1)
            known = ", ".join(list(map(str, present))[:8]) or "none"
            raise UsageError(
                f"{where}: no speaker {old!r} in this file",
                hint=f"did you mean {near[0]}?" if near else f"its speakers are: {known}",
            )
        fresh = by_text.get(new, int(new) if whole and _is_number(new) else new)
        book |= {label: fresh for label in matches if label != fresh}
    return book


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and str(int(text)) == text


def _joined(present: Sequence[Label], book: Mapping[Label, Label]) -> list[str]:
    """The speakers that end under one name, for a note."""
    after: dict[Label, list[str]] = {}
    for label in present:
        after.setdefault(book.get(label, label), []).append(str(label))
    return [" and ".join(who) for who in after.values() if len(who) > 1]
