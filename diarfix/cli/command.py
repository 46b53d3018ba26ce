"""Options and commands as Typer reads them, values it need not convert, and how help looks."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable
from dataclasses import make_dataclass
from typing import TYPE_CHECKING, Any, ClassVar, get_args, get_origin

import typer
from typer.core import TyperArgument, TyperCommand, TyperOption

if TYPE_CHECKING:  # what a page of help must not load
    from diarfix.config import KnobSpec

INPUT, MODEL, OUTPUT, LOOK, CI = "Input", "Model", "Output", "Look", "CI"
#: What stands before a command, Typer's own among it.
PROGRAM = "Options"
#: What ``--help`` shows, in this order; other groups are knobs, which ``--help-all`` shows too.
PANELS = (INPUT, MODEL, OUTPUT, LOOK, CI, PROGRAM)
#: Pages of help grow no wider than this.
WIDEST = 100
#: Set in a context's ``meta`` where ``--help-all`` asked.
EVERYTHING = "diarfix.everything"
#: Holds how often ``-v`` stood there.
VERBOSE = "diarfix.verbose"
#: Columns for the names of options; longer ones have a line to themselves.
_NAMES = 26


def option(
    panel: str, metavar: str, what: str, *names: str, default: Any = None, **more: Any
) -> Any:
    """An option in a group of the help page; its name is the attribute's unless given."""
    return typer.Option(default, *names, metavar=metavar, help=what, rich_help_panel=panel, **more)


def flag(panel: str, what: str, *names: str, **more: Any) -> Any:
    """An option that takes no value, False unless it stands there."""
    return option(panel, "", what, *names, default=False, **more)


def choice(panel: str, kind: Any, what: str, default: Any = None, **more: Any) -> Any:
    """An option that takes one of the strings of a ``Literal``."""
    return option(panel, "|".join(get_args(kind)), what, default=default, **more)


def one_of(panel: str, names: Iterable[str], what: str, **more: Any) -> Any:
    """An option that takes a name of a table, which whoever looks it up checks."""
    known = list(names)
    return option(panel, "|".join(known), what, autocompletion=lambda: known, **more)


def argument(metavar: str, what: str, default: Any = None) -> Any:
    """A positional argument; ``...`` as its default makes it necessary."""
    return typer.Argument(default, metavar=metavar, help=what, rich_help_panel=INPUT)


def _show_help(ctx: typer.Context, param: typer.CallbackParam, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.meta[EVERYTHING] = param.name == "help_all"
        typer.echo(ctx.get_help())
        raise typer.Exit


def note_level(ctx: typer.Context, value: int) -> int:
    """Let the gate know how much is to be told of an error."""
    ctx.meta[VERBOSE] = value
    return value


def help_flag(panel: str, what: str, *names: str) -> Any:
    """An option that shows a page of help and ends the program."""
    return flag(panel, what, *names, is_eager=True, expose_value=False, callback=_show_help)


class Command(TyperCommand):
    """A command whose help stands in groups, knobs only where they are asked for."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and options, group by group."""
        write_panels(self.params, ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Say where the knobs are, if there are any."""
        if not ctx.meta.get(EVERYTHING) and any(_panel(p) not in PANELS for p in self.params):
            formatter.write(f"\n{heading('Knobs')}: --help-all\n")


def declared(options: Callable[..., Any]) -> list[Any]:
    """The parameters of a signature, as Typer reads them; plain values go past its converters."""
    reader = typer.Typer(add_completion=False)
    reader.command()(options)
    return settled(typer.main.get_command(reader).params)


def settled(params: Iterable[Any]) -> list[Any]:
    """The same parameters, each taking values as they stand that need no conversion.

    Typer (0.29 and later) passes every value of every option through pydantic, also those nobody
    gave, and importing pydantic takes longer than importing NumPy.
    """
    return [PlainArgument(p) if isinstance(p, TyperArgument) else PlainOption(p) for p in params]


class PlainOption(TyperOption):
    """An option of Typer's that takes plain values as they stand."""

    def __init__(self, made: TyperOption) -> None:
        vars(self).update(vars(made))

    def process_value(self, ctx: Any, value: Any) -> Any:
        """What becomes of a value."""
        if not _plain(self, value):
            return super().process_value(ctx, value)
        return value if self.callback is None else self.callback(ctx, self, value)


class PlainArgument(TyperArgument):
    """An argument of Typer's that takes plain values as they stand."""

    def __init__(self, made: TyperArgument) -> None:
        vars(self).update(vars(made))

    def process_value(self, ctx: Any, value: Any) -> Any:
        """What becomes of a value."""
        return value if _plain(self, value) else super().process_value(ctx, value)

    def get_usage_pieces(self, ctx: Any) -> list[str]:
        """How the argument stands in the usage line."""
        del ctx
        return [str(self.metavar)]


def _plain(param: TyperOption | TyperArgument, value: Any) -> bool:
    """Whether a value is what is wanted: a default, a flag, a count, a choice, or text for text."""
    if value is None:
        return not param.required
    if not isinstance(value, (str, list, tuple)):
        return True
    wanted = getattr(param, "type_descriptor", None)  # before 0.29 Typer converted by itself
    if wanted is None:
        return False
    return wanted.annotation in (str, list[str]) or value in (wanted.choices or ())


def by_panel(params: Iterable[Any]) -> dict[str, list[tuple[str, str]]]:
    """What is shown of parameters, (spelling, meaning), by group; arguments stand first."""
    panels: dict[str, list[tuple[str, str]]] = {name: [] for name in PANELS}
    for param in sorted(params, key=lambda p: isinstance(p, TyperOption)):
        panels.setdefault(_panel(param), []).append(_row(param))
    return {panel: rows for panel, rows in panels.items() if rows}


def _panel(param: Any) -> str:
    return str(param.rich_help_panel or PROGRAM)


def _row(param: Any) -> tuple[str, str]:
    if isinstance(param, TyperArgument):
        return str(param.metavar), str(param.help)
    names = "/".join([", ".join(sorted(param.opts, key=len)), *param.secondary_opts])
    shown = param.show_default and not param.is_flag and param.default is not None
    default = f" (default {param.default})" if shown else ""
    return f"{names} {param.metavar or ''}".strip(), f"{param.help}{default}"


def write_panels(params: Iterable[Any], ctx: Any, formatter: Any) -> None:
    """Write parameters by group, the knobs' groups last and only where ``--help-all`` asked."""
    asked = ctx.meta.get(EVERYTHING)
    panels = {name: rows for name, rows in by_panel(params).items() if asked or name in PANELS}
    lengths = [len(names) for rows in panels.values() for names, _ in rows]
    width = max(n for n in lengths if n <= _NAMES)
    for panel, rows in panels.items():
        with formatter.section(heading(panel)):
            formatter.write_dl([(names.ljust(width), what) for names, what in rows], width)


def heading(text: str) -> str:
    """A heading on a page of help, bold where the terminal may show it."""
    return text if os.environ.get("NO_COLOR") else typer.style(text, bold=True)


def with_knobs(kind: type[Any]) -> type[Any]:
    """What Typer reads: a class of options with a signature of all its attributes, and of a knob
    for each of the groups that it names as ``KNOBS``.

    A knob's default is None on the command line, so that the layers below can speak.
    """
    from diarfix.config import knob_names, knob_specs

    hints: dict[str, Any] = {}
    for base in kind.__mro__:  # a command's own options stand before those that it shares
        hints |= {n: t for n, t in inspect.get_annotations(base).items() if n not in hints}
    fields = [(n, t, getattr(kind, n)) for n, t in hints.items() if get_origin(t) is not ClassVar]
    groups = getattr(kind, "KNOBS", ())
    specs = [knob_specs()[name] for group in groups for name in knob_names(group)]
    fields += [(spec.name, spec.kind | None, _knob(spec)) for spec in specs]
    return make_dataclass(kind.__name__, fields, bases=(kind,), kw_only=True, eq=False, repr=False)


def _knob(spec: KnobSpec) -> Any:
    from diarfix.config import METHODS

    panel = f"Knobs of {'--method ' * (spec.group in METHODS)}{spec.group}"
    name = "--" + spec.name.replace("_", "-")
    unit = f" {spec.unit}" if spec.unit else ""
    shown = str(spec.default).lower() if spec.kind is bool else f"{spec.default:g}"
    return option(
        panel if spec.group else "Knobs",
        {bool: "", int: "N", float: spec.unit.upper() or "X"}[spec.kind],
        f"{spec.help[0].upper()}{spec.help[1:]}. (default {shown}{unit}; {spec.range})",
        f"{name}/--no-{name[2:]}" if spec.kind is bool else name,
    )
