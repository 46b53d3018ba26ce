"""What a reference or a hypothesis file says, whatever its format: words, turns, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np

from diarfix.config import Settings
from diarfix.core import Label, Turns, Words
from diarfix.edits import repair
from diarfix.errors import DiarfixError, InputError
from diarfix.files import files_inside, is_folder, read_text, recording_id, show
from diarfix.formats import (
    FORMATS,
    Utterance,
    channel_words,
    document_utterances,
    lines_of,
    read_document,
    text_format,
    utterance_turns,
    utterance_words,
    wordless_format,
)
from diarfix.metrics.sweep import words_to_turns

#: What a folder given as REF or HYP is searched for.
SCORABLE = tuple(dict.fromkeys(row.pattern for row in FORMATS if row.pattern))


#: The turns of a recording in which nobody speaks.
NO_TURNS = Turns(np.empty(0), np.empty(0), np.empty(0, dtype=np.int32), ())


_BY_LINE = {PurePath(pattern).suffix for pattern in SCORABLE} - {".json"}


@dataclass(frozen=True, eq=False, slots=True)
class Side:
    """One recording as one side tells it.

    name        its recording id
    words       its words, or None for a file of turns
    turns       its turns: as written, or joined from timed labelled words; None without times
    utterances  the stretches of a transcript whose words have no times of their own
    file        the recording id by the name of its file, "" if that holds several
    notes       what a person should know about how its file was read
    """

    name: str
    words: Words | None
    turns: Turns | None
    utterances: tuple[Utterance, ...] = ()
    file: str = ""
    notes: tuple[str, ...] = ()

    @property
    def times_words(self) -> bool:
        """Whether its words have times, those apart that are all of a sentence or cue."""
        return self.words is not None and not self.utterances and bool(self.words.timed.any())

    @property
    def labelled(self) -> bool:
        """Whether it names any speaker at all."""
        if self.words is not None and len(self.words):
            return bool((self.words.speaker >= 0).any())
        return self.turns is not None and len(self.turns) > 0

    @property
    def silent(self) -> bool:
        """Whether nobody says anything in it."""
        return not self.words and not self.turns

    @property
    def speakers(self) -> tuple[Label, ...]:
        """What its codes name: those of its words, else those of its turns."""
        if self.words is not None:
            return self.words.speakers
        return self.turns.speakers if self.turns is not None else ()


def read_side(path: str) -> dict[str, Side]:
    """Read one file: recording id -> what it says. Raises InputError for what cannot be read."""
    found = _read_file(path)
    if len(found) != 1:
        return found
    return {name: replace(side, file=recording_id(path)) for name, side in found.items()}


def read_sides(path: str) -> tuple[dict[str, Side], dict[str, DiarfixError]]:
    """Read a file or a folder of files: what they say by recording id, and what failed by file.

    Within a folder one bad file never stops the rest; two files of one recording are bad. Raises
    InputError for a file given by name, and for a folder with nothing in it.
    """
    if not is_folder(path):
        return read_side(path), {}
    files = files_inside(path, SCORABLE)
    if not files:
        raise InputError(f"{path}: no {', '.join(SCORABLE)} in this folder")
    found: dict[str, Side] = {}
    origin: dict[str, str] = {}
    failed: dict[str, DiarfixError] = {}
    for file in files:
        try:
            sides = read_side(file)
        except DiarfixError as error:
            failed[file] = error
            continue
        for name, side in sides.items():
            if name in found:
                failed[file] = InputError(
                    f"{file}: recording {name!r} stands in {origin[name]} too"
                )
            else:
                found[name], origin[name] = side, file
    return found, failed


def _read_file(path: str) -> dict[str, Side]:
    # Lines of which there are none are a format's own, if its name says so; empty JSON is none.
    by_line = PurePath(path).suffix.lower() in _BY_LINE
    text, name, own = read_text(path, blank=by_line), show(path), recording_id(path)
    row = text_format(text)
    if row is None and next(lines_of(text), None) is None:
        return {own: Side(own, None, NO_TURNS)}
    if row is None:
        return _words_or_turns(text, name, own)
    if row.turns is not None:
        told = row.turns(text, name)
        notes = tuple(f"{name}: {note}" for note in told.notes)
        sides = (told or {own: NO_TURNS}).items()
        return {r or own: Side(r or own, None, turns, notes=notes) for r, turns in sides}
    if row.utterances is not None:
        return _from_utterances(row.utterances(text, name), own)
    raise InputError(f"{name}: a UEM file has no speakers; give it as --uem")


def _words_or_turns(text: str, name: str, own: str) -> dict[str, Side]:
    try:
        return _from_words(text, name, own)
    except DiarfixError:
        row = wordless_format(text)
        if row is None or row.turns is None:
            raise
        return {own: Side(own, None, row.turns(text, name).get("", NO_TURNS))}


def _from_utterances(recordings: Mapping[str, list[Utterance]], own: str) -> dict[str, Side]:
    named: dict[str, list[Utterance]] = {}
    for session, utterances in recordings.items():
        named.setdefault(session or own, []).extend(utterances)
    found = {}
    for name, told in named.items():
        if all(u.timed for u in told):
            # By time: a transcript file may list its speakers one after the other.
            told.sort(key=lambda u: u.start)
        turns = utterance_turns(told)
        words = utterance_words(told)
        found[name] = Side(name, words, turns if len(turns) else None, tuple(told))
    return found


def _from_words(text: str, name: str, own: str) -> dict[str, Side]:
    document = read_document(text, name)
    document.check_words()
    words = document.words
    if document.utterances:
        return _from_utterances({own: document_utterances(document)}, own)
    if (entries := document.entries()) is not None:
        return _from_utterances(entries, own)
    if len(words) and (document.turns is not None or (words.speaker >= 0).any()):
        words = repair(document, settings=Settings(smoothing_enabled=False)).words
    if document.parts[0].channel is not None:
        return {own: _of_words(own, channel_words(document, words))}
    return {
        part.name or own: _of_words(part.name or own, words.take(part.index))
        for part in document.parts
    }


def _of_words(name: str, words: Words) -> Side:
    usable = words.timed & (words.speaker >= 0)
    return Side(name, words, words_to_turns(words) if np.any(usable) else None)


@dataclass(frozen=True, slots=True)
class Pairing:
    """Which recording of one side belongs to which of the other.

    pairs     ``(name, ref, hyp)`` in the order of the reference
    only_ref, only_hyp  recordings without a partner
    notes     how files were read, and pairs whose names differ, in words
    """

    pairs: tuple[tuple[str, Side, Side], ...]
    only_ref: tuple[Side, ...]
    only_hyp: tuple[Side, ...]
    notes: tuple[str, ...]


def matched(ref: Mapping[str, Side], hyp: Mapping[str, Side]) -> Pairing:
    """Pair the recordings of both sides by name, else by the names of their files.

    One recording on each side is one pair whatever the names; a lone hypothesis in which nobody
    speaks is that of all.
    """
    read = tuple(dict.fromkeys(n for side in (*ref.values(), *hyp.values()) for n in side.notes))
    if len(hyp) == 1 and len(ref) > 1:
        (name, silent), *_ = hyp.items()
        if silent.silent and name not in ref:
            return Pairing(tuple((n, side, silent) for n, side in ref.items()), (), (), read)
    if len(ref) == 1 and len(hyp) == 1:
        (a, left), (b, right) = *ref.items(), *hyp.items()
        named = [] if a == b else [f"scoring {b!r} against {a!r}: the only recordings given"]
        return Pairing(((b, left, right),), (), (), (*read, *named))
    free = {name: side for name, side in hyp.items() if name not in ref}
    by_file = {side.file: name for name, side in free.items() if side.file}
    pairs, lone, notes = [], [], []
    for name, side in ref.items():
        if name in hyp:
            pairs.append((name, side, hyp[name]))
            continue
        wanted = (by_file.get(side.file), side.file, by_file.get(name))
        partner = next((free.pop(w) for w in wanted if w in free), None)
        if partner is None:
            lone.append(side)
        else:
            pairs.append((partner.name, side, partner))
            notes.append(f"scoring {partner.name!r} against {name!r}: so their files are named")
    return Pairing(tuple(pairs), tuple(lone), tuple(free.values()), (*read, *notes))
