"""Where a model runs, and the bar of the commands that listen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diarfix.cli.console import Messages, Tick
    from diarfix.config import Device
    from diarfix.files import Progress


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
