"""A real recording: pyannote.audio's 30 s telephone sample, heard with Resemblyzer's weights.

Both come from installed wheels, or the test is skipped: nothing of theirs is kept here.
"""

import hashlib
import logging
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from diarfix.config import RecheckKnobs
from diarfix.core.voice.decision import decide
from diarfix.core.voice.plan import plan_listening
from diarfix.core.words import words_from_rows
from diarfix.embed import open_audio
from diarfix.embed.windows import WindowEmbedder

pytestmark = [pytest.mark.torch, pytest.mark.slow]
RATE = 16_000


def _package(name):
    """The folder of an installed package, found without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{name} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def _mel_bank():
    """40 Slaney mel bands over 201 bins of a 25 ms frame at 16 kHz, of equal area."""
    top = 15 + np.log(8) * 27 / np.log(6.4)
    mel = np.linspace(0, top, 42)
    edge = np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))
    bins = np.arange(201) * 40.0
    rise = (bins - edge[:-2, None]) / np.diff(edge)[:-1, None]
    fall = (edge[2:, None] - bins) / np.diff(edge)[1:, None]
    return np.maximum(np.minimum(rise, fall), 0) * (2 / (edge[2:] - edge[:-2]))[:, None]


@pytest.fixture(scope="module")
def resemblyzer():
    """Resemblyzer's voice encoder on windows repeated to 1.6 s, at one loudness."""
    torch = pytest.importorskip("torch")
    weights = _package("resemblyzer") / "pretrained.pt"
    state = torch.load(weights, map_location="cpu", weights_only=True)["model_state"]
    lstm = torch.nn.LSTM(40, 256, 3, batch_first=True)
    linear = torch.nn.Linear(256, 256)
    for network, prefix in ((lstm, "lstm."), (linear, "linear.")):
        part = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
        network.load_state_dict(part)
    bank, taper = _mel_bank(), np.hanning(401)[:-1]

    def features(samples):
        rows = np.resize(samples, max(len(samples), round(1.6 * RATE))).astype(np.float64)
        rows *= 10 ** (-30 / 20) / np.sqrt(np.mean(rows**2))
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(rows, 200), 400)[::160]
        return (np.abs(np.fft.rfft(frames * taper)) ** 2 @ bank.T).astype(np.float32)

    def forward(batch):
        with torch.inference_mode():
            _, (hidden, _) = lstm(torch.from_numpy(np.ascontiguousarray(batch)))
            return torch.relu(linear(hidden[-1])).numpy()

    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    return WindowEmbedder("resemblyzer", digest, f"r {digest}", 256, features, forward, 8)


def _sample():
    """``pyannote/audio/sample``, whose package need not be importable."""
    root = _package("pyannote") / "audio" / "sample"
    if not (root / "sample.wav").is_file():
        pytest.skip("pyannote.audio is not installed")
    return root


def _words(folder):
    """The words of the STM, each utterance's time shared by letters, and their true speakers."""
    rows = []
    for line in (folder / "sample.stm").read_text().splitlines():
        _, _, who, start, end, text = line.split(maxsplit=5)
        words = text.split()
        share = np.cumsum([0, *(len(w) + 1 for w in words)]) / (len(text) + 1)
        edges = float(start) + share * (float(end) - float(start))
        rows += [(w, a, b, who) for w, a, b in zip(words, edges, edges[1:], strict=False)]
    return words_from_rows([(w, round(a, 3), round(b, 3), s) for w, a, b, s in rows])


def test_words_flipped_on_purpose(resemblyzer):
    """Words flipped one at a time. At the default precision 30 s prove too little, and nothing may
    move; at 0.5, the bare margin of 0.05, what comes back and what breaks is told
    (``--log-cli-level INFO``).
    """
    folder = _sample()
    truth = _words(folder)
    length = truth.end - truth.start
    chosen = np.flatnonzero((length >= 0.3) & (length <= 1.0))[1::4].tolist()
    counts = {precision: np.zeros(2, dtype=int) for precision in (0.95, 0.5)}
    for i in chosen:
        flipped = truth.speaker.copy()
        flipped[i] = 1 - flipped[i]
        todo = plan_listening(truth.with_speaker(flipped), None, None, RecheckKnobs())
        with open_audio(folder / "sample.wav") as audio:
            heard = resemblyzer.embed(audio, todo.start, todo.end)
        for precision, count in counts.items():
            knobs = RecheckKnobs(acoustic_precision=precision)
            found = decide(todo, heard.vectors.astype(np.float64), heard.reason, knobs)
            wrong = found.words.speaker != truth.speaker
            count += [not wrong[i], wrong.sum() - wrong[i]]
            assert found.account.moved or found.account.why
    for precision, (repaired, broken) in counts.items():
        message = "precision %g: %d flipped, %d repaired, %d broken"
        logging.getLogger(__name__).info(message, precision, len(chosen), repaired, broken)
    assert counts[0.95].tolist() == [0, 0]
    assert counts[0.5][0] >= 1
