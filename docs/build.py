"""Write docs/commands/*.md from the commands' own help, and the stub of the package.

``python docs/build.py [--check]``
"""

from __future__ import annotations

import sys
from pathlib import Path

import diarfix
from diarfix.cli import COMMANDS, load_command
from diarfix.cli.command import by_panel

FOLDER = Path(__file__).parent / "commands"
STUB = Path(diarfix.__file__).with_suffix(".pyi")

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


def stub() -> str:
    """What type checkers read of the package, whose names load late."""
    table = diarfix._HOME.items()  # noqa: SLF001 - the one list of public names
    homes = sorted((f"diarfix.{module}", name) for module, names in table for name in names)
    return "".join(f"from {module} import {name} as {name}\n" for module, name in homes)


def main() -> int:
    """Write them; with ``--check`` only say whether they are what they should be."""
    made = {FOLDER / name: text for name, text in pages().items()} | {STUB: stub()}
    if "--check" in sys.argv[1:]:
        there = {path: path.read_text(encoding="utf-8") for path in [*FOLDER.glob("*.md"), STUB]}
        return 0 if there == made else 1
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
