"""The only place that prints: data to stdout, words for people to stderr."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from diarfix.errors import DiarfixError, InputError, reason, worst_exit

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.text import Text

    from diarfix.files import Progress

_R = TypeVar("_R")

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
    """What a command may say on stderr, and the exit code that its errors come to.

    level        -1 errors only, 0 summaries, 1 details, 2 tracebacks
    annotations  tell errors a second time, as GitHub's workflow commands
    codes        exit codes of the errors that were told
    failures     what ``--json`` tells of the files that failed
    """

    level: int = 0
    annotations: bool = False
    codes: list[int] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)

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

    def each(self, work: Callable[[str], _R], paths: Iterable[str]) -> Iterator[_R]:
        """Yield what work makes of each file; those that fail are told, and the rest goes on."""
        for path in paths:
            try:
                result = work(path)
            except DiarfixError as error:
                self.fail(path, error)
            else:
                yield result

    def fail(self, path: str, error: DiarfixError) -> None:
        """Tell the error that one file of many ends in."""
        self.error(error)
        self.failures.append({"path": path, "error": error.message})

    def end(self) -> None:
        """End the command by ``typer.Exit`` if anything went wrong."""
        if code := worst_exit(self.codes):
            raise typer.Exit(code)

    def error(self, error: DiarfixError) -> None:
        """Tell what is wrong, in one line, and what to do about it in another."""
        self.codes.append(error.exit_code)
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


@contextmanager
def progress(total: int, what: str, messages: Messages) -> Iterator[Callable[[int], object]]:
    """A bar on stderr while a task of ``total`` steps runs; nothing where no person watches.

    Yields what is to be called with the number of steps that were done.
    """
    if total < 2 or messages.level < 0 or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich import progress as rich
    from rich.console import Console

    columns = (
        rich.TextColumn("{task.description}", markup=False),
        rich.BarColumn(),
        rich.MofNCompleteColumn(),
        rich.TimeRemainingColumn(),
    )
    stderr = Console(stderr=True, highlight=False)
    with rich.Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task(_visible(what), total=total)
        yield lambda done: bar.update(task, advance=done)


@contextmanager
def bars(messages: Messages) -> Iterator[Progress]:
    """A bar on stderr for each kind of work that is reported, from its first report on."""
    with ExitStack() as stack:
        ticks: dict[str, tuple[Callable[[int], object], list[int]]] = {}

        def report(done: int, total: int, what: str) -> None:
            if what not in ticks:
                stack.close()  # one bar at a time
                ticks[what] = (stack.enter_context(progress(total, what, messages)), [0])
            tick, before = ticks[what]
            tick(done - before[0])
            before[0] = done

        yield report


def stdout() -> Console:
    """A Rich console on stdout: colour on a terminal only, ``NO_COLOR`` respected."""
    from rich.console import Console

    # Off a terminal nobody's window limits a line; 100 columns read well in logs.
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 100
    if isinstance(sys.stdout, io.TextIOWrapper):
        # No character ends a report: what the encoding lacks, a lone surrogate too, is escaped.
        sys.stdout.reconfigure(errors="backslashreplace")

    class Stdout(Console):
        def on_broken_pipe(self) -> None:
            """Rich would end the program with 1, which is an answer: no."""
            raise BrokenPipeError

    # No markup: brackets and colons in labels and transcripts are what they are.
    return Stdout(highlight=False, markup=False, emoji=False, width=width, soft_wrap=False)


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


def print_rows(rows: Sequence[dict[str, Any]], right: str, plain: dict[str, str]) -> None:
    """Print rows of one shape as a table on stdout.

    right  the column that is aligned right
    plain  what a row must hold not to be bold
    """
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in rows[0]:
        table.add_column(column, justify="right" if column == right else "left", no_wrap=True)
    for row in rows:
        cells = [str(v).lower() if isinstance(v, bool) else str(v) for v in row.values()]
        table.add_row(*cells, style=None if plain.items() <= row.items() else "bold")
    print_item(table)


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


def print_json(tree: Mapping[str, Any], failures: Sequence[Mapping[str, str]] = ()) -> None:
    """Print one JSON document on stdout, with its schema version, and nothing else.

    failures  what became of the inputs that failed; no key where none did
    """
    document = {"schema_version": SCHEMA_VERSION, **tree}
    if failures:
        document["errors"] = [*failures]
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
