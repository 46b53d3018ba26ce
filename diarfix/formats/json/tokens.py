"""Files of sub-word tokens, joined to words: whisper.cpp, Soniox, parakeet-mlx, messages.

A token that begins with a space begins a word; all tokens of a word keep one label. whisper.cpp has
one label per segment: ``diarfix convert --to words`` makes a list that can be repaired.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diarfix.core import needs_space
from diarfix.formats.jsonfields import (
    column,
    dicts,
    first_of,
    is_dicts,
    label_of,
    lay_out,
    nested,
    number,
    reach,
    texts,
)
from diarfix.formats.jsonplaces import Holder
from diarfix.formats.layout import (
    Container,
    Cut,
    Dialect,
    Group,
    Json,
    Layout,
    ShapeError,
    channels,
)
from diarfix.formats.utterances import utterance_layout

#: Where whisper.cpp's tinydiarize hears another speaker: a mark of the model, not text.
_TURN = "[SPEAKER_TURN]"
_SPECIAL = re.compile(r"\[_[A-Z]+_?\d*_?\]|\[SPEAKER_TURN\]|<\|.*\|>")

#: What Soniox writes between stretches of talk.
_ENDPOINT = re.compile(r"<[a-z]+>")


@dataclass(slots=True)
class _Joined:
    """Words made of tokens: for each its tokens, text, raw start and end."""

    tokens: list[list[int]]
    text: list[str]
    start: list[Json]
    end: list[Json]


def _join(
    pieces: Sequence[str], starts: list[Json], ends: list[Json], home: Sequence[Json]
) -> _Joined:
    """Join tokens to words; a word ends where its ``home`` (segment, say) does."""
    made = _Joined([], [], [], [])
    for i, piece in enumerate(pieces):
        if not i or home[i] != home[i - 1] or _begins_word(made.text[-1], piece):
            made.tokens.append([i])
            made.text.append(piece)
            made.start.append(starts[i])
            made.end.append(ends[i])
        else:
            made.tokens[-1].append(i)
            made.text[-1] += piece
            made.end[-1] = made.end[-1] if ends[i] is None else ends[i]
    made.text = [word.strip() for word in made.text]
    return made


def _begins_word(before: str, piece: str) -> bool:
    if piece[:1].isspace():
        return True
    # Scripts without spaces: every token is a word, punctuation aside.
    return bool(before) and piece[:1].isalnum() and not needs_space(before, piece)


def _labelled(
    tokens: Sequence[Holder], made: _Joined, path: Callable[[int], str], **more: Json
) -> Layout:
    """The layout of words whose tokens have a label each."""
    layout = lay_out(
        [tokens[found[0]] for found in made.tokens],
        lambda i: path(made.tokens[i][0]),
        text=made.text,
        start=made.start,
        end=made.end,
        **more,
    )
    rest = [(w, tokens[i]) for w, found in enumerate(made.tokens) for i in found[1:]]
    layout.follow("speaker", rest)
    for w, found in enumerate(made.tokens):
        told = [label_of(tokens[i].get("speaker"), f"{path(i)}.speaker") for i in found]
        if told[0] is not None and not {None, told[0]}.issuperset(told):
            layout.strays.add(w)
    if layout.strays:
        layout.notes.append(f"words whose tokens differ in label: {len(layout.strays)}")
    return layout


def _walk_soniox(tree: Json) -> Layout:
    tokens = dicts(tree["tokens"], "tokens")
    pieces = texts(tokens, "text", "tokens[{}]".format)
    place = [
        i
        for i, token in enumerate(tokens)
        if token.get("translation_status") != "translation" and not _ENDPOINT.fullmatch(pieces[i])
    ]
    spoken = [tokens[i] for i in place]
    made = _join(
        [pieces[i] for i in place],
        column(spoken, "start_ms"),
        column(spoken, "end_ms"),
        [None] * len(spoken),
    )
    return _labelled(spoken, made, lambda i: f"tokens[{place[i]}]", scale=1e-3)


def _walk_live(tree: Json) -> Layout:
    tokens: list[Holder] = []
    paths: list[str] = []
    heard: list[Json] = []
    for m, message in enumerate(tree):
        if message.get("is_final") is False:
            continue  # said again in a later message
        inside = message.get("channel")
        if not isinstance(inside, dict):
            continue  # what is no transcript
        best = first_of(inside, "alternatives", f"[{m}].channel")
        root = f"[{m}].channel.alternatives[0].words"
        channel = message.get("channel_index")
        for n, token in enumerate(dicts(best.get("words"), root)):
            tokens.append(token)
            paths.append(f"{root}[{n}]")
            heard.append(channel[0] if isinstance(channel, list) and channel else None)
    pieces = texts(tokens, ("punctuated_word", "word"), paths.__getitem__)
    # Others that write Deepgram's messages put sub-word tokens in them.
    whole = not any(piece[:1].isspace() for piece in pieces)
    home = range(len(tokens)) if whole else heard
    made = _join(pieces, column(tokens, "start"), column(tokens, "end"), home)
    parts = channels([heard[found[0]] for found in made.tokens])
    return _labelled(tokens, made, paths.__getitem__, parts=parts)


def _walk_parakeet(tree: Json) -> Layout:
    sentences = dicts(tree["sentences"], "sentences")
    found = nested(sentences, "sentences", "tokens")
    home = [n for n, box in enumerate(found.containers) for _ in box.words]
    pieces = texts(found.words, "text", found.path)
    starts, ends = column(found.words, "start"), column(found.words, "end")
    made = _join(pieces, starts, ends, home)
    words: list[list[int]] = [[] for _ in sentences]
    for w, tokens in enumerate(made.tokens):
        words[home[tokens[0]]].append(w)
    containers = [
        Container(box.holder, inside, [made.tokens[w][0] - box.words[0] for w in inside])
        for box, inside in zip(found.containers, words, strict=True)
    ]
    # Joined sentences stay apart in their words only where a token begins one by itself.
    firsts = [inside[0] for inside in words[1:] if inside and inside[0]]
    apart = all(_begins_word(made.text[w - 1], pieces[made.tokens[w][0]]) for w in firsts)
    parent = sentences if apart else None
    group = Group(containers, "speaker", parent, "tokens", "text", divide=_divide_lengths)
    return _labelled(found.words, made, found.path, groups=[group])


def _divide_lengths(cut: Cut) -> None:
    for piece in cut.pieces:
        start, end = number(piece.get("start")), number(piece.get("end"))
        if isinstance(piece.get("duration"), float) and start is not None and end is not None:
            piece["duration"] = round(end - start, 6)


def _walk_cpp(tree: Json) -> Layout:
    segments = tree["transcription"]
    path = "transcription[{}]".format
    if not any(s.get("tokens") for s in segments):
        text = [t.replace(_TURN, "") if isinstance(t, str) else t for t in column(segments, "text")]
        edges = _offsets(segments, path)
        return utterance_layout(segments, text, *edges, path, scale=1e-3, unknown=("?",))
    found = nested(segments, "transcription", "tokens")
    pieces = texts(found.words, "text", found.path)
    spoken = [i for i, piece in enumerate(pieces) if not _SPECIAL.fullmatch(piece.strip())]
    starts, ends = _offsets([found.words[i] for i in spoken], lambda n: found.path(spoken[n]))
    inside = [s for s, box in enumerate(found.containers) for _ in box.words]
    home = [inside[i] for i in spoken]
    made = _join([pieces[i] for i in spoken], starts, ends, home)
    at = [home[tokens[0]] for tokens in made.tokens]
    return lay_out(
        [segments[s] for s in at],
        lambda i: path(at[i]),
        text=made.text,
        start=made.start,
        end=made.end,
        scale=1e-3,
        unknown=("?",),
    )


def _offsets(
    holders: Sequence[Holder], path: Callable[[int], str]
) -> tuple[list[Json], list[Json]]:
    offsets = [{} if o is None else o for o in column(holders, "offsets")]
    for i, found in enumerate(offsets):
        if not isinstance(found, dict):
            raise ShapeError(f"{path(i)}.offsets: expected an object with from and to")
    return column(offsets, "from"), column(offsets, "to")


WHISPER_CPP = Dialect(
    "whisper-cpp",
    "whisper.cpp JSON (transcription[].tokens[])",
    lambda tree: is_dicts(reach(tree, "transcription"), "offsets"),
    _walk_cpp,
    read_only=True,
    timing="run whisper.cpp with -ojf (--output-json-full)",
)
SONIOX = Dialect(
    "soniox",
    "Soniox (tokens[] of words, times in ms)",
    lambda tree: is_dicts(reach(tree, "tokens"), "start_ms"),
    _walk_soniox,
)
DEEPGRAM_LIVE = Dialect(
    "deepgram-live",
    "Deepgram's streaming messages ([].channel.alternatives[])",
    lambda tree: (
        isinstance(tree, list)
        and is_dicts(tree)
        and any(
            is_dicts(reach(message, "channel", "alternatives"), "words") for message in tree[:50]
        )
    ),
    _walk_live,
)
PARAKEET = Dialect(
    "parakeet",
    "parakeet-mlx (sentences[].tokens[])",
    lambda tree: is_dicts(reach(tree, "sentences"), "tokens"),
    _walk_parakeet,
)
