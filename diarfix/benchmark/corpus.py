"""corpus.json: which recordings there are, and what is known of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diarfix.errors import InputError, UsageError
from diarfix.files import beside, read_text
from diarfix.formats import parse

#: ``acceptance`` entries decide and are never tuned on.
ROLES = ("acceptance", "tune", "holdout", "regression", "stress")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One recording of a corpus; paths are URLs, absolute, or relative to the working folder.

    words      word file or raw-inference file
    turns      turns of each diarizer, which may be none
    ref_turns  reference RTTM, or None
    ref_words  parallel reference words, or None; wins over ``ref_turns``
    audio, uem files, or None
    raw        the entry as it stands in the file
    """

    id: str
    dataset: str
    role: str
    words: str
    turns: tuple[str, ...]
    ref_turns: str | None
    ref_words: str | None
    audio: str | None
    uem: str | None
    raw: dict[str, Any]

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """The files whose content decides a cell, audio aside, each after what it is to it."""
        given = (
            ("words", self.words),
            *(("turns", path) for path in self.turns),
            ("ref_turns", self.ref_turns),
            ("ref_words", self.ref_words),
            ("uem", self.uem),
        )
        return tuple((what, path) for what, path in given if path is not None)


@dataclass(frozen=True, slots=True)
class Corpus:
    """The entries of one corpus.json, in its order."""

    path: str
    version: str
    entries: tuple[Entry, ...]


_PATHS = {
    "words": "words",
    "ref_turns": "ref_rttm",
    "ref_words": "ref_words_json",
    "audio": "audio_path",
    "uem": "uem",
}


def read_corpus(path: str) -> Corpus:
    """Read a corpus.json. Whether the files it names exist shows when an entry runs.

    Raises InputError for bad JSON, a missing key, a duplicate id, or a role that does not exist.
    """
    tree = parse(read_text(path), path)
    files = tree.get("files") if isinstance(tree, dict) else None
    if not isinstance(files, list):
        raise InputError(f"{path}: no list 'files', expected a corpus.json")
    entries = tuple(_entry(item, f"{path}: files[{i}]", path) for i, item in enumerate(files))
    seen: set[str] = set()
    for entry in entries:
        if entry.id in seen:
            raise InputError(f"{path}: id {entry.id!r} stands twice")
        seen.add(entry.id)
    return Corpus(path, str(tree.get("version", "")), entries)


def _entry(item: Any, where: str, corpus: str) -> Entry:
    if not isinstance(item, dict):
        raise InputError(f"{where}: expected an object")
    for key in ("id", "dataset", "words"):
        if not isinstance(item.get(key), str) or not item[key]:
            raise InputError(f"{where}.{key}: expected a string")
    role = item.get("role", "holdout")
    if role not in ROLES:
        raise InputError(f"{where}.role: {role!r}, expected one of: {', '.join(ROLES)}")
    if not (item.get("ref_rttm") or item.get("ref_words_json")):
        raise InputError(f"{where}: no reference, expected ref_rttm or ref_words_json")
    paths: dict[str, Any] = {}
    for name, key in _PATHS.items():
        value = item.get(key)
        if value is not None and not isinstance(value, str):
            raise InputError(f"{where}.{key}: expected a path")
        paths[name] = beside(corpus, value) if value else None
    turns = item.get("turns") or []
    turns = [turns] if isinstance(turns, str) else turns
    if not isinstance(turns, list) or not all(isinstance(path, str) and path for path in turns):
        raise InputError(f"{where}.turns: expected a path, or a list of them")
    paths["turns"] = tuple(beside(corpus, path) for path in turns)
    return Entry(id=item["id"], dataset=item["dataset"], role=role, raw=item, **paths)


def select_entries(
    corpus: Corpus, datasets: Sequence[str], sample: int | None, seed: int
) -> tuple[Entry, ...]:
    """The entries to run: of some datasets, and a seeded sample of those, in corpus order.

    Raises UsageError for a dataset the corpus does not have.
    """
    known = list(dict.fromkeys(entry.dataset for entry in corpus.entries))
    for name in datasets:
        if name not in known:
            raise UsageError(
                f"no dataset {name!r} in the corpus", hint=f"it has: {', '.join(known)}"
            )
    entries = [e for e in corpus.entries if not datasets or e.dataset in datasets]
    if sample is not None and sample < len(entries):
        drawn = np.random.default_rng(seed).choice(len(entries), size=sample, replace=False)
        entries = [entries[i] for i in sorted(drawn.tolist())]
    return tuple(entries)
