"""Options that choose an embedder, shared by the commands that listen, and their bar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from diarfix.config import DEFAULT_EMBEDDER, EMBEDDERS, Device

if TYPE_CHECKING:
    from diarfix.cli.console import Messages, Tick
    from diarfix.files.progress import Progress

EmbedderName = Annotated[
    str | None,
    typer.Option(
        "--embedder",
        metavar=f"<{'|'.join(EMBEDDERS)}>",
        help=f"What runs the model: onnxruntime, or torch. (default {DEFAULT_EMBEDDER})",
        show_default=False,
        autocompletion=lambda: list(EMBEDDERS),
    ),
]
ModelName = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="PATH|URL#sha256=HEX|NAME",
        help="The model. (default, onnx: voxceleb_resnet34_LM, downloaded once)",
        show_default=False,
    ),
]
DeviceName = Annotated[Device, typer.Option("--device", help="Where the model runs.")]
Offline = Annotated[bool, typer.Option("--offline", help="Never download a model.")]


def device_of(engine: str, device: Device) -> Device:
    """The device to ask for: on a cluster, "auto" would be another one from node to node."""
    return "cpu" if engine == "ray" and device == "auto" else device


@contextmanager
def bar(say: Messages) -> Iterator[Progress]:
    """A bar on stderr for each kind of work, from its first report on."""
    from diarfix.cli.console import progress

    with ExitStack() as stack:
        ticks: dict[str, tuple[Tick, list[int]]] = {}

        def report(done: int, total: int, what: str) -> None:
            if what not in ticks:
                stack.close()  # one bar at a time
                ticks[what] = (stack.enter_context(progress(total, what, say)), [0])
            tick, before = ticks[what]
            tick(done - before[0])
            before[0] = done

        yield report
