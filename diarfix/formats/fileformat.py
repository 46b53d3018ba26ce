"""What every file format is a row of, in one direction or both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from diarfix.core import Turns
from diarfix.formats.jsonedit import Edits
from diarfix.formats.jsonplaces import Holder, splice

if TYPE_CHECKING:  # who reads need not load what writes
    from diarfix.formats.recordings import Recording, WriteOptions
    from diarfix.formats.utterances import Utterance


class Recordings(dict[str, Turns]):
    """Turns by recording, and in ``notes`` what a person should know about how they were read."""

    notes: list[str]

    def __init__(self, table: Iterable[tuple[str, Turns]] = ()) -> None:
        super().__init__(table)
        self.notes = []


@dataclass(frozen=True, slots=True)
class Target:
    """A format as ``convert`` writes it.

    write   recordings, options -> text
    suffix  of files that are named after their input
    heeds   the :class:`WriteOptions` that make a difference to it
    alone   it can hold but one recording
    needs_times  it cannot hold a word without a time
    guesses  it holds words without a time of their own, at a guessed one if it needs times
    by_word  every word stands by itself; else those without a speaker stand with those before them
    channels  channels are recordings of their own in it; else speakers of one name in two channels
             must get two names
    """

    write: Callable[[Sequence[Recording], WriteOptions], str]
    suffix: str
    heeds: frozenset[str] = frozenset()
    alone: bool = False
    needs_times: bool = True
    guesses: bool = True
    by_word: bool = False
    channels: bool = False


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One file format: a row of the table in :mod:`diarfix.formats.detect`.

    name   what options and reports call it
    what   one line for people
    fits   whether a text is in this format, None if it is never read
    pattern  of the names of its files, by which a folder is searched; "" where it is not scored
    parsed  ``fits`` looks at the parsed tree of a text, not at the text
    turns, utterances  what a file of it holds beside or instead of words with labels, by recording:
           (text, name of the file) -> that; raises InputError for what cannot be read
    speakers  it says who speaks
    target  how it is written, None if it is not
    """

    name: str
    what: str
    fits: Callable[[Any], bool] | None = None
    pattern: str = ""
    _: KW_ONLY
    parsed: bool = False
    turns: Callable[[str, str], Recordings] | None = None
    utterances: Callable[[str, str], dict[str, list[Utterance]]] | None = None
    speakers: bool = True
    target: Target | None = None


class Source:
    """A file as it was read.

    tree     what dialects are asked about
    objects  where labels stand: an object, or a list of them
    """

    #: What jq needs beside a path to reach into such a file.
    jq = "jq"

    def __init__(self, text: str, tree: Any, objects: Any) -> None:
        self.text, self.tree, self.objects = text, tree, objects

    def edited(self, edits: Edits) -> str:
        """The whole text of the file after edits of its objects."""
        raise NotImplementedError

    def place(self, path: str) -> str:
        """A path, or a message that begins with one, as people find it in the file."""
        return path


class TextTable(Source):
    """A text format as rows of fields, and where in the text the label of each row stands."""

    key = "speaker"

    def __init__(self, text: str, name: str) -> None:  # noqa: ARG002 - who reads it extends this
        """Read a file; raises InputError, calling it ``name``, for what cannot be read."""
        self.rows: list[Holder] = []
        super().__init__(text, self, self.rows)
        self._places: list[tuple[int, int] | None] = []

    @classmethod
    def fits(cls, text: str) -> bool:
        """Whether a text is in this format."""
        raise NotImplementedError

    def add(self, row: Holder, place: tuple[int, int] | None) -> None:
        """Add a row, and from where to where its label stands; None where there is none."""
        self.rows.append(row)
        self._places.append(place)

    def spell(self, label: str) -> str:
        """A label as it stands in the text. Raises InputError for one that cannot."""
        return label

    def edited(self, edits: Edits) -> str:
        """The text with the labels as they are to be. Raises InputError as :meth:`spell` does."""
        found = []
        for row, place in zip(self.rows, self._places, strict=True):
            old, new = row.get(self.key), edits.get(row, self.key)
            if place is not None and str(new) != old:
                found.append((*place, self.spell(str(new))))
        return splice(self.text, found) if found else self.text
