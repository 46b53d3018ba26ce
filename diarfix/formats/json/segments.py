"""Segments of text with one speaker each: lists of them, SegLST, OpenAI.

A label goes to a segment, and only a segment of one word times it. SegLST of single words may be
repaired.
The lists are what home-made pipelines of a recogniser and a diarizer write, and with it podcasts
(Podcast Namespace), turns with texts still empty, and utterances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from diarfix.formats.fileformat import Target
from diarfix.formats.json.flat import listed, word_root
from diarfix.formats.json.keys import SENTENCE, WORD, alias, are_sentences, clock_of, label_key
from diarfix.formats.jsonfields import (
    column,
    is_dicts,
    reach,
)
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Dialect, Json, Layout, sessions
from diarfix.formats.text.fields import told_apart
from diarfix.formats.utterances import utterance_layout

if TYPE_CHECKING:
    from diarfix.formats.recordings import Recording, WriteOptions

#: Keys under which such lists stand, the likeliest first.
_LISTS = ("segments", "utterances", "turns", "speakers", "chunks", "transcript", "transcripts",
          "results", "blocks", "words")  # fmt: skip


def _fits_seglst(tree: Json) -> bool:
    if not (tree and is_dicts(tree)):
        return False
    first = tree[0]
    # A flat word with "words" beside it must not turn into SegLST when it is given a speaker.
    lines = "speaker" in first and not any(name in first for name in WORD)
    return isinstance(first.get("words"), str) and ("session_id" in first or lines)


def _walk_seglst(tree: Json) -> Layout:
    start, end = (column(tree, key) for key in ("start_time", "end_time"))
    layout = utterance_layout(tree, column(tree, "words"), start, end, "[{}]".format)
    for segment, said in zip(tree, layout.utterances, strict=True):
        layout.entries.setdefault(str(segment.get("session_id", "")), []).append(said)
    layout.utterances = ()  # entries of one word time it, and take a label
    owners = layout.tracks[0].holders
    layout.parts = sessions([segment.get("session_id", "") for segment in owners])
    if len(owners) > len({*map(id, owners)}):
        layout.notes.append("entries of several words have no word times: they keep their label")
    return layout


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


def segment_layout(segments: Sequence[Holder], path: Callable[[int], str]) -> Layout:
    """The layout of segments that have a text and no words, as recognisers write them."""
    text, start, end = (column(segments, key) for key in ("text", "start", "end"))
    speaker = label_key(segments)
    return utterance_layout(segments, text, start, end, path, speaker=speaker)


def _candidates(tree: Json) -> Iterator[tuple[str, list[Holder]]]:
    """Lists of objects in a file, and where they stand."""
    if isinstance(tree, dict):
        if word_root(tree) or "diarization" in tree:
            return
        lists = {key: value for key, value in tree.items() if value and is_dicts(value)}
        yield from ((key, lists[key]) for key in _LISTS if key in lists)
    elif is_dicts(tree) and tree:
        yield "", tree


def segments_in(tree: Json) -> tuple[str, list[Holder]] | None:
    """Where segments stand in a file, and these; None where none do."""
    entries = reach(tree, "diarized_transcript", "entries")  # Sarvam
    if entries and is_dicts(entries, *SENTENCE):
        return "diarized_transcript.entries", entries
    found = next((item for item in _candidates(tree) if are_sentences(item[1])), None)
    # A remix of several recordings (Hyperaudio) has no time of its own.
    remixed = found is not None and len({repr(e.get("media")) for e in found[1]}) > 1
    return None if remixed else found


def _walk_segments(tree: Json) -> Layout:
    root, entries = segments_in(tree) or ("", [])

    def path(i: int) -> str:
        return f"{root}[{i}]"

    text = alias(entries, (*WORD, *SENTENCE))
    timed = clock_of(entries, path)
    return utterance_layout(
        entries,
        [e.get(text) for e in entries],
        timed.start,
        timed.end,
        path,
        speaker=label_key(entries),
        scale=timed.unit,
        channel=[e["channel"] for e in entries] if all("channel" in e for e in entries) else (),
    )


SEGLST = Dialect(
    "seglst",
    "SegLST (session_id, speaker, words)",
    _fits_seglst,
    _walk_seglst,
    target=Target(write_seglst, ".seglst.json"),
)
DIARIZED = Dialect(
    "diarized-json",
    "OpenAI diarized_json (segments[] with text and speaker)",
    _fits_diarized,
    lambda tree: segment_layout(tree["segments"], "segments[{}]".format),
    timing="align the text (whisperx.align), or transcribe with whisper-1, verbose_json and"
    " timestamp_granularities[]=word",
)
SEGMENTS = Dialect(
    "segments",
    'a list of segments with speakers, or {"segments": [...]}, {"utterances": [...]} (no words)',
    lambda tree: segments_in(tree) is not None,
    _walk_segments,
)
