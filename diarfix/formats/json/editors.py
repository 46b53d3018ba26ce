"""Editors and bots that keep one speaker for a stretch of words: Recall.ai, BBC Kaldi, autoEdit,
transcribee, Gemini; and Vosk, which keeps words in stretches without speakers.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from diarfix.core import Label
from diarfix.formats.json.google import duration
from diarfix.formats.json.keys import clock_of
from diarfix.formats.json.owned import owned_layout
from diarfix.formats.json.siblings import hold_by_time
from diarfix.formats.jsonfields import (
    Nested,
    column,
    dicts,
    enclosed,
    is_dicts,
    lay_out,
    nested,
    reach,
    texts,
)
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import Container, Cut, Dialect, Group, Json, Layout


def _people(holders: Sequence[Holder], within: str, key: str) -> dict[Label, Holder]:
    """The object of each speaker that some containers name."""
    found = (holder.get(within) for holder in holders)
    named = (person for person in found if isinstance(person, dict))
    return {p[key]: p for p in named if isinstance(p.get(key), (str, int))}


def _walk_recall(tree: Json) -> Layout:
    found = nested(tree, "")
    people = _people(tree, "participant", "name")
    group = Group([], "name", tree, "words", within="participant", people=people)
    times = {}
    for edge in ("start", "end"):
        stamps = column(found.words, f"{edge}_timestamp")
        times[edge] = [reach(stamp, "relative") for stamp in stamps]
    return owned_layout(found, group, "", text="text", **times)


def _walk_transcribee(tree: Json) -> Layout:
    found = nested(tree["children"], "children", "children")
    return owned_layout(
        found, Group([], "speaker", tree["children"], "children"), "children", text="text"
    )


def _parts(tree: Json) -> Json:
    """What Gemini heard: the first of its candidates, in parts."""
    first = tree.get("candidates") if isinstance(tree, dict) else None
    return reach(first[0], "content", "parts") if first and is_dicts(first) else None


def _walk_gemini(tree: Json) -> Layout:
    root = "candidates[0].content.parts"
    parts = _parts(tree)
    heard = [part.get("audioTranscription") for part in parts]
    boxes = [part if isinstance(part, dict) else {} for part in heard]
    found = nested(boxes, root)
    for box, part in zip(found.containers, parts, strict=True):
        box.holder = part
    times = {
        edge: [duration(w, (f"{edge}Offset",), found.path(i)) for i, w in enumerate(found.words)]
        for edge in ("start", "end")
    }
    within = "audioTranscription"
    group = Group([], "speakerLabel", parts, within=within, divide=_cut_transcription)
    return owned_layout(found, group, root, **times)


def _cut_transcription(cut: Cut) -> None:
    words = cut.whole["audioTranscription"]["words"]
    for piece, (a, b) in zip(cut.pieces, itertools.pairwise([0, *cut.firsts, None]), strict=True):
        piece["audioTranscription"] = piece["audioTranscription"] | {"words": words[a:b]}


def _walk_autoedit(tree: Json) -> Layout:
    blocks = dicts(tree["text"], "text")
    words: list[Holder] = []
    paths: list[str] = []
    boxes = []
    for n, block in enumerate(blocks):
        first = len(words)
        for p, paragraph in enumerate(dicts(block.get("paragraph"), f"text[{n}].paragraph")):
            where = f"text[{n}].paragraph[{p}].line"
            lines = dicts(paragraph.get("line"), where)
            words += lines
            paths += [f"{where}[{i}]" for i in range(len(lines))]
        boxes.append(Container(block, range(first, len(words)), range(len(words) - first)))
    group = Group([], "speaker", blocks, divide=_cut_paragraphs)
    found = Nested(words, boxes, paths.__getitem__)
    return owned_layout(found, group, "text", text="text", start="startTime", end="endTime")


def _cut_paragraphs(cut: Cut) -> None:
    paragraphs = cut.whole["paragraph"]
    stop = sum(len(paragraph.get("line") or []) for paragraph in paragraphs)
    for piece, (a, b) in zip(cut.pieces, itertools.pairwise([0, *cut.firsts, stop]), strict=True):
        kept, at = [], 0
        for paragraph in paragraphs:
            lines = paragraph.get("line") or []
            inside = lines[max(0, a - at) : max(0, b - at)]
            at += len(lines)
            if len(inside) == len(lines):
                kept.append(paragraph)
            elif inside:
                edges = {"startTime": inside[0], "endTime": inside[-1]}
                times = {key: line[key] for key, line in edges.items() if key in line}
                kept.append(paragraph | times | {"line": inside})
        piece["paragraph"] = kept


def _walk_kaldi(tree: Json) -> Layout:
    answer = enclosed(tree, "retval")
    root = "words" if answer is tree else "retval.words"
    words = answer["words"]
    path = (root + "[{}]").format
    layout = lay_out(words, path, text=texts(words, ("punct", "word"), path))
    segments = reach(answer, "segmentation", "segments")
    if segments and is_dicts(segments):
        people = _people(segments, "speaker", "@id")
        group = Group([], "@id", segments, within="speaker", people=people)
        layout.names = ("@id",)
        at = root.removesuffix("words") + "segmentation.segments[{}]"
        hold_by_time(layout, group, clock_of(segments, at.format), "segments")
    return layout


def _answers(tree: Json) -> tuple[str, list[Holder]]:
    """What Vosk answered, or the likeliest alternative; a list is one of responses."""
    if not isinstance(tree, dict):
        return "", []
    best = tree.get("alternatives")
    return ("alternatives", best[:1]) if best and is_dicts(best) else ("", [tree])


def _fits_vosk(tree: Json) -> bool:
    _, answers = _answers(tree)
    said = [answer["result"] for answer in answers if answer.get("result")]
    return bool(said) and all(is_dicts(w, "word") and is_dicts(w, "start") for w in said)


def _walk_vosk(tree: Json) -> Layout:
    root, answers = _answers(tree)
    found = nested(answers, root, "result")
    path = found.path if root else "result[{}]".format
    return lay_out(found.words, path)


RECALL = Dialect(
    "recall",
    "Recall.ai ([].words[], participant)",
    lambda tree: bool(tree) and is_dicts(tree, "participant") and is_dicts(tree, "words"),
    _walk_recall,
)
KALDI = Dialect(
    "kaldi",
    "BBC Kaldi (retval.words[].punct, segmentation)",
    lambda tree: (
        is_dicts(words := reach(enclosed(tree, "retval"), "words"), "punct") and bool(words)
    ),
    _walk_kaldi,
)
AUTOEDIT = Dialect(
    "autoedit",
    "autoEdit (text[].paragraph[].line[])",
    lambda tree: is_dicts(reach(tree, "text"), "paragraph"),
    _walk_autoedit,
)
TRANSCRIBEE = Dialect(
    "transcribee",
    "transcribee (children[].children[])",
    lambda tree: is_dicts(reach(tree, "children"), "children"),
    _walk_transcribee,
)
GEMINI = Dialect(
    "gemini",
    "Gemini (candidates[].content.parts[].audioTranscription)",
    lambda tree: is_dicts(_parts(tree), "audioTranscription"),
    _walk_gemini,
)
VOSK = Dialect(
    "vosk",
    "Vosk (result[], or alternatives[])",
    _fits_vosk,
    _walk_vosk,
)
