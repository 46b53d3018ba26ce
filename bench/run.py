"""``make bench``: what everything costs, beside what it is measured against, in one run.

Every line is a median over repeats and a ratio to a yardstick measured in the same run, so that
figures of different machines can be compared. ``--write FILE`` also writes the table as Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from data import recording, whisperx

from diarfix.config import Settings
from diarfix.core.assign import assign
from diarfix.core.pipeline import smooth
from diarfix.io.document import read_document
from diarfix.score.bootstrap import paired_bootstrap
from diarfix.score.der import der
from diarfix.score.labels import score_against_turns
from diarfix.score.word_turns import words_to_turns

N_WORDS, N_TURNS, N_SPEAKERS = 54_000, 6_000, 6


def median_ms(work: Callable[[], object], repeats: int = 7) -> float:
    """Median wall time of ``work`` in milliseconds, after one run to warm up."""
    work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


def command(*arguments: str) -> Callable[[], object]:
    """A whole process, output thrown away."""
    return lambda: subprocess.run(arguments, check=True, capture_output=True)


def in_process() -> list[tuple[str, float, float]]:
    """Rows of (what, ms, limit ms) for 54,000 words and 6,000 turns."""
    words, turns = recording(N_WORDS, N_TURNS, N_SPEAKERS)
    off = assign(words, turns).words
    text = whisperx(off)
    document = read_document(text, "bench.json")
    fixed = smooth(off).words
    hyp = words_to_turns(off)
    rng = np.random.default_rng(0)
    totals = rng.integers(500, 5000, 200)
    base = np.column_stack((rng.binomial(totals, 0.03), totals))
    better = np.column_stack((rng.binomial(totals, 0.02), totals))
    knobs = Settings()
    return [
        ("json.loads of the file (yardstick)", median_ms(lambda: json.loads(text)), 0),
        ("read_document", median_ms(lambda: read_document(text, "b")), 0),
        ("Document.render", median_ms(lambda: document.render(fixed)), 0),
        ("assign", median_ms(lambda: assign(words, turns)), 10),
        ("smooth --method rules", median_ms(lambda: smooth(off, settings=knobs)), 0),
        (
            "smooth --method viterbi, turns",
            median_ms(lambda: smooth(off, turns, method="viterbi")),
            250,
        ),
        ("smooth --method viterbi, labels", median_ms(lambda: smooth(off, method="viterbi")), 100),
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


def growth() -> list[tuple[str, list[float]]]:
    """How cost grows: ms at 10^3 to 10^6 words, a turn per nine words, six speakers."""
    sizes = (1_000, 10_000, 100_000, 1_000_000)
    table: dict[str, list[float]] = {}
    for n in sizes:
        words, turns = recording(n, max(n // 9, 2), N_SPEAKERS)
        off = assign(words, turns).words
        repeats = 5 if n < 1_000_000 else 2
        for name, work in (
            ("assign", lambda w=words, t=turns: assign(w, t)),
            ("rules", lambda o=off: smooth(o)),
            ("viterbi, turns", lambda o=off, t=turns: smooth(o, t, method="viterbi")),
            ("viterbi, labels", lambda o=off: smooth(o, method="viterbi")),
            ("label metrics", lambda o=off, t=turns: score_against_turns(o, t)),
        ):
            table.setdefault(name, []).append(median_ms(work, repeats))
    return list(table.items())


def report() -> str:
    """The whole table as Markdown."""
    python, numpy = f"Python {platform.python_version()}", f"NumPy {np.__version__}"
    lines = [
        "Machine: "
        + ", ".join([platform.machine(), f"{os.cpu_count()} cores", python, numpy])
        + ".",
        "",
        f"In process, {N_WORDS:,} words, {N_TURNS:,} turns, {N_SPEAKERS} speakers:",
        "",
        "| what | ms | goal, ms | x json.loads |",
        "|---|---:|---:|---:|",
    ]
    rows = in_process()
    yard = rows[0][1]
    lines += [
        f"| {what} | {ms:.1f} | {limit or '-'} | {ms / yard:.2f} |" for what, ms, limit in rows
    ]
    lines += [
        "",
        "Whole processes:",
        "",
        "| command | ms | yardstick | ratio |",
        "|---|---:|---|---:|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        lines += [
            f"| {what} | {ms:.0f} | {yardstick} | {ratio:.2f} |"
            for what, ms, yardstick, ratio in whole_commands(Path(folder))
        ]
    lines += [
        "",
        "Growth, ms:",
        "",
        "| words | 10^3 | 10^4 | 10^5 | 10^6 |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {name} | " + " | ".join(f"{ms:.1f}" for ms in row) + " |" for name, row in growth()
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", metavar="FILE", help="write the table here too")
    options = parser.parse_args()
    text = report()
    print(text)
    if options.write:
        Path(options.write).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
