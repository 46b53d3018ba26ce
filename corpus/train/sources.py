"""The recordings that are learnt from, found in folders of files.

A corpus.json names words, turns and reference of each entry. A folder of recordings holds, in one
folder per collection, ``NAME.words.json`` (or ``.gz``), ``NAME.ref.rttm``, and for some of them
``NAME.DIARIZER.rttm``, a real diarizer's turns; the others are given simulated ones.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from diarfix.core.words import Turns, Words
from diarfix.formats import read_document, read_turns
from train.examples import Example, altered, seed_of, simulated

#: What a word counts, by collection of recordings or dataset of a corpus. Those of real diarizers
#: that are met nowhere else count most; simulated ones are many.
REAL = {"ami": 2.0, "ami-rpn": 2.0, "ami-pyannote": 4.0}
SIMULATED = {"ami": 0.3, "earnings21": 2.0}

#: An altered copy counts this share of what it was made from.
ALTERED = 0.5

#: How many simulated diarizers hear a recording of which there are few.
_DIARIZERS = {"earnings21": 2}


@dataclass(slots=True)
class Sources:
    """Reads recordings, and remembers what it read.

    leave  recordings whose name begins like one of these are never read
    seed   of everything that is drawn
    """

    leave: tuple[str, ...] = ()
    seed: int = 0
    digests: dict[str, str] = field(default_factory=dict)

    def _text(self, path: Path) -> str:
        content = path.read_bytes()
        self.digests[f"{path.parent.name}/{path.name}"] = hashlib.sha256(content).hexdigest()
        return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")

    def _words(self, path: Path) -> Words:
        return read_document(self._text(path), path.name.removesuffix(".gz")).words

    def _turns(self, path: Path) -> Turns:
        self._text(path)
        (turns,) = read_turns(str(path)).values()
        return turns

    def digest(self) -> str:
        """SHA-256 of all that was read."""
        lines = (f"{name} {digest}\n" for name, digest in sorted(self.digests.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def of_corpus(self, path: Path, datasets: Collection[str] = ()) -> Iterator[Example]:
        """The entries of some datasets (of all, if none is named) of a corpus.json, each followed
        by an altered copy. Those for acceptance, or without turns of their own, are passed over.
        """
        for entry in json.loads(path.read_text(encoding="utf-8"))["files"]:
            name, dataset = entry["id"], entry["dataset"]
            turns, reference = entry.get("turns"), entry.get("ref_rttm")
            wanted = (not datasets or dataset in datasets) and entry.get("role") != "acceptance"
            if not wanted or not isinstance(turns, str) or not reference or self._left(name):
                continue
            example = Example(
                name, dataset, self._words(path.parent / entry["words"]),
                self._turns(path.parent / turns), self._turns(path.parent / reference),
                REAL.get(dataset, 1.0),
            )  # fmt: skip
            yield example
            yield altered(example, seed_of(self.seed, "fullalt", name), ALTERED * example.weight)

    def of_folder(self, folder: Path) -> Iterator[Example]:
        """The recordings of a collection: by real diarizers where there are any."""
        for reference in sorted(folder.glob("*.ref.rttm")):
            name = reference.name.removesuffix(".ref.rttm")
            if self._left(name):
                continue
            (text,) = folder.glob(f"{name}.words.json*")
            words, truth = self._words(text), self._turns(reference)
            real = [p for p in sorted(folder.glob(f"{name}.*.rttm")) if p != reference]
            for path in real:
                turns = self._turns(path)
                example = Example(name, path.name, words, turns, truth, REAL[folder.name])
                yield example
                yield altered(
                    example, seed_of(self.seed, "alt", path.name), ALTERED * example.weight
                )
            if not real:
                yield from self._simulated(folder.name, name, words, truth)

    def _simulated(
        self, collection: str, name: str, words: Words, truth: Turns
    ) -> Iterator[Example]:
        weight = SIMULATED[collection]
        n_diarizers = _DIARIZERS.get(collection, 1)
        for n in range(n_diarizers):
            yield simulated(name, words, truth, weight, seed_of(self.seed, "sim", name, n))
        if n_diarizers > 1 or seed_of(name) % 3 == 0:
            other = simulated(name, words, truth, weight, seed_of(self.seed, "other", name))
            yield altered(other, seed_of(self.seed, "altered", name), ALTERED * weight)

    def _left(self, name: str) -> bool:
        return name.startswith(self.leave) if self.leave else False
