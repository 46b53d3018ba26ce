"""Break a file the way programs, disks and people do; the same seed breaks it the same way."""

from __future__ import annotations

import contextlib
import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

Tree = Any
Place = tuple[Any, Any]

#: Values put where something else stood.
ODD: tuple[Tree, ...] = (
    None, True, False, 0, -1, 1, 7, 2.5, -0.0, 1e-320, 1e308, -1e308, float("nan"), float("inf"),
    float("-inf"), 10**19, -(10**400), "", " ", "x", "0", "1.5", "-3", "1e999", "nan", "inf", "1_0",
    "١٢", "A", "\ud800", "\udfff\ud800", "a\nb", "a\r\nb", "\x00", "\x85", "\u2028", "|", "é" * 300,
    "\U0001f600", "\ufeff", "PT1.5S", "1.5s", "-0.5s", "../../etc/passwd", "/etc/passwd", "~",
    [], {}, [[]], [None], [1, "a"], [{}], {"a": 1}, {"": None}, {"words": None}, {"words": []},
    {"segments": [{"words": [{"word": 7}]}]}, {"start": "nan", "end": [], "speaker": True},
)  # fmt: skip

#: Keys of the known formats, put in the place of others.
KEYS = (
    "words", "word", "text", "start", "end", "speaker", "segments", "word_segments", "results",
    "utterances", "items", "id", "channel", "session_id", "start_time", "end_time", "alternatives",
    "raw_segments", "diarize_records", "transcript", "speaker_labels", "chars", "files", "contacts",
    "speaker_embedding", "speech_samples", "speech_samples_version", "punctuation", "type", "",
    "duration", "offset", "phrases", "monologues", "elements", "value", "ts", "end_ts", "centroids",
)  # fmt: skip

#: Text pieces that readers stumble over.
SHARDS = (
    b"NaN", b"Infinity", b"-Infinity", b"1e400", b"9" * 5000, b"[" * 3000, b'{"a":' * 600,
    b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\r", b"\r\n", b"\n", b"\n\n", b"\t", b"\x0b",
    b"\xe2\x80\xa8", b"\xc3", b"\xed\xa0\x80", b"\\ud83d", b"\\u0000", b"'", b"\\", b",", b"]",
    b"//", b"/*", b"#", b";;", b"null", b"true", b"-", b"0x10", b"01", b"1.", b".5", b"+1", b'"',
    b"<NA>", b"SPEAKER", b"LEXEME", b"<o,f0>", b"inter_segment_gap", b"|", b" ", b"=", b"[tool.x]",
)  # fmt: skip


def mutate(seed: bytes, rng: random.Random) -> bytes:
    """One broken (or merely unusual) file made of ``seed``."""
    data = seed
    if seed[:1] in b"{[" and rng.random() < 0.8:
        with contextlib.suppress(RecursionError):  # nested deeper than Python itself writes
            data = _tree_mutant(seed, rng)
    if data is seed and rng.random() < 0.5:
        for _ in range(rng.randint(1, 3)):
            data = rng.choice(_TEXT)(data, rng)
    if rng.random() < 0.15 or data is seed:
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            data = rng.choice(_BYTES)(data, rng)
    return data


# --- as a tree ---------------------------------------------------------------------------------


def _tree_mutant(seed: bytes, rng: random.Random) -> bytes:
    try:
        tree = json.loads(seed)
    except (ValueError, RecursionError):
        return seed
    # Most mutants stay close to what is read, so that what comes after reading is tried too.
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        rng.choice(_GENTLE)(tree, rng)
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 3))):
        tree = rng.choice(_HARSH)(tree, rng)
    text = json.dumps(
        tree,
        ensure_ascii=rng.random() < 0.5,
        indent=rng.choice((*[None] * 9, 1, 2, "\t")),
        separators=rng.choice((None, None, (",", ":"), (", ", ": "), (" ,", " : "))),
    )
    if rng.random() < 0.05:
        text = _key_twice(text, rng)
    if rng.random() < 0.05:
        text = text.replace("\n", "\r\n")
    if rng.random() < 0.05:
        text = "\ufeff" + text
    return text.encode("utf-8", errors="surrogatepass")


def _places(tree: Tree) -> Iterator[Place]:
    """Every (holder, key) in a tree."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in items:
            yield node, key
            if isinstance(value, (dict, list)):
                waiting.append(value)


def _some(tree: Tree, rng: random.Random, wanted: Callable[[Any, Any], bool]) -> list[Place]:
    if not isinstance(tree, (dict, list)):
        return []
    found = [(h, k) for h, k in _places(tree) if wanted(k, h[k])]
    return rng.sample(found, min(len(found), rng.choice((1, 2, 8, 40)))) if found else []


_LABEL = re.compile("speaker|spk", re.IGNORECASE)


def _is_label(key: Any, value: Any) -> bool:
    return isinstance(key, str) and bool(_LABEL.search(key)) and isinstance(value, (str, int))


def _relabel(tree: Tree, rng: random.Random) -> None:
    if not isinstance(tree, (dict, list)):
        return
    found = [(h, k) for h, k in _places(tree) if _is_label(k, h[k])]
    labels = sorted({h[k] for h, k in found}, key=repr)
    for holder, key in found:
        if rng.random() < 0.3:
            holder[key] = rng.choice(labels)


def _jitter(tree: Tree, rng: random.Random) -> None:
    for holder, key in _some(tree, rng, lambda _, v: type(v) in {int, float}):
        holder[key] = type(holder[key])(holder[key] + rng.choice((-1, 1)) * rng.random() * 3)


def _repeat(tree: Tree, rng: random.Random) -> None:
    for holder, key in _some(tree, rng, lambda _, v: isinstance(v, list) and bool(v))[:1]:
        copies = json.loads(json.dumps(holder[key]))
        _relabel(copies, rng)
        holder[key] += copies


def _shuffle(tree: Tree, rng: random.Random) -> None:
    for holder, key in _some(tree, rng, lambda _, v: isinstance(v, list))[:1]:
        rng.shuffle(holder[key])


def _swap_neighbours(tree: Tree, rng: random.Random) -> None:
    for holder, key in _some(tree, rng, lambda _, v: isinstance(v, list) and len(v) > 1)[:2]:
        at = rng.randrange(len(holder[key]) - 1)
        holder[key][at : at + 2] = holder[key][at : at + 2][::-1]


_GENTLE = (_relabel, _relabel, _relabel, _jitter, _repeat, _repeat, _shuffle, _swap_neighbours)


def _each(change: Callable[[Any, Any, random.Random], None]) -> Callable[..., Tree]:
    def run(tree: Tree, rng: random.Random) -> Tree:
        root = [tree]
        for holder, key in _some(root, rng, lambda _k, _v: True)[: rng.choice((1, 1, 2, 5))]:
            if (isinstance(holder, dict) and key in holder) or (
                isinstance(holder, list) and key < len(holder)
            ):
                change(holder, key, rng)
        return root[0] if root else None

    return run


@_each
def _odd_value(holder: Any, key: Any, rng: random.Random) -> None:
    holder[key] = copy.deepcopy(rng.choice(ODD))  # the table itself must not change


@_each
def _drop(holder: Any, key: Any, _: random.Random) -> None:
    del holder[key]


@_each
def _swap_type(holder: Any, key: Any, rng: random.Random) -> None:
    value = holder[key]
    if isinstance(value, dict):
        holder[key] = rng.choice(([*value.values()], [value], [*map(list, value.items())], {}))
    elif isinstance(value, list):
        holder[key] = rng.choice(({str(i): v for i, v in enumerate(value)}, value[:1], [], [value]))
        if value and rng.random() < 0.3:
            holder[key] = value[0]
    else:
        number = value if isinstance(value, (int, float)) and abs(value) < 1e300 else 1
        others = (str(value), [value], {"value": value}, float(number), int(number), None)
        holder[key] = rng.choice(others)


@_each
def _rename(holder: Any, key: Any, rng: random.Random) -> None:
    if isinstance(holder, dict):
        value = holder.pop(key)
        holder[rng.choice(KEYS)] = value


@_each
def _nest(holder: Any, key: Any, rng: random.Random) -> None:
    value = holder[key]
    for _ in range(rng.choice((1, 2, 5, 60, 200))):
        value = [value] if rng.random() < 0.7 else {rng.choice(KEYS): value}
    holder[key] = value


def _transplant(tree: Tree, rng: random.Random) -> Tree:
    root = [tree]
    places = list(_places(root))
    (a, i), (b, j) = rng.choice(places), rng.choice(places)
    b[j] = json.loads(json.dumps(a[i]))
    return root[0] if root else None


_HARSH = (_odd_value, _odd_value, _odd_value, _drop, _drop, _swap_type, _rename, _nest, _transplant)


def _key_twice(text: str, rng: random.Random) -> str:
    found = list(re.finditer(r'"[^"\\]*" ?:', text))
    if not found:
        return text
    key = rng.choice(found)
    return f"{text[: key.start()]}{key.group()} 0, {text[key.start() :]}"


# --- as text -----------------------------------------------------------------------------------


def _swap_tokens(data: bytes, rng: random.Random) -> bytes:
    tokens = re.split(rb"([ \t\r\n|,:=]+)", data)
    if len(tokens) > 2:
        i, j = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        tokens[i], tokens[j] = tokens[j], tokens[i]
    return b"".join(tokens)


def _odd_token(data: bytes, rng: random.Random) -> bytes:
    tokens = re.split(rb"([ \t\r\n|,:=]+)", data)
    odd = rng.choice(ODD)
    shown = odd.encode("utf-8", "surrogatepass") if isinstance(odd, str) else repr(odd).encode()
    tokens[rng.randrange(len(tokens))] = shown
    return b"".join(tokens)


def _drop_token(data: bytes, rng: random.Random) -> bytes:
    tokens = re.split(rb"([ \t\r\n|,:=]+)", data)
    del tokens[rng.randrange(len(tokens))]
    return b"".join(tokens)


def _lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    i = rng.randrange(len(lines))
    what = rng.randrange(4)
    if what == 0:
        rng.shuffle(lines)
    elif what == 1:
        lines.insert(i, rng.choice(lines))
    elif what == 2:
        del lines[i]
    else:
        lines *= 3
    return b"".join(lines)


def _newlines(data: bytes, rng: random.Random) -> bytes:
    return data.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n", b"\x85", b" ", b"\x0b")))


_TEXT = (_swap_tokens, _odd_token, _odd_token, _drop_token, _lines, _newlines)


# --- as bytes ----------------------------------------------------------------------------------


def _flip(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if out:
            out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _truncate(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] if rng.random() < 0.8 else data[at:]


def _shard(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(SHARDS) + data[at + rng.choice((0, 0, 1, 4)) :]


def _cut(data: bytes, rng: random.Random) -> bytes:
    a, b = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return data[:a] + data[min(b, a + rng.choice((1, 3, 30, 300))) :]


def _double(data: bytes, rng: random.Random) -> bytes:
    a, b = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
    return data[:b] + data[a:b] + data[b:]


def _noise(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.choice((1, 2, 16))) + data[at:]


_BYTES = (_flip, _flip, _truncate, _shard, _shard, _cut, _double, _noise)
