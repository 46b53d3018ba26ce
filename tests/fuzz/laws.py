"""What must hold for a word file that was accepted, whatever stood in it."""

from __future__ import annotations

import json
import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from reread import read_ass, read_eaf, read_html, read_markdown, read_textgrid

from diarfix.config import Settings
from diarfix.core import is_mark
from diarfix.core.segments import SEGMENT_MODES
from diarfix.core.words import Label, Turns, Words, turns_from_rows
from diarfix.edits.renames import rename
from diarfix.edits.repairs import Repair, repair
from diarfix.edits.turns import with_types
from diarfix.formats.detect import TARGETS
from diarfix.formats.document import Document, read_document
from diarfix.formats.recordings import Recording, WriteOptions, recordings_of
from diarfix.formats.text.nist import read_ctm, read_stm
from diarfix.formats.text.rttm import read_rttm
from diarfix.report.diff import draw, hunks

TURNS = turns_from_rows([
    (0.0, 0.8, "A"), (0.7, 1.6, "1"), (1.6, 1.9, "SPEAKER_00"), (1.9, 9.0, "A"), (40.0, 41.0, "B"),
])  # fmt: skip

#: What another diarizer says of the same.
OTHERS = turns_from_rows([(0.1, 0.7, "A"), (0.7, 2.0, "C"), (2.0, 8.5, "A"), (8.4, 41.0, "1")])

#: Under the second and third, nearly every short run goes.
KNOBS: tuple[dict[str, Any], ...] = (
    {},
    {"min_flank_words": 1, "min_silent_gap": 2.0, "max_island_duration": 9.0},
    {"min_flank_words": 1, "margin_threshold": 0.3, "max_island_duration": 4.0},
)

_SLOT = re.compile("speaker|spk", re.IGNORECASE)


#: Formats that put names before what is said.
_CUES = frozenset({"srt", "ass"})

_SLOT_NUMBER = re.compile(r'"[^"]*(?:speaker|spk)[^"]*"\s*:\s*-?\d[\d.eE+-]*', re.IGNORECASE)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_NUMBER = re.compile(r"-?\d[\d.eE+-]*")

#: C0 but for the line break, C1, and what turns the direction of text, isolates aside.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e]")


class BrokenLawError(Exception):
    """A law of the contract does not hold."""


def hold(what: bool, law: str) -> None:
    """Raise BrokenLawError unless ``what``."""
    if not what:
        raise BrokenLawError(law)


def check_document(text: str, rng: random.Random) -> None:
    """Run the pipeline over a text under drawn options; raises DiarfixError or BrokenLawError."""
    options: dict[str, Any] = {
        "method": rng.choice(("rules", "viterbi", "learned")),
        "segments": rng.choice(SEGMENT_MODES),
        "turns": rng.choice((None, None, TURNS)),
        "settings": Settings().replace(rng.choice(KNOBS)),
    }
    document, result, out = _run(text, **options)
    _accounted(result)
    if out is text:
        return
    out.encode()
    again = read_document(out, "f.json")
    hold(again.dialect is document.dialect, "the output is of another dialect")
    hold(repr(_timed(again.words)) == repr(_timed(document.words)), "a word or a time moved")
    hold(_typed(again.words.labels) == _typed(result.words.labels), "the labels written are others")
    allowed = {*_typed(document.words.labels), *_typed(_given(document, options["turns"]).labels)}
    allowed |= set(_typed([] if document.turns is None else document.turns.labels))
    hold(set(_typed(again.words.labels)) <= allowed, "a label was invented")
    if options["segments"] == "keep" and not _owning(document) and document.dialect.name != "nlp":
        _only_slots(_load(text), _load(out))
        _numbers_stay(text, out, document, again)
    # Which of 1 and "1" a turn means depends on what the file holds; a repair may take one away.
    alike = len({str(v) for v in document.words.speakers}) < len(document.words.speakers)
    if not (alike and options["turns"] is not None):
        hold(_run(out, **options)[2] == out, "a second run changes the file")


def _run(
    text: str, *, method: Any, segments: Any, turns: Turns | None, settings: Settings
) -> tuple[Document, Repair, str]:
    document = read_document(text, "f.json")
    told = None
    if turns is not None:
        told = {part.name: _given(document, turns) for part in document.parts}
    result = repair(document, turns=told, method=method, settings=settings)
    return document, result, document.render(result.words, segments=segments)


def _numbers_stay(text: str, out: str, before: Document, after: Document) -> None:
    """Numbers that nobody touched keep their spelling; only labels may be others, or gone."""
    lost, won = (
        Counter(_NUMBER.findall(_STRING.sub("", _SLOT_NUMBER.sub("", t)))) for t in (text, out)
    )
    labels = {float(v) for d in (before, after) for v in d.words.speakers if not isinstance(v, str)}
    for spelling in lost - won:
        hold(float(spelling) in labels, f"the number {spelling[:40]} is gone")


def clean(shown: str, where: str) -> None:
    """Nothing that is shown moves a cursor or turns the direction of what stands beside it."""
    found = _CONTROL.search(shown)
    hold(found is None, f"{where} shows {found and found[0]!r}")


def _accounted(result: Repair) -> None:
    """What ``--diff`` and ``--changes`` say of a repair."""
    draw("f.json", hunks(result))
    for moved in result.moved:
        json.dumps([moved.before, moved.after, moved.evidence], allow_nan=False)


def check_converters(text: str) -> None:
    """Write every format that a file can be written as, and read those back that can be read."""
    document = read_document(text, "f.json")
    recordings = recordings_of(document)
    timed = all(not math.isnan(t) for r in recordings for t in r.start.tolist())
    for name, target in TARGETS.items():
        if target.needs_times and not timed:
            continue
        held = recordings[:1] if target.alone else recordings
        written = target.write(held, WriteOptions(times=True))
        hold(isinstance(written, str), f"{name} is no text")
        written.encode()
        _read_back(name, target.write(held, WriteOptions(names=name not in _CUES)), held)
        if name == "rttm" and written:
            n_read = sum(map(len, read_rttm(written, "out.rttm").values()))
            held_turns = max(len(document.words), len(document.utterances))
            hold(n_read <= held_turns, "RTTM gained turns")
        elif name == "words":
            json.loads(written, parse_constant=_refuse_constant)


def _read_back(name: str, written: str, recordings: Sequence[Recording]) -> None:
    """A converted file holds the words it was made of, and no others."""
    texts = [text.strip() for recording in recordings for text in recording.words.text]
    said = [text for text in texts if text]
    if name in _AGAIN:
        hold(_letters(_AGAIN[name](written)) == _letters(said), f"{name} holds other letters")
    elif name == "srt":
        # Words may be cut over lines and cues: their letters are counted.
        found = ["".join(block.split("\n")[2:]) for block in written.split("\n\n")]
        hold(_letters(found) == _letters(said), f"{name} holds other letters")
    elif name == "words":
        again = read_document(written, "out.json").words.text if said else ()
        # A cue of nothing but marks is a word of its own; in a list of words it follows one.
        alone = any(map(is_mark, said))
        same = [t.strip() for t in again if t.strip()] == said
        hold(same or (alone and _letters(again) == _letters(said)), "words holds other words")
    elif name == "ctm":
        rows = [u.text for us in read_ctm(written, "out.ctm").values() for u in us]
        hold(len(rows) == len(said) and _letters(rows) == _letters(said), "CTM: other words")
    elif name == "stm":
        rows = [u.text for us in read_stm(written, "out.stm").values() for u in us]
        hold(_letters(rows) == _letters(said), "STM holds other words")
    elif name == "seglst":
        rows = [segment["words"] for segment in json.loads(written)]
        hold(_letters(rows) == _letters(said), "SegLST holds other words")


def _words_of(tiers: Mapping[str, Sequence[Any]]) -> list[str]:
    """The texts of every second tier."""
    return [row[-1] for rows in [*tiers.values()][1::2] for row in rows]


#: What is said in a file of each format that its own strict reader reads.
_AGAIN: dict[str, Callable[[str], list[str]]] = {
    "ass": lambda text: [line for event in read_ass(text)[1] for line in event["Lines"]],
    "md": lambda text: [said for _, said in read_markdown(text).paragraphs],
    "html": lambda text: [said for _, said in read_html(text).paragraphs],
    "textgrid": lambda text: _words_of(read_textgrid(text)),
    "elan": lambda text: _words_of({name: rows for name, (*_, rows) in read_eaf(text).items()}),
}


def _letters(texts: Iterable[str]) -> Counter[str]:
    """What of some texts can be seen; blanks may be other blanks, and what UTF-8 lacks U+FFFD."""
    return Counter(c for text in texts for c in text if c.isprintable() and c not in " _\ufffd")


def _refuse_constant(name: str) -> None:
    raise BrokenLawError(f"{name} in JSON")


def check_rename(text: str, rng: random.Random) -> None:
    """Rename one speaker and back: the labels are those of before, and all else stays."""
    document = read_document(text, "f.json")
    present = [label for label in document.labels() if isinstance(label, (str, int))]
    if not present or "Nobody Else" in present:
        return
    old = rng.choice(present)
    out = rename(document, [(str(old), "Nobody Else")]).document.source
    again = read_document(out, "f.json")
    hold(repr(_timed(again.words)) == repr(_timed(document.words)), "a word or a time moved")
    hold(str(old) not in map(str, again.words.speakers), "the old name is still there")


def _given(document: Document, turns: Turns | None) -> Turns:
    none: list[tuple[float, float, Label]] = []
    return with_types(turns_from_rows(none) if turns is None else turns, document.words.speakers)


def _timed(words: Words) -> tuple[object, ...]:
    return words.text, words.start.tolist(), words.end.tolist()


def _typed(labels: Any) -> list[tuple[type, Label | None]]:
    return [(type(label), label) for label in labels]


def _owning(document: Document) -> bool:
    return any(group.owns for group in document._layout.groups)


def _load(text: str) -> Any:
    """A parsed text; of documents one after another the list of them."""
    text, at, found = text.removeprefix("\ufeff"), 0, []
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = json.JSONDecoder().raw_decode(text, at)
        found.append(value)
    return found[0] if len(found) == 1 else found


def _only_slots(before: Any, after: Any) -> None:
    for path in _differences(before, after, ()):
        keys = [key for key in path if isinstance(key, str)]
        hold(bool(keys) and bool(_SLOT.search(keys[-1])), f"another value changed: {path}")


def _differences(a: Any, b: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(a, dict) and isinstance(b, dict):
        # A word that took a label from the turns gained the key.
        gained = [k for k in b if k not in a]
        yield from ((*path, k) for k in gained)
        if list(a) != [k for k in b if k in a]:
            yield path
        for key in a.keys() & b.keys():
            yield from _differences(a[key], b[key], (*path, key))
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from _differences(x, y, (*path, i))
    elif isinstance(a, str) and isinstance(b, str) and {a[:1], b[:1]} <= {"{", "["} and a != b:
        yield from _differences(_load(a), _load(b), path)  # JSON text in a string
    elif (type(a) is not type(b) or not _same(a, b)) and not _headings(a):
        yield path


def _headings(text: Any) -> bool:
    """Deepgram's paragraph transcript names the speakers in headings."""
    return isinstance(text, str) and "\nSpeaker " in text


def _same(a: Any, b: Any) -> bool:
    both_nan = isinstance(a, float) and math.isnan(a) and math.isnan(b)
    return both_nan or bool(a == b)
