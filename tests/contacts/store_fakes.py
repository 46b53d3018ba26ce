"""A made-up world for store tests: tones as voices, and a model that hears their pitch."""

import hashlib
import json
import math
import os
import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from diarfix.contacts.migrate import MigrationJob
from diarfix.contacts.samples import SampleFolder
from diarfix.embed import Embedded
from diarfix.embed.audio import RATE

DIM = 256


def write_tone(path, hertz, seconds=1.0, amplitude=0.3, rate=RATE):
    pytest.importorskip("soundfile", reason="samples are read with the acoustic extra")
    path.parent.mkdir(parents=True, exist_ok=True)
    t = np.arange(round(seconds * rate)) / rate
    data = (amplitude * np.sin(2 * math.pi * hertz * t) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(data.tobytes())


def voice_of(hertz, dim=DIM):
    """The unit vector that the fake model gives a tone."""
    vector = np.random.default_rng(round(hertz)).standard_normal(dim)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


@dataclass
class FakeEmbedder:
    """Hears the pitch of a tone; counts what it embeds in ``heard`` and, if set, in a file."""

    name: str = "fake"
    digest: str = "d1"
    dim: int = DIM
    heard: list = field(default_factory=list)
    log: Path | None = None
    fails: dict = field(default_factory=dict)  # hertz -> (reason, transient)

    @property
    def identity(self):
        return f"{self.name} {self.digest}"

    def embed(self, audio, start, end, **_):
        wave = audio.read(float(start[0]), float(end[0]))
        spectrum = np.abs(np.fft.rfft(wave))
        hertz = round(int(spectrum.argmax()) * RATE / len(wave))
        self.heard.append(Path(audio.path).name)
        if self.log is not None:
            with self.log.open("a") as file:
                file.write(Path(audio.path).name + "\n")
        if hertz in self.fails:
            reason, transient = self.fails[hertz]
            nothing = np.full((1, self.dim), np.nan, dtype=np.float32)
            return Embedded(nothing, (reason,), np.array([transient]))
        return Embedded(voice_of(hertz, self.dim)[None], ("",), np.array([False]))


@dataclass
class FakeModel:
    """A model choice; counts how often it is loaded."""

    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)
    chosen: bool = False
    loads: int = 0

    def identify(self, **_):
        return self.embedder.name, self.embedder.digest

    def load(self, **_):
        self.loads += 1
        return self.embedder


def unit(seed, dim=DIM):
    vector = np.random.default_rng(seed).standard_normal(dim)
    return [float(x) for x in vector / np.linalg.norm(vector)]


def tag_of(folder, paths, vector, **more):
    """The tag that belongs beside a vector that the fake model made of some samples."""
    return {
        "name": "fake",
        "dim": 256,
        "digest": "d1",
        "n_samples": len(paths),
        "samples": [hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in paths],
        "vector": hashlib.sha256(np.array(vector, dtype="<f4").tobytes()).hexdigest(),
        **more,
    }


def contact(who, version=3, vector=None, samples=(), **more):
    return {
        "id": who,
        "name": str(who).title(),
        "speaker_embedding": vector,
        "speech_samples": list(samples),
        "speech_sample_transcripts": [f"text of {s}" for s in samples],
        "speech_samples_version": version,
        **more,
    }


def write_store(path, contacts, layout="list", **style):
    if layout == "jsonl":
        text = "".join(json.dumps(c, **style) + "\n" for c in contacts)
    else:
        value = contacts if layout == "list" else {"user": "u", layout: contacts, "rev": 7}
        text = json.dumps(value, **style) + "\n"
    path.write_text(text, encoding="utf-8")
    return path


def read_store(path, layout="list"):
    text = path.read_text(encoding="utf-8")
    if layout == "jsonl":
        return [json.loads(line) for line in text.splitlines()]
    value = json.loads(text)
    return value if layout == "list" else value[layout]


def job(store, samples=None, model=None, **more):
    folder = None if samples is None else SampleFolder(Path(samples))
    return MigrationJob(store=store, samples=folder, model=model or FakeModel(), **more)


#: Samples of every fate, by listed path; "flaky.wav" fails to open as if the disk were away.
PITCH = {"anna/1.wav": 300, "anna/2.wav": 320, "ben.wav": 500}


def write_samples(root):
    for path, hertz in PITCH.items():
        write_tone(root / path, hertz)
    write_tone(root / "short.wav", 300, seconds=0.4)
    write_tone(root / "silent.wav", 300, amplitude=0.0)
    write_tone(root / "flaky.wav", 300)
    whole = (root / "ben.wav").read_bytes()
    (root / "corrupt.wav").write_bytes(whole[:12] + bytes(40))
    (root / "empty.wav").write_bytes(b"")
    (root / "notes.txt").write_text("this is no audio, only words that go on for a while")
    (root / "folder.wav").mkdir()
    return root


# --- what others may put where a file of ours will stand


def plant_link(path, victim):
    path.symlink_to(victim)


def plant_hard_link(path, victim):
    path.hardlink_to(victim)


def plant_pipe(path, _):
    os.mkfifo(path)
