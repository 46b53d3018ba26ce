"""SegLST: a list of entries with a session, a speaker, times and the words between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from diarfix.core import LATEST
from diarfix.formats.fileformat import Target
from diarfix.formats.json.flat import WORD, listed
from diarfix.formats.jsontext import parse
from diarfix.formats.layout import (
    Dialect,
    Json,
    Layout,
    Part,
    Track,
    dicts,
    label_of,
    text_of,
    times,
)
from diarfix.formats.text.fields import told_apart

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions
    from diarfix.formats.utterances import Utterance


def _fits(tree: Json) -> bool:
    if not (isinstance(tree, list) and tree and all(isinstance(s, dict) for s in tree)):
        return False
    first = tree[0]
    # A flat word with "words" beside it must not turn into SegLST when it is given a speaker.
    lines = "speaker" in first and not any(name in first for name in WORD)
    return isinstance(first.get("words"), str) and ("session_id" in first or lines)


def _walk(tree: Json) -> Layout:
    segments = dicts(tree, "$")
    text: list[str] = []
    owner: list[int] = []
    for s, segment in enumerate(segments):
        tokens = text_of(segment.get("words"), f"[{s}].words").split()
        text += tokens
        owner += [s] * len(tokens)
    count = [0] * len(segments)
    for s in owner:
        count[s] += 1
    # Only an entry of one word tells that word's times.
    lone = [count[s] == 1 for s in owner]
    timed = [segments[s] if one else {} for s, one in zip(owner, lone, strict=True)]
    layout = Layout(
        text=text,
        start=[s.get("start_time") for s in timed],
        end=[s.get("end_time") for s in timed],
        path=lambda i: f"[{owner[i]}]",
        tracks=[Track("speaker", range(len(text)), [segments[s] for s in owner])],
        entry=(
            [segments[s].get("start_time") for s in owner],
            [segments[s].get("end_time") for s in owner],
        ),
    )
    sessions: dict[str, list[int]] = {}
    for i, s in enumerate(owner):
        sessions.setdefault(str(segments[s].get("session_id", "")), []).append(i)
    layout.parts = [
        Part(name, np.asarray(index, dtype=np.int64)) for name, index in sessions.items()
    ]
    if len(text) > sum(lone):
        layout.notes.append("entries of several words have no word times: they keep their label")
    return layout


def read_seglst(text: str, name: str) -> dict[str, list[Utterance]]:
    """The entries by session, "" if they name none; NaN for a time that is none.

    Raises InputError for bad JSON, and for an entry whose time, label or text is none.
    """
    from diarfix.formats.utterances import Utterance  # a repair needs the words alone

    segments = dicts(parse(text, name), name)

    def column(key: str) -> list[float]:
        values = [segment.get(key) for segment in segments]
        seconds: list[float] = times(values, 1.0, lambda i: f"{name}: [{i}]", key).tolist()
        return seconds

    found: dict[str, list[Utterance]] = {}
    spans = zip(column("start_time"), column("end_time"), strict=True)
    for i, (segment, (start, end)) in enumerate(zip(segments, spans, strict=True)):
        # What Words reads as no time is none here too.
        span = (start, end) if 0 <= start <= end <= LATEST else (math.nan, math.nan)
        speaker = label_of(segment.get("speaker"), f"{name}: [{i}].speaker")
        spoken = text_of(segment.get("words"), f"{name}: [{i}].words")
        session = str(segment.get("session_id", ""))
        found.setdefault(session, []).append(Utterance(speaker, *span, spoken))
    return found


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


SEGLST = Dialect(
    "seglst",
    "SegLST (session_id, speaker, words)",
    _fits,
    _walk,
    utterances=read_seglst,
    target=Target(write_seglst, ".seglst.json"),
)
