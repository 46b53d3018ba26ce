"""``make faults``: pull the plug at bad moments, and look at what is left.

Every scene makes its own folder, starts real ``diarfix`` processes there, does something to them,
and checks what a user would check: inputs whole, outputs whole or absent, nothing else left behind.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

TOOL = [sys.executable, "-m", "diarfix"]
WORDS = 2_000
TMP = ".tmp"


class Broken(Exception):
    """What had to hold does not."""


def hold(what: bool, law: str) -> None:
    """Raise Broken unless ``what``."""
    if not what:
        raise Broken(law)


def transcript(seed: int, n_words: int = WORDS) -> str:
    """A seeded WhisperX file in which ``smooth`` moves words."""
    rng = random.Random(seed)
    words, at, speaker = [], 0.0, "A"
    for i in range(n_words):
        speaker = ("B" if speaker == "A" else "A") if rng.random() < 0.05 else speaker
        label = ("B" if speaker == "A" else "A") if rng.random() < 0.02 else speaker
        length = round(rng.uniform(0.1, 0.4), 3)
        words.append({"word": f"w{i}", "start": round(at, 3), "end": round(at + length, 3),
                      "speaker": label})  # fmt: skip
        at += length + 0.05
    segments = [
        {"start": words[i]["start"], "end": words[min(i + 9, n_words - 1)]["end"],
         "text": " ".join(w["word"] for w in words[i : i + 10]), "words": words[i : i + 10],
         "speaker": words[i]["speaker"]}
        for i in range(0, n_words, 10)
    ]  # fmt: skip
    return json.dumps({"segments": segments, "language": "en"})


def archive(folder: Path, n_files: int, n_words: int = WORDS) -> dict[str, bytes]:
    """Write transcripts ``0.json`` …; return name -> bytes."""
    for i in range(n_files):
        (folder / f"{i}.json").write_text(transcript(i, n_words))
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def run(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    """A whole diarfix process."""
    return subprocess.run(
        [*TOOL, *arguments], capture_output=True, text=True, check=False, timeout=300, **more
    )


def smoothed(files: dict[str, bytes]) -> dict[str, bytes]:
    """What an undisturbed run makes of every file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, data in files.items():
            (folder / file).write_bytes(data)
        hold(run("smooth", "-i", "-q", name).returncode == 0, "an undisturbed run fails")
        return {file: (folder / file).read_bytes() for file in files}


def whole(folder: Path, before: dict[str, bytes], after: dict[str, bytes]) -> int:
    """Check that every file is as before or as after; return how many are as after."""
    n = 0
    for file, data in before.items():
        now = (folder / file).read_bytes()
        hold(now in {data, after[file]}, f"{file} is half written")
        n += now == after[file]
    return n


def left(folder: Path, before: dict[str, bytes]) -> list[str]:
    """Names that a run has left beside the files."""
    return sorted(p.name for p in folder.rglob("*") if p.name not in before and p.is_file())


def refused(done: subprocess.CompletedProcess[str], *, code: int = 2) -> None:
    """Check the exit code and the one line that says why."""
    hold(done.returncode == code, f"exit {done.returncode}, expected {code}: {done.stderr[-300:]}")
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    hold(len(errors) >= 1 and "Traceback" not in done.stderr, f"stderr: {done.stderr[-300:]}")


# --- scenes ------------------------------------------------------------------------------------


def disk_full(folder: Path, _: int) -> str:
    """Writing stops at 40 kB: the input stays, the error is one line, no temporary file is left."""
    before = archive(folder, 3)

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    for options in (["-i"], ["--output-dir", str(folder / "out")], ["-i", "--backup", ".bak"]):
        refused(run("smooth", *options, *map(str, sorted(folder.glob("*.json"))), preexec_fn=limit))
        hold(whole(folder, before, before) == 3, "an input changed")
        hold(not left(folder, before), f"left behind: {left(folder, before)}")
    one = str(folder / "0.json")
    with (folder / "stdout").open("w") as out:
        done = subprocess.run(
            [*TOOL, "smooth", one], stdout=out, stderr=subprocess.PIPE, text=True,
            preexec_fn=limit, check=False,
        )  # fmt: skip
    refused(done)
    return "4 outputs refused, 3 inputs whole"


def small_disk(folder: Path, _: int) -> str:
    """A file system of 256 kB that fills up while files are replaced on it (needs root)."""
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=768k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        return "skipped: cannot mount"
    try:
        before = archive(disk, 3)
        # Fill the rest but for half a file.
        free = shutil.disk_usage(disk).free
        (disk / "filler").write_bytes(bytes(max(free - len(before["0.json"]) // 2, 0)))
        refused(run("smooth", "-i", str(disk)))
        hold(whole(disk, before, before) == 3, "an input changed")
        hold(left(disk, before) == ["filler"], f"left behind: {left(disk, before)}")
    finally:
        subprocess.run(["umount", str(disk)], check=False)
    return "3 inputs whole on a full disk"


def read_only(folder: Path, _: int) -> str:
    """A read-only file system under the files (needs root; permissions alone do not stop root)."""
    disk = folder / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(disk)], check=False).returncode:
        return "skipped: cannot mount"
    try:
        before = archive(disk, 2)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        refused(run("smooth", "-i", str(disk)))
        refused(run("smooth", str(disk), "--output-dir", str(disk / "out")))
        hold(run("smooth", "--check", str(disk)).returncode == 1, "reading fails too")
        hold(whole(disk, before, before) == 2 and not left(disk, before), "something changed")
    finally:
        subprocess.run(["umount", str(disk)], check=False)
    return "refused, reading still works"


def replaced_while_reading(folder: Path, n: int) -> str:
    """Somebody else replaces the input again and again: each result is of one version, whole."""
    path = folder / "0.json"
    versions = [transcript(i, 500).encode() for i in range(2)]
    results = dict.fromkeys(versions, b"")
    for data in versions:
        path.write_bytes(data)
        hold(run("smooth", str(path), "-o", str(folder / "out"), "-q").returncode == 0, "fails")
        results[data] = (folder / "out").read_bytes()
    new = folder / "new"
    for _ in range(max(n // 4, 3)):
        job = subprocess.Popen([*TOOL, "smooth", "-q", str(path), "-o", str(folder / "out")])
        swaps = 0
        while job.poll() is None:
            new.write_bytes(versions[swaps % 2])
            new.replace(path)
            swaps += 1
        hold(job.returncode == 0, "a run fails")
        hold((folder / "out").read_bytes() in results.values(), "a mixture of two versions")
    return "every result is of one version"


def broken_pipe(folder: Path, _: int) -> str:
    """``| head -c 10``: no traceback, no message."""
    archive(folder, 1, 20_000)
    for command in ("smooth", "smooth --diff", "inspect --json", "convert --to srt"):
        shell = f"{sys.executable} -m diarfix {command} 0.json | head -c 10 >/dev/null"
        done = subprocess.run(
            ["bash", "-c", shell], cwd=folder, capture_output=True, text=True, check=False
        )
        hold("Traceback" not in done.stderr and "bug" not in done.stderr, done.stderr[-300:])
    return "4 commands quiet"


def _disturbed(folder: Path, n: int, how: signal.Signals, options: Sequence[str]) -> str:
    before = archive(folder, 12)
    after = smoothed(before)
    # A shell's background job ignores Ctrl-C, and so would what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    lasts = _seconds(folder, options)
    rng = random.Random(int(how))
    codes: dict[int, int] = {}
    touched = temporary = 0
    for _ in range(n):
        for name, data in before.items():
            (folder / name).write_bytes(data)
        job = subprocess.Popen(
            [*TOOL, "smooth", "-i", "-q", *options, str(folder)],
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        time.sleep(rng.uniform(0.05, lasts))
        if job.poll() is None:
            os.killpg(job.pid, how)
        said = job.communicate(timeout=120)[1]
        codes[job.returncode] = codes.get(job.returncode, 0) + 1
        hold(how == signal.SIGKILL or "Traceback" not in said or _starting(said), said[-600:])
        touched += whole(folder, before, after)
        names = left(folder, before)
        if how == signal.SIGKILL:
            hold(all(x.startswith(".") and x.endswith(TMP) for x in names), f"left: {names}")
            temporary += len(names)
            for name in names:
                (folder / name).unlink()
        else:
            hold(not names, f"left behind: {names}")
    hold(run("smooth", "-i", "-q", str(folder)).returncode == 0, "the next run fails")
    hold(whole(folder, before, after) == len(before), "the next run does not complete it")
    told = ", ".join(f"{n} x exit {code}" for code, n in sorted(codes.items()))
    return f"{n} runs ({told}): {touched} of {n * len(before)} files done, {temporary} .tmp left"


def _seconds(folder: Path, options: Sequence[str]) -> float:
    """How long a run that nothing disturbs takes."""
    began = time.monotonic()
    run("smooth", "-i", "-q", *options, str(folder))
    return time.monotonic() - began


def _starting(said: str) -> bool:
    """Interrupted while Python itself was starting: its traceback, before our first line."""
    return "KeyboardInterrupt" in said and "/diarfix/" not in said


def interrupted(folder: Path, n: int) -> str:
    """SIGINT at random instants of ``smooth -i`` over twelve files."""
    return _disturbed(folder, n, signal.SIGINT, [])


def interrupted_jobs(folder: Path, n: int) -> str:
    """The same with ``-j 2``: the signal reaches the workers too, as from a terminal."""
    return _disturbed(folder, n, signal.SIGINT, ["-j", "2"])


def killed(folder: Path, n: int) -> str:
    """SIGKILL at random instants of ``smooth -i`` over twelve files."""
    return _disturbed(folder, n, signal.SIGKILL, [])


def killed_jobs(folder: Path, n: int) -> str:
    """The same with ``-j 2``."""
    return _disturbed(folder, n, signal.SIGKILL, ["-j", "2"])


def record_killed(folder: Path, n: int) -> str:
    """SIGKILL during ``smooth -i --changes``: what has moved in a file is on record."""
    before = archive(folder, 12)
    after = smoothed(before)
    rng, options = random.Random(9), ["--changes", str(folder / "why.jsonl")]
    lasts = _seconds(folder, options)
    touched = 0
    for turn in range(n):
        for name, data in before.items():
            (folder / name).write_bytes(data)
        jobs = ["-j", "2"] if turn % 2 else []
        job = subprocess.Popen(
            [*TOOL, "smooth", "-i", "-q", *options, *jobs, str(folder)], start_new_session=True
        )
        time.sleep(rng.uniform(0.2, lasts))
        if job.poll() is None:
            os.killpg(job.pid, signal.SIGKILL)
        job.wait()
        done = {name for name in before if (folder / name).read_bytes() == after[name]}
        record = folder / "why.jsonl"  # there is none where nothing was begun
        *lines, torn = (record.read_text() if record.exists() else "").split("\n")
        hold(not torn or job.returncode != 0, "half a line in the record of a whole run")
        told = {Path(json.loads(line)["file"]).name for line in lines}
        hold(done <= told, f"not on record: {done - told}")
        touched += whole(folder, before, after)
        for name in left(folder, before):
            (folder / name).unlink()
    return f"{n} runs: {touched} of {n * len(before)} files done, all on record"


def worker_killed(folder: Path, n: int) -> str:
    """A worker of ``-j 2`` is killed: every file is done all the same."""
    before = archive(folder, 12)
    after = smoothed(before)
    lasts = _seconds(folder, ["-j", "2"])
    rng = random.Random(0)
    hits = 0
    for _ in range(max(n // 3, 1)):
        for name, data in before.items():
            (folder / name).write_bytes(data)
        job = subprocess.Popen([*TOOL, "smooth", "-i", "-q", "-j", "2", str(folder)])
        while not _workers(job.pid) and job.poll() is None:
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, lasts / 2))
        for pid in _workers(job.pid)[:1]:
            os.kill(pid, signal.SIGKILL)
            hits += 1
        hold(job.wait(timeout=120) == 0, f"exit {job.returncode}")
        hold(whole(folder, before, after) == len(before), "a file was lost")
        names = left(folder, before)
        hold(all(x.startswith(".") and x.endswith(TMP) for x in names), f"left: {names}")
        for name in names:
            (folder / name).unlink()
    return f"{hits} workers killed, no file lost"


def _workers(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent and b"spawn_main" in (path / "cmdline").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found


def two_runs(folder: Path, n: int) -> str:
    """Two runs over one folder at once: every file ends as one run alone makes it."""
    before = archive(folder, 8)
    after = smoothed(before)
    for _ in range(max(n // 4, 3)):
        for name, data in before.items():
            (folder / name).write_bytes(data)
        jobs = [subprocess.Popen([*TOOL, "smooth", "-i", "-q", str(folder)]) for _ in range(2)]
        hold(all(job.wait(timeout=120) == 0 for job in jobs), "a run fails")
        hold(whole(folder, before, after) == len(before), "a file is another")
        hold(not left(folder, before), f"left behind: {left(folder, before)}")
    return "8 files as one run makes them"


def benchmark_killed(folder: Path, n: int) -> str:
    """SIGKILL during ``benchmark``: results.json whole or absent, and the next run completes."""
    archive(folder, 4)
    turns = "".join(
        f"SPEAKER x 1 {i * 3} 3 <NA> <NA> {'AB'[i % 2]} <NA> <NA>\n" for i in range(250)
    )
    (folder / "ref.rttm").write_text(turns)
    files = [
        {"id": str(i), "dataset": "d", "words": f"{i}.json", "ref_rttm": "ref.rttm"}
        for i in range(4)
    ]
    (folder / "corpus.json").write_text(json.dumps({"version": "1", "files": files}))
    out, rng = folder / "out", random.Random(1)
    arguments = ["benchmark", "--corpus", str(folder / "corpus.json"), "--out", str(out)]
    environment = {**os.environ, "DIARFIX_CACHE": str(folder / "cache")}
    for _ in range(max(n // 3, 3)):
        job = subprocess.Popen(
            [*TOOL, *arguments], env=environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        time.sleep(rng.uniform(0.3, 2.5))
        if job.poll() is None:
            os.killpg(job.pid, signal.SIGKILL)
        job.wait()
        if (out / "results.json").exists():
            json.loads((out / "results.json").read_text())
    done = run(*arguments, env=environment)
    hold(done.returncode == 0, done.stderr[-300:])
    fresh = {**environment, "DIARFIX_CACHE": str(folder / "other")}
    (out / "results.json").rename(folder / "first.json")
    hold(run(*arguments, env=fresh).returncode == 0, "a fresh run fails")
    same = (out / "results.json").read_bytes() == (folder / "first.json").read_bytes()
    hold(same, "cells kept by killed runs differ from fresh ones")
    return "results whole, cells as fresh ones"


SCENES: dict[str, Callable[[Path, int], str]] = {
    scene.__name__.replace("_", "-"): scene
    for scene in (
        disk_full, small_disk, read_only, replaced_while_reading, broken_pipe, interrupted,
        interrupted_jobs, killed, killed_jobs, record_killed, worker_killed, two_runs,
        benchmark_killed,
    )
}  # fmt: skip


def main() -> None:
    """Play the scenes asked for and print a table; exit 1 if anything did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scene", action="append", choices=list(SCENES), help="default: all")
    parser.add_argument("--times", type=int, default=12, help="how often plugs are pulled")
    options = parser.parse_args()
    failed = 0
    print("| scene | outcome | s |\n|---|---|---:|")
    for name in options.scene or SCENES:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="diarfix-faults-") as folder:
            try:
                outcome = SCENES[name](Path(folder), options.times)
            except Broken as broken:
                outcome, failed = f"BROKEN: {broken}", failed + 1
        print(f"| {name} | {outcome} | {time.perf_counter() - began:.0f} |", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
