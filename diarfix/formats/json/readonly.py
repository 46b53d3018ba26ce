"""Formats that are read but not written: their words have no place for a label.

OpenAI's ``diarized_json`` has text per segment, whisper.cpp has tokens; both have one speaker per
segment. ``diarfix convert --to words`` turns them into a list that can be repaired.
"""

from __future__ import annotations

import re

from diarfix.core import needs_space
from diarfix.formats.layout import (
    Dialect,
    Holder,
    Json,
    Layout,
    ShapeError,
    Track,
    dicts,
    is_dicts,
    text_of,
)
from diarfix.formats.utterances import utterance_layout

#: Tokens that are marks of the model, not text.
_SPECIAL = re.compile(r"\[_[A-Z]+_?\d*_?\]|<\|.*\|>")


def _fits_diarized(tree: Json) -> bool:
    return (
        isinstance(tree, dict)
        and is_dicts(tree.get("segments"), "speaker")
        and any(s.get("type") == "transcript.text.segment" for s in tree["segments"])
        and not any("words" in s for s in tree["segments"])
    )


def _walk_diarized(tree: Json) -> Layout:
    segments = dicts(tree["segments"], "segments")
    return utterance_layout(
        segments,
        [s.get("text") for s in segments],
        [s.get("start") for s in segments],
        [s.get("end") for s in segments],
        "segments[{}]".format,
    )


def _fits_cpp(tree: Json) -> bool:
    return isinstance(tree, dict) and is_dicts(tree.get("transcription"), "offsets")


def _walk_cpp(tree: Json) -> Layout:
    segments = dicts(tree["transcription"], "transcription")
    if not any(s.get("tokens") for s in segments):
        edges = [_offsets(s, f"transcription[{i}]") for i, s in enumerate(segments)]
        return utterance_layout(
            segments,
            [s.get("text") for s in segments],
            [start for start, _ in edges],
            [end for _, end in edges],
            "transcription[{}]".format,
            scale=1e-3,
            unknown=("?",),
        )
    text: list[str] = []
    spans: list[list[Json]] = []
    owners: list[int] = []
    for s, segment in enumerate(segments):
        fresh = True
        for t, token in enumerate(dicts(segment.get("tokens"), f"transcription[{s}].tokens")):
            path = f"transcription[{s}].tokens[{t}]"
            piece = text_of(token.get("text"), f"{path}.text")
            if _SPECIAL.fullmatch(piece):
                continue
            start, end = _offsets(token, path)
            if fresh or _begins_word(text[-1], piece):
                text.append(piece)
                spans.append([start, end])
                owners.append(s)
            else:
                text[-1] += piece
                spans[-1][1] = end if end is not None else spans[-1][1]
            fresh = False
    return Layout(
        text=[word.strip() for word in text],
        start=[a for a, _ in spans],
        end=[b for _, b in spans],
        path=lambda i: f"transcription[{owners[i]}]",
        tracks=[Track("speaker", range(len(text)), [segments[s] for s in owners])],
        scale=1e-3,
        unknown=("?",),
    )


def _begins_word(before: str, piece: str) -> bool:
    if piece[:1].isspace():
        return True
    # Scripts without spaces: every token is a word, punctuation aside.
    return bool(before) and piece[:1].isalnum() and not needs_space(before, piece)


def _offsets(holder: Holder, path: str) -> tuple[Json, Json]:
    offsets = holder.get("offsets")
    if offsets is None:
        return None, None
    if not isinstance(offsets, dict):
        raise ShapeError(f"{path}.offsets: expected an object with from and to")
    return offsets.get("from"), offsets.get("to")


DIARIZED = Dialect(
    "diarized-json",
    "OpenAI diarized_json (segments[] with text and speaker)",
    _fits_diarized,
    _walk_diarized,
    timing="align the text (whisperx.align), or transcribe with whisper-1, verbose_json and"
    " timestamp_granularities[]=word",
)
WHISPER_CPP = Dialect(
    "whisper-cpp",
    "whisper.cpp JSON (transcription[].tokens[])",
    _fits_cpp,
    _walk_cpp,
    read_only=True,
)
