"""The loop of commands that look at one file after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from diarfix.cli.console import Messages
from diarfix.errors import DiarfixError

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True)
class Each:
    """Results of a function over files; what failed is told, counted, and does not stop the rest.

    codes   exit codes of the files that failed
    errors  the same for ``--json``
    """

    say: Messages
    codes: list[int] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def run(self, work: Callable[[T], R], paths: Sequence[str], tasks: Sequence[T]) -> Iterator[R]:
        """Yield ``work(task)`` where it succeeds, in order."""
        for path, task in zip(paths, tasks, strict=True):
            try:
                yield work(task)
            except DiarfixError as error:
                self.say.error(error)
                self.codes.append(error.exit_code)
                self.errors.append({"path": path, "error": error.message})

    def failed(self) -> dict[str, Any]:
        """What ``--json`` adds if something failed."""
        return {"errors": self.errors} if self.errors else {}
