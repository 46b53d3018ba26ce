"""The command line: parse, call, show, exit. Commands import what they need when they run."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from diarfix.cli.command import (
    PROGRAM,
    VERBOSE,
    WIDEST,
    Command,
    declared,
    flag,
    heading,
    help_flag,
    settled,
    with_knobs,
    write_panels,
)
from diarfix.cli.console import Messages, tell
from diarfix.errors import (
    EXIT_BUG,
    EXIT_INPUT,
    EXIT_INTERRUPTED,
    EXIT_PIPE,
    DiarfixError,
    InputError,
    UsageError,
    reason,
)

__all__ = ["COMMANDS", "app", "load_command"]


class About(NamedTuple):
    """What help tells of a command: a line, calls to begin with, and what else is to be known."""

    line: str
    examples: tuple[str, ...]
    more: str = ""


#: Every command; its options stand in :mod:`diarfix.cli.options`, and what it does in the module
#: ``diarfix.cli.NAME``, "-" being "_" there, as the function ``NAME_command``.
COMMANDS = {
    "smooth": About(
        "Repair speaker labels from labels, times, pauses and punctuation alone.",
        (
            "diarfix smooth talk.json --turns talk.rttm -o fixed.json",
            "diarfix smooth talks/ -i --backup .bak",
        ),
    ),
    "recheck": About(
        "Hear doubtful words again, move those whose voice is clear, then smooth.",
        ("diarfix recheck talk.json --audio talk.wav --turns talk.rttm -o fixed.json",),
    ),
    "score": About(
        "Tell how good speaker labels are and where they go wrong.",
        (
            "diarfix score talk.ref.rttm talk.json",
            "diarfix score refs/ talks/ --fail-if 'wser>0.05' --html report.html",
        ),
    ),
    "inspect": About(
        "Tell what a file is, who speaks in it, and what each command could do with it.",
        ("diarfix inspect talk.json",),
    ),
    "convert": About(
        "Write a transcript as subtitles, text, or what another tool reads.",
        ("diarfix convert talk.json --to srt -o talk.srt",),
        "Subtitles and turns are cut where the speaker changes, from the labels of the words.",
    ),
    "rename": About(
        "Give speakers other names, in every place of a file that names them.",
        ("diarfix rename talk.json SPEAKER_00=Ann SPEAKER_01=Ben -o named.json",),
        "All names change at once, so A=B B=A swaps two speakers; two speakers under one name"
        " become one.",
    ),
    "benchmark": About(
        "Compare ways of labelling over a corpus: paired, with intervals and harm counted.",
        ("diarfix benchmark --corpus corpus.json --out report",),
    ),
    "migrate-embeddings": About(
        "Bring stored voiceprints to one model: re-embed, or clear what can no longer be compared.",
        (
            "diarfix migrate-embeddings contacts.json --samples-dir samples --dry-run",
            "diarfix migrate-embeddings contacts.json --samples-dir samples",
        ),
        "With --embedder or --model, vectors that are tagged otherwise count as another model's.",
    ),
}


def load_command(name: str) -> TyperCommand:
    """The whole command, its options included."""
    from diarfix.cli import options

    about, noun = COMMANDS[name], name.replace("-", "_")
    # ``migrate-embeddings`` takes MigrateEmbeddingsOptions.
    kind = with_knobs(getattr(options, f"{noun.title().replace('_', '')}Options"))

    def run(**values: Any) -> None:
        module = importlib.import_module(f"diarfix.cli.{noun}")
        getattr(module, f"{noun}_command")(kind(**values))

    return Command(
        name,
        callback=run,
        params=declared(kind),
        help=_page(about.line, about.more, about.examples),
        context_settings={"max_content_width": WIDEST},
        add_help_option=False,
        rich_markup_mode=None,
    )


def _page(line: str, more: str, examples: tuple[str, ...]) -> str:
    """The text of a page of help; lines after a backspace are not wrapped."""
    return "\n\n".join(filter(None, (line, more, "\n".join(("\b", *(f"$ {e}" for e in examples))))))


class Gate(TyperGroup):
    """The one place where an error becomes a line on stderr and an exit code."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, about in COMMANDS.items():  # names and lines; see load_command for the rest
            self.add_command(TyperCommand(name, help=about.line))

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """Read what stands before the command."""
        self.params = settled(self.params)
        with _told(None):
            return super().make_context(info_name, args, parent, **extra)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Load the command that is to run, or to be completed; the others stay names."""
        name, known, rest = super().resolve_command(ctx, args)
        return name, known if name is None else load_command(name), rest

    def invoke(self, ctx: Any) -> Any:
        """Run a command; see the table of exit codes in the documentation."""
        with _told(ctx):
            return super().invoke(ctx)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, then the few options that stand before one."""
        with formatter.section(heading("Commands")):
            formatter.write_dl([(name, about.line) for name, about in COMMANDS.items()])
        write_panels(self.params, ctx, formatter)


@contextmanager
def _told(ctx: Any) -> Iterator[None]:
    """Make of every error what :class:`Gate` says; ``ctx`` is None while it is being made."""
    try:
        yield
    except DiarfixError as error:
        Messages(_level(ctx)).error(error)
        raise typer.Exit(error.exit_code) from error
    except typer.TyperException as error:
        Messages().error(_usage(error, ctx))
        raise typer.Exit(EXIT_INPUT) from error
    except BrokenPipeError as error:
        # The reader (`| head`) has had enough: no message, and no second one at shutdown.
        sys.stdout = None
        raise typer.Exit(EXIT_PIPE) from error
    except KeyboardInterrupt as error:
        tell("interrupted")
        raise typer.Exit(EXIT_INTERRUPTED) from error
    except (typer.Exit, typer.Abort):
        raise
    except (OSError, MemoryError) as error:
        Messages(_level(ctx)).error(_refused(error))
        raise typer.Exit(EXIT_INPUT) from error
    except Exception as error:
        import traceback

        tell(traceback.format_exc().rstrip("\n"))
        tell("error: this is a bug in diarfix; please report the lines above")
        raise typer.Exit(EXIT_BUG) from error


def _refused(error: OSError | MemoryError) -> InputError:
    """What the system would not do."""
    if isinstance(error, MemoryError):
        return InputError("the input takes more memory than there is")
    # What names no file is a standard stream, or the working folder, which may be gone.
    where = error.filename or "<stdout>"
    if isinstance(error, FileNotFoundError):
        where = error.filename or "the working folder"
    elif where == "<stdout>":
        sys.stdout = None  # what waits in its buffer would fail once more at shutdown
    return InputError(f"{where}: {reason(error)}")


def _level(ctx: Any) -> int:
    return ctx.meta.get(VERBOSE, 0) if ctx else 0


def _usage(error: typer.TyperException, ctx: Any) -> UsageError:
    """What Typer says of a wrong call, in one line."""
    text = " ".join(error.format_message().split()).removesuffix(".").replace("Value error, ", "")
    where = getattr(getattr(error, "ctx", None) or ctx, "command_path", "diarfix")
    return UsageError(text[:1].lower() + text[1:], hint=f"see: {where} --help")


app = typer.Typer(
    name="diarfix",
    cls=Gate,
    help=_page(
        "Repair word-level speaker labels after diarization, and measure whether it helped.",
        "Only labels move: words are never added, dropped or re-timed.",
        (
            "diarfix inspect talk.json",
            "diarfix smooth talk.json --turns talk.rttm -o fixed.json",
            "diarfix score reference.rttm fixed.json",
        ),
    ),
    epilog="What a command can do: diarfix COMMAND --help",
    invoke_without_command=True,
    add_help_option=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"max_content_width": WIDEST},
)


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        print(f"diarfix {version('diarfix')}")
        raise typer.Exit


_Version = flag(
    PROGRAM, "Print the version and exit.", "--version", callback=_version, is_eager=True
)
_Help = help_flag(PROGRAM, "Show this page and exit.", "--help", "-h")


@app.callback()
def _root(
    ctx: typer.Context,
    version: bool = _Version,
    help: bool = _Help,  # noqa: A002
) -> None:
    del version, help
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit(EXIT_INPUT)
