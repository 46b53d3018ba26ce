"""How long work says how far it is."""

from __future__ import annotations

from collections.abc import Callable

#: ``(done, total, what)``; ``total`` is 0 where it is not known.
Progress = Callable[[int, int, str], None]
