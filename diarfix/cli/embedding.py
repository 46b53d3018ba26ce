"""Options that choose an embedder, shared by the commands that listen, and their bar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from diarfix.cli.console import Messages, Tick
    from diarfix.files.progress import Progress

Kind = Literal["auto", "cpu", "cuda"]
EmbedderName = Annotated[
    Literal["onnx", "wespeaker"],
    typer.Option("--embedder", help="What runs the model: onnxruntime, or torch."),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="PATH|URL#sha256=HEX|NAME",
        help="The model. (default, onnx: voxceleb_resnet34_LM, downloaded once)",
        show_default=False,
    ),
]
Device = Annotated[Kind, typer.Option("--device", help="Where the model runs.")]
Offline = Annotated[bool, typer.Option("--offline", help="Never download a model.")]


def device_of(engine: str, device: Kind) -> Kind:
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
