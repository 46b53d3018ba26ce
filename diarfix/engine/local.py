"""Tasks on this machine, in one process or several."""

from __future__ import annotations

import collections
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

#: Results that may wait for an earlier one, per process: bounds memory.
_AHEAD = 4


def run_on_cores(work: Callable[[T], R], tasks: Sequence[T], jobs: int) -> Iterator[R]:
    """Yield ``work(task)`` in order, by so many processes; 0 means one per core."""
    n_jobs = min(jobs or os.cpu_count() or 1, len(tasks))
    if n_jobs <= 1:
        yield from map(work, tasks)
        return
    import multiprocessing
    from concurrent.futures import Future, ProcessPoolExecutor

    # Spawned workers inherit no locks or threads of the caller, on every platform alike.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(n_jobs, mp_context=context)
    waiting: collections.deque[Future[R]] = collections.deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) >= _AHEAD * n_jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
