"""One cell: a recording under a variant. Computed once, kept by the digest of what decides it.

A recording is read once, labelled under each variant, and scored.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

import diarfix
from diarfix.benchmark.corpus import Entry
from diarfix.benchmark.variants import Variant
from diarfix.core import UNKNOWN, Bool
from diarfix.edits import Given, Opinion, Repair, hidden_turns, match_opinions, recheck, repair
from diarfix.embed import Choice, cached, open_audio
from diarfix.errors import DiarfixError, InputError, NothingScored
from diarfix.files import CacheFolder, read_bytes, read_text, sha256
from diarfix.formats import read_document, read_turns, read_uem
from diarfix.metrics import (
    LabelScore,
    RecordingScore,
    ScoreTask,
    Side,
    SpeakerCounts,
    Uem,
    compare,
    families,
    read_side,
    words_to_turns,
)

_Found = TypeVar("_Found")

#: Reference turns per block of the bootstrap where there are too few recordings.
BLOCK_TURNS = 10


@dataclass(frozen=True, eq=False, slots=True)
class Cell:
    """What one recording gave under one variant.

    score   its counts
    wrong   (N,) bool, words with the wrong speaker
    blocks  (B, 2) int64, errors and scored words of each ten reference turns
    facts   other numbers of the run, such as how many words recheck moved
    """

    score: RecordingScore
    wrong: Bool
    blocks: np.ndarray[Any, np.dtype[np.int64]]
    facts: Mapping[str, Any]


def block_counts(score: LabelScore) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Errors and scored words (B, 2) of every ten reference turns: stretches of scored words of
    one reference speaker.
    """
    scored = score.ref != UNKNOWN
    ref, wrong = score.ref[scored], score.wrong[scored]
    if not len(ref):
        return np.zeros((0, 2), dtype=np.int64)
    turn = np.append(0, np.cumsum(ref[1:] != ref[:-1]))
    block = turn // BLOCK_TURNS
    totals = np.bincount(block)
    errors = np.bincount(block, weights=wrong).astype(np.int64)
    return np.column_stack((errors, totals))


def cell_bytes(cell: Cell) -> bytes:
    """A cell as JSON."""
    score = cell.score
    tree = {
        "name": score.name,
        "why": dict(score.why),
        "counts": {family: dataclasses.asdict(of) for family, of in score.counts.items()},
        "n_words": len(cell.wrong),
        "wrong": base64.b64encode(np.packbits(cell.wrong).tobytes()).decode("ascii"),
        "blocks": cell.blocks.tolist(),
        "facts": dict(cell.facts),
    }
    return json.dumps(tree, separators=(",", ":")).encode()


def cell_of(data: bytes) -> Cell:
    """The inverse of :func:`cell_bytes`. Other bytes raise KeyError, TypeError or ValueError."""
    tree = json.loads(data)
    kinds = families()
    counts = {family: kinds[family](**values) for family, values in tree["counts"].items()}
    bits = np.frombuffer(base64.b64decode(tree["wrong"]), dtype=np.uint8)
    return Cell(
        RecordingScore(name=tree["name"], counts=counts, why=tree["why"]),
        np.unpackbits(bits, count=tree["n_words"]).astype(np.bool_),
        np.array(tree["blocks"], dtype=np.int64).reshape(-1, 2),
        tree["facts"],
    )


@cache
def code_digest() -> str:
    """Digest of diarfix itself: cells of other code are not reused."""
    root = Path(diarfix.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        if path.relative_to(root).parts[0] not in {"cli", "contacts", "report"}:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def cell_key(inputs: str, variant: Variant, more: str = "") -> str:
    """The name under which a cell is kept.

    inputs  digest of the entry's files
    more    what else decides it: the audio and the embedder of recheck
    """
    settings = json.dumps(variant.relevant(), sort_keys=True)
    text = f"{code_digest()}\n{inputs}\n{settings}\n{more}"
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class MeasureTask:
    """One recording and the variants to run on it.

    cache     the folder of cells, or None
    voices    the folder of embeddings, or None
    embedder  what recheck hears with
    """

    entry: Entry
    variants: tuple[Variant, ...]
    cache: Path | None
    voices: Path | None = None
    embedder: Choice = field(default_factory=Choice)


@dataclass(frozen=True, slots=True)
class Measured:
    """The cells of one recording by variant; None where it lacks what the variant needs.

    n_cached  cells that were there already
    damaged   what of the caches was there and of no use, a line each
    error     why the recording could not be run, or None
    nobody    its words name nobody: it counts as missed, which is told
    """

    entry: Entry
    cells: Mapping[str, Cell | None]
    n_cached: int = 0
    damaged: tuple[str, ...] = ()
    error: DiarfixError | None = None
    nobody: bool = False


def measure(task: MeasureTask) -> Measured:
    """Run the missing cells of one recording. What fails becomes an error in the result."""
    try:
        return _measure(task)
    except DiarfixError as error:
        named = type(error)(f"{task.entry.id}: {error.message}", hint=error.hint)
        return Measured(task.entry, {}, error=named)


def _measure(task: MeasureTask) -> Measured:
    damaged: list[str] = []
    kept = CacheFolder(task.cache, ".cell", damaged.append)
    files = [
        f"{what} {hashlib.sha256(read_bytes(path)).hexdigest()}" for what, path in task.entry.files
    ]
    inputs = hashlib.sha256("\n".join(files).encode()).hexdigest()
    cells: dict[str, Cell | None] = {}
    missing: list[tuple[Variant, str | None]] = []
    for variant in task.variants:
        absent = max(variant.opinions, default=-1) >= len(task.entry.turns)
        if absent or (variant.kind.hears and task.entry.audio is None):
            cells[variant.name] = None
            continue
        more = _heard(task) if variant.kind.hears else ""
        key = None if more is None else cell_key(inputs, variant, more)
        found = None if key is None else kept.get(key, cell_of)
        if found is None:
            missing.append((variant, key))
        else:
            cells[variant.name] = found
    if missing:
        run = _Recording(task, damaged.append)
        for variant, key in missing:
            cell = run.cell(variant)
            if key is not None:
                kept.put(key, cell_bytes(cell))
            cells[variant.name] = cell
    ordered = {v.name: cells[v.name] for v in task.variants}
    told = [c.score.of(SpeakerCounts) for c in ordered.values() if c is not None]
    nobody = any(speakers is not None and speakers.hyp == 0 for speakers in told)
    n_cached = len(task.variants) - len(missing)
    return Measured(task.entry, ordered, n_cached, tuple(damaged), nobody=nobody)


def _heard(task: MeasureTask) -> str | None:
    """What decides a recheck beside words and knobs: the sound and the model.

    Both are known by digests on record where the files themselves are gone. None where nothing
    tells which sound it is, as behind a URL without a checksum: such a cell is never kept.
    """
    path = Path(str(task.entry.audio))
    digest = sha256(path) if path.is_file() else task.entry.raw.get("sha256")
    return "\n".join((digest, *task.embedder.identify())) if isinstance(digest, str) else None


#: What a cell of recheck tells beside its score.
_FACTS = (
    "candidates", "embedded", "failed", "moved", "estimated_precision", "why_nothing_moved",
)  # fmt: skip


class _Recording:
    """An entry read once: its document, turns and reference."""

    def __init__(self, task: MeasureTask, tell: Callable[[str], None]) -> None:
        self.task, self.tell = task, tell
        self.entry = entry = task.entry
        self.document = read_document(read_text(entry.words), entry.words)
        self.opinions = [Opinion(path, read_turns(path)) for path in entry.turns]
        self.ref = _reference(entry)
        self.uem: Uem | None = None
        if entry.uem is not None:
            self.uem = _only(read_uem(read_text(entry.uem), entry.uem), entry.uem)

    def cell(self, variant: Variant) -> Cell:
        result = self._labels(variant)
        words = result.words
        name = self.entry.id
        turns = words_to_turns(words) if (words.speaker >= 0).any() else None
        hyp = Side(name, words, turns)
        if not self.ref.labelled:
            raise NothingScored("the reference names no speaker")
        found = compare(ScoreTask(name, self.ref, hyp, uem=self.uem))
        detail = found.task.detail
        if isinstance(detail, str) or (hyp.labelled and not found.score.scored):
            raise NothingScored("no word of it meets a single reference speaker")
        told = {} if result.recheck is None else result.recheck.facts()
        facts = {name: told[name] for name in _FACTS if name in told}
        return Cell(found.score, detail.wrong, block_counts(detail), facts)

    def _labels(self, variant: Variant) -> Repair:
        if variant.kind.hears and len(self.document.words):
            return self._recheck(variant)
        document, turns = self.document, self._turns(variant)
        if variant.kind.blind:
            document, turns = hidden_turns(document, turns), None
        return repair(document, turns=turns, method=variant.method, settings=variant.settings)

    def _turns(self, variant: Variant) -> Mapping[str, Given] | None:
        heard = [self.opinions[i] for i in variant.opinions] or self.opinions
        return match_opinions(self.document, heard, alone=True)[0] if heard else None

    def _recheck(self, variant: Variant) -> Repair:
        embedder = self.task.embedder.load()
        if self.task.voices is not None:
            embedder = cached(embedder, self.task.voices, self.tell)
        with open_audio(str(self.entry.audio)) as audio:
            return recheck(
                self.document,
                audio=audio,
                embedder=embedder,
                turns=self._turns(variant),
                method=variant.method,
                settings=variant.settings,
            )


def _reference(entry: Entry) -> Side:
    turns = _only(read_side(entry.ref_turns), entry.ref_turns) if entry.ref_turns else None
    if entry.ref_words is None:
        return Side(entry.id, None, turns.turns if turns else None)
    words = _only(read_side(entry.ref_words), entry.ref_words)
    return Side(entry.id, words.words, turns.turns if turns else words.turns)


def _only(found: Mapping[str, _Found], path: str) -> _Found:
    """What a file says of its one recording."""
    if len(found) != 1:
        raise InputError(f"{path}: {len(found)} recordings, expected one")
    return next(iter(found.values()))
