"""WhisperX, the Whisper family, and OpenTranscribe's raw-inference file: words inside segments."""

from __future__ import annotations

from diarfix.core import turns_from_rows
from diarfix.formats.json.flat import SPEAKER, alias
from diarfix.formats.layout import (
    Container,
    Dialect,
    Group,
    Holder,
    Json,
    Layout,
    ShapeError,
    Track,
    dicts,
    is_dicts,
    pair,
    text_of,
    times,
    turn_rows,
)
from diarfix.formats.utterances import utterance_layout

_TIMING = "transcribe with word_timestamps=True, or align with WhisperX (whisperx.align)"


def _segments(segments: list[Holder], root: str) -> Layout:
    if any(map(_said, segments)) and not any(s.get("words") for s in segments):
        return utterance_layout(
            segments,
            [s.get("text") for s in segments],
            [s.get("start") for s in segments],
            [s.get("end") for s in segments],
            (root + "[{}]").format,
            speaker=alias(segments, SPEAKER) or "speaker",
        )
    words: list[Holder] = []
    origin: list[int] = []
    containers = []
    for s, segment in enumerate(segments):
        inner = dicts(segment.get("words"), f"{root}[{s}].words")
        first = len(words)
        words += inner
        origin += [s] * len(inner)
        span = range(first, len(words))
        containers.append(Container(segment, span, range(len(inner))))
    starts = [c.words.start for c in containers if isinstance(c.words, range)]

    def path(i: int) -> str:
        return f"{root}[{origin[i]}].words[{i - starts[origin[i]]}]"

    try:
        # whisper-timestamped calls it "text".
        text = [w["word"] if "word" in w else w["text"] for w in words]
    except KeyError:
        i = next(i for i, w in enumerate(words) if "word" not in w and "text" not in w)
        raise ShapeError(f"{path(i)}: expected a key 'word'") from None
    if set(map(type, text)) - {str}:
        text = [text_of(t, f"{path(i)}.word") for i, t in enumerate(text)]
    layout = Layout(
        text=text,
        start=[w.get("start") for w in words],
        end=[w.get("end") for w in words],
        path=path,
        tracks=[Track("speaker", range(len(words)), words)],
        groups=[Group(containers, "speaker", segments, "words", "text")],
    )
    if bare := sum(bool(_said(c.holder)) and not c.words for c in containers):
        layout.notes.append(f"segments that have text and no words, passed over: {bare}")
    return layout


def _said(segment: Holder) -> Json:
    text = segment.get("text")
    return text.strip() if isinstance(text, str) else None


def _walk_whisper(tree: Json) -> Layout:
    segments = dicts(tree["segments"], "segments")
    layout = _segments(segments, "segments")
    copies = tree.get("word_segments")
    if copies is not None and not layout.utterances:
        copies = dicts(copies, "word_segments")
        words = layout.tracks[0].holders
        keys = ("word", "start", "end")
        if layout.text == [c.get("word") for c in copies]:  # the usual case, in a fifth of the time
            layout.tracks.append(Track("speaker", range(len(words)), copies))
            return layout
        index, found = pair(
            [tuple(w.get(k) for k in keys) for w in words],
            [tuple(c.get(k) for k in keys) for c in copies],
        )
        layout.tracks.append(Track("speaker", index, [copies[j] for j in found]))
    return layout


def _fits_segments(tree: Json) -> bool:
    if not (isinstance(tree, dict) and isinstance(tree.get("segments"), list)):
        return False
    segments = tree["segments"]
    if not all(isinstance(s, dict) for s in segments):
        return False
    worded = any("words" in s for s in segments)
    if segments and not any("words" in s or "text" in s for s in segments):
        return False
    # `verbose_json` of the OpenAI API has its words at the top, not in the segments.
    return worded or not isinstance(tree.get("words"), list)


def _fits_whisperx(tree: Json) -> bool:
    if not _fits_segments(tree):
        return False
    if "word_segments" in tree:
        return True
    inner = (s.get("words") for s in tree["segments"])
    first: Holder = next((w for ws in inner if is_dicts(ws) for w in ws), {})
    return "score" in first or (bool(first) and "probability" not in first and "text" not in tree)


def _fits_rawinfer(tree: Json) -> bool:
    return isinstance(tree, dict) and isinstance(tree.get("raw_segments"), list)


def _walk_rawinfer(tree: Json) -> Layout:
    layout = _segments(dicts(tree["raw_segments"], "raw_segments"), "raw_segments")
    rows, without = turn_rows(tree.get("diarize_records"), "diarize_records")
    if rows:
        layout.turns = turns_from_rows(rows)
    if without:
        layout.notes.append(f"{without} turns without usable times passed over")
    info = tree.get("overlap_info")
    regions = dicts(info.get("regions"), "overlap_info.regions") if isinstance(info, dict) else []
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
    "rawinfer", "OpenTranscribe raw inference (raw_segments)", _fits_rawinfer, _walk_rawinfer,
    timing=_TIMING,
)  # fmt: skip
WHISPERX = Dialect(
    "whisperx", "WhisperX (segments[].words[], word_segments)", _fits_whisperx, _walk_whisper,
    timing=_TIMING,
)  # fmt: skip
WHISPER = Dialect(
    "whisper", "openai-whisper, faster-whisper (segments[].words[])", _fits_segments, _walk_whisper,
    timing=_TIMING,
)  # fmt: skip
