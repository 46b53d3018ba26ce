"""WhisperX, the Whisper family, and OpenTranscribe's raw-inference file: words inside segments."""

from __future__ import annotations

from diarfix.formats.json.segments import segment_layout
from diarfix.formats.jsonfields import (
    dicts,
    is_dicts,
    lay_out,
    nested,
    pair,
    reach,
    take_turns,
    texts,
    times,
)
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Dialect, Group, Json, Layout, Track

_TIMING = "transcribe with word_timestamps=True, or align with WhisperX (whisperx.align)"


def _segments(tree: Json, root: str) -> Layout:
    segments = dicts(tree[root], root)
    if any(map(_said, segments)) and not any(s.get("words") for s in segments):
        return segment_layout(segments, (root + "[{}]").format)
    found = nested(segments, root)
    layout = lay_out(
        found.words,
        found.path,
        # whisper-timestamped calls it "text".
        text=texts(found.words, ("word", "text"), found.path, needed=True),
        groups=[Group(found.containers, "speaker", segments, "words", "text")],
    )
    if bare := sum(_said(box.holder) and not box.words for box in found.containers):
        layout.notes.append(f"segments that have text and no words, passed over: {bare}")
    return layout


def _said(segment: Holder) -> bool:
    text = segment.get("text")
    return isinstance(text, str) and bool(text.strip())


def _walk_whisper(tree: Json) -> Layout:
    layout = _segments(tree, "segments")
    copies = dicts(tree.get("word_segments"), "word_segments")
    if copies and not layout.utterances:
        words = layout.tracks[0].holders
        if layout.text == [copy.get("word") for copy in copies]:
            layout.tracks.append(Track("speaker", range(len(words)), copies))
        else:
            index, found = pair(words, copies, "word", "start", "end")
            layout.tracks.append(Track("speaker", index, [copies[j] for j in found]))
    return layout


def _fits_segments(tree: Json) -> bool:
    segments = reach(tree, "segments")
    # `verbose_json` of the OpenAI API has its words at the top, not in the segments.
    if not is_dicts(segments, "words", "text"):
        return False
    return any("words" in s for s in segments) or not isinstance(tree.get("words"), list)


def _fits_whisperx(tree: Json) -> bool:
    if not _fits_segments(tree):
        return False
    if "word_segments" in tree:
        return True
    inner = (s.get("words") for s in tree["segments"])
    first: Holder = next((w for ws in inner if is_dicts(ws) for w in ws), {})
    return "score" in first or (bool(first) and "probability" not in first and "text" not in tree)


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
