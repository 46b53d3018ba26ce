"""Work that spawned workers can import."""

import os
import signal
import time


def die(task):
    """Kill the worker "always", or "once": unless the mark of an earlier death is there."""
    mark, kills = task
    if kills and not (kills == "once" and mark.exists()):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return mark.name, kills


def linger(folder):
    """Say who is at work here and stay until told to end; clean up then."""
    mark = folder / str(os.getpid())
    mark.touch()
    try:
        time.sleep(120)
    finally:
        mark.unlink()
