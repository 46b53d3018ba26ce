"""Google Speech-to-Text v1 and v2: durations as strings, a last result that repeats all words."""

from __future__ import annotations

from collections.abc import Callable

from diarfix.core import Label
from diarfix.formats.json.protojson import pb_seconds
from diarfix.formats.layout import (
    Dialect,
    Holder,
    Json,
    Layout,
    Track,
    channels,
    dicts,
    hashable,
    is_dicts,
    pair,
    text_of,
)

_START = ("startTime", "startOffset", "start_time", "start_offset")
_END = ("endTime", "endOffset", "end_time", "end_offset")
_LABEL = ("speakerLabel", "speaker_label")
_TAG = ("speakerTag", "speaker_tag")


def _root(tree: Json) -> Json:
    """The object that holds ``results``: the response itself, or the operation around it."""
    inner = tree.get("response") if isinstance(tree, dict) else None
    return inner if isinstance(inner, dict) else tree


def _fits(tree: Json) -> bool:
    root = _root(tree)
    if not isinstance(root, dict) or not is_dicts(root.get("results"), "alternatives"):
        return False
    words = [w for r in root["results"] for w in _words_of(r)]
    if not words:
        signs = {"resultEndTime", "resultEndOffset", "languageCode"}
        return any(not signs.isdisjoint(r) for r in root["results"])
    return any(key in w for w in words[:50] for key in (*_START, *_END))


def _words_of(result: Holder) -> list[Holder]:
    alternatives = result.get("alternatives")
    if not is_dicts(alternatives) or not alternatives:
        return []
    words = alternatives[0].get("words")
    return words if is_dicts(words) else []


def _walk(tree: Json) -> Layout:
    results = dicts(_root(tree)["results"], "results")
    for r, result in enumerate(results):
        for best in dicts(result.get("alternatives"), f"results[{r}].alternatives")[:1]:
            dicts(best.get("words"), f"results[{r}].alternatives[0].words")
    key = _key(results)
    chosen = _speaking(results, key)
    places = [(r, w) for r in chosen for w in range(len(_words_of(results[r])))]
    words = [_words_of(results[r])[w] for r, w in places]

    def path(i: int) -> str:
        return f"results[{places[i][0]}].alternatives[0].words[{places[i][1]}]"

    layout = Layout(
        text=[text_of(w.get("word"), f"{path(i)}.word") for i, w in enumerate(words)],
        start=[_time(w, _START, path(i)) for i, w in enumerate(words)],
        end=[_time(w, _END, path(i)) for i, w in enumerate(words)],
        path=path,
        tracks=[Track(key, range(len(words)), words)],
        unknown=("0", 0),
        parts=channels([results[r].get("channelTag") for r, _ in places]),
    )
    # Protocol buffers may leave out a zero, and only the first word begins there.
    if words and layout.start[0] is None and layout.end[0] is not None:
        layout.start[0] = 0.0
    repeated = [w for r in range(len(results)) if r not in chosen for w in _words_of(results[r])]
    _copies(layout, words, [w for w in repeated if key in w], key)
    _tags(layout, words, key)
    if len(chosen) < len(results):
        layout.notes.append("words taken from the result that carries speakers; others repeat them")
    return layout


def _key(results: list[Holder]) -> str:
    present = {key for result in results for word in _words_of(result) for key in word}
    return next((name for name in (*_LABEL, *_TAG) if name in present), _LABEL[0])


def _speaking(results: list[Holder], key: str) -> list[int]:
    """The results whose words count: those with speakers, and no other if the last has all."""
    filled = [r for r, result in enumerate(results) if _words_of(result)]
    tagged = [r for r in filled if any(w.get(key) for w in _words_of(results[r]))]
    told = {_identity(w) for r in tagged for w in _words_of(results[r])} - {_identity({})}
    others = (w for r in filled if r not in tagged for w in _words_of(results[r]))
    chosen = tagged if tagged and all(_identity(w) in told for w in others) else filled
    if len(chosen) < 2:
        return chosen
    earlier = [w.get("word") for r in chosen[:-1] for w in _words_of(results[r])]
    last = [w.get("word") for w in _words_of(results[chosen[-1]])]
    return chosen[-1:] if last[: len(earlier)] == earlier else chosen


def _identity(word: Holder) -> tuple[Json, ...]:
    return hashable(tuple(word.get(name) for name in ("word", *_START, *_END)))


def _time(word: Holder, names: tuple[str, ...], path: str) -> float | None:
    name = next((n for n in names if n in word), names[0])
    return pb_seconds(word.get(name), f"{path}.{name}")


def _copies(layout: Layout, words: list[Holder], copies: list[Holder], key: str) -> None:
    names = ("word", *_START, *_END)
    index, found = pair(
        [tuple(w.get(n) for n in names) for w in words],
        [tuple(c.get(n) for n in names) for c in copies],
    )
    if index:
        layout.tracks.append(Track(key, index, [copies[j] for j in found]))


def _tags(layout: Layout, words: list[Holder], key: str) -> None:
    """The older ``speakerTag`` beside ``speakerLabel``: spelled as the file spells it."""
    if key in _TAG:
        return
    for tag in _TAG:
        index = [i for i, w in enumerate(words) if tag in w]
        if index:
            known = [words[i] for i in index if isinstance(words[i].get(key), (str, int))]
            book = {word[key]: word[tag] for word in known if word[key]}
            holders = [words[i] for i in index]
            layout.tracks.append(Track(tag, index, holders, _speller(book)))


def _speller(book: dict[Label, Json]) -> Callable[[Label], Json]:
    # 0 is Google's own "no speaker": what has no number gets none.
    return lambda label: book.get(label, 0)


GOOGLE = Dialect("google", "Google Speech-to-Text v1, v2 (results[].alternatives[])", _fits, _walk)
