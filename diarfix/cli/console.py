"""The only place that prints: data to stdout, words for people to stderr."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from diarfix.errors import DiarfixError, InputError, reason

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

#: Part of every JSON document; raised when a key changes its meaning.
SCHEMA_VERSION = 1


#: How often ``-v`` must stand for tracebacks.
TRACEBACKS = 2


@dataclass(frozen=True, slots=True)
class Messages:
    """What a command may say on stderr.

    level        -1 errors only, 0 summaries, 1 details, 2 tracebacks
    annotations  tell errors a second time, as GitHub's workflow commands
    """

    level: int = 0
    annotations: bool = False

    def say(self, text: str) -> None:
        """Tell the outcome."""
        if self.level >= 0:
            print(one_line(text), file=sys.stderr)

    def note(self, text: str) -> None:
        """Tell what a person should know about how input was read."""
        if self.level >= 0:
            print(f"note: {one_line(text)}", file=sys.stderr)

    def detail(self, text: str) -> None:
        """Tell what only ``-v`` asks for."""
        if self.level >= 1:
            print(one_line(text), file=sys.stderr)

    def error(self, error: DiarfixError) -> None:
        """Tell what is wrong, in one line, and what to do about it in another."""
        if self.level >= TRACEBACKS:
            import traceback

            traceback.print_exception(error)
        print(f"error: {one_line(error.message)}", file=sys.stderr)
        if error.hint:
            print(f"hint: {one_line(error.hint)}", file=sys.stderr)
        if self.annotations:
            # GitHub's escapes for a workflow command's message.
            text = error.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
            print(f"::error title=diarfix::{text}", file=sys.stderr)


def one_line(text: str) -> str:
    r"""Text that may hold what stands in a file, for a terminal: nothing in it moves the cursor.

    >>> one_line("a\r\nb: no speaker '\u9ec4 \x1b[2J'")
    "a\\r\\nb: no speaker '黄 \\x1b[2J'"
    """
    if text.isprintable():
        return text
    escaped = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return "".join(escaped)


class Tick(Protocol):
    """Called after each step of a long task."""

    def __call__(self, done: int = 1) -> None:
        """Advance by ``done`` steps."""


def _no_tick(done: int = 1) -> None:
    """Nobody watches."""
    del done


@contextmanager
def progress(total: int, what: str, messages: Messages) -> Iterator[Tick]:
    """A bar on stderr while a task of ``total`` steps runs; nothing where no person watches."""
    if total < 2 or messages.level < 0 or not sys.stderr.isatty():
        yield _no_tick
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr(), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done=1: bar.update(task, advance=done)


def stdout() -> Console:
    """A Rich console on stdout: colour on a terminal only, ``NO_COLOR`` respected."""
    from rich.console import Console

    # Off a terminal nobody's window limits a line; 100 columns read well in logs.
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 100
    _lenient()
    # No markup: brackets and colons in labels and transcripts are what they are.
    return Console(highlight=False, markup=False, emoji=False, width=width, soft_wrap=False)


def _lenient() -> None:
    """Let no character end a report: what the encoding lacks, a lone surrogate too, is escaped."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def stderr() -> Console:
    """A Rich console on stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


@contextmanager
def _printing() -> Iterator[None]:
    """Let a full disk behind stdout be the user's error, told while it can be told."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stdout = None  # what waits in its buffer would fail once more at shutdown
        raise InputError(f"<stdout>: cannot be written: {reason(error)}") from error


def terminal_width() -> int | None:
    """Width of the terminal on stdout; None where it is none."""
    return stdout().width if sys.stdout.isatty() else None


def print_item(item: RenderableType) -> None:
    """Print something Rich can draw on stdout."""
    with _printing():
        stdout().print(item)


def print_wide(item: RenderableType) -> None:
    """Print a table on stdout that is never squeezed: off a terminal it takes what it needs."""
    from rich.measure import Measurement

    console = stdout()
    if not console.is_terminal:
        unlimited = console.options.update(max_width=1000)
        console.width = max(console.width, Measurement.get(console, unlimited, item).maximum)
    with _printing():
        console.print(item)


def print_wrapped(item: RenderableType) -> None:
    """Print text on stdout that the terminal itself wraps, so that it can be piped and searched."""
    from rich.text import Text

    console = stdout()
    if console.color_system is None and isinstance(item, Text):
        _plain(item.plain)  # Rich takes minutes over what has a hundred thousand lines
        return
    with _printing():
        console.print(item, soft_wrap=True, end="")


def print_json(tree: dict[str, Any]) -> None:
    """Print one JSON document on stdout, with its schema version, and nothing else."""
    document = {"schema_version": SCHEMA_VERSION, **tree}
    _plain(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def print_lines(lines: Iterable[str]) -> None:
    """Print plain lines on stdout."""
    _plain("".join(f"{line}\n" for line in lines))


def _plain(text: str) -> None:
    from diarfix.files.local import write_stdout

    # What the encoding lacks is escaped; of a lone surrogate that is JSON's own spelling.
    write_stdout(text.encode(sys.stdout.encoding, errors="backslashreplace"))
