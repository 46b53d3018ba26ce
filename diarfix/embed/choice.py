"""Which embedder is asked for: known by a digest before, and without, being loaded."""

from __future__ import annotations

from dataclasses import dataclass

from diarfix.config import DEFAULT_EMBEDDER, Device, find_embedder, imported
from diarfix.embed.embedder import Embedder
from diarfix.files import Progress

_loaded: dict[Choice, Embedder] = {}


@dataclass(frozen=True, slots=True)
class Choice:
    """An embedder, its model and where it runs, as :func:`load_embedder` takes them.

    name  None: the default embedder

    Raises UsageError for an unknown name.
    """

    name: str | None = None
    model: str | None = None
    device: Device = "auto"
    offline: bool = False

    def __post_init__(self) -> None:
        find_embedder(self.kind)

    @property
    def kind(self) -> str:
        """The embedder's name."""
        return DEFAULT_EMBEDDER if self.name is None else self.name

    @property
    def chosen(self) -> bool:
        """Whether somebody named an embedder or a model."""
        return self.name is not None or self.model is not None

    def identify(self, *, progress: Progress | None = None) -> tuple[str, str]:
        """Name and digest, which tag its vectors: they differ where vectors differ.

        Loads no model, and reads none either where a digest is on record; else the model is fetched
        unless that is forbidden. The device is left out: kinds of device agree on every decision.
        """
        digest = imported(find_embedder(self.kind).digest)
        return self.kind, digest(self.model, offline=self.offline, progress=progress)

    def load(self, *, progress: Progress | None = None) -> Embedder:
        """Load it, once per process."""
        if self not in _loaded:
            _loaded[self] = load_embedder(
                self.kind,
                model=self.model,
                device=self.device,
                offline=self.offline,
                progress=progress,
            )
        return _loaded[self]


def load_embedder(
    name: str = DEFAULT_EMBEDDER,
    *,
    model: str | None = None,
    device: Device = "auto",
    offline: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Embedder:
    """Load an embedder.

    name      "onnx" (onnxruntime) or "wespeaker" (torch), see :data:`diarfix.config.EMBEDDERS`
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
    load = imported(find_embedder(name).load)
    embedder: Embedder = load(
        model, device=device, offline=offline, threads=threads, progress=progress
    )
    return embedder
