"""What a reference or a hypothesis file says, whatever its format: words, turns, or both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from diarfix.config import Settings
from diarfix.core.words import Turns, Words
from diarfix.errors import DiarfixError, InputError
from diarfix.io.document import read_document
from diarfix.io.files import BOM, read_text, recording_id, show
from diarfix.io.rttm import read_rttm
from diarfix.io.sniff import text_format
from diarfix.io.transcripts import (
    Utterance,
    read_ctm,
    read_stm,
    utterance_turns,
    utterance_words,
)
from diarfix.io.turns import is_turns_json, turns_of_text
from diarfix.pipeline import repair
from diarfix.score.word_turns import words_to_turns

#: What a folder given as REF or HYP is searched for.
SCORABLE = ("*.rttm", "*.json", "*.nlp", "*.stm", "*.ctm")


@dataclass(frozen=True, eq=False, slots=True)
class Side:
    """One recording as one side tells it.

    name   its recording id
    words  its words, or None for a file of turns
    turns  its turns: as written, or joined from timed labelled words; None where there is no time
    """

    name: str
    words: Words | None
    turns: Turns | None

    @property
    def labelled(self) -> bool:
        """Whether it names any speaker at all."""
        if self.words is not None and len(self.words):
            return bool((self.words.speaker >= 0).any())
        return self.turns is not None and len(self.turns) > 0


def read_side(path: str) -> dict[str, Side]:
    """Read a file or a folder of files: recording id -> what it says.

    Raises InputError for what cannot be read, or two files of one recording.
    """
    folder = Path(path)
    if not folder.is_dir():
        return _read_file(path)
    files = sorted({str(p) for pattern in SCORABLE for p in folder.rglob(pattern)})
    if not files:
        raise InputError(f"{path}: no {', '.join(SCORABLE)} in this folder")
    found: dict[str, Side] = {}
    origin: dict[str, str] = {}
    for file in files:
        for name, side in _read_file(file).items():
            if name in found:
                raise InputError(f"{file}: recording {name!r} stands in {origin[name]} too")
            found[name], origin[name] = side, file
    return found


def _read_file(path: str) -> dict[str, Side]:
    text, name = read_text(path), show(path)
    kind = text_format(text)
    if kind == "rttm":
        return {r: Side(r, None, turns) for r, turns in read_rttm(text, name).items()}
    if kind == "stm":
        return _from_utterances(read_stm(text, name))
    if kind == "ctm":
        return _from_utterances(read_ctm(text, name))
    if kind == "uem":
        raise InputError(f"{name}: a UEM file has no speakers; give it as --uem")
    own = recording_id(path)
    try:
        return _from_words(text, name, own)
    except DiarfixError:
        if _holds_turns_only(text):
            return {own: Side(own, None, turns_of_text(text, name)[""])}
        raise


def _holds_turns_only(text: str) -> bool:
    try:
        return is_turns_json(json.loads(text.removeprefix(BOM)))
    except (ValueError, RecursionError):
        return False


def _from_utterances(recordings: Mapping[str, list[Utterance]]) -> dict[str, Side]:
    found = {}
    for name, utterances in recordings.items():
        turns = utterance_turns(utterances)
        # By time: a transcript file may list its speakers one after the other.
        ordered = sorted(utterances, key=lambda u: u.start)
        found[name] = Side(name, utterance_words(ordered), turns if len(turns) else None)
    return found


def _from_words(text: str, name: str, own: str) -> dict[str, Side]:
    document = read_document(text, name)
    words = document.words
    if len(words) and (document.turns is not None or (words.speaker >= 0).any()):
        words = repair(document, settings=Settings(smoothing_enabled=False)).words
    if document.dialect.name == "seglst" and not words.timed.all():
        return _from_utterances(_seglst(text))
    single = len(document.parts) == 1 and document.dialect.name != "seglst"
    if single or document.parts[0].name.startswith("channel "):
        return {own: _of_words(own, words)}
    return {part.name: _of_words(part.name, words.take(part.index)) for part in document.parts}


def _of_words(name: str, words: Words) -> Side:
    usable = words.timed & (words.speaker >= 0)
    return Side(name, words, words_to_turns(words) if np.any(usable) else None)


def _seglst(text: str) -> dict[str, list[Utterance]]:
    """SegLST entries of several words: transcript with times per entry, not per word."""
    found: dict[str, list[Utterance]] = {}
    for item in json.loads(text.removeprefix(BOM)):
        try:
            start, end = float(item["start_time"]), float(item["end_time"])
        except (KeyError, TypeError, ValueError):
            start = end = float("nan")
        speaker = item.get("speaker")
        utterance = Utterance(speaker, start, end, item.get("words") or "")
        found.setdefault(str(item.get("session_id", "")), []).append(utterance)
    return found


def matched(
    ref: Mapping[str, Side], hyp: Mapping[str, Side]
) -> tuple[list[tuple[str, Side, Side]], str | None]:
    """Pair the recordings of both sides: ``(name, ref, hyp)``, and a note where names differ.

    One recording on each side is one pair whatever the names. Raises InputError for several of
    which one has no partner.
    """
    if len(ref) == 1 and len(hyp) == 1:
        (a, left), (b, right) = *ref.items(), *hyp.items()
        note = None if a == b else f"scoring {b!r} against {a!r}: the only recordings given"
        return [(b, left, right)], note
    lone = sorted(set(ref) ^ set(hyp))
    if lone:
        side = "hypothesis" if lone[0] in ref else "reference"
        more = f" (and {len(lone) - 1} more)" if len(lone) > 1 else ""
        raise InputError(f"recording {lone[0]!r} is missing from the {side}{more}")
    return [(name, ref[name], hyp[name]) for name in ref], None
