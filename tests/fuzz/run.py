"""``make fuzz``: broken files by the hundred thousand, each of them read or refused, and quickly.

Case ``i`` of a reader depends on its name and ``i`` alone, so any finding can be made again:
``python tests/fuzz/run.py --reader aws --first 4711 --cases 1``. Findings are kept whole and as
small as they still fail, one per place in the code, under ``--keep``.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
import wave
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from laws import clean, hold
from mutate import mutate
from readers import Reader, readers, word_file

from diarfix.errors import DiarfixError
from diarfix.report.visible import one_line

#: Seconds of work after which a case counts as hanging, and seconds after which the whole process
#: is ended because it does not even return to Python.
PATIENCE, END = 5, 900


class HangError(Exception):
    """A case took too long."""


def _hangs(*_: object) -> None:
    raise HangError(f"more than {PATIENCE} s")


def case(reader: Reader, index: int) -> tuple[bytes, random.Random]:
    """The broken file of one case and the random numbers its work draws from."""
    rng = random.Random(f"{reader.name} {index}")
    return mutate(rng.choice(reader.seeds), rng), rng


def tried(reader: Reader, data: bytes, rng: random.Random, folder: Path) -> str:
    """Put a reader to work on one file; return "read" or "refused". Anything else is raised."""
    path = folder / f"case{reader.suffix}"
    path.write_bytes(data)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        reader.work(path, rng)
        outcome = "read"
    except DiarfixError as error:
        if len(one_line(error.message).splitlines()) != 1:
            raise ValueError(f"not one line: {error.message!r}") from error
        outcome = "refused"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if not reader.name.startswith("store") and path.read_bytes() != data:
        raise ValueError("the input was changed")
    return outcome


def place(error: BaseException) -> str:
    """What a finding is told apart by: the error and the last lines of code it came through."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "diarfix" in f.filename]
    at = [f"{Path(f.filename).name}:{f.lineno}" for f in frames[-2:]]
    said = str(error).split(":")[0][:60] if type(error).__module__ in {"laws", "builtins"} else ""
    return f"{type(error).__name__} {said} {' '.join(at)}"


def smaller(reader: Reader, index: int, data: bytes, where: str, folder: Path) -> bytes:
    """Cut stretches out of a failing file as long as it fails at the same place."""
    ends = time.monotonic() + 20
    step = max(len(data) // 2, 1)
    while step and time.monotonic() < ends:
        at, shrunk = 0, False
        while at < len(data) and time.monotonic() < ends:
            attempt = data[:at] + data[at + step :]
            rng = random.Random(f"{reader.name} {index}")
            mutate(rng.choice(reader.seeds), rng)
            try:
                tried(reader, attempt, rng, folder)
            except Exception as error:
                if place(error) == where:
                    data, shrunk = attempt, True
                    continue
            at += step
        if not shrunk:
            step //= 2
    return data


def fuzz(reader: Reader, first: int, cases: int, keep: Path | None, folder: Path) -> Counter[str]:
    """Run cases of one reader; return how many were read, refused, and found to fail."""
    counts: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for index in range(first, first + cases):
        data, rng = case(reader, index)
        if index % 256 == 0:  # arming it costs more than a case
            faulthandler.dump_traceback_later(END, exit=True)
        try:
            counts[tried(reader, data, rng, folder)] += 1
        except Exception as error:
            counts["failed"] += 1
            where = place(error)
            found[where] += 1
            if found[where] > 1:
                continue
            print(f"{reader.name} case {index}: {where}: {error}", flush=True)
            if keep is not None:
                faulthandler.cancel_dump_traceback_later()
                _keep(reader, index, data, error, keep, folder)
    faulthandler.cancel_dump_traceback_later()
    return counts


def _keep(
    reader: Reader, index: int, data: bytes, error: Exception, keep: Path, folder: Path
) -> None:
    keep.mkdir(parents=True, exist_ok=True)
    stem = keep / f"{reader.name}-{index}"
    stem.with_suffix(f".whole{reader.suffix}").write_bytes(data)
    least = smaller(reader, index, data, place(error), folder)
    stem.with_suffix(f".least{reader.suffix}").write_bytes(least)
    stem.with_suffix(".txt").write_text("".join(traceback.format_exception(error)))


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder in memory, where there is one, with a sample of speech beside it for the stores."""
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None
    root = Path(tempfile.mkdtemp(prefix="diarfix-fuzz-", dir=base))
    try:
        (root / "samples").mkdir()
        rng = random.Random(0)
        with wave.open(str(root / "samples" / "a.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(16000)
            file.writeframes(rng.randbytes(2 * 16000))
        yield root
    finally:
        shutil.rmtree(root)


def through_commands(table: dict[str, Reader], n: int, folder: Path) -> str:
    """Broken word files, an archive of ``n`` of each dialect, through whole processes.

    Every file is written or told by one error line, the inputs stay, and nothing is a bug.
    """
    source = folder / "archive"
    source.mkdir()
    files = {}
    for name, reader in table.items():
        for index in range(n if reader.work is word_file else 0):
            path = source / f"{name}-{index}{reader.suffix}"
            path.write_bytes(case(reader, index)[0])
            files[path] = path.read_bytes()
    commands = (
        ["smooth", "--output-dir", str(folder / "smoothed"), "-j", "2", str(source)],
        ["smooth", "--check", "--method", "rules", "--segments", "merge", str(source)],
        ["convert", "--to", "txt", "--output-dir", str(folder / "text"), str(source)],
        ["inspect", "--json", str(source)],
        ["inspect", str(source)],
        ["smooth", "--diff", "--method", "rules", str(source)],
        ["score", str(source), str(source), "--json"],
    )
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", "diarfix", *command], capture_output=True, text=True, check=False
        )
        hold(done.returncode in {0, 1, 2, 3}, f"{command[0]}: exit {done.returncode}")
        clean(done.stderr, f"stderr of {command[0]}")
        clean("" if "--json" in command else done.stdout, f"stdout of {command[0]}")
        hold("Traceback" not in done.stderr, f"{command[0]}: {done.stderr[-2000:]}")
        hold(all(p.read_bytes() == data for p, data in files.items()), "an input was changed")
        if command[0] == "smooth" and command[1] == "--output-dir":
            told = done.stderr.count("\nerror: ") + done.stderr.startswith("error: ")
            written = len(list((folder / "smoothed").iterdir()))
            hold(told + written == len(files), f"{told} told, {written} written of {len(files)}")
    return f"{len(files)} files through {len(commands)} commands"


def main() -> None:
    """Run the readers asked for and print a table; exit 1 if anything failed."""
    table = readers()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", action="append", choices=list(table), help="default: all")
    parser.add_argument("--cases", type=int, default=2000, help="per reader (default 2000)")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--cli", type=int, default=30, help="of each dialect through commands")
    parser.add_argument("--keep", type=Path, help="folder for what fails")
    options = parser.parse_args()
    signal.signal(signal.SIGPROF, _hangs)
    warnings.simplefilter("error")
    failed = 0
    print("| reader | cases | read | refused | failed | s |\n|---|---:|---:|---:|---:|---:|")
    with scratch() as folder:
        for name in options.reader or table:
            began = time.perf_counter()
            (own := folder / name).mkdir()
            counts = fuzz(table[name], options.first, options.cases, options.keep, own)
            took = time.perf_counter() - began
            failed += counts["failed"]
            row = [counts["read"], counts["refused"], counts["failed"]]
            print(f"| {name} | {options.cases} | {' | '.join(map(str, row))} | {took:.0f} |")
            sys.stdout.flush()
        if options.reader is None and options.cli:
            print(f"\n{through_commands(table, options.cli, folder)}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
