"""The command line: parse, call, show, exit. Commands import what they need when they run."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from diarfix.cli.console import Messages
from diarfix.cli.plain import PlainCommand, spared
from diarfix.errors import EXIT_BUG, EXIT_INPUT, EXIT_INTERRUPTED, DiarfixError, UsageError

#: What a shell reports for a program ended by SIGPIPE.
_EXIT_PIPE = 141


#: Every command and the first line of its docstring: help and completion name commands without
#: importing them. ``NAME`` stands in the module ``diarfix.cli.NAME``, "-" being "_" there.
COMMANDS = {
    "smooth": "Repair speaker labels from labels, times, pauses and punctuation alone.",
    "recheck": "Hear doubtful words again, move those whose voice is clear, then smooth.",
    "score": "Tell how good speaker labels are and where they go wrong.",
    "inspect": "Tell what a file is, who speaks in it, and what each command could do with it.",
    "convert": "Write a transcript as subtitles, text, or what another tool reads.",
    "rename": "Give speakers other names, in every place of a file that names them.",
    "benchmark": "Compare ways of labelling over a corpus: paired, with intervals and harm"
    " counted.",
    "migrate-embeddings": "Bring stored voiceprints to one model: re-embed, or clear what can no"
    " longer be compared.",
}


class Gate(TyperGroup):
    """The one place where an error becomes a line on stderr and an exit code."""

    def get_params(self, ctx: Any) -> Any:
        """The parameters, ``--help`` and completion among them."""
        return spared(super().get_params(ctx))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Load the command that is to run, or to be completed; the others stay names."""
        name, known, rest = super().resolve_command(ctx, args)
        return name, known if name is None else load_command(name), rest

    def invoke(self, ctx: Any) -> Any:
        """Run a command; see the table of exit codes in the documentation."""
        try:
            return super().invoke(ctx)
        except DiarfixError as error:
            Messages(ctx.meta.get("diarfix.verbose", 0)).error(error)
            raise typer.Exit(error.exit_code) from error
        except BrokenPipeError as error:
            # The reader (`| head`) has had enough: no message, and no second one at shutdown.
            sys.stdout = None
            raise typer.Exit(_EXIT_PIPE) from error
        except KeyboardInterrupt as error:
            print("interrupted", file=sys.stderr)
            raise typer.Exit(EXIT_INTERRUPTED) from error
        except (typer.Exit, typer.Abort, SystemExit):
            raise
        except Exception as error:
            if (wrong := _usage(error)) is not None:
                where = getattr(getattr(error, "ctx", None), "command_path", ctx.info_name)
                Messages().error(UsageError(wrong, hint=f"see: {where} --help"))
                raise typer.Exit(EXIT_INPUT) from error
            import traceback

            traceback.print_exc()
            print("error: this is a bug in diarfix; please report the lines above", file=sys.stderr)
            raise typer.Exit(EXIT_BUG) from error


def load_command(name: str) -> Any:
    """The whole command, its options included."""
    module = name.replace("-", "_")
    function = getattr(importlib.import_module(f"diarfix.cli.{module}"), module)
    alone = typer.Typer(add_completion=False)
    alone.command(name, cls=PlainCommand)(function)
    return typer.main.get_command(alone)


def _usage(error: Exception) -> str | None:
    """What Typer says of a wrong call, in one line; None for any other error."""
    # Typer carries its own click, under a private name.
    if not any(kind.__name__ == "ClickException" for kind in type(error).__mro__):
        return None
    text: str = error.format_message()  # type: ignore[attr-defined]
    text = " ".join(text.split()).removesuffix(".").replace("Value error, ", "")
    return text[:1].lower() + text[1:]


app = typer.Typer(
    name="diarfix",
    cls=Gate,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Repair word-level speaker labels after diarization, and measure whether it helped.",
)


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        print(f"diarfix {version('diarfix')}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Only labels move: words are never added, dropped or re-timed."""


for _name, _line in COMMANDS.items():
    app.command(_name, help=_line)(lambda: None)


def main() -> None:
    """Entry point of the ``diarfix`` script."""
    app()
