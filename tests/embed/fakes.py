"""An embedder without weights, packages or luck: deterministic, and it fails on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from diarfix.embed.audio import RATE, Audio
from diarfix.embed.windows import WindowEmbedder

N_BINS = 40


def log_mel_statistics(samples):
    """Mean and standard deviation over time of log energies in mel bands, (2 * N_BINS,)."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, 400)[::160]
    power = np.abs(np.fft.rfft(frames * np.hamming(400), 512)) ** 2
    mel = np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), N_BINS + 2)
    hertz = 700 * (10 ** (mel / 2595) - 1)
    bins = np.arange(power.shape[1]) * RATE / 512
    rise = (bins - hertz[:-2, None]) / np.diff(hertz)[:-1, None]
    fall = (hertz[2:, None] - bins) / np.diff(hertz)[1:, None]
    bank = np.maximum(np.minimum(rise, fall), 0)
    log = np.log(power @ bank.T + 1e-8)
    return np.concatenate((log.mean(axis=0), log.std(axis=0)))


def _features(samples):
    return np.resize(samples, max(len(samples), RATE // 2))


def _forward(batch):
    return np.stack([log_mel_statistics(row) for row in batch]).astype(np.float32)


@dataclass
class _Watched:
    """A recording in which some windows cannot be read."""

    audio: Audio
    fails: Callable[[float, float], bool]
    error: Exception

    def __getattr__(self, name):
        return getattr(self.audio, name)

    def read(self, start, end):
        if self.fails(start, end):
            raise self.error
        return self.audio.read(start, end)


@dataclass
class FakeEmbedder:
    """Log mel statistics as a voice; a stand-in for any Embedder.

    version  another version is another model: other digest, same dimension
    fails    ``(start, end) -> bool``: windows that raise
    error    what they raise
    calls    (start, end) of every window asked for, in order
    """

    version: str = "1"
    fails: Callable[[float, float], bool] = lambda *_: False
    error: Exception = field(default_factory=lambda: RuntimeError("fails on demand"))
    calls: list[tuple[float, float]] = field(default_factory=list)
    name: str = "fake"
    dim: int = 2 * N_BINS

    @property
    def digest(self):
        return hashlib.sha256(self.version.encode()).hexdigest()

    @property
    def identity(self):
        return f"{self.name} {self.digest} logmel-1"

    def embed(self, audio, start, end, *, progress=None):
        start, end = np.atleast_1d(start), np.atleast_1d(end)
        self.calls += list(zip(start.tolist(), end.tolist(), strict=True))
        model = WindowEmbedder(self.name, self.digest, self.identity, self.dim, _features, _forward)
        watched = _Watched(audio, self.fails, self.error)
        return model.embed(watched, start, end, progress=progress)
