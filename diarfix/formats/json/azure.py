"""Azure Speech, batch and fast: phrases own the label, and spell their times in up to three ways.

As in :mod:`diarfix.formats.json.monologues` a phrase is cut where its words part ways.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from diarfix.core import F64, TIME_EPS, cut_text
from diarfix.formats.json.protojson import iso_seconds, iso_text
from diarfix.formats.layout import (
    Container,
    Dialect,
    Group,
    Holder,
    Json,
    Layout,
    Track,
    channels,
    dicts,
    is_dicts,
    text_of,
    times,
)

_TICK = 1e-7
_TIMING = "transcribe again with wordLevelTimestampsEnabled set to true"

#: Lists of words in a recognised alternative, the one with punctuation first; and their texts.
_LISTS = (("displayWords", "displayText"), ("words", "word"))
_TEXTS = ("lexical", "itn", "maskedITN", "display")


def _column(holders: Sequence[Holder], name: str, paths: Sequence[str]) -> F64:
    """Offsets or durations (N,) in s, from whichever spelling the file has; NaN where none."""
    for key, scale in ((f"{name}InTicks", _TICK), (f"{name}Milliseconds", 1e-3)):
        if any(key in holder for holder in holders):
            return times([h.get(key) for h in holders], scale, paths.__getitem__, key)
    found = [
        iso_seconds(h.get(name), f"{path}.{name}") for h, path in zip(holders, paths, strict=True)
    ]
    return np.array([np.nan if s is None else s for s in found], dtype=np.float64)


def _layout(
    phrases: list[Holder], spans: list[list[tuple[Holder, str, str]]], group: Group
) -> Layout:
    """The layout of phrases, given for each its words as (holder, text, path)."""
    words = [word for span in spans for word in span]
    owners = [phrase for phrase, span in zip(phrases, spans, strict=True) for _ in span]
    holders, paths = [w[0] for w in words], [w[2] for w in words]
    start = _column(holders, "offset", paths)
    end = start + _column(holders, "duration", paths)
    at = 0
    for phrase, span in zip(phrases, spans, strict=True):
        group.containers.append(Container(phrase, range(at, at + len(span)), range(len(span))))
        at += len(span)
    layout = Layout(
        text=[w[1] for w in words],
        start=start.tolist(),
        end=end.tolist(),
        path=paths.__getitem__,
        tracks=[Track("speaker", range(len(words)), owners)],
        groups=[group],
        parts=channels([phrase.get("channel") for phrase in owners]),
    )
    if phrases and not words:
        layout.notes.append("phrases without word times: ask Azure for word level timestamps")
    return layout


def _fits_batch(tree: Json) -> bool:
    return isinstance(tree, dict) and is_dicts(tree.get("recognizedPhrases"))


def _walk_batch(tree: Json) -> Layout:
    phrases = dicts(tree["recognizedPhrases"], "recognizedPhrases")
    spans = []
    for p, phrase in enumerate(phrases):
        path = f"recognizedPhrases[{p}].nBest"
        best = dicts(phrase.get("nBest"), path)[:1]
        key, name = _word_list(best[0]) if best else _LISTS[0]
        entries = dicts(best[0].get(key), f"{path}[0].{key}") if best else []
        spans.append([
            (entry, text_of(entry.get(name), f"{path}[0].{key}[{i}].{name}"),
             f"{path}[0].{key}[{i}]")
            for i, entry in enumerate(entries)
        ])  # fmt: skip
    group = Group([], "speaker", phrases, owns=True)
    layout = _layout(phrases, spans, group)
    begins = {id(box.holder): box.words[0] for box in group.containers if box.words}

    def divide(whole: Holder, holders: list[Holder], words: list[Sequence[int]]) -> None:
        _divide_times(whole, holders, words, layout)
        cuts = [_first(layout.start, span) for span in words[1:]]
        origin = layout.origin or range(len(layout.text))
        firsts = [origin[span[0]] - begins[id(whole)] for span in words[1:]]
        if isinstance(whole.get("nBest"), list):
            split = [
                _divide_best(alternative, n, firsts, cuts)
                for n, alternative in enumerate(whole["nBest"])
            ]
            for h, holder in enumerate(holders):
                holder["nBest"] = [pieces[h] for pieces in split if h < len(pieces)]

    group.divide = divide
    return layout


def _word_list(alternative: Holder) -> tuple[str, str]:
    return next((names for names in _LISTS if alternative.get(names[0])), _LISTS[0])


def _divide_best(
    alternative: Json, n: int, begins: list[int], cuts: list[float | None]
) -> list[Json]:
    """Divide one alternative: the first where its words ``begins`` stand, other lists by time.

    What has no word list cannot be cut and stays whole with the first piece.
    """
    lists = [(k, t) for k, t in _LISTS if isinstance(alternative, dict) and alternative.get(k)]
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
    start = _column(entries, "offset", ["words"] * len(entries))
    firsts: list[int] = []
    for cut in cuts:
        least = firsts[-1] if firsts else 0
        late = np.flatnonzero(start >= (np.inf if cut is None else cut - TIME_EPS))
        firsts.append(max(least, int(late[0]) if len(late) else len(entries)))
    return firsts


def _first(start: list[Json], words: Sequence[int]) -> float | None:
    return next((start[i] for i in words if not np.isnan(start[i])), None)


def _divide_times(
    whole: Holder, holders: list[Holder], words: list[Sequence[int]], layout: Layout
) -> None:
    """Give each piece its offset and duration, in every spelling that the whole has."""
    offset = float(_column([whole], "offset", ["phrase"])[0])
    stop = offset + float(_column([whole], "duration", ["phrase"])[0])
    starts = [offset, *(_first(layout.start, span) for span in words[1:])]
    ends = [*(_first(layout.end, span[::-1]) for span in words[:-1]), stop]
    for holder, start, end in zip(holders, starts, ends, strict=True):
        if start is not None and end is not None and 0 <= start <= end < np.inf:
            _spell(holder, "offset", start)
            _spell(holder, "duration", end - start)


def _spell(holder: Holder, name: str, seconds: float) -> None:
    if isinstance(holder.get(name), str):
        holder[name] = iso_text(seconds)
    for key, scale in ((f"{name}InTicks", _TICK), (f"{name}Milliseconds", 1e-3)):
        if isinstance(holder.get(key), (int, float, str)):
            holder[key] = type(holder[key])(round(seconds / scale))


def _fits_fast(tree: Json) -> bool:
    return (
        isinstance(tree, dict)
        and is_dicts(tree.get("phrases"), "words", "offsetMilliseconds")
        and ("combinedPhrases" in tree or "durationMilliseconds" in tree)
    )


def _walk_fast(tree: Json) -> Layout:
    phrases = dicts(tree["phrases"], "phrases")
    spans = []
    for p, phrase in enumerate(phrases):
        path = f"phrases[{p}].words"
        spans.append([
            (word, text_of(word.get("text"), f"{path}[{i}].text"), f"{path}[{i}]")
            for i, word in enumerate(dicts(phrase.get("words"), path))
        ])  # fmt: skip
    group = Group([], "speaker", phrases, "words", "text", owns=True)
    layout = _layout(phrases, spans, group)
    group.divide = lambda whole, holders, words: _divide_times(whole, holders, words, layout)
    return layout


AZURE = Dialect(
    "azure", "Azure batch transcription (recognizedPhrases[].nBest[])", _fits_batch, _walk_batch,
    timing=_TIMING,
)  # fmt: skip
AZURE_FAST = Dialect(
    "azure-fast", "Azure fast transcription (phrases[].words[])", _fits_fast, _walk_fast,
    timing=_TIMING,
)  # fmt: skip
