"""Cloud recognisers whose words own their label and whose files repeat it: Deepgram, AssemblyAI."""

from __future__ import annotations

import bisect
import re
from typing import Any

from diarfix.formats.jsonedit import Edits
from diarfix.formats.layout import (
    Container,
    Dialect,
    Group,
    Holder,
    Json,
    Layout,
    Part,
    Track,
    channel,
    dicts,
    is_dicts,
    number,
    pair,
    text_of,
)

#: What parts two paragraphs, and the label if another speaker begins.
_GAP = re.compile(r"(\n+)Speaker (\d+): |\n\n")


def _copies(
    groups: list[Holder], root: str, words: list[Holder], keys: tuple[str, ...]
) -> tuple[Track, list[Container]]:
    """Words repeated inside utterances: the track of the copies, and the utterances."""
    copies: list[Holder] = []
    owner: list[int] = []
    spot: list[int] = []
    for u, group in enumerate(groups):
        inner = dicts(group.get("words"), f"{root}[{u}].words")
        copies += inner
        owner += [u] * len(inner)
        spot += range(len(inner))
    index, found = pair(
        [tuple(w.get(k) for k in keys) for w in words],
        [tuple(c.get(k) for k in keys) for c in copies],
    )
    members: list[tuple[list[int], list[int]]] = [([], []) for _ in groups]
    for i, j in zip(index, found, strict=True):
        members[owner[j]][0].append(i)
        members[owner[j]][1].append(spot[j])
    containers = [Container(g, *m) for g, m in zip(groups, members, strict=True)]
    return Track("speaker", index, [copies[j] for j in found]), containers


def _fits_deepgram(tree: Json) -> bool:
    return (
        isinstance(tree, dict)
        and isinstance(tree.get("results"), dict)
        and isinstance(tree["results"].get("channels"), list)
    )


def _walk_deepgram(tree: Json) -> Layout:
    words: list[Holder] = []
    where: list[str] = []
    parts: list[Part] = []
    blocks: list[tuple[Holder, range]] = []
    for c, heard in enumerate(dicts(tree["results"]["channels"], "results.channels")):
        path = f"results.channels[{c}].alternatives"
        best = dicts(heard.get("alternatives"), path)[:1]
        inner = dicts(best[0].get("words"), f"{path}[0].words") if best else []
        span = range(len(words), len(words) + len(inner))
        where += [f"{path}[0].words[{i}]" for i in range(len(inner))]
        words += inner
        parts.append(channel(c, c + 1, span))
        if best and isinstance(best[0].get("paragraphs"), dict):
            blocks.append((best[0]["paragraphs"], span))
    texts = [
        text_of(w.get("punctuated_word", w.get("word")), f"{p}.word")
        for w, p in zip(words, where, strict=True)
    ]
    layout = Layout(
        text=texts,
        start=[w.get("start") for w in words],
        end=[w.get("end") for w in words],
        path=where.__getitem__,
        tracks=[Track("speaker", range(len(words)), words)],
        parts=parts if len(parts) > 1 else [],
    )
    utterances = dicts(tree["results"].get("utterances"), "results.utterances")
    if utterances:
        track, containers = _copies(
            utterances, "results.utterances", words, ("word", "start", "end")
        )
        layout.tracks.append(track)
        parent = tree["results"]["utterances"]
        layout.groups.append(Group(containers, "speaker", parent, "words", "transcript"))
    for block, span in blocks:
        _paragraphs(block, span, layout)
    return layout


def _paragraphs(block: Holder, span: range, layout: Layout) -> None:
    """Paragraphs own ``num_words`` consecutive words; their joined text names speakers."""
    paragraphs = dicts(block.get("paragraphs"), "paragraphs.paragraphs")
    containers = []
    at = span.start
    for paragraph in paragraphs:
        n = paragraph.get("num_words")
        if type(n) is not int or not 0 <= n <= span.stop - at:
            return  # without a count nobody can tell whose words these are
        containers.append(Container(paragraph, range(at, at + n)))
        at += n
    layout.groups.append(Group(containers, "speaker"))
    transcript = block.get("transcript")
    if isinstance(transcript, str):
        _headings(block, transcript, paragraphs, layout)


def _headings(block: Holder, transcript: str, paragraphs: list[Holder], layout: Layout) -> None:
    """Renew the headings, which stand where the speaker changes, in a text that has them there."""
    gaps = list(_GAP.finditer(transcript))
    leads = [gap[1] for gap in gaps[1:] if gap[1]]

    def labels(edits: Edits) -> list[str | None]:
        found = [str(edits.get(p, "speaker")) for p in paragraphs]
        return [s if i == 0 or s != found[i - 1] else None for i, s in enumerate(found)]

    def refresh(edits: Edits) -> None:
        cuts = []
        for gap, label in zip(gaps, labels(edits), strict=True):
            lead = gap[1] or (leads[0] if leads else "\n\n")
            cuts.append((*gap.span(), "\n\n" if label is None else f"{lead}Speaker {label}: "))
        edits.patch(block, "transcript", cuts)

    if gaps and gaps[0].start() == 0 and [gap[2] for gap in gaps] == labels(Edits()):
        _chain(layout, refresh)


def _chain(layout: Layout, refresh: Any) -> None:
    earlier = layout.refresh

    def both(edits: Edits) -> None:
        if earlier is not None:
            earlier(edits)
        refresh(edits)

    layout.refresh = both


def _fits_assemblyai(tree: Json) -> bool:
    signs = {"utterances", "audio_duration", "acoustic_model", "speech_model", "language_code"}
    return (
        isinstance(tree, dict)
        and is_dicts(tree.get("words"), "text")
        and not signs.isdisjoint(tree)
    )


def _walk_assemblyai(tree: Json) -> Layout:
    words = dicts(tree["words"], "words")
    layout = Layout(
        text=[text_of(w.get("text"), f"words[{i}].text") for i, w in enumerate(words)],
        start=[w.get("start") for w in words],
        end=[w.get("end") for w in words],
        path=lambda i: f"words[{i}]",
        tracks=[Track("speaker", range(len(words)), words)],
        scale=1e-3,
    )
    utterances = dicts(tree.get("utterances"), "utterances")
    if utterances:
        track, containers = _copies(utterances, "utterances", words, ("text", "start", "end"))
        layout.tracks.append(track)
        layout.groups.append(Group(containers, "speaker", tree["utterances"], "words", "text"))
    opinions = dicts(tree.get("sentiment_analysis_results"), "sentiment_analysis_results")
    if opinions:
        layout.groups.append(Group(by_time(opinions, words, "start", "end"), "speaker"))
    names = sorted({str(w.get("channel")) for w in words if w.get("channel") is not None})
    if len(names) > 1:
        layout.parts = [
            channel(c, n, [i for i, w in enumerate(words) if str(w.get("channel")) == c])
            for n, c in enumerate(names, start=1)
        ]
    return layout


def by_time(holders: list[Holder], words: list[Holder], start: str, end: str) -> list[Container]:
    """Containers that repeat no words: each owns those that begin inside it."""
    known = sorted((t, i) for i, w in enumerate(words) if (t := number(w.get(start))) is not None)
    begins = [t for t, _ in known]
    found = []
    for holder in holders:
        a, b = number(holder.get(start)), number(holder.get(end))
        inside: list[int] = []
        if a is not None and b is not None:
            lo, hi = bisect.bisect_left(begins, a), bisect.bisect_left(begins, b)
            inside = sorted(i for _, i in known[lo:hi])
        found.append(Container(holder, inside))
    return found


DEEPGRAM = Dialect(
    "deepgram", "Deepgram (results.channels[].alternatives[])", _fits_deepgram, _walk_deepgram
)
ASSEMBLYAI = Dialect(
    "assemblyai", "AssemblyAI (words[].text, times in ms)", _fits_assemblyai, _walk_assemblyai
)
