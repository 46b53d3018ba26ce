"""``python -m diarfix``."""

from diarfix.cli import main

main()
