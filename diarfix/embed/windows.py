"""From windows of a recording to rows of vectors: the policy every model shares.

A window is cut exactly. Shorter ones are repeated up to what the model needs, by its front end:
WeSpeaker's models give NaN below 105 ms without a word, and hear little in a few frames. Context is
the caller's business: beside a disputed word stands, as a rule, the other speaker.

A window that cannot be embedded is a row of NaN and a reason, never an exception, unless all fail
for one cause.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from diarfix.core import F32, F64, I64, Bool
from diarfix.embed.audio import RATE, Audio
from diarfix.embed.embedder import Embedded
from diarfix.errors import InputError
from diarfix.files import Progress

_T = TypeVar("_T")

#: Longer windows (s) are cut into equal parts, whose unit vectors are averaged: memory is bounded,
#: and what people enrol with (a sentence or two) still passes the model whole.
LONGEST = 30.0

#: Shorter windows (s) hold no frame of speech.
SHORTEST = 0.025

#: Standard deviation below which a window is silence (-80 dB of full scale; 16-bit dither is -96).
_SILENCE = 1e-4


class _Unusable(Exception):
    """The window itself holds nothing to embed."""


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str
    raised: bool
    transient: bool


@dataclass(frozen=True, eq=False, slots=True)
class _Parts:
    """P stretches to be embedded, each of one window.

    owner       (P,)  int64, index of the window
    start, end  (P,)  float64, s
    """

    owner: I64
    start: F64
    end: F64


def _split(start: F64, end: F64) -> _Parts:
    n_parts = np.maximum(np.ceil(np.nan_to_num(end - start) / LONGEST), 1).astype(np.int64)
    owner = np.repeat(np.arange(len(start)), n_parts)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(n_parts) - n_parts, n_parts)
    step = (end - start)[owner] / n_parts[owner]
    last = rank + 1 == n_parts[owner]
    return _Parts(
        owner,
        start[owner] + rank * step,
        np.where(last, end[owner], start[owner] + (rank + 1) * step),
    )


@dataclass(frozen=True, eq=False, slots=True)
class WindowEmbedder:
    """An embedder made of a front end and a network.

    name, digest, identity, dim, min_seconds  see :class:`diarfix.embed.embedder.Embedder`
    features  samples (n,) of 16 kHz, at least SHORTEST long, to the network's input (T, F),
              repeated up to min_seconds
    forward   (B, T, F) to vectors (B, D)
    batch     B at most; windows of equal length that follow each other are stacked
    """

    name: str
    digest: str
    identity: str
    dim: int
    min_seconds: float
    features: Callable[[F32], F32]
    forward: Callable[[F32], F32]
    batch: int = 1

    def embed(
        self, audio: Audio, start: F64, end: F64, *, progress: Progress | None = None
    ) -> Embedded:
        """Embed the windows ``[start, end)`` (W,) s of a recording.

        Raises InputError if two or more windows were asked for and every one failed with the same
        exception: then the fault lies not with the windows.
        """
        start, end = _times(start), _times(end)
        if start.shape != end.shape:
            msg = f"start has shape {start.shape}, end {end.shape}"
            raise ValueError(msg)
        parts = _split(np.maximum(start, 0.0), np.minimum(end, audio.seconds))
        n = len(parts.owner)
        rows = np.full((n, self.dim), np.nan, dtype=np.float32)
        failures: dict[int, _Failure] = {}
        done = 0
        for batch in self._batches(audio, parts):
            for index, outcome in self._vectors(batch):
                if isinstance(outcome, _Failure):
                    failures[index] = outcome
                else:
                    rows[index] = outcome
            done += len(batch)
            if progress is not None:
                progress(done, n, "windows")
        _refuse_one_cause(audio.path, len(start), n, failures)
        return _join(parts, rows, failures, len(start))

    def _batches(self, audio: Audio, parts: _Parts) -> Iterator[list[tuple[int, F32 | _Failure]]]:
        """Group parts whose features have one shape; a failed part is a batch of its own."""
        batch: list[tuple[int, F32 | _Failure]] = []
        shape: tuple[int, ...] = ()
        for index, (start, end) in enumerate(
            zip(parts.start.tolist(), parts.end.tolist(), strict=True)
        ):
            features = _attempt(self._features, audio, start, end)
            if isinstance(features, _Failure):
                yield [(index, features)]
                continue
            if batch and (features.shape != shape or len(batch) == self.batch):
                yield batch
                batch = []
            batch.append((index, features))
            shape = features.shape
        if batch:
            yield batch

    def _features(self, audio: Audio, start: float, end: float) -> F32:
        if math.isnan(start) or math.isnan(end):
            raise _Unusable("no time")
        if start >= audio.seconds or end <= 0:
            raise _Unusable("outside the audio")
        if end <= start:
            raise _Unusable("an empty window")
        samples = audio.read(start, end)
        if len(samples) < SHORTEST * RATE:
            raise _Unusable(f"shorter than {SHORTEST:g} s")
        level = float(samples.std())
        if not np.isfinite(level):
            raise _Unusable("samples that are not finite")
        if level < _SILENCE:
            raise _Unusable("silence")
        return self.features(samples)

    def _vectors(
        self, batch: list[tuple[int, F32 | _Failure]]
    ) -> Iterator[tuple[int, F32 | _Failure]]:
        fine = [features for _, features in batch if not isinstance(features, _Failure)]
        if not fine:
            yield from batch
            return
        vectors = _attempt(self.forward, np.stack(fine))
        if isinstance(vectors, _Failure) and len(batch) > 1:
            # One window may have spoilt it for all.
            for row in batch:
                yield from self._vectors([row])
            return
        for at, (index, _) in enumerate(batch):
            yield index, vectors if isinstance(vectors, _Failure) else _unit(vectors[at])


def _times(values: F64) -> F64:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))


def _attempt(step: Callable[..., _T], *args: object) -> _T | _Failure:
    """Call ``step``; whatever goes wrong with one window becomes a value here and nowhere else."""
    try:
        return step(*args)
    except _Unusable as error:
        return _Failure(str(error), raised=False, transient=False)
    except Exception as error:  # noqa: BLE001
        bad_input = isinstance(error, InputError)
        text = str(error) if bad_input else f"{type(error).__name__}: {error}"
        return _Failure(text, raised=True, transient=not bad_input)


def _unit(vector: F32) -> F32 | _Failure:
    norm = float(np.linalg.norm(vector.astype(np.float64)))
    if not np.isfinite(norm) or norm == 0:
        # A property of the window: the same one would give it again.
        return _Failure("the model gave no finite vector", raised=False, transient=False)
    return (vector / norm).astype(np.float32)


def _refuse_one_cause(
    path: str, n_windows: int, n_parts: int, failures: dict[int, _Failure]
) -> None:
    if n_windows < 2 or len(failures) < n_parts:
        return
    causes = set(failures.values())
    if len(causes) == 1 and (cause := causes.pop()).raised:
        raise InputError(f"{path}: none of {n_windows} windows could be embedded: {cause.reason}")


def _join(parts: _Parts, rows: F32, failures: dict[int, _Failure], n_windows: int) -> Embedded:
    """Average the parts of each window that have a vector."""
    good = np.ones(len(rows), dtype=np.bool_)
    good[list(failures)] = False
    total = np.zeros((n_windows, rows.shape[1]))
    np.add.at(total, parts.owner[good], rows[good])
    with np.errstate(invalid="ignore"):
        vectors = (total / np.linalg.norm(total, axis=1, keepdims=True)).astype(np.float32)
    reason = [""] * n_windows
    transient: Bool = np.zeros(n_windows, dtype=np.bool_)
    heard = np.zeros(n_windows, dtype=np.bool_)
    heard[parts.owner[good]] = True
    for index, failure in sorted(failures.items()):
        window = int(parts.owner[index])
        if not heard[window]:
            reason[window] = reason[window] or failure.reason
            transient[window] |= failure.transient
    return Embedded(vectors, tuple(reason), transient)
