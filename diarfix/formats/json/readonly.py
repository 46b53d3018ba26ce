"""Formats that are read but not written: their words have no place for a label.

OpenAI's ``diarized_json`` has text per segment, whisper.cpp has tokens; both have one speaker per
segment. ``diarfix convert --to words`` turns them into a list that can be repaired.
"""

from __future__ import annotations

import re
from collections.abc import Callable

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
    layout = _by_segment(
        segments,
        [text_of(s.get("text"), f"segments[{i}].text") for i, s in enumerate(segments)],
        [(s.get("start"), s.get("end")) for s in segments],
        "segments[{}]".format,
    )
    layout.notes.append("segments without word times: words stand somewhere in their segment")
    return layout


def _by_segment(
    segments: list[Holder],
    texts: list[str],
    spans: list[tuple[Json, Json]],
    path: Callable[[int], str],
) -> Layout:
    """Segments of text: only a segment of one word times it."""
    words = [(s, token) for s, text in enumerate(texts) for token in text.split()]
    count = [len(text.split()) for text in texts]
    start = [spans[s][0] if count[s] == 1 else None for s, _ in words]
    end = [spans[s][1] if count[s] == 1 else None for s, _ in words]
    return Layout(
        text=[token for _, token in words],
        start=start,
        end=end,
        path=lambda i: path(words[i][0]),
        tracks=[Track("speaker", range(len(words)), [segments[s] for s, _ in words])],
        entry=([spans[s][0] for s, _ in words], [spans[s][1] for s, _ in words]),
        unknown=("?",),
    )


def _fits_cpp(tree: Json) -> bool:
    return isinstance(tree, dict) and is_dicts(tree.get("transcription"), "offsets")


def _walk_cpp(tree: Json) -> Layout:
    segments = dicts(tree["transcription"], "transcription")
    if not any(s.get("tokens") for s in segments):
        layout = _by_segment(
            segments,
            [text_of(s.get("text"), f"transcription[{i}].text") for i, s in enumerate(segments)],
            [_offsets(s, f"transcription[{i}]") for i, s in enumerate(segments)],
            "transcription[{}]".format,
        )
        layout.scale = 1e-3
        return layout
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
    read_only=True,
)
WHISPER_CPP = Dialect(
    "whisper-cpp",
    "whisper.cpp JSON (transcription[].tokens[])",
    _fits_cpp,
    _walk_cpp,
    read_only=True,
)
