"""Segments of text with one speaker and no times of words: SegLST, OpenAI, whisper.cpp.

A label goes to a segment, and only a segment of one word times it. SegLST may be written, the
others have no place for a label per word: ``diarfix convert --to words`` turns them into a list
that can be repaired.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from diarfix.core import LATEST, Label, needs_space
from diarfix.errors import InputError
from diarfix.formats.fileformat import Target, Utterance
from diarfix.formats.json.flat import WORD, listed
from diarfix.formats.jsonfields import (
    column,
    dicts,
    is_dicts,
    kind,
    lay_out,
    nested,
    reach,
    text_of,
    texts,
    times,
)
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.jsontext import parse
from diarfix.formats.layout import Dialect, Json, Layout, ShapeError, sessions
from diarfix.formats.text.fields import told_apart

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

#: Tokens that are marks of the model, not text.
_SPECIAL = re.compile(r"\[_[A-Z]+_?\d*_?\]|<\|.*\|>")


def _by_segment(
    segments: Sequence[Holder],
    path: Callable[[int], str],
    text: str,
    start: list[Json],
    end: list[Json],
) -> tuple[Layout, list[Holder]]:
    """The layout of segments, and for each word the segment in which it stands.

    text        key of a segment's text
    start, end  raw times of segments
    """
    tokens = [found.split() for found in texts(segments, text, path)]
    at = [s for s, found in enumerate(tokens) for _ in found]
    owners = [segments[s] for s in at]
    layout = lay_out(
        owners,
        lambda i: path(at[i]),
        text=[token for found in tokens for token in found],
        start=[start[s] if len(tokens[s]) == 1 else None for s in at],
        end=[end[s] if len(tokens[s]) == 1 else None for s in at],
        entry=([start[s] for s in at], [end[s] for s in at]),
    )
    return layout, owners


def _fits_seglst(tree: Json) -> bool:
    if not (tree and is_dicts(tree)):
        return False
    first = tree[0]
    # A flat word with "words" beside it must not turn into SegLST when it is given a speaker.
    lines = "speaker" in first and not any(name in first for name in WORD)
    return isinstance(first.get("words"), str) and ("session_id" in first or lines)


def _walk_seglst(tree: Json) -> Layout:
    times_ = (column(tree, key) for key in ("start_time", "end_time"))
    layout, owners = _by_segment(tree, "[{}]".format, "words", *times_)
    layout.parts = sessions([segment.get("session_id", "") for segment in owners])
    if len(owners) > len({*map(id, owners)}):
        layout.notes.append("entries of several words have no word times: they keep their label")
    return layout


def read_seglst(text: str, name: str) -> dict[str, list[Utterance]]:
    """The entries by session, "" if they name none; NaN for a time that is none.

    Raises InputError for bad JSON, and for an entry whose time, label or text is none.
    """
    segments = dicts(parse(text, name), name)
    start, end = (
        times(column(segments, key), 1.0, lambda i: f"{name}: [{i}]", key).tolist()
        for key in ("start_time", "end_time")
    )
    found: dict[str, list[Utterance]] = {}
    for i, segment in enumerate(segments):
        # What Words reads as no time is none here too.
        known = 0 <= start[i] <= end[i] <= LATEST
        a, b = (start[i], end[i]) if known else (math.nan, math.nan)
        speaker = _label(segment.get("speaker"), f"{name}: [{i}].speaker")
        spoken = text_of(segment.get("words"), f"{name}: [{i}].words")
        session = str(segment.get("session_id", ""))
        found.setdefault(session, []).append(Utterance(speaker, a, b, spoken))
    return found


def _label(value: Json, where: str) -> Label | None:
    """A label of an entry that may hold no word, which walking the words has not seen."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, type(None))):
        raise InputError(f"{where}: expected a label, found {kind(value)}")
    nobody = value is None or value == "" or (isinstance(value, float) and not math.isfinite(value))
    return None if nobody else value


def write_seglst(recordings: Sequence[Recording], _: WriteOptions) -> str:
    """One entry per turn, as meeteval reads it: speakers are strings."""
    table = [(recording, turn) for recording in recordings for turn in recording.spoken()]
    names = told_apart(
        (turn.label for _, turn in table), lambda name: " ".join(name.split()) or "_"
    )
    return listed(
        {
            "session_id": recording.id,
            "speaker": names[type(turn.label), turn.label],
            "start_time": round(turn.start, 3),
            "end_time": round(turn.end, 3),
            "words": turn.spaced,
        }
        for recording, turn in table
    )


def _fits_diarized(tree: Json) -> bool:
    segments = reach(tree, "segments")
    return (
        is_dicts(segments, "speaker")
        and any(s.get("type") == "transcript.text.segment" for s in segments)
        and not any("words" in s for s in segments)
    )


def _walk_diarized(tree: Json) -> Layout:
    segments = tree["segments"]
    span = (column(segments, key) for key in ("start", "end"))
    layout, _ = _by_segment(segments, "segments[{}]".format, "text", *span)
    layout.unknown = ("?",)
    layout.notes.append("segments without word times: words stand somewhere in their segment")
    return layout


def _walk_cpp(tree: Json) -> Layout:
    segments = tree["transcription"]
    path = "transcription[{}]".format
    if not any(s.get("tokens") for s in segments):
        layout, _ = _by_segment(segments, path, "text", *_offsets(segments, path))
    else:
        layout = _of_tokens(segments)
    layout.scale = 1e-3
    layout.unknown = ("?",)
    return layout


def _of_tokens(segments: list[Holder]) -> Layout:
    """Words of whisper.cpp: tokens that belong together."""
    found = nested(segments, "transcription", "tokens")
    pieces = texts(found.words, "text", found.path)
    spoken = [i for i, piece in enumerate(pieces) if not _SPECIAL.fullmatch(piece)]
    tokens = [found.words[i] for i in spoken]
    starts, ends = _offsets(tokens, lambda n: found.path(spoken[n]))
    inside = [s for s, box in enumerate(found.containers) for _ in box.words]
    text: list[str] = []
    start: list[Json] = []
    end: list[Json] = []
    at: list[int] = []  # word -> segment
    for i, began, ended in zip(spoken, starts, ends, strict=True):
        if not at or at[-1] != inside[i] or _begins_word(text[-1], pieces[i]):
            text.append(pieces[i])
            start.append(began)
            end.append(ended)
            at.append(inside[i])
        else:
            text[-1] += pieces[i]
            end[-1] = end[-1] if ended is None else ended
    return lay_out(
        [segments[s] for s in at],
        lambda i: f"transcription[{at[i]}]",
        text=[word.strip() for word in text],
        start=start,
        end=end,
    )


def _begins_word(before: str, piece: str) -> bool:
    if piece[:1].isspace():
        return True
    # Scripts without spaces: every token is a word, punctuation aside.
    return bool(before) and piece[:1].isalnum() and not needs_space(before, piece)


def _offsets(
    holders: Sequence[Holder], path: Callable[[int], str]
) -> tuple[list[Json], list[Json]]:
    offsets = [{} if o is None else o for o in column(holders, "offsets")]
    for i, found in enumerate(offsets):
        if not isinstance(found, dict):
            raise ShapeError(f"{path(i)}.offsets: expected an object with from and to")
    return column(offsets, "from"), column(offsets, "to")


SEGLST = Dialect(
    "seglst",
    "SegLST (session_id, speaker, words)",
    _fits_seglst,
    _walk_seglst,
    utterances=read_seglst,
    target=Target(write_seglst, ".seglst.json"),
)
DIARIZED = Dialect(
    "diarized-json",
    "OpenAI diarized_json (segments[] with text and speaker)",
    _fits_diarized,
    _walk_diarized,
    read_only=True,
)
WHISPER_CPP = Dialect(
    "whisper-cpp",
    "whisper.cpp JSON (transcription[].tokens[])",
    lambda tree: is_dicts(reach(tree, "transcription"), "offsets"),
    _walk_cpp,
    read_only=True,
)
