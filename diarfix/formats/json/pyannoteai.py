"""pyannoteAI jobs: words, the same as turns, and the diarizer's turns beside them."""

from __future__ import annotations

from diarfix.core import turns_from_rows
from diarfix.formats.json.cloud import by_time
from diarfix.formats.layout import (
    Container,
    Dialect,
    Group,
    Holder,
    Json,
    Layout,
    Track,
    dicts,
    is_dicts,
    text_of,
    turn_rows,
)

_WORDS = "wordLevelTranscription"
_TURNS = "turnLevelTranscription"


def _root(tree: Json) -> Json:
    inner = tree.get("output") if isinstance(tree, dict) else None
    return inner if isinstance(inner, dict) else tree


def _fits(tree: Json) -> bool:
    root = _root(tree)
    return isinstance(root, dict) and is_dicts(root.get(_WORDS), "text", "word")


def _walk(tree: Json) -> Layout:
    root = _root(tree)
    words = dicts(root[_WORDS], _WORDS)
    layout = Layout(
        text=[
            text_of(w.get("text", w.get("word")), f"{_WORDS}[{i}].text")
            for i, w in enumerate(words)
        ],
        start=[w.get("start") for w in words],
        end=[w.get("end") for w in words],
        path=(_WORDS + "[{}]").format,
        tracks=[Track("speaker", range(len(words)), words)],
    )
    copies = dicts(root.get(_TURNS), _TURNS)
    if copies:
        layout.groups.append(_turn_group(copies, words, layout.text))
    rows, without = turn_rows(root.get("diarization"), "diarization")
    if rows:
        layout.turns = turns_from_rows(rows)
    if without:
        layout.notes.append(f"{without} turns without usable times passed over")
    return layout


def _turn_group(copies: list[Holder], words: list[Holder], text: list[str]) -> Group:
    """Turns with a text own the words that spell it; where that fails, those that begin in them."""
    containers = []
    at = 0
    for copy in copies:
        wanted = _bare(copy.get("text", copy.get("word")))
        first, seen = at, ""
        while at < len(text) and len(seen) < len(wanted):
            seen += _bare(text[at])
            at += 1
        if seen != wanted:
            return Group(by_time(copies, words, "start", "end"), "speaker")
        containers.append(Container(copy, range(first, at), range(at - first)))
    if at != len(text):
        return Group(by_time(copies, words, "start", "end"), "speaker")
    return Group(containers, "speaker", copies, text="text")


def _bare(value: Json) -> str:
    return "".join(value.split()) if isinstance(value, str) else ""


PYANNOTEAI = Dialect("pyannoteai", f"pyannoteAI job (output.{_WORDS}[])", _fits, _walk)
