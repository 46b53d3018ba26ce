"""An embedder without weights that tells the corpus's voices apart, and its two recordings."""

import json
from pathlib import Path

import numpy as np
import pytest

from diarfix.embed.audio import RATE
from diarfix.embed.windows import WindowEmbedder
from tests.embed import fakes

ROOT = Path(__file__).parents[2]


def _long(samples):
    return np.resize(samples, max(len(samples), RATE // 2))


def _speech():
    """Half-second windows of the corpus's spoken recordings: log mel statistics, true speakers."""
    soundfile = pytest.importorskip("soundfile")
    rows, names = [], []
    for name in ("allotment", "ferry"):
        samples, _ = soundfile.read(ROOT / f"corpus/audio/{name}.flac", dtype="float32")
        truth = json.loads((ROOT / f"corpus/ref/{name}.words.json").read_text())
        truth = truth["words"] if isinstance(truth, dict) else truth
        for word in truth:
            if word["end"] - word["start"] > 0.15:
                cut = samples[round(word["start"] * RATE) : round(word["end"] * RATE)]
                rows.append(fakes.log_mel_statistics(_long(cut)))
                names.append(word["speaker"])
    return np.stack(rows), np.array(names)


@pytest.fixture(scope="session")
def voices():
    """An embedder fitted to the corpus's six voices: linear discriminants of log mel statistics.

    It knows the voices, as a trained one would; it proves the plumbing, not any model's accuracy.
    """
    rows, names = _speech()
    kinds = sorted(set(names))
    means = np.stack([rows[names == kind].mean(axis=0) for kind in kinds])
    within = np.mean([np.cov(rows[names == kind].T) for kind in kinds], axis=0)
    values, axes = np.linalg.eigh(within + 0.05 * np.eye(len(within)))
    whiten = axes / np.sqrt(values)
    centre = means.mean(axis=0)
    _, _, directions = np.linalg.svd((means - centre) @ whiten)
    project = whiten @ directions[: len(kinds) - 1].T

    def forward(batch):
        stats = np.stack([fakes.log_mel_statistics(row) for row in batch])
        return ((stats - centre) @ project).astype(np.float32)

    digest = "c" * 64
    return WindowEmbedder("fitted", digest, f"fitted {digest}", len(kinds) - 1, _long, forward)


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT
