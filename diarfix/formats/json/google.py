"""Google Speech-to-Text v1 and v2: durations as strings, a last result that repeats all words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from diarfix.core import Label
from diarfix.files import recording_id
from diarfix.formats.jsonfields import (
    dicts,
    enclosed,
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
from diarfix.formats.layout import Dialect, Json, Layout, ShapeError, Track, channels, sessions

_START = ("startTime", "startOffset", "start_time", "start_offset")
_END = ("endTime", "endOffset", "end_time", "end_offset")
_LABEL = ("speakerLabel", "speaker_label")
_TAG = ("speakerTag", "speaker_tag")
_IDENTITY = ("word", *_START, *_END)

_DURATION = re.compile(r"(\d+(?:\.\d+)?)s")


def _files(tree: Json) -> list[tuple[str, str, Json]]:
    """Recordings, and where their results are: (name, JSON path, list of results).

    A response holds those of one, ``""``; a batch those of each of its files, or where they stand.
    """
    results = reach(enclosed(tree, "response"), "results")
    if not isinstance(results, dict):
        return [("", "results", results)]
    found = []
    for name, held in results.items():
        middle = next((k for k in ("inlineResult", "inline_result") if reach(held, k)), None)
        way = [middle, "transcript", "results"] if middle else ["transcript", "results"]
        found.append((name, ".".join(["results", name, *way]), reach(held, *way)))
    return found


def _elsewhere(tree: Json) -> list[str]:
    """Where the results of a batch stand that are in files of their own."""
    results = reach(enclosed(tree, "response"), "results")
    held = results.values() if isinstance(results, dict) else ()
    return [h["uri"] for h in held if isinstance(h, dict) and isinstance(h.get("uri"), str)]


def _fits(tree: Json) -> bool:
    files = _files(tree)
    if not any(is_dicts(results, "alternatives") for _, _, results in files):
        return any(uri.endswith(".json") for uri in _elsewhere(tree))
    words = [w for *_, results in files if is_dicts(results) for r in results for w in _words_of(r)]
    if not words:
        signs = {"resultEndTime", "resultEndOffset", "languageCode"}
        return any(not signs.isdisjoint(r) for *_, results in files for r in results or ())
    return any(key in w for w in words[:50] for key in (*_START, *_END))


def _words_of(result: Holder) -> list[Holder]:
    alternatives = result.get("alternatives")
    words = alternatives[0].get("words") if alternatives and is_dicts(alternatives) else None
    return words if words and is_dicts(words) else []


def _walk(tree: Json) -> Layout:
    files = [(name, nested(dicts(results, path), path, best="alternatives"))
             for name, path, results in _files(tree) if results is not None]  # fmt: skip
    uris = _elsewhere(tree)
    if not files:
        raise ShapeError(
            f"the words stand in other files, the first of them {uris[0]}",
            hint="give that file (gcloud storage cp); a batch of one file can hold its words"
            " (inline_response_config)",
        )
    present = {key for _, found in files for word in found.words for key in word}
    label = next((name for name in (*_LABEL, *_TAG) if name in present), _LABEL[0])
    short = [recording_id(name) for name, _ in files]
    names = {n: s if short.count(s) == 1 else n for (n, _), s in zip(files, short, strict=True)}
    words: list[Holder] = []
    paths: list[str] = []
    homes: list[Json] = []  # of each word its recording, or its channel
    copies: list[tuple[int, Holder]] = []
    repeated = False
    for name, found in files:
        said = [[found.words[i] for i in box.words] for box in found.containers]
        chosen = _speaking(said, label)
        place = [i for r in chosen for i in found.containers[r].words]
        taken = set(place)
        others = [w for i, w in enumerate(found.words) if i not in taken]
        repeated |= bool(others)
        others = [w for w in others if label in w]
        index, copied = pair([found.words[i] for i in place], others, *_IDENTITY)
        copies += [(len(words) + i, others[j]) for i, j in zip(index, copied, strict=True)]
        owners = found.owners
        words += [found.words[i] for i in place]
        paths += [found.path(i) for i in place]
        homes += [names[name] if len(files) > 1 else owners[i].get("channelTag") for i in place]
    layout = lay_out(
        words,
        paths.__getitem__,
        text=texts(words, "word", paths.__getitem__),
        start=[duration(w, _START, at) for w, at in zip(words, paths, strict=True)],
        end=[duration(w, _END, at) for w, at in zip(words, paths, strict=True)],
        label=label,
        unknown=("0", 0),
        parts=sessions(homes) if len(files) > 1 else channels(homes),
    )
    # Protocol buffers may leave out a zero, and only the first word begins there.
    for i in {part.index[0] for part in layout.parts} or range(len(words))[:1]:
        if layout.start[i] is None and layout.end[i] is not None:
            layout.start[i] = 0.0
    layout.follow(label, copies)
    if label in _LABEL:
        _tags(layout, words, label)
    if repeated:
        layout.notes.append("words taken from the result that carries speakers; others repeat them")
    if uris:
        layout.notes.append(f"words that stand in other files, not read: {len(uris)}")
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
