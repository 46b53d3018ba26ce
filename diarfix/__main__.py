"""Entry point of the ``diarfix`` script and of ``python -m diarfix``."""

import gc
import os
import signal
import sys

from diarfix.errors import EXIT_INPUT, EXIT_INTERRUPTED, EXIT_PIPE, reason


def main() -> None:
    """Run the command line; Ctrl-C while it loads ends quietly too."""
    _hold_streams()
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


def _hold_streams() -> None:
    """Let a standard stream that was closed (``>&-``) fail when it is used, as a bad file.

    Python has None for it, and the next file to be opened would get its number.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            # What nobody hears may be said; what nobody gets is an error.
            wrong_way = os.O_RDONLY if name == "stdout" else os.O_WRONLY
            made = os.open(os.devnull, wrong_way)
            if made != number:
                os.dup2(made, number)
                os.close(made)
            setattr(sys, name, os.fdopen(number, mode, closefd=False))


def _end(said: str, code: int) -> None:
    sys.stdout = None  # what waits in its buffer would fail once more at shutdown
    if said:
        print(said, file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
