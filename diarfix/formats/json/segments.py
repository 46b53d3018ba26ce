"""Lists of segments: who said which sentence when, and no word by itself.

What most home-made pipelines of a recogniser and a diarizer write, and with it the transcripts of
podcasts (Podcast Namespace), turns with texts still empty, and lists of utterances.
"""

from __future__ import annotations

from collections.abc import Iterator

from diarfix.formats.json.flat import END, SPEAKER, START, WORD, alias
from diarfix.formats.layout import Dialect, Holder, Json, Layout, is_dicts
from diarfix.formats.utterances import Utterance, utterance_layout

_TEXT = (*WORD, "transcript", "body", "sentence", "utterance")

#: Keys under which such lists stand, the likeliest first.
_LISTS = ("segments", "utterances", "turns", "speakers", "transcript", "transcripts", "results")

#: More words than this an entry, on average, are sentences.
_WORDS = 1.5
#: Of scripts written without spaces: entries of more characters than words have.
_LETTERS, _LETTERS_TO_END = 12.0, 6.0

#: Segments longer than this on average (s) are not segments: such times are milliseconds.
_LONGEST_MEAN = 100.0


def _candidates(tree: Json) -> Iterator[tuple[str, list[Holder]]]:
    """Lists of objects in a file, and where they stand."""
    if isinstance(tree, dict):
        if is_dicts(tree.get("words"), *WORD) or "diarization" in tree:
            return
        lists = {key: value for key, value in tree.items() if value and is_dicts(value)}
        # A list under another name may be anything, unless it is all there is.
        names = (key for key in _LISTS if key in lists)
        yield from ((key, lists[key]) for key in (lists if len(lists) == 1 else names))
    elif is_dicts(tree) and tree:
        yield "", tree


def _found(tree: Json) -> tuple[str, list[Holder]] | None:
    return next((item for item in _candidates(tree) if _are_segments(item[1])), None)


def _are_segments(entries: list[Holder]) -> bool:
    text, start, end = (alias(entries, names) for names in (_TEXT, START, END))
    if start is None or end is None or any(isinstance(e.get("words"), str) for e in entries[:50]):
        return False
    said = [u for e in entries if text is not None and isinstance(u := e.get(text), str)]
    spoken = [item for u in said if (item := Utterance(None, 0.0, 0.0, u)).words]
    if not spoken:
        blank = text is None or len(said) == len(entries)
        return blank and alias(entries, SPEAKER) is not None
    if sum(len(item.words) for item in spoken) > _WORDS * len(spoken):
        return True
    letters = sum(sum(c.isalnum() for c in item.text) for item in spoken) / len(spoken)
    closed = sum(item.text.rstrip()[-1:] in ".?!。？！…" for item in spoken) / len(spoken)
    return letters > _LETTERS or (letters > _LETTERS_TO_END and closed > 0.5)


def _fits(tree: Json) -> bool:
    return _found(tree) is not None


def _walk(tree: Json) -> Layout:
    root, entries = _found(tree) or ("", [])
    text, start, end = (alias(entries, names) or "" for names in (_TEXT, START, END))
    starts, ends = [e.get(start) for e in entries], [e.get(end) for e in entries]
    milliseconds = start.endswith("ms") or _milliseconds(starts, ends)
    layout = utterance_layout(
        entries,
        [e.get(text) for e in entries],
        starts,
        ends,
        (root + "[{}]").format,
        speaker=alias(entries, SPEAKER) or "speaker",
        scale=1e-3 if milliseconds else 1.0,
        channel=[e["channel"] for e in entries] if all("channel" in e for e in entries) else (),
    )
    if milliseconds:
        layout.notes.append("times read as milliseconds (--time-unit s if not)")
    return layout


def _milliseconds(starts: list[Json], ends: list[Json]) -> bool:
    pairs = [(a, b) for a, b in zip(starts, ends, strict=True) if type(a) is type(b) is int]
    return bool(pairs) and sum(b - a for a, b in pairs) > _LONGEST_MEAN * len(pairs)


SEGMENTS = Dialect(
    "segments",
    'a list of segments with speakers, or {"segments": [...]}, {"utterances": [...]} (no words)',
    _fits,
    _walk,
)
