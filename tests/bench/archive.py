"""Throughput over an archive: one process, several, and a Ray cluster on this machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from data import recording, whisperx

from diarfix.core.assign import assign

N_FILES, N_WORDS = 400, 3_000

Table = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


def table(folder: Path) -> Table:
    """Title, head and rows: what ``smooth`` of a folder takes, start included."""
    source, out = folder / "archive", folder / "out"
    source.mkdir()
    for i in range(20):
        words, turns = recording(N_WORDS, N_WORDS // 9, 3, seed=i)
        text = whisperx(assign(words, turns).words)
        for k in range(i, N_FILES, 20):
            (source / f"{k}.json").write_text(text, encoding="utf-8")
    cores = os.cpu_count() or 1
    calls = [(f"-j {n}", ["-j", str(n)]) for n in sorted({1, 2, cores})]
    if importlib.util.find_spec("ray") is not None:
        calls.append(("--engine ray, cluster started and ended", ["--engine", "ray"]))
    rows = []
    for name, options in calls:
        shutil.rmtree(out, ignore_errors=True)
        took = _seconds("smooth", str(source), "--output-dir", str(out), "-q", *options)
        rows.append((name, f"{took:.1f}", f"{N_FILES / took:.0f}"))
    title = f"An archive: {N_FILES} files of {N_WORDS:,} words"
    return title, ("smooth", "s", "files a second"), rows


def _seconds(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "diarfix", *arguments], check=True, capture_output=True)
    return time.perf_counter() - began
