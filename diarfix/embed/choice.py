"""Which embedder is asked for: known by a digest before, and without, being loaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from diarfix.embed import models
from diarfix.embed.embedder import Device, Embedder, load_embedder
from diarfix.errors import DiarfixError
from diarfix.files.download import sha256
from diarfix.files.local import read_bytes


@dataclass(frozen=True, slots=True)
class Choice:
    """An embedder by name, as :func:`diarfix.embed.load_embedder` takes it."""

    name: str = "onnx"
    model: str | None = None
    device: Device = "auto"
    offline: bool = False

    def load(self) -> Embedder:
        """Load it, once per process."""
        return _load(self)

    def identify(self) -> str:
        """Text that differs where vectors differ: name and digest of the model's files.

        Needs no package, and no model either where a digest is on record; else the model is
        fetched. The device is left out: kinds of device agree on every decision.
        """
        return f"{self.name} {self._digest()}"

    def _digest(self) -> str:
        if self.name == "onnx":
            recorded = models.recorded_digest(self.model)
            return recorded or sha256(models.find(self.model, offline=self.offline))
        path = Path(self.model or "")
        folder = path if path.is_dir() else path.parent
        weights = path / "avg_model.pt" if path.is_dir() else path
        digest = hashlib.sha256()
        for part in (weights, folder / "config.yaml"):
            try:
                digest.update(hashlib.sha256(read_bytes(str(part))).digest())
            except DiarfixError:
                self.load()  # says what is wrong with the model
                raise
        return digest.hexdigest()


@cache
def _load(choice: Choice) -> Embedder:
    return load_embedder(
        choice.name, model=choice.model, device=choice.device, offline=choice.offline
    )
