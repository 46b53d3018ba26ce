"""The command line: parse, call, show, exit. Commands import what they need when they run."""

from __future__ import annotations

import sys
import traceback
from typing import Any

import typer
from typer.core import TyperGroup

from diarfix.cli.console import Messages
from diarfix.errors import EXIT_BUG, EXIT_INTERRUPTED, DiarfixError

#: What a shell reports for a program ended by SIGPIPE.
_EXIT_PIPE = 141


class Gate(TyperGroup):
    """The one place where an error becomes a line on stderr and an exit code."""

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
            if _is_usage(error):
                raise
            traceback.print_exc()
            print("error: this is a bug in diarfix; please report the lines above", file=sys.stderr)
            raise typer.Exit(EXIT_BUG) from error


def _is_usage(error: Exception) -> bool:
    # Typer carries its own click; its usage errors print themselves and exit with 2.
    return any(kind.__name__ == "ClickException" for kind in type(error).__mro__)


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


from diarfix.cli import benchmark as _benchmark  # noqa: E402 - commands hang on `app`
from diarfix.cli import convert as _convert  # noqa: E402
from diarfix.cli import inspect as _inspect  # noqa: E402
from diarfix.cli import migrate_embeddings as _migrate  # noqa: E402
from diarfix.cli import recheck as _recheck  # noqa: E402
from diarfix.cli import rename as _rename  # noqa: E402
from diarfix.cli import score as _score  # noqa: E402
from diarfix.cli import smooth as _smooth  # noqa: E402

app.command("smooth")(_smooth.smooth)
app.command("recheck")(_recheck.recheck)
app.command("score")(_score.score)
app.command("inspect")(_inspect.inspect)
app.command("convert")(_convert.convert)
app.command("rename")(_rename.rename)
app.command("benchmark")(_benchmark.benchmark)
app.command("migrate-embeddings")(_migrate.migrate_embeddings)


def main() -> None:
    """Entry point of the ``diarfix`` script."""
    app()
