"""The only place that prints: data to stdout, words for people to stderr."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from diarfix.errors import DiarfixError, InputError, reason

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.text import Text

#: Part of every JSON document; raised when a key changes its meaning.
SCHEMA_VERSION = 1


#: What JSON may hold unescaped and a terminal obeys, or nobody sees, or UTF-8 cannot say.
_HIDDEN = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)

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
            tell(_visible(text))

    def note(self, text: str) -> None:
        """Tell what a person should know about how input was read."""
        if self.level >= 0:
            tell(f"note: {_visible(text)}")

    def detail(self, text: str) -> None:
        """Tell what only ``-v`` asks for."""
        if self.level >= 1:
            tell(_visible(text))

    def error(self, error: DiarfixError) -> None:
        """Tell what is wrong, in one line, and what to do about it in another."""
        if self.level >= TRACEBACKS:
            import traceback

            tell("".join(traceback.format_exception(error)).rstrip("\n"))
        tell(f"error: {_visible(error.message)}")
        if error.hint:
            tell(f"hint: {_visible(error.hint)}")
        if self.annotations:
            # GitHub's escapes for a workflow command's message.
            text = error.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
            tell(f"::error title=diarfix::{_visible(text)}")


def _visible(text: str) -> str:
    from diarfix.report import one_line  # who asks for a version needs no more

    return one_line(text)


def tell(text: str) -> None:
    """Print a line on stderr. That nobody listens there (any more) stops no work."""
    try:
        print(text, file=sys.stderr)
    except (OSError, ValueError):
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - until the end


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
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr(), transient=True) as bar:
        task = bar.add_task(_visible(what), total=total)
        yield lambda done=1: bar.update(task, advance=done)


def stdout() -> Console:
    """A Rich console on stdout: colour on a terminal only, ``NO_COLOR`` respected."""
    from rich.console import Console

    # Off a terminal nobody's window limits a line; 100 columns read well in logs.
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 100
    _lenient()

    class Stdout(Console):
        def on_broken_pipe(self) -> None:
            """Rich would end the program with 1, which is an answer: no."""
            raise BrokenPipeError

    # No markup: brackets and colons in labels and transcripts are what they are.
    return Stdout(highlight=False, markup=False, emoji=False, width=width, soft_wrap=False)


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


class _Visible:
    """Something Rich can draw, without what its text could do to a terminal.

    isolates  marks of direction are its own
    """

    def __init__(self, item: RenderableType, *, isolates: bool = False) -> None:
        self.item = _visible(item) if isinstance(item, str) else item
        self.isolates = isolates

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """Draw it, and look at every piece: whatever the item, its text ends here."""
        from rich.segment import Segment

        from diarfix.report import ISOLATES, one_line

        keep = ISOLATES if self.isolates else ""
        item = console.render_str(self.item) if isinstance(self.item, str) else self.item
        for piece in console.render(item, options):
            if piece.control or piece.text == "\n":
                yield piece
            else:
                lines = (one_line(line, keep) for line in piece.text.split("\n"))
                yield Segment("\n".join(lines), piece.style)


def print_item(item: RenderableType) -> None:
    """Print something Rich can draw on stdout."""
    with _printing():
        stdout().print(_Visible(item))


def print_wide(item: RenderableType) -> None:
    """Print a table on stdout that is never squeezed: off a terminal it takes what it needs."""
    from rich.measure import Measurement

    console = stdout()
    if not console.is_terminal:
        unlimited = console.options.update(max_width=1000)
        console.width = max(console.width, Measurement.get(console, unlimited, item).maximum)
    with _printing():
        console.print(_Visible(item))


def print_wrapped(item: Text) -> None:
    """Print lines on stdout that the terminal itself wraps, so that they can be piped and searched.

    Whoever drew them has seen to what stands in them, isolates of his own aside.
    """
    from diarfix.report import ISOLATES, one_line

    item.end = ""
    console = stdout()
    if console.color_system is None:  # Rich takes minutes over a hundred thousand lines
        _plain("\n".join(one_line(line, ISOLATES) for line in item.plain.split("\n")))
        return
    with _printing():
        console.print(_Visible(item, isolates=True), soft_wrap=True, end="")


def json_text(tree: Any, **how: Any) -> str:
    """A tree as JSON text, in which what no terminal should get is spelled as an escape."""
    return _escaped(json.dumps(tree, ensure_ascii=False, **how))


def _escaped(text: str) -> str:
    return _HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def print_json(tree: dict[str, Any]) -> None:
    """Print one JSON document on stdout, with its schema version, and nothing else."""
    document = {"schema_version": SCHEMA_VERSION, **tree}
    _plain(json_text(document, indent=2, allow_nan=False) + "\n")


def print_lines(lines: Iterable[str]) -> None:
    """Print plain lines on stdout."""
    _plain("".join(f"{_visible(line)}\n" for line in lines))


def print_result(text: str) -> None:
    """Print a document or what it was converted to: as it is, on a terminal so that it shows."""
    from diarfix.files import STREAM, write_text

    if not sys.stdout.isatty():
        write_text(STREAM, text)
    elif text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        _plain(_escaped(text))
    else:
        _plain("\n".join(map(_visible, text.split("\n"))))


def _plain(text: str) -> None:
    from diarfix.files import write_stdout

    # What the encoding lacks is escaped; of a lone surrogate that is JSON's own spelling.
    write_stdout(text.encode(sys.stdout.encoding, errors="backslashreplace"))
