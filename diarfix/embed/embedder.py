"""What an embedder is, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from diarfix.core import F32, F64, Bool
from diarfix.embed.audio import Audio
from diarfix.files import Progress


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
        """The kind of embedder, one of :data:`diarfix.config.EMBEDDERS`."""

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
