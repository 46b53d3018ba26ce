"""Azure Speech, batch and fast: phrases own the label, and spell their times in up to three ways.

As in :mod:`diarfix.formats.json.cloud` a phrase is cut where its words part ways.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

import numpy as np

from diarfix.core import F64, TIME_EPS, cut_text
from diarfix.formats.json.owned import owned_layout
from diarfix.formats.jsonfields import (
    Nested,
    column,
    dicts,
    first_of,
    is_dicts,
    nested,
    reach,
    shown,
    times,
)
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Cut, Dialect, Group, Json, Layout, ShapeError, channels
from diarfix.formats.utterances import utterance_layout

_BATCH_TIMING = (
    "transcribe again with wordLevelTimestampsEnabled or displayFormWordLevelTimestampsEnabled"
    " set to true"
)
_FAST_TIMING = (
    "transcribe again with a model that times words: fast transcription does; of MAI-Transcribe"
    ' ask modelOptions.timestamps "word"'
)

#: Spellings of a time other than ISO 8601: behind its name, and the seconds of one.
_UNITS = (("InTicks", 1e-7), ("Milliseconds", 1e-3))
_ISO = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")

#: Lists of words in a recognised alternative, the one with punctuation first; and their texts.
_LISTS = {"displayWords": "displayText", "words": "word"}
_TEXTS = ("lexical", "itn", "maskedITN", "display")


def _column(holders: Sequence[Holder], name: str, path: Callable[[int], str]) -> F64:
    """Offsets or durations (N,) in s, from whichever spelling the file has; NaN where none."""
    for unit, scale in _UNITS:
        key = name + unit
        if any(key in holder for holder in holders):
            return times([h.get(key) for h in holders], scale, path, key)
    found = [iso_seconds(h.get(name), f"{path(i)}.{name}") for i, h in enumerate(holders)]
    return np.array([np.nan if s is None else s for s in found], dtype=np.float64)


def _layout(found: Nested, group: Group, path: str, text: str | tuple[str, ...]) -> Layout:
    start = _column(found.words, "offset", found.path)
    end = start + _column(found.words, "duration", found.path)
    parts = channels([phrase.get("channel") for phrase in found.owners])
    return owned_layout(
        found, group, path, text=text, start=start.tolist(), end=end.tolist(), parts=parts
    )


def _phrases(phrases: list[Holder], said: list[Json], path: Callable[[int], str]) -> Layout:
    """Phrases as turns with text, in a file that times no words."""
    start = _column(phrases, "offset", path)
    end = start + _column(phrases, "duration", path)
    several = column(phrases, "channel")
    return utterance_layout(phrases, said, start.tolist(), end.tolist(), path, channel=several)


def _walk_batch(tree: Json) -> Layout:
    phrases = dicts(tree["recognizedPhrases"], "recognizedPhrases")
    found = nested(phrases, "recognizedPhrases", tuple(_LISTS), best="nBest")
    if phrases and not found.words:
        path = "recognizedPhrases[{}]".format
        best = [first_of(phrase, "nBest", path(i)) for i, phrase in enumerate(phrases)]
        said = [next((b[t] for t in reversed(_TEXTS) if b.get(t)), None) for b in best]
        return _phrases(phrases, said, path)
    group = Group([], "speaker", phrases, divide=_divide_phrase)
    return _layout(found, group, "recognizedPhrases", tuple(_LISTS.values()))


def _divide_phrase(cut: Cut) -> None:
    _divide_times(cut)
    cuts = [_first(cut.layout.start, span) for span in cut.words[1:]]
    if isinstance(cut.whole.get("nBest"), list):
        split = [
            _divide_best(alternative, n, cut.firsts, cuts)
            for n, alternative in enumerate(cut.whole["nBest"])
        ]
        for h, holder in enumerate(cut.pieces):
            holder["nBest"] = [pieces[h] for pieces in split if h < len(pieces)]


def _divide_best(
    alternative: Json, n: int, begins: list[int], cuts: list[float | None]
) -> list[Json]:
    """Divide one alternative: the first where its words ``begins`` stand, other lists by time.

    What has no word list cannot be cut and stays whole with the first piece.
    """
    lists = [(k, t) for k, t in _LISTS.items() if reach(alternative, k)]
    if not lists:
        return [alternative]
    pieces: list[Holder] = [dict(alternative) for _ in (0, *begins)]
    for position, (key, name) in enumerate(lists):
        entries = dicts(alternative[key], key)
        firsts = begins if n == 0 and position == 0 else _firsts(entries, cuts)
        bounds = [0, *firsts, len(entries)]
        for piece, (a, b) in zip(pieces, itertools.pairwise(bounds), strict=True):
            piece[key] = entries[a:b]
        spoken = [str(entry.get(name) or "") for entry in entries]
        # The display follows the displayed words, the other texts the lexical ones.
        for text in _TEXTS if len(lists) == 1 else (_TEXTS[3:], _TEXTS[:3])[position]:
            if isinstance(alternative.get(text), str):
                for piece, part in zip(
                    pieces, cut_text(alternative[text], spoken, firsts), strict=True
                ):
                    piece[text] = part
    return pieces


def _firsts(entries: list[Holder], cuts: list[float | None]) -> list[int]:
    """Where each later piece begins in a list of timed words."""
    start = _column(entries, "offset", "words".format)
    firsts: list[int] = []
    for cut in cuts:
        least = firsts[-1] if firsts else 0
        late = np.flatnonzero(start >= (np.inf if cut is None else cut - TIME_EPS))
        firsts.append(max(least, int(late[0]) if len(late) else len(entries)))
    return firsts


def _first(start: list[Json], words: Sequence[int]) -> float | None:
    return next((start[i] for i in words if not np.isnan(start[i])), None)


def _divide_times(cut: Cut) -> None:
    """Give each piece its offset and duration, in every spelling that the whole has."""
    whole, words, layout = cut.whole, cut.words, cut.layout
    offset = float(_column([whole], "offset", "phrase".format)[0])
    stop = offset + float(_column([whole], "duration", "phrase".format)[0])
    starts = [offset, *(_first(layout.start, span) for span in words[1:])]
    ends = [*(_first(layout.end, span[::-1]) for span in words[:-1]), stop]
    for holder, start, end in zip(cut.pieces, starts, ends, strict=True):
        if start is not None and end is not None and 0 <= start <= end < np.inf:
            _spell(holder, "offset", start)
            _spell(holder, "duration", end - start)


def _spell(holder: Holder, name: str, seconds: float) -> None:
    if isinstance(holder.get(name), str):
        holder[name] = iso_text(seconds)
    for unit, scale in _UNITS:
        key = name + unit
        if isinstance(holder.get(key), (int, float, str)):
            holder[key] = type(holder[key])(round(seconds / scale))


def iso_seconds(value: Json, path: str) -> float | None:
    """An ISO 8601 duration in s; days and longer do not occur in recordings.

    Raises ShapeError, naming the place, for anything else but null.

    >>> iso_seconds("PT1M0.76S", "x")
    60.76
    """
    if value is None:
        return None
    found = _ISO.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[0] == "PT":
        raise ShapeError(
            f'{path}: {shown(value)} is not a time: expected a duration like "PT0.76S"'
        )
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def iso_text(seconds: float) -> str:
    """A duration as Azure spells it.

    >>> iso_text(60.76), iso_text(0)
    ('PT1M0.76S', 'PT0S')
    """
    ticks = round(seconds * 1e7)
    minutes, rest = divmod(ticks, 600_000_000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 10_000_000}.{rest % 10_000_000:07d}".rstrip("0").rstrip(".")
    head = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    return f"PT{head}{tail}S" if rest or not head else f"PT{head}"


def _walk_fast(tree: Json) -> Layout:
    phrases = dicts(tree["phrases"], "phrases")
    found = nested(phrases, "phrases")
    if phrases and not found.words:
        return _phrases(phrases, column(phrases, "text"), "phrases[{}]".format)
    group = Group([], "speaker", phrases, "words", "text", divide=_divide_times)
    return _layout(found, group, "phrases", "text")


AZURE = Dialect(
    "azure",
    "Azure batch transcription (recognizedPhrases[].nBest[])",
    lambda tree: is_dicts(reach(tree, "recognizedPhrases")),
    _walk_batch,
    timing=_BATCH_TIMING,
    stretches="phrases",
)
AZURE_FAST = Dialect(
    "azure-fast",
    "Azure fast transcription (phrases[].words[])",
    lambda tree: (
        is_dicts(reach(tree, "phrases"), "words", "offsetMilliseconds")
        and ("combinedPhrases" in tree or "durationMilliseconds" in tree)
    ),
    _walk_fast,
    timing=_FAST_TIMING,
    stretches="phrases",
)
