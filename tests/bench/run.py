"""``make bench``: what everything costs, beside what it is measured against, in one run.

Every line is a median over repeats and a ratio to a yardstick measured in the same run, so that
figures of different machines can be compared. ``--write FILE`` also writes the tables as Markdown,
under what stands above the mark there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import archive
import growth
import numpy as np
import peers
from data import erring, recording, whisperx
from timing import command, median_ms

from diarfix.core.assign import assign
from diarfix.core.smooth.method import smooth
from diarfix.formats.document import read_document
from diarfix.metrics.bootstrap import paired_bootstrap
from diarfix.metrics.der import der
from diarfix.metrics.labels import score_against_turns
from diarfix.metrics.sweep import words_to_turns

N_WORDS, N_TURNS, N_SPEAKERS = 54_000, 6_000, 6

MARK = "<!-- Below this line `make bench` writes. -->"


def in_process() -> list[tuple[str, float, float]]:
    """Rows of (what, ms, limit ms) for 54,000 words and 6,000 turns."""
    words, turns = recording(N_WORDS, N_TURNS, N_SPEAKERS)
    off = assign(words, turns).words
    opinions = [turns, *(erring(turns, seed) for seed in range(1, 5))]
    text = whisperx(off)
    document = read_document(text, "bench.json")
    fixed = smooth(off).words
    hyp = words_to_turns(off)
    rng = np.random.default_rng(0)
    totals = rng.integers(500, 5000, 200)
    base = np.column_stack((rng.binomial(totals, 0.03), totals))
    better = np.column_stack((rng.binomial(totals, 0.02), totals))
    return [
        ("json.loads of the file (yardstick)", median_ms(lambda: json.loads(text)), 0),
        ("read_document", median_ms(lambda: read_document(text, "b")), 0),
        ("Document.render", median_ms(lambda: document.render(fixed)), 0),
        ("assign", median_ms(lambda: assign(words, turns)), 10),
        ("smooth --method rules", median_ms(lambda: smooth(off, method="rules")), 0),
        (
            "smooth --method viterbi, turns",
            median_ms(lambda: smooth(off, turns, method="viterbi")),
            250,
        ),
        (
            "smooth --method learned, turns",
            median_ms(lambda: smooth(off, turns, method="learned")),
            600,
        ),
        ("smooth --method viterbi, labels", median_ms(lambda: smooth(off, method="viterbi")), 100),
        (
            "smooth --method viterbi, turns of five diarizers",
            median_ms(lambda: smooth(off, opinions, method="viterbi")),
            500,
        ),
        ("label metrics", median_ms(lambda: score_against_turns(off, turns)), 60),
        ("DER, 6,000 turns against word turns", median_ms(lambda: der(turns, hyp)), 300),
        (
            "bootstrap, 2,000 draws, 200 recordings",
            median_ms(lambda: paired_bootstrap(base, better)),
            50,
        ),
    ]


def whole_commands(folder: Path) -> list[tuple[str, float, str, float]]:
    """Rows of (what, ms, yardstick, ratio) for whole processes."""
    words, turns = recording(N_WORDS, N_TURNS, N_SPEAKERS)
    big = folder / "big.json"
    big.write_text(whisperx(assign(words, turns).words), encoding="utf-8")
    few, its = recording(1_700, 190, 3)
    small = folder / "ten-minutes.json"
    small.write_text(whisperx(assign(few, its).words), encoding="utf-8")
    out = str(folder / "out.json")
    py, tool = sys.executable, [sys.executable, "-m", "diarfix"]
    copy = "import json,sys; json.dump(json.load(open(sys.argv[1])), open(sys.argv[2], 'w'))"
    typer = "import typer; app = typer.Typer(); app.command()(lambda: None); app(['--help'])"
    yard_json = median_ms(command(py, "-c", copy, str(big), out), 5)
    yard_numpy = median_ms(command(py, "-c", "import numpy"), 7)
    yard_typer = median_ms(command(py, "-c", typer), 7)
    rows = []
    for what, arguments, yard, name in (
        ("smooth, 54,000 words", ["smooth", str(big), "-o", out], yard_json, "json load + dump"),
        ("smooth, ten minutes", ["smooth", str(small), "-o", out], yard_numpy, "import numpy"),
        ("--help", ["--help"], yard_typer, "bare Typer --help"),
        ("--version", ["--version"], yard_typer, "bare Typer --help"),
    ):
        took = median_ms(command(*tool, *arguments), 5)
        rows.append((what, took, name, took / yard))
    return rows


def section(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """A heading and a table of which the first column is text and the rest are figures."""
    lines = [f"## {title}", "", "| " + " | ".join(head) + " |"]
    lines.append("|---|" + "---:|" * (len(head) - 1))
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return [*lines, ""]


def machine() -> str:
    """What the figures were measured on."""
    python, numpy = f"Python {platform.python_version()}", f"NumPy {np.__version__}"
    kind = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [x for x in info.read_text(encoding="utf-8").splitlines() if "model name" in x]
        kind = names[0].partition(":")[2].strip() if names else kind
    return f"Machine: {kind}, {os.cpu_count()} cores, {platform.system()}, {python}, {numpy}."


def report() -> str:
    """All tables as Markdown."""
    title = f"In process: {N_WORDS:,} words, {N_TURNS:,} turns, {N_SPEAKERS} speakers"
    rows = in_process()
    yard = rows[0][1]
    lines = [
        machine(),
        "",
        *section(
            title,
            ("what", "ms", "goal, ms", "x json.loads"),
            ((what, f"{ms:.1f}", f"{goal or '-'}", f"{ms / yard:.2f}") for what, ms, goal in rows),
        ),
    ]
    compared = (
        (what, f"{median_ms(ours, 3):.1f}", peer, f"{median_ms(theirs, 1):.1f}")
        for what, ours, peer, theirs in peers.rows()
    )
    lines += section("Beside other tools", ("what", "ms", "peer", "its ms"), compared)
    for title, head, table in growth.tables():
        lines += section(title, head, table)
    with tempfile.TemporaryDirectory() as folder:
        lines += section(
            "Whole processes",
            ("command", "ms", "yardstick", "ratio"),
            (
                (what, f"{ms:.0f}", yardstick, f"{ratio:.2f}")
                for what, ms, yardstick, ratio in whole_commands(Path(folder))
            ),
        )
        lines += section(*archive.table(Path(folder)))
    return "\n".join(lines)


def write(path: Path, text: str) -> None:
    """Write the tables under what a person wrote above the mark."""
    intro = path.read_text(encoding="utf-8").partition(MARK)[0] if path.exists() else ""
    path.write_text(f"{intro}{MARK}\n\n{text}", encoding="utf-8")


def main() -> None:
    """Print the tables, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", metavar="FILE", help="write the tables here too")
    options = parser.parse_args()
    text = report()
    print(text)
    if options.write:
        write(Path(options.write), text)


if __name__ == "__main__":
    main()
