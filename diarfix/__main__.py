"""Entry point of the ``diarfix`` script and of ``python -m diarfix``."""

import gc
import os
import signal
import sys

from diarfix.errors import EXIT_INPUT, EXIT_INTERRUPTED, EXIT_PIPE, reason
from diarfix.files import hold_streams


def main() -> None:
    """Run the command line; Ctrl-C while it loads ends quietly too."""
    hold_streams()
    # No matrix here is so large that threads for it are worth their start; results do not depend
    # on how many there are either. What loads is many objects and no garbage.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(100_000)
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        # Who is told to end cleans up as after Ctrl-C; what nohup made deaf stays so.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    try:
        from diarfix.cli import app

        try:
            app()
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # while a failure can be told
    except KeyboardInterrupt:
        _end("interrupted", EXIT_INTERRUPTED)
    except BrokenPipeError:
        _end("", EXIT_PIPE)
    except OSError as error:
        _end(f"error: <stdout>: cannot be written: {reason(error)}", EXIT_INPUT)


def _end(said: str, code: int) -> None:
    sys.stdout = None  # what waits in its buffer would fail once more at shutdown
    if said:
        print(said, file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
