"""Where tasks run: on this machine or on a Ray cluster, with the same results in the same order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from diarfix.errors import InputError

__all__ = ["Engine", "run_ordered"]

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Who does the work.

    name  local: processes of this machine; ray: a Ray cluster
    jobs  processes (0: one per core, None: one); on Ray, tasks at a time (0 or None: the cluster's
          cores)
    gpus  GPUs a task takes; Ray hides them from a task that asks for none
    """

    name: Literal["local", "ray"] = "local"
    jobs: int | None = None
    gpus: int = 0

    @property
    def apart(self) -> bool:
        """Whether work runs in other processes: they see neither our stdin nor our memory."""
        return self.name == "ray" or self.jobs not in {None, 1}

    @property
    def repeats(self) -> bool:
        """Whether a task may run twice, because the machine under its first run was lost."""
        return self.name == "ray"


def run_ordered(
    work: Callable[[_T], _R],
    tasks: Sequence[_T],
    engine: Engine | None = None,
    lost: Callable[[_T, InputError], _R] | None = None,
) -> Iterator[_R]:
    """Yield ``work(task)`` for every task, in order; a bounded number waits for an earlier one.

    lost  makes a result of a task that kills whatever process works on it; None: that ends the run

    The results do not depend on the engine. Where it works apart, ``work`` must be importable by
    name, and tasks and results travel by pickle. Close the iterator to cancel what is left.
    """
    chosen = engine or Engine()
    if chosen.name == "ray":
        from diarfix.engine.cluster import run_on_cluster

        return run_on_cluster(work, tasks, chosen.jobs or 0, chosen.gpus, lost)
    n_jobs = 1 if chosen.jobs is None else min(chosen.jobs or os.cpu_count() or 1, len(tasks))
    if n_jobs <= 1:
        return map(work, tasks)
    from diarfix.engine.local import run_in_processes

    return run_in_processes(work, tasks, n_jobs, lost)
