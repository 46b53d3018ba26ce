"""From a contact's samples to its one vector, through the same embedders as ``recheck``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diarfix.contacts.samples import SampleFolder, SampleOutcome
from diarfix.contacts.tag import Voice
from diarfix.core import F32
from diarfix.embed import Embedder, embed_file


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a contact got no vector; ``may_pass`` if trying again later can help."""

    reason: str
    may_pass: bool


def make_voice(embedder: Embedder, folder: SampleFolder, paths: Sequence[str]) -> Voice | Failed:
    """Embed samples and average them: the mean of their unit vectors, renormalised.

    paths  samples as listed; those that fail are left out
    """
    vectors: list[F32] = []
    digests: list[str] = []
    failures: list[Failed] = []
    for path in paths:
        digest = folder.digest(path)
        outcome = _embed(embedder, folder, path)
        if isinstance(outcome, Failed):
            failures.append(outcome)
        elif digest is None or digest != folder.digest(path):
            failures.append(Failed(f"{path}: changed while it was read", may_pass=True))
        else:
            vectors.append(outcome)
            digests.append(digest)
    if vectors:
        mean = np.mean(np.array(vectors, dtype=np.float64), axis=0)
        norm = float(np.linalg.norm(mean))
        if norm > 0:
            return Voice((mean / norm).astype(np.float32), tuple(digests))
        failures.append(Failed("the samples' vectors cancel out", may_pass=False))
    reasons = "; ".join(dict.fromkeys(failure.reason for failure in failures))
    return Failed(reasons, any(failure.may_pass for failure in failures))


def _embed(embedder: Embedder, folder: SampleFolder, path: str) -> F32 | Failed:
    file = folder.locate(path)
    if isinstance(file, SampleOutcome):
        return Failed(f"{path}: {file}", file.may_pass)
    embedded = embed_file(embedder, file)
    if not embedded.reason[0]:
        vector: F32 = embedded.vectors[0]
        return vector
    # A disk that fails while a decoder reads looks like damage; a second look tells.
    may_pass = bool(embedded.transient[0]) or folder.check(path).outcome.may_pass
    return Failed(f"{path}: {embedded.reason[0]}", may_pass)
