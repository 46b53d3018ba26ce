"""What an embedder is, and how one is chosen by name."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from diarfix.embed.audio import Audio
from diarfix.errors import UsageError
from diarfix.files.progress import Progress

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

Device = Literal["auto", "cpu", "cuda"]
EMBEDDERS = ("onnx", "wespeaker")


@dataclass(frozen=True, eq=False, slots=True)
class Embedded:
    """The voices of W windows.

    vectors    (W, D)  float32, unit length; a row of NaN where the window could not be embedded
    reason     (W,)    why not, "" where it could
    transient  (W,)    bool, the failure may pass: it lies with the machine or the model, not with
                       the window
    """

    vectors: F32
    reason: tuple[str, ...]
    transient: Bool

    def __post_init__(self) -> None:
        for column in (self.vectors, self.transient):
            column.setflags(write=False)

    @property
    def ok(self) -> Bool:
        """(W,) bool: the window has a vector."""
        return np.array([not reason for reason in self.reason], dtype=np.bool_)


class Embedder(Protocol):
    """Turns windows of a recording into vectors that are close where the voice is the same."""

    @property
    def name(self) -> str:
        """The kind of embedder, one of :data:`EMBEDDERS`."""

    @property
    def digest(self) -> str:
        """SHA-256 of the weights, hexadecimal. Name and digest tag vectors that are stored."""

    @property
    def identity(self) -> str:
        """Name, digest, front end, padding and kind of device: equal means equal vectors."""

    @property
    def dim(self) -> int:
        """D, the length of a vector."""

    @property
    def min_seconds(self) -> float:
        """Seconds to which shorter windows are repeated before the model hears them."""

    def embed(
        self, audio: Audio, start: F64, end: F64, *, progress: Progress | None = None
    ) -> Embedded:
        """Embed the windows ``[start, end)`` (W,) s of a recording."""


def load_embedder(
    name: str = "onnx",
    *,
    model: str | None = None,
    device: Device = "auto",
    offline: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Embedder:
    """Load an embedder.

    name      "onnx" (onnxruntime) or "wespeaker" (torch)
    model     onnx: a file, ``URL#sha256=HEX``, or a name of :data:`diarfix.embed.models.PUBLISHED`
              (the default model if None). wespeaker: a folder with ``avg_model.pt`` and
              ``config.yaml``, or a ``.pt`` file beside its ``config.yaml``
    device    "auto" takes CUDA where the installed packages offer it
    offline   never download
    threads   onnx: CPU threads of one inference, all cores if None. torch's setting is not touched
    progress  told of downloaded bytes

    Raises UsageError for what cannot be such a model, MissingDependency for a package, model or
    device that is not there.
    """
    if name == "onnx":
        from diarfix.embed import models, onnx

        path = models.find(model, offline=offline, progress=progress)
        return onnx.load(path, device=device, threads=threads)
    if name == "wespeaker":
        from diarfix.embed import torch_wespeaker

        if model is None:
            raise UsageError(
                "the wespeaker embedder needs a model",
                hint="--model DIR, a folder with avg_model.pt and config.yaml",
            )
        return torch_wespeaker.load(model, device=device)
    close = difflib.get_close_matches(name, EMBEDDERS, n=1, cutoff=0.4)
    hint = f"did you mean {close[0]}?" if close else None
    raise UsageError(f"unknown embedder {name!r}, expected {' or '.join(EMBEDDERS)}", hint=hint)
