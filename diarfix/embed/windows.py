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
from diarfix.errors import InputError, needed
from diarfix.files import Progress

_T = TypeVar("_T")

#: Part of every identity: a change here makes other vectors.
FRONT_END = "fbank80-hamming-repeat-cmn-1"

N_BINS = 80

#: Seconds to which shorter windows are repeated: the window of WeSpeaker's diarization.
MIN_SECONDS = 1.5
_MIN_FRAMES = 150

#: Longer windows (s) are cut into equal parts, whose unit vectors are averaged: memory is bounded,
#: and what people enrol with (a sentence or two) still passes the model whole.
LONGEST = 30.0

#: Shorter windows (s) hold no frame of speech.
SHORTEST = 0.025

#: Standard deviation below which a window is silence (-80 dB of full scale; 16-bit dither is -96).
SILENCE = 1e-4


class _Unusable(Exception):
    """The window itself holds nothing to embed."""


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str
    raised: bool
    transient: bool


def _split(start: F64, end: F64) -> tuple[I64, F64, F64]:
    """P stretches to be embedded: the window (P,) that each is of, their starts and ends (P,)."""
    n_parts = np.maximum(np.ceil(np.nan_to_num(end - start) / LONGEST), 1).astype(np.int64)
    owner = np.repeat(np.arange(len(start)), n_parts)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(n_parts) - n_parts, n_parts)
    step = (end - start)[owner] / n_parts[owner]
    last = rank + 1 == n_parts[owner]
    first = start[owner] + rank * step
    return owner, first, np.where(last, end[owner], start[owner] + (rank + 1) * step)


@dataclass(frozen=True, eq=False, slots=True)
class WindowEmbedder:
    """An embedder made of a front end and a network.

    name, digest, identity, dim  see :class:`diarfix.embed.embedder.Embedder`
    features  samples (n,) of 16 kHz, at least SHORTEST long, to the network's input (T, F),
              repeated if they are too few for it
    forward   (B, T, F) to vectors (B, D)
    batch     B at most; windows of equal length that follow each other are stacked
    """

    name: str
    digest: str
    identity: str
    dim: int
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
        start, end = (np.atleast_1d(np.asarray(at, dtype=np.float64)) for at in (start, end))
        if start.shape != end.shape:
            msg = f"start has shape {start.shape}, end {end.shape}"
            raise ValueError(msg)
        owner, starts, ends = _split(np.maximum(start, 0.0), np.minimum(end, audio.seconds))
        rows = np.full((len(owner), self.dim), np.nan, dtype=np.float32)
        failures: dict[int, _Failure] = {}
        done = 0
        for batch in self._batches(audio, starts.tolist(), ends.tolist()):
            for index, outcome in self._vectors(batch):
                if isinstance(outcome, _Failure):
                    failures[index] = outcome
                else:
                    rows[index] = outcome
            done += len(batch)
            if progress is not None:
                progress(done, len(owner), "windows")
        _refuse_one_cause(audio.path, len(start), len(owner), failures)
        return _join(owner, rows, failures, len(start))

    def _batches(
        self, audio: Audio, starts: list[float], ends: list[float]
    ) -> Iterator[list[tuple[int, F32 | _Failure]]]:
        """Group parts whose features have one shape; a failed part is a batch of its own."""
        batch: list[tuple[int, F32 | _Failure]] = []
        shape: tuple[int, ...] = ()
        for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
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
        if level < SILENCE:
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


def _join(owner: I64, rows: F32, failures: dict[int, _Failure], n_windows: int) -> Embedded:
    """Average the parts of each window that have a vector."""
    good = np.ones(len(rows), dtype=np.bool_)
    good[list(failures)] = False
    total = np.zeros((n_windows, rows.shape[1]))
    np.add.at(total, owner[good], rows[good])
    with np.errstate(invalid="ignore"):
        vectors = (total / np.linalg.norm(total, axis=1, keepdims=True)).astype(np.float32)
    reason = [""] * n_windows
    transient: Bool = np.zeros(n_windows, dtype=np.bool_)
    heard = np.zeros(n_windows, dtype=np.bool_)
    heard[owner[good]] = True
    for index, failure in sorted(failures.items()):
        window = int(owner[index])
        if not heard[window]:
            reason[window] = reason[window] or failure.reason
            transient[window] |= failure.transient
    return Embedded(vectors, tuple(reason), transient)


def with_fbank(
    name: str,
    digest: str,
    device: str,
    dim: int,
    fbank: Callable[[F32], F32],
    forward: Callable[[F32], F32],
) -> WindowEmbedder:
    """An embedder with the front end of :func:`make_fbank`, on a device: "cpu" or "cuda"."""
    identity = f"{name} {digest} {FRONT_END} {MIN_SECONDS:g}s {device}"
    # On a CPU the cost per window does not fall with the batch; a GPU is fed at once.
    batch = 64 if device == "cuda" else 1
    return WindowEmbedder(name, digest, identity, dim, fbank, forward, batch)


def repeat_to(rows: F32, n: int) -> F32:
    """Repeat (k, ...) from its beginning up to ``n`` rows; more pass unchanged.

    >>> repeat_to(np.array([1, 2, 3], dtype=np.float32), 5).tolist()
    [1.0, 2.0, 3.0, 1.0, 2.0]
    """
    return rows if len(rows) >= n else np.resize(rows, (n, *rows.shape[1:]))


def make_fbank(*, extra: str) -> Callable[[F32], F32]:
    """Kaldi's ``compute-fbank-feats``, with the options that WeSpeaker trains with.

    25 ms Hamming frames every 10 ms, 80 log mel energies, no dither, 16-bit scale, and the mean
    over the window subtracted (wespeaker ``cli/speaker.py: compute_features``). Short windows are
    repeated, frame by frame, before the mean is taken, as WeSpeaker's own diarization does
    (``diar/extract_emb.py: subsegment``).

    extra  the extra of diarfix to name if kaldi-native-fbank is missing

    Returns the front end: samples (n,) in [-1, 1], n >= 400, to features (T, 80),
    T = max(1 + (n - 400) // 160, 150).
    """
    with needed("kaldi_native_fbank", extra=extra):
        import kaldi_native_fbank as knf
    options = knf.FbankOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0.0
    options.frame_opts.window_type = "hamming"
    options.mel_opts.num_bins = N_BINS

    def fbank(samples: F32) -> F32:
        computer = knf.OnlineFbank(options)
        # A list crosses into C++ faster than an array does.
        computer.accept_waveform(RATE, (samples * np.float32(32768)).tolist())
        computer.input_finished()
        features = np.empty((computer.num_frames_ready, N_BINS), dtype=np.float32)
        for i in range(len(features)):
            features[i] = computer.get_frame(i)
        features = repeat_to(features, _MIN_FRAMES)
        features -= features.mean(axis=0)
        return features

    return fbank
