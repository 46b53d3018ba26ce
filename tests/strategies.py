"""Hypothesis strategies: awkward words, turns, and documents of every dialect.

A document is made twice: as the tree a recogniser would write, and in a style of white space. The
builders know where each dialect repeats a label; :func:`copies` and :func:`containers` read those
places back without any code of diarfix.
"""

import itertools
import json
import math
from collections import Counter
from dataclasses import dataclass

from hypothesis import strategies as st

from diarfix.core.words import turns_from_rows, words_from_rows

TEXTS = ["so", "yes", "the", "market,", "growth.", "naïve", "你好", "да?", "I'm", "12", "so"]
STRINGS = ["A", "B", "C", "Zoë"]

#: Text and length of a word and the pause behind it, in one draw: in speech that flows, that halts.
_SPOKEN = [
    st.sampled_from([*itertools.product(TEXTS, [0.1, 0.0, 0.25, 0.5, 0.8], pauses)])
    for pauses in ((0.0, 0.05), (0.0, 0.0, 0.0, 0.05, 0.4, 0.41, 1.0))
]
_SIZES = st.sampled_from([(4, 1, 3), (3, 2, 5), (4, 3, 4), (3, 3, 3), (2, 1, 2)])
_SIZE = st.integers(1, 5)


@st.composite
def rows(draw, *, labels=STRINGS, n_runs=8, times="loose", unlabelled=True):
    """``(text, start, end, label)`` in runs short enough to be islands.

    times  "loose": None and NaN and unsorted ones occur; "sorted": all there, ascending
    """
    table = []
    at = draw(st.sampled_from([0.0, 0.3]))
    spoken = draw(st.sampled_from(_SPOKEN))
    who, enough = st.sampled_from(labels), st.integers(0, n_runs)
    runs = []
    while len(runs) < draw(enough):
        label, other = draw(who), draw(who)
        if draw(st.booleans()):  # an island, or nearly one
            runs += zip((label, other, label), draw(_SIZES), strict=True)
        else:
            runs.append((label, draw(_SIZE)))
    for label, size in runs:
        for _ in range(size):
            text, length, pause = draw(spoken)
            start, end = round(at, 3), round(at + length, 3)
            table.append((text, start, end, label))
            at = end + pause
    if times == "loose" and table and draw(st.booleans()):
        for _ in range(draw(st.integers(1, 4))):
            i = draw(st.integers(0, len(table) - 1))
            text, start, end, label = table[i]
            j = draw(st.integers(0, len(table) - 1))
            start, end = draw(
                st.sampled_from([
                    (None, None), (start, None), (float("nan"), end), (end, start), table[j][1:3],
                ])
            )  # fmt: skip
            table[i] = (text, start, end, label)
    if unlabelled and table and draw(st.integers(0, 3)) == 0:
        i = draw(st.integers(0, len(table) - 1))
        table[i] = (*table[i][:3], None)
    return table


@st.composite
def turn_rows(draw, *, labels=STRINGS, min_size=1):
    """``(start, end, label)``: overlapping, touching, identical, of one speaker, of no length."""
    grid = st.integers(0, 160)
    found = draw(
        st.lists(
            st.tuples(grid, st.sampled_from([0, 1, 5, 10, 20, 60]), st.sampled_from(labels)),
            min_size=min_size,
            max_size=14,
        )
    )
    table = [(a * 0.05, a * 0.05 + n * 0.05, label) for a, n, label in found]
    if min_size and not any(b > a for a, b, _ in table):
        table.append((0.0, 1.0, labels[0]))
    return table


words = rows().map(words_from_rows)
turns = turn_rows().map(turns_from_rows)


@dataclass(frozen=True)
class Style:
    """How a JSON text is written."""

    indent: int | str | None = None
    separators: tuple[str, str] = (", ", ": ")
    ascii: bool = False
    newline: str = "\n"
    bom: bool = False
    final: str = ""

    def write(self, tree):
        text = json.dumps(
            tree, indent=self.indent, separators=self.separators, ensure_ascii=self.ascii
        )
        text = text.replace("\n", self.newline)
        return ("\ufeff" if self.bom else "") + text + self.final


@st.composite
def styles(draw):
    indent = draw(st.sampled_from([None, None, 0, 1, 2, 4, "\t"]))
    inline = [(", ", ": "), (",", ":"), (", ", ":"), (",", ": ")]
    broken = [(",", ": "), (",", ":"), (", ", ": ")]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return Style(
        indent,
        draw(st.sampled_from(inline if indent is None else broken)),
        draw(st.booleans()),
        newline,
        draw(st.booleans()),
        draw(st.sampled_from(["", newline])),
    )


def _missing(time):
    return time is None or math.isnan(time)


def _cuts(draw, table):
    """Containers of a few words each, as index lists."""
    found, at = [], 0
    while at < len(table):
        n = draw(st.integers(1, 7))
        found.append(list(range(at, min(at + n, len(table)))))
        at += n
    return found


def _majority(labels):
    known = [label for label in labels if label is not None]
    return Counter(known).most_common(1)[0][0] if known else None


def _drop(**fields):
    return {k: v for k, v in fields.items() if v is not None}


def _span(part):
    starts = [s for _, s, _, _ in part if not _missing(s)]
    ends = [e for _, _, e, _ in part if not _missing(e)]
    return (min(starts, default=0.0), max(ends, default=0.0))


def _segment(part, *, lead, **more):
    start, end = _span(part)
    return {
        "start": start,
        "end": end,
        "text": lead + " ".join(text for text, *_ in part),
        "unknown": {"kept": [1, 2.5, None]},
        **more,
    }


def whisperx(draw, table):
    segments = []
    for span in _cuts(draw, table):
        part = [table[i] for i in span]
        inner = [_drop(word=t, start=s, end=e, score=0.5, speaker=v) for t, s, e, v in part]
        made = _segment(part, lead=draw(st.sampled_from(["", " "])), words=inner)
        segments.append(made | _drop(speaker=_majority([v for *_, v in part])))
    tree = {"segments": segments, "language": "en"}
    if draw(st.booleans()):
        tree["word_segments"] = [dict(w) for s in segments for w in s["words"]]
    return tree


def whisper(draw, table):
    segments = []
    for number, span in enumerate(_cuts(draw, table)):
        part = [table[i] for i in span]
        inner = [
            _drop(word=" " + t, start=s, end=e, probability=0.5, speaker=v) for t, s, e, v in part
        ]
        segments.append({"id": number, **_segment(part, lead=" ", words=inner)})
    return {"text": "all of it", "segments": segments}


def deepgram(draw, table):
    inner = [
        _drop(word=t.lower(), start=s, end=e, speaker=v, punctuated_word=t) for t, s, e, v in table
    ]
    alternative = {"transcript": "x", "words": inner}
    results = {"channels": [{"alternatives": [alternative]}]}
    spans = _cuts(draw, table)
    if draw(st.booleans()):
        results["utterances"] = [
            {
                **_drop(speaker=_majority([table[i][3] for i in span])),
                "start": _span([table[i] for i in span])[0],
                "end": _span([table[i] for i in span])[1],
                "transcript": " ".join(table[i][0] for i in span),
                "words": [dict(inner[i]) for i in span],
            }
            for span in spans
        ]
    if draw(st.booleans()) and all(v is not None for *_, v in table):
        paragraphs = [
            {
                "sentences": [{"text": " ".join(table[i][0] for i in span)}],
                "num_words": len(span),
                "speaker": _majority([table[i][3] for i in span]),
            }
            for span in spans
        ]
        text, last = "", None
        for paragraph in paragraphs:
            text += "\n\n" if text else ""
            if paragraph["speaker"] != last:
                text += f"\nSpeaker {paragraph['speaker']}: "
            last = paragraph["speaker"]
            text += paragraph["sentences"][0]["text"]
        alternative["paragraphs"] = {"transcript": text, "paragraphs": paragraphs}
    return {"metadata": {"duration": 7600000.0}, "results": results}


def assemblyai(draw, table):
    def ms(value):
        return None if _missing(value) else round(value * 1000)

    inner = [
        {"text": t, "start": ms(s), "end": ms(e), "confidence": 0.1, "speaker": v}
        for t, s, e, v in table
    ]
    tree = {"id": "x", "language_code": "en_us", "words": inner, "utterances": None}
    if draw(st.booleans()):
        tree["utterances"] = [
            {
                "speaker": _majority([table[i][3] for i in span]),
                "start": ms(_span([table[i] for i in span])[0]),
                "end": ms(_span([table[i] for i in span])[1]),
                "text": " ".join(table[i][0] for i in span),
                "words": [dict(inner[i]) for i in span],
            }
            for span in _cuts(draw, table)
        ]
    return tree


def aws(draw, table):
    """Both forms: the newer labels every item, the older only ``speaker_labels``."""
    newer = draw(st.booleans())
    items, entries, ids = [], [], []
    for text, s, e, v in table:
        times = {} if _missing(s) else {"start_time": str(s), "end_time": str(e or s)}
        mark = text[-1] if text[-1] in ",.?" else ""
        label = _drop(speaker_label=v)
        own = label if newer else {}
        items.append({
            "id": len(items), "type": "pronunciation", **times,
            "alternatives": [{"confidence": "0.9", "content": text.removesuffix(mark)}], **own,
        })  # fmt: skip
        ids.append([items[-1]["id"]])
        entries.append({**label, **times})
        if mark:
            items.append({
                "id": len(items), "type": "punctuation",
                "alternatives": [{"confidence": "0.0", "content": mark}], **own,
            })  # fmt: skip
            ids[-1].append(items[-1]["id"])
    spans = _cuts(draw, table)
    results = {"transcripts": [], "items": items}
    if not newer or draw(st.booleans()):
        segments = [
            {
                **_drop(speaker_label=_majority([table[i][3] for i in span])),
                "start_time": str(_span([table[i] for i in span])[0]),
                "items": [entries[i] for i in span],
                "end_time": str(_span([table[i] for i in span])[1]),
            }
            for span in spans
        ]
        results["speaker_labels"] = {"segments": segments, "speakers": 2}
    if newer and draw(st.booleans()):
        results["audio_segments"] = [
            {
                "id": number,
                "transcript": " ".join(table[i][0] for i in span),
                "start_time": str(_span([table[i] for i in span])[0]),
                "end_time": str(_span([table[i] for i in span])[1]),
                **_drop(speaker_label=_majority([table[i][3] for i in span])),
                "items": [k for i in span for k in ids[i]],
            }
            for number, span in enumerate(spans)
        ]
    return {"jobName": "j", "results": results}


def seglst(draw, table):
    return [
        _drop(
            session_id=draw(st.sampled_from(["s1", "s1", "s2"])),
            speaker=v,
            start_time=None if _missing(s) else str(s),
            end_time=None if _missing(e) else str(e),
            words=draw(st.sampled_from([t, t, t, t + " and more"])),
        )
        | {"speaker": v}
        for t, s, e, v in table
    ]


def flat(draw, table):
    word, start, end, speaker = draw(
        st.sampled_from(
            [
                ("word", "start", "end", "speaker"),
                ("text", "start_time", "end_time", "speaker_label"),
                ("content", "startTime", "endTime", "speakerLabel"),
                ("token", "ts", "endTs", "spk"),
            ]
        )
    )
    inner = [_drop(**{word: t, start: s, end: e, speaker: v, "more": [v]}) for t, s, e, v in table]
    return draw(st.sampled_from([inner, {"engine": "x", "words": inner}]))


#: Dialect -> builder and the labels that are natural in it.
BUILDERS = {
    "whisperx": (whisperx, STRINGS),
    "whisper": (whisper, STRINGS),
    "deepgram": (deepgram, [0, 1, 2]),
    "assemblyai": (assemblyai, ["A", "B", "C"]),
    "aws": (aws, ["spk_0", "spk_1"]),
    "seglst": (seglst, STRINGS),
    "words": (flat, [0, 1, "1", "B"]),
}


def nlp(draw, table):
    """Rev's table, as text."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    lines = ["token|speaker|ts|endTs|punctuation|case|tags"]
    for text, s, e, v in table:
        ts, te = ("" if _missing(x) else f"{x:.4f}" for x in (s, e))
        lines.append(
            f"{text.rstrip('.,?')}|{v or ''}|{ts}|{te}|{text[len(text.rstrip('.,?')) :]}|LC|"
        )
    return newline.join(lines) + draw(st.sampled_from(["", newline]))


@dataclass(frozen=True)
class Made:
    """A generated document: its text, the tree in it (None for .nlp), its dialect and style."""

    text: str
    tree: object
    dialect: str
    style: Style


@st.composite
def documents(draw, *, dialect=None):
    """A document of any dialect, at least one of its words labelled."""
    name = dialect or draw(st.sampled_from([*BUILDERS, "nlp"]))
    labels = ["1", "2"] if name == "nlp" else BUILDERS[name][1]
    table = draw(rows(labels=labels).filter(lambda t: any(v is not None for *_, v in t)))
    style = draw(styles())
    if name == "nlp":
        return Made(nlp(draw, table), None, name, style)
    tree = BUILDERS[name][0](draw, table)
    return Made(style.write(tree), tree, name, style)


def copies(tree, dialect):
    """Every list of word labels a file holds, word by word; a file in step has equal ones."""
    key = "speaker"
    if dialect == "aws":
        results = tree["results"]
        words = [i for i in results["items"] if i["type"] != "punctuation"]
        found = [words] if any("speaker_label" in w for w in words) else []
        if "speaker_labels" in results:
            found.append([i for s in results["speaker_labels"]["segments"] for i in s["items"]])
        key = "speaker_label"
    elif dialect == "deepgram":
        found = [tree["results"]["channels"][0]["alternatives"][0]["words"]]
        if "utterances" in tree["results"]:
            found.append([w for u in tree["results"]["utterances"] for w in u["words"]])
    elif dialect == "assemblyai":
        found = [tree["words"]]
        if tree["utterances"]:
            found.append([w for u in tree["utterances"] for w in u["words"]])
    elif dialect in {"whisperx", "whisper"}:
        found = [[w for s in tree["segments"] for w in s["words"]]]
        if "word_segments" in tree:
            found.append(tree["word_segments"])
    else:
        return []
    return [[w.get(key) for w in words] for words in found]


def containers(tree, dialect):
    """``(label, labels of its words)`` of every container that repeats its words' labels."""
    if dialect == "aws":
        results = tree["results"]
        by_id = {i["id"]: i.get("speaker_label") for i in results["items"]}
        kind = {i["id"]: i["type"] for i in results["items"]}
        segments = results.get("speaker_labels", {}).get("segments", [])
        found = [
            (s.get("speaker_label"), [i.get("speaker_label") for i in s["items"]]) for s in segments
        ]
        return found + [
            (
                s.get("speaker_label"),
                [by_id[i] for i in s["items"] if kind[i] != "punctuation"],
            )
            for s in results.get("audio_segments", [])
        ]
    if dialect == "deepgram":
        alternative = tree["results"]["channels"][0]["alternatives"][0]
        labels = iter([w.get("speaker") for w in alternative["words"]])
        found = [
            (u.get("speaker"), [w.get("speaker") for w in u["words"]])
            for u in tree["results"].get("utterances", [])
        ]
        return found + [
            (p["speaker"], [next(labels) for _ in range(p["num_words"])])
            for p in alternative.get("paragraphs", {}).get("paragraphs", [])
        ]
    parents = {"assemblyai": "utterances", "whisperx": "segments", "whisper": "segments"}
    held = tree[parents[dialect]] if dialect in parents else None
    return [(c.get("speaker"), [w.get("speaker") for w in c["words"]]) for c in held or []]
