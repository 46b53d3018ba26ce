"""Entry point of the ``diarfix`` script and of ``python -m diarfix``."""

import signal
import sys

from diarfix.errors import EXIT_INTERRUPTED


def main() -> None:
    """Run the command line; Ctrl-C while it loads ends quietly too."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        # Who is told to end cleans up as after Ctrl-C; what nohup made deaf stays so.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    try:
        from diarfix.cli import app

        app()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
