"""Work that spawned workers can import."""

import os
import signal


def die(task):
    """Kill the worker "always", or "once": unless the mark of an earlier death is there."""
    mark, kills = task
    if kills and not (kills == "once" and mark.exists()):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return mark.name, kills
