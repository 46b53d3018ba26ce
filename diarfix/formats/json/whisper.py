"""WhisperX, the Whisper family, and OpenTranscribe's raw-inference file: words inside segments."""

from __future__ import annotations

from collections.abc import Sequence

from diarfix.formats.json.keys import label_key
from diarfix.formats.json.pyannote import take_turns
from diarfix.formats.json.segments import segment_layout
from diarfix.formats.jsonfields import (
    column,
    dicts,
    is_dicts,
    lay_out,
    nested,
    pair,
    reach,
    texts,
    times,
)
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Dialect, Group, Json, Layout, Track

_TIMING = "transcribe with word_timestamps=True, or align with WhisperX (whisperx.align)"
_MISTRAL = "transcription_segment"
_TEXT = ("word", "text")  # whisper-timestamped and others call it "text"
#: Lists at the top that repeat the words of the segments.
_COPIES = ("word_segments", "words", "word_timestamps")


def _segments(tree: Json, root: str) -> Layout:
    segments = dicts(tree[root], root)
    if any(map(_said, segments)) and not any(s.get("words") for s in segments):
        return segment_layout(segments, (root + "[{}]").format)
    found = nested(segments, root)
    key = label_key(found.words)
    text = texts(found.words, _TEXT, found.path, needed=True)
    layout = lay_out(found.words, found.path, text=text, label=key)
    speaker = label_key(segments, key)
    layout.groups.append(Group(found.containers, speaker, segments, "words", "text"))
    layout.names = ("spkid",)  # Amberscript's list of speakers
    if bare := sum(_said(box.holder) and not box.words for box in found.containers):
        layout.notes.append(f"segments that have text and no words, passed over: {bare}")
    return layout


def _said(segment: Holder) -> bool:
    text = segment.get("text")
    return isinstance(text, str) and bool(text.strip())


def _walk_whisper(tree: Json) -> Layout:
    layout = _segments(tree, "segments")
    for name in _COPIES if not layout.utterances else ():
        copies = dicts(tree.get(name), name)
        words, key = layout.tracks[0].holders, layout.tracks[0].key
        if not copies:
            continue
        index: Sequence[int] = range(len(words))
        if layout.text != column(copies, _TEXT):
            text = next(key for key in _TEXT if key in copies[0] or key == _TEXT[-1])
            index, found = pair(words, copies, text, "start", "end")
            copies = [copies[j] for j in found]
        layout.tracks.append(Track(label_key(copies, key), index, copies))
    return layout


def _fits_segments(tree: Json) -> bool:
    segments = reach(tree, "segments")
    # Mistral's have no words, and another way to get them.
    if not is_dicts(segments, "words", "text") or any(s.get("type") == _MISTRAL for s in segments):
        return False
    inner = [words for s in segments if (words := s.get("words"))]
    # `verbose_json` of the OpenAI API has its words at the top; some segments hold their numbers.
    numbers = bool(inner) and all(isinstance(n, list) and type(n[0]) is int for n in inner)
    return not numbers if inner else not any(tree.get(name) for name in _COPIES)


def _fits_whisperx(tree: Json) -> bool:
    if not _fits_segments(tree):
        return False
    if "word_segments" in tree:
        return True
    inner = (s.get("words") for s in tree["segments"])
    first: Holder = next((w for ws in inner if is_dicts(ws) for w in ws), {})
    return "score" in first or ("word" in first and not {"text", "probability"} & {*first, *tree})


def _walk_rawinfer(tree: Json) -> Layout:
    layout = _segments(tree, "raw_segments")
    take_turns(layout, tree.get("diarize_records"), "diarize_records")
    regions = dicts(reach(tree, "overlap_info", "regions"), "overlap_info.regions")
    if regions:
        start, end = (
            times([r.get(key) for r in regions], 1.0, "overlap_info.regions[{}]".format, key)
            for key in ("start", "end")
        )
        usable = end > start
        layout.regions = (start[usable], end[usable])
    vectors = tree.get("native_speaker_embeddings")
    if isinstance(vectors, dict):
        layout.centroids = {name: v for name, v in vectors.items() if isinstance(v, list)}
    return layout


RAWINFER = Dialect(
    "rawinfer",
    "OpenTranscribe raw inference (raw_segments)",
    lambda tree: isinstance(reach(tree, "raw_segments"), list),
    _walk_rawinfer,
    timing=_TIMING,
)
WHISPERX = Dialect(
    "whisperx",
    "WhisperX (segments[].words[], word_segments)",
    _fits_whisperx,
    _walk_whisper,
    timing=_TIMING,
)
WHISPER = Dialect(
    "whisper",
    "openai-whisper, faster-whisper (segments[].words[])",
    _fits_segments,
    _walk_whisper,
    timing=_TIMING,
)
