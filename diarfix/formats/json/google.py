"""Google Speech-to-Text v1 and v2: durations as strings, a last result that repeats all words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from diarfix.core import Label
from diarfix.formats.jsonfields import (
    identity,
    is_dicts,
    lay_out,
    nested,
    pair,
    reach,
    shown,
    texts,
)
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Dialect, Json, Layout, ShapeError, Track, channels

_START = ("startTime", "startOffset", "start_time", "start_offset")
_END = ("endTime", "endOffset", "end_time", "end_offset")
_LABEL = ("speakerLabel", "speaker_label")
_TAG = ("speakerTag", "speaker_tag")
_IDENTITY = ("word", *_START, *_END)

_DURATION = re.compile(r"(\d+(?:\.\d+)?)s")


def _results(tree: Json) -> Json:
    """``results`` of the response itself, or of the operation around it."""
    inner = reach(tree, "response")
    return reach(inner if isinstance(inner, dict) else tree, "results")


def _fits(tree: Json) -> bool:
    results = _results(tree)
    if not is_dicts(results, "alternatives"):
        return False
    words = [w for result in results for w in _words_of(result)]
    if not words:
        signs = {"resultEndTime", "resultEndOffset", "languageCode"}
        return any(not signs.isdisjoint(result) for result in results)
    return any(key in w for w in words[:50] for key in (*_START, *_END))


def _words_of(result: Holder) -> list[Holder]:
    alternatives = result.get("alternatives")
    words = alternatives[0].get("words") if alternatives and is_dicts(alternatives) else None
    return words if words and is_dicts(words) else []


def _walk(tree: Json) -> Layout:
    results = _results(tree)
    found = nested(results, "results", best="alternatives")
    present = {key for word in found.words for key in word}
    label = next((name for name in (*_LABEL, *_TAG) if name in present), _LABEL[0])
    owners = found.owners
    chosen = _speaking([[found.words[i] for i in box.words] for box in found.containers], label)
    place = [i for r in chosen for i in found.containers[r].words]
    words = [found.words[i] for i in place]

    def path(i: int) -> str:
        return found.path(place[i])

    layout = lay_out(
        words,
        path,
        text=texts(words, "word", path),
        start=[duration(w, _START, path(i)) for i, w in enumerate(words)],
        end=[duration(w, _END, path(i)) for i, w in enumerate(words)],
        label=label,
        unknown=("0", 0),
        parts=channels([owners[i].get("channelTag") for i in place]),
    )
    # Protocol buffers may leave out a zero, and only the first word begins there.
    if words and layout.start[0] is None and layout.end[0] is not None:
        layout.start[0] = 0.0
    taken = set(place)
    others = [w for i, w in enumerate(found.words) if i not in taken and label in w]
    index, copied = pair(words, others, *_IDENTITY)
    if index:
        layout.tracks.append(Track(label, index, [others[j] for j in copied]))
    if label in _LABEL:
        _tags(layout, words, label)
    if len(chosen) < len(results):
        layout.notes.append("words taken from the result that carries speakers; others repeat them")
    return layout


def _speaking(said: Sequence[list[Holder]], label: str) -> list[int]:
    """The results whose words count: those with speakers, and no other if the last has all."""
    filled = [r for r, words in enumerate(said) if words]
    tagged = [r for r in filled if any(w.get(label) for w in said[r])]
    told = {identity(w, _IDENTITY) for r in tagged for w in said[r]} - {identity({}, _IDENTITY)}
    others = (w for r in filled if r not in tagged for w in said[r])
    chosen = tagged if tagged and all(identity(w, _IDENTITY) in told for w in others) else filled
    if len(chosen) < 2:
        return chosen
    earlier = [w.get("word") for r in chosen[:-1] for w in said[r]]
    last = [w.get("word") for w in said[chosen[-1]]]
    return chosen[-1:] if last[: len(earlier)] == earlier else chosen


def _tags(layout: Layout, words: list[Holder], label: str) -> None:
    """The older ``speakerTag`` beside ``speakerLabel``: spelled as the file spells it."""
    for tag in _TAG:
        holders = [w for w in words if tag in w]
        if holders:
            index = [i for i, w in enumerate(words) if tag in w]
            known = [w for w in holders if isinstance(w.get(label), (str, int)) and w[label]]
            spell = _speller({word[label]: word[tag] for word in known})
            layout.tracks.append(Track(tag, index, holders, spell))


def _speller(book: dict[Label, Json]) -> Callable[[Label], Json]:
    # 0 is Google's own "no speaker": what has no number gets none.
    return lambda label: book.get(label, 0)


def duration(word: Holder, names: tuple[str, ...], path: str) -> float | None:
    """A time of a word in s, a protobuf duration: ``"1.300s"``, ``{"seconds": "1", "nanos": …}``.

    Raises ShapeError, naming the place, for anything else but null.
    """
    name = next((n for n in names if n in word), names[0])
    value = word.get(name)
    if value is None:
        return None
    if isinstance(value, str) and (found := _DURATION.fullmatch(value)):
        return float(found[1])
    try:
        if isinstance(value, dict):
            return int(value.get("seconds", 0)) + int(value.get("nanos", 0)) * 1e-9
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ShapeError(
        f'{path}.{name}: {shown(value)} is not a time: expected a duration like "1.300s"'
    )


GOOGLE = Dialect("google", "Google Speech-to-Text v1, v2 (results[].alternatives[])", _fits, _walk)
