"""One cell: a recording under a variant. Computed once, kept by the digest of what decides it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import diarfix
from diarfix.benchmark.corpus import Entry
from diarfix.benchmark.variants import Variant
from diarfix.core import UNKNOWN, Bool
from diarfix.files import read_bytes
from diarfix.metrics import LabelScore, RecordingScore, families

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


def inputs_digest(entry: Entry) -> str:
    """Digest of an entry's files. Raises InputError if one cannot be read."""
    digest = hashlib.sha256()
    for path in entry.files:
        digest.update(hashlib.sha256(read_bytes(path)).digest())
    return digest.hexdigest()


def cell_key(inputs: str, variant: Variant, more: str = "") -> str:
    """The name under which a cell is kept.

    more  what else decides it: the audio and the embedder of recheck
    """
    settings = json.dumps(variant.relevant(), sort_keys=True)
    text = f"{code_digest()}\n{inputs}\n{settings}\n{more}"
    return hashlib.sha256(text.encode()).hexdigest()
