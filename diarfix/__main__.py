"""Entry point of the ``diarfix`` script and of ``python -m diarfix``."""

import sys

from diarfix.errors import EXIT_INTERRUPTED


def main() -> None:
    """Run the command line; Ctrl-C while it loads ends quietly too."""
    try:
        from diarfix.cli import app

        app()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
