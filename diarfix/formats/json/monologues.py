"""Containers that own the label of their words: Rev.ai monologues, Gladia utterances.

A word has no label of its own here. Where words inside a container part ways, the container is cut
in two, whatever ``--segments`` says: the file has no other way to tell them apart.
"""

from __future__ import annotations

from diarfix.formats.json.cloud import by_time
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
)


def _fits_revai(tree: Json) -> bool:
    return isinstance(tree, dict) and is_dicts(tree.get("monologues"), "elements")


def _walk_revai(tree: Json) -> Layout:
    monologues = dicts(tree["monologues"], "monologues")
    text: list[str] = []
    words: list[Holder] = []
    where: list[str] = []
    owners: list[Holder] = []
    containers = []
    for m, monologue in enumerate(monologues):
        first = len(words)
        spots = []
        elements = dicts(monologue.get("elements"), f"monologues[{m}].elements")
        for e, element in enumerate(elements):
            path = f"monologues[{m}].elements[{e}]"
            value = text_of(element.get("value"), f"{path}.value")
            if element.get("type") != "punct":
                text.append(value)
                words.append(element)
                where.append(path)
                owners.append(monologue)
                spots.append(e)
            elif value.strip() and len(words) > first:
                text[-1] += value.rstrip()
        containers.append(Container(monologue, range(first, len(words)), spots))
    return Layout(
        text=text,
        start=[w.get("ts") for w in words],
        end=[w.get("end_ts") for w in words],
        path=where.__getitem__,
        tracks=[Track("speaker", range(len(words)), owners)],
        groups=[Group(containers, "speaker", monologues, "elements", owns=True)],
    )


def _transcription(tree: Json) -> Json:
    if not isinstance(tree, dict):
        return None
    for outer in (tree.get("result"), tree.get("payload"), tree):
        inner = outer.get("transcription") if isinstance(outer, dict) else None
        if isinstance(inner, dict):
            return inner
    return None


def _fits_gladia(tree: Json) -> bool:
    root = _transcription(tree)
    return root is not None and is_dicts(root.get("utterances"), "words")


def _walk_gladia(tree: Json) -> Layout:
    root = _transcription(tree)
    utterances = dicts(root["utterances"], "utterances")
    words: list[Holder] = []
    where: list[str] = []
    owners: list[Holder] = []
    containers = []
    for u, utterance in enumerate(utterances):
        inner = dicts(utterance.get("words"), f"utterances[{u}].words")
        containers.append(
            Container(utterance, range(len(words), len(words) + len(inner)), range(len(inner)))
        )
        words += inner
        where += [f"utterances[{u}].words[{i}]" for i in range(len(inner))]
        owners += [utterance] * len(inner)
    layout = Layout(
        text=[text_of(w.get("word"), f"{p}.word") for w, p in zip(words, where, strict=True)],
        start=[w.get("start") for w in words],
        end=[w.get("end") for w in words],
        path=where.__getitem__,
        tracks=[Track("speaker", range(len(words)), owners)],
        groups=[Group(containers, "speaker", utterances, "words", "text", owns=True)],
        parts=channels([u.get("channel") for u in owners]),
    )
    sentences = root.get("sentences")
    if is_dicts(sentences, "speaker"):
        layout.groups.append(Group(by_time(sentences, words, "start", "end"), "speaker"))
    return layout


REVAI = Dialect("revai", "Rev.ai (monologues[].elements[])", _fits_revai, _walk_revai)
GLADIA = Dialect(
    "gladia", "Gladia v2 (result.transcription.utterances[])", _fits_gladia, _walk_gladia
)
