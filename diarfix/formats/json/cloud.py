"""Cloud recognisers whose files repeat the labels of words: Deepgram and AssemblyAI."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diarfix.formats.jsonedit import Edits
from diarfix.formats.jsonfields import (
    by_time,
    dicts,
    first_of,
    is_dicts,
    lay_out,
    nested,
    pair,
    reach,
)
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import (
    Container,
    Dialect,
    Group,
    Json,
    Layout,
    Track,
    boxed,
    channel,
    channels,
    sessions,
)

#: Lists whose entries repeat or hold the words, the one with speakers first.
_HELD = ("utterances", "sentences", "paragraphs")

#: What parts two paragraphs, and the label if another speaker begins.
_GAP = re.compile(r"(\n+)Speaker (\d+): |\n\n")


def _repeated(layout: Layout, utterances: Json, root: str, word: str, text: str) -> None:
    """Add utterances that repeat words: copies of labels, and containers that own them.

    word, text  keys of a word's text, and of an utterance's
    """
    groups = dicts(utterances, root)
    if not groups:
        return
    found = nested(groups, root)
    index, copied = pair(layout.tracks[0].holders, found.words, word, "start", "end")
    layout.tracks.append(Track("speaker", index, [found.words[j] for j in copied]))
    word_of = dict(zip(copied, index, strict=True))
    containers = [boxed(box.holder, map(word_of.get, box.words)) for box in found.containers]
    layout.groups.append(Group(containers, "speaker", utterances, "words", text))


def _walk_deepgram(tree: Json) -> Layout:
    results = tree["results"]
    heard = dicts(results["channels"], "results.channels")
    found = nested(heard, "results.channels", best="alternatives")
    layout = lay_out(found.words, found.path, text=("punctuated_word", "word"))
    if len(heard) > 1:
        layout.parts = [channel(c, c + 1, box.words) for c, box in enumerate(found.containers)]
    _repeated(layout, results.get("utterances"), "results.utterances", "word", "transcript")
    for box in found.containers:
        block = first_of(box.holder, "alternatives", "").get("paragraphs")
        if isinstance(block, dict):
            _paragraphs(block, box.words, layout)
    return layout


def _paragraphs(block: Holder, words: Sequence[int], layout: Layout) -> None:
    """Paragraphs own ``num_words`` consecutive words; their joined text names speakers."""
    paragraphs = dicts(block.get("paragraphs"), "paragraphs.paragraphs")
    containers = []
    at = 0
    for paragraph in paragraphs:
        n = paragraph.get("num_words")
        if type(n) is not int or not 0 <= n <= len(words) - at:
            return  # without a count nobody can tell whose words these are
        containers.append(Container(paragraph, words[at : at + n]))
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
        layout.refresh.append(refresh)


def _entries(tree: Json) -> tuple[str, list[Holder]] | None:
    """The list whose entries hold the words, in a file that has no list of words, and its key."""
    found: list[tuple[str, Json]] = [("", tree)]
    if isinstance(tree, dict):
        found = [] if tree.get("words") else [(k, tree.get(k)) for k in _HELD]
    return next(((key, entries) for key, entries in found if _hold_words(entries)), None)


def _hold_words(entries: Json) -> bool:
    # A list of whole responses has no times of its own.
    if not is_dicts(entries, "words") or not all("start" in e for e in entries[:50]):
        return False
    lists = [e["words"] for e in entries[:50] if e.get("words")]
    return any(is_dicts(words, "start") and is_dicts(words, "text") for words in lists)


def _fits_assemblyai(tree: Json) -> bool:
    if _entries(tree) is not None:
        return True
    signs = {"utterances", "audio_duration", "acoustic_model", "speech_model", "language_code"}
    words = reach(tree, "words")
    timed = is_dicts(words, "text") and is_dicts(words, "start")
    return timed and not signs.isdisjoint(tree)


def _walk_assemblyai(tree: Json) -> Layout:
    listed = _entries(tree)
    if listed is not None:
        key, entries = listed
        found = nested(entries, key)
        layout = lay_out(found.words, found.path, text="text", scale=1e-3)
        layout.groups.append(Group(found.containers, "speaker", entries, "words", "text"))
        layout.parts = channels([entry.get("channel") for entry in found.owners])
        return layout
    words = dicts(tree["words"], "words")
    layout = lay_out(words, "words[{}]".format, text="text", scale=1e-3)
    _repeated(layout, tree.get("utterances"), "utterances", "text", "text")
    opinions = dicts(tree.get("sentiment_analysis_results"), "sentiment_analysis_results")
    if opinions:
        layout.groups.append(Group(by_time(opinions, words), "speaker"))
    told = [str(c) for w in words if (c := w.get("channel")) is not None]
    if len({*told}) > 1:
        at = told[0]  # a word that names no channel stands in that of the word before
        homes = [at := str(w["channel"]) if w.get("channel") is not None else at for w in words]
        by_name = {part.name: part.index.tolist() for part in sessions(homes)}
        names = sorted(by_name, key=lambda name: (len(name), name))
        layout.parts = [channel(name, n, by_name[name]) for n, name in enumerate(names, start=1)]
    return layout


DEEPGRAM = Dialect(
    "deepgram",
    "Deepgram (results.channels[].alternatives[])",
    lambda tree: isinstance(reach(tree, "results", "channels"), list),
    _walk_deepgram,
)
ASSEMBLYAI = Dialect(
    "assemblyai",
    "AssemblyAI (words[].text, utterances[], sentences[]; ms)",
    _fits_assemblyai,
    _walk_assemblyai,
)
