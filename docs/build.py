"""Write docs/commands/*.md from the commands' own help, and the stubs of the rooms' faces.

``python docs/build.py [--check]``
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import diarfix
from diarfix.cli import COMMANDS, load_command
from diarfix.cli.command import by_panel

FOLDER = Path(__file__).parent / "commands"
PACKAGE = Path(diarfix.__file__).parent

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
    about = COMMANDS[name]
    lines = [f"# diarfix {name}", "", f"{about.line} {about.more}".strip(), ""]
    if name in EXAMPLES:
        lines += ["```bash", EXAMPLES[name], "```", ""]
    for panel, rows in by_panel(load_command(name).params).items():
        lines += [f"## {panel}", "", "| option | what |", "|---|---|"]
        lines += [f"| `{clean(names)}` | {clean(what)} |" for names, what in rows]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def clean(text: str) -> str:
    """Text that ends no cell of a table."""
    return text.replace("|", "\\|")


def stubs() -> dict[Path, str]:
    """What type checkers read of the rooms whose names load late."""
    found = {}
    for path in sorted(PACKAGE.rglob("__init__.py")):
        name = ".".join(path.parent.relative_to(PACKAGE.parent).parts)
        load = vars(importlib.import_module(name)).get("__getattr__")
        if load is not None:
            rows = sorted((f"{name}.{module}", n) for n, module in load.home.items())
            lines = (f"from {module} import {n} as {n}\n" for module, n in rows)
            found[path.with_suffix(".pyi")] = "".join(lines)
    return found


def main() -> int:
    """Write them; with ``--check`` only say whether they are what they should be."""
    made = {FOLDER / name: text for name, text in pages().items()} | stubs()
    there = [*FOLDER.glob("*.md"), *PACKAGE.rglob("*.pyi")]
    if "--check" in sys.argv[1:]:
        return 0 if {path: path.read_text(encoding="utf-8") for path in there} == made else 1
    for old in there:
        old.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
