"""Formats that tools read: RTTM, CTM, STM, SegLST, and a flat list of words."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from diarfix.core.words import Turns, runs
from diarfix.formats.recordings import Recording, Stretch, turns_of
from diarfix.formats.text.plain import Options
from diarfix.formats.text.rttm import write_rttm

#: The speaker of words that have none, in formats that must name one.
NOBODY = "unknown"
_BLANK = re.compile(r"\s+")


def run_turns(recordings: Sequence[Recording]) -> dict[str, Turns]:
    """The runs of each recording as turns; runs without timed words have no place in time.

    Channels are recordings of their own: RTTM readers overlay what has one name.
    """
    found = {}
    for recording in recordings:
        table = runs(recording.words)
        timed = table.n_words > 0
        part = recording.part.replace(" ", "")
        found[f"{recording.id}.{part}" if part else recording.id] = Turns(
            table.start[timed],
            table.end[timed],
            table.speaker[timed],
            recording.words.speakers,
        )
    return found


def rttm(recordings: Sequence[Recording], _: Options) -> str:
    """The runs as RTTM."""
    return write_rttm(run_turns(recordings))


def ctm(recordings: Sequence[Recording], _: Options) -> str:
    """NIST CTM, ``file channel start duration word``, by start in each channel."""
    lines = []
    for recording in recordings:
        words = recording.words
        table = zip(recording.start.tolist(), recording.end.tolist(), words.text, strict=True)
        for start, end, text in sorted(table, key=lambda row: row[0]):
            token = _BLANK.sub("_", text.strip())
            if token:
                start_, end_ = round(start, 3), round(end, 3)
                lines.append(
                    f"{_token(recording.id)} {recording.channel}"
                    f" {start_:.3f} {end_ - start_:.3f} {token}\n"
                )
    return "".join(lines)


def stm(recordings: Sequence[Recording], _: Options) -> str:
    """NIST STM, ``file channel speaker start end text``; blanks in names become ``_``."""
    return "".join(
        f"{_token(recording.id)} {recording.channel} {_speaker(turn, '_')}"
        f" {turn.start:.3f} {turn.end:.3f} {_spelled(recording, turn)}\n"
        for recording in recordings
        for turn in _spoken(recording)
    )


def seglst(recordings: Sequence[Recording], _: Options) -> str:
    """SegLST as meeteval reads it: one entry per turn, speakers as strings."""
    return _listed(
        {
            "session_id": recording.id,
            "speaker": _speaker(turn, " "),
            "start_time": round(turn.start, 3),
            "end_time": round(turn.end, 3),
            "words": _spelled(recording, turn),
        }
        for recording in recordings
        for turn in _spoken(recording)
    )


def word_list(recordings: Sequence[Recording], _: Options) -> str:
    """One object per word: what diarfix reads as a flat list; labels keep their type."""
    several = len(recordings) > 1
    return _listed(
        ({"session_id": recording.id, "channel": recording.channel} if several else {})
        | {"word": text.strip(), "start": _number(start), "end": _number(end), "speaker": label}
        for recording in recordings
        for text, start, end, label in zip(
            recording.words.text,
            recording.words.start.tolist(),
            recording.words.end.tolist(),
            recording.words.labels,
            strict=True,
        )
    )


def _spoken(recording: Recording) -> list[Stretch]:
    """The turns that have a text, by start."""
    return sorted((t for t in turns_of(recording) if t.text), key=lambda turn: turn.start)


def _listed(entries: Iterator[dict[str, Any]]) -> str:
    lines = ",\n".join("  " + json.dumps(entry, ensure_ascii=False) for entry in entries)
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def _number(seconds: float) -> float | None:
    return None if math.isnan(seconds) else round(seconds, 6)


def _token(name: str) -> str:
    return _BLANK.sub("_", name) or "_"


def _speaker(turn: Stretch, blank: str) -> str:
    return NOBODY if turn.label is None else _BLANK.sub(blank, str(turn.label).strip()) or blank


def _spelled(recording: Recording, turn: Stretch) -> str:
    # Words are told apart by spaces here, in scripts too that are written without.
    return " ".join(" ".join(recording.words.text[turn.first : turn.stop]).split())
