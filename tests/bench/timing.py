"""How long something takes."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable


def median_ms(work: Callable[[], object], repeats: int = 7) -> float:
    """Median wall time of ``work`` in milliseconds, after one run to warm up."""
    work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


def command(*arguments: str) -> Callable[[], object]:
    """A whole process, output thrown away, its modules compiled once as in any installation."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return lambda: subprocess.run(arguments, check=True, capture_output=True, env=env)
