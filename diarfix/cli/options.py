"""Options that several commands share, and the knobs as options."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from diarfix.cli.console import Messages
from diarfix.config import METHODS, KnobSpec, knob_names, knob_specs
from diarfix.config.resolve import Resolved, read_settings_file, resolve

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Errors only on stderr.")]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        show_default=False,
        help="Say more; twice: tracebacks too.",
        callback=lambda ctx, value: ctx.meta.__setitem__("diarfix.verbose", value) or value,
    ),
]
Annotations = Annotated[
    bool,
    typer.Option("--annotations", help="Also tell failures as GitHub workflow annotations."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]
Config = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings: a TOML file, or the JSON of a benchmark to replay."
        " Default: ./diarfix.toml, or tool.diarfix in ./pyproject.toml.",
    ),
]
ShowConfig = Annotated[
    bool, typer.Option("--show-config", help="Print every setting and where it came from; exit.")
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=0,
        metavar="N",
        show_default=False,
        help="Processes, or with --engine ray tasks at a time; 0: by the cores. (default 1; ray 0)",
    ),
]
EngineName = Annotated[
    Literal["local", "ray"],
    typer.Option("--engine", help="Work on this machine, or on the Ray cluster at RAY_ADDRESS."),
]


def messages(*, quiet: bool, verbose: int, annotations: bool = False) -> Messages:
    """How much a command says."""
    return Messages(-1 if quiet else verbose, annotations)


def with_knobs(*groups: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command one option per knob of some groups, collected as its ``knobs`` argument.

    Defaults are None on the command line, so that the layers below can speak.
    """
    specs = [knob_specs()[name] for group in groups for name in knob_names(group)]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(**values: Any) -> None:
            knobs = {spec.name: values.pop(spec.name) for spec in specs}
            command(knobs=knobs, **values)

        own = inspect.signature(command, eval_str=True)
        kept = [p for p in own.parameters.values() if p.name != "knobs"]
        added = [_parameter(spec) for spec in specs]
        run.__signature__ = own.replace(parameters=[*kept, *added])  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in [*kept, *added]}
        return run

    return decorate


def _parameter(spec: KnobSpec) -> inspect.Parameter:
    flag = "--" + spec.name.replace("_", "-")
    unit = f" {spec.unit}" if spec.unit else ""
    shown = str(spec.default).lower() if spec.kind is bool else f"{spec.default:g}"
    option = typer.Option(
        f"{flag}/--no-{flag[2:]}" if spec.kind is bool else flag,
        help=f"{spec.help[0].upper()}{spec.help[1:]}. (default {shown}{unit}; {spec.range})",
        metavar={bool: "", int: "N", float: spec.unit.upper() or "X"}[spec.kind],
        show_default=False,
        rich_help_panel=_panel(spec.group),
    )
    return inspect.Parameter(
        spec.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[spec.kind | None, option],
    )


def _panel(group: str) -> str:
    if not group:
        return "Knobs"
    return f"Knobs of --method {group}" if group in METHODS else f"Knobs of {group}"


def settings(knobs: Mapping[str, Any], config: str | None, method: str | None = None) -> Resolved:
    """Resolve all settings of a run from the command line, the environment and files."""
    file, name = read_settings_file(config, Path.cwd())
    return resolve({"method": method, **knobs}, os.environ, file, name)
