"""Write docs/commands/*.md from the commands' own help: ``python docs/build.py [--check]``."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from pathlib import Path
from typing import Any, get_args

from typer.models import ArgumentInfo, OptionInfo

from diarfix.cli import COMMANDS

FOLDER = Path(__file__).parent / "commands"

#: What each page shows first: the call most people want.
EXAMPLES = {
    "smooth": "diarfix smooth examples/interview.json -o fixed.json",
    "score": "diarfix score examples/interview.ref.rttm examples/interview.json",
    "benchmark": "diarfix benchmark --corpus corpus/corpus.json --dataset interview --out report",
    "inspect": "diarfix inspect examples/interview.json",
    "convert": "diarfix convert examples/interview.json --to srt -o interview.srt",
    "rename": "diarfix rename examples/interview.json SPEAKER_00=Ann -o named.json",
}


def pages() -> dict[str, str]:
    """File name -> text, one page per command."""
    return {f"{name}.md": page(name) for name in COMMANDS}


def page(name: str) -> str:
    """One command: what it does, an example that the tests run, every option by panel."""
    module = name.replace("-", "_")
    function = getattr(importlib.import_module(f"diarfix.cli.{module}"), module)
    lines = [f"# diarfix {name}", "", clean(inspect.getdoc(function) or ""), ""]
    if name in EXAMPLES:
        lines += ["```bash", EXAMPLES[name], "```", ""]
    arguments: list[str] = []
    panels: dict[str, list[str]] = {}
    for parameter in inspect.signature(function, eval_str=True).parameters.values():
        kind, info = get_args(parameter.annotation)[:2]
        if isinstance(info, ArgumentInfo):
            arguments.append(f"| `{info.metavar}` | {clean(info.help or '')} |")
        elif not info.hidden:
            row = f"| {flags(parameter.name, kind, info)} | {clean(info.help or '')}"
            row += f"{default(parameter.default, info)} |"
            panels.setdefault(str(info.rich_help_panel or "Options"), []).append(row)
    if arguments:
        lines += ["| argument | what |", "|---|---|", *arguments, ""]
    for panel, rows in panels.items():
        lines += [f"## {panel}", "", "| option | what |", "|---|---|", *rows, ""]
    return "\n".join(lines).rstrip() + "\n"


def clean(text: str) -> str:
    """One line, safe inside a table."""
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def flags(name: str, kind: Any, info: OptionInfo) -> str:
    """The option's spellings and what it takes."""
    # Inside Annotated the first spelling stands where a default would.
    first = (info.default,) if isinstance(info.default, str) else ()
    names = (*first, *(info.param_decls or ())) or (f"--{name.replace('_', '-')}",)
    shown = ", ".join(f"`{part}`" for decl in names for part in decl.split("/"))
    kinds = [k for k in (get_args(kind) or (kind,)) if k is not type(None)]
    if info.count or kinds == [bool]:
        return shown
    choices = [str(c) for c in kinds if isinstance(c, str)]
    for inner in kinds:
        choices += [str(c) for c in get_args(inner) if isinstance(c, str)]
    taken = "|".join(choices) or (info.metavar or "VALUE").strip("<>")
    return f"{shown} {clean(taken)}"


def default(value: Any, info: OptionInfo) -> str:
    """The default, where help shows one."""
    shown = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    return f" Default: {value}." if info.show_default and shown and not info.count else ""


def main() -> int:
    """Write the pages; with ``--check`` only say whether they are what they should be."""
    made = pages()
    if "--check" in sys.argv[1:]:
        there = {p.name: p.read_text(encoding="utf-8") for p in FOLDER.glob("*.md")}
        return 0 if there == made else 1
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
