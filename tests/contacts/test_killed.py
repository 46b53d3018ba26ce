"""A real SIGKILL, in a process of its own, at several instants of a run."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store_fakes import contact, job, unit, write_store, write_tone

from diarfix.contacts.migrate import migrate_store

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")

RUN = """
import itertools, os, signal, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from store_fakes import FakeEmbedder, FakeModel, job
from diarfix.contacts.migrate import migrate_store

store, samples, log, k, pause = *map(Path, sys.argv[2:5]), int(sys.argv[5]), float(sys.argv[6])
count = itertools.count(1)
for name in ("write", "fsync", "replace", "unlink", "ftruncate"):
    def step(*args, real=getattr(os, name), **more):
        if next(count) == k:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **more)
    setattr(os, name, step)

class Slow(FakeEmbedder):
    def embed(self, *args, **more):
        # A slow run never hears its fourth voice: it is not over before it is killed.
        time.sleep(pause and (pause if len(self.heard) < 3 else 600))
        return super().embed(*args, **more)

migrate_store(job(store, samples, FakeModel(Slow(log=log))))
"""

N = 8


@pytest.fixture
def scene(tmp_path):
    for i in range(N):
        write_tone(tmp_path / "samples" / f"{i}.wav", 300 + 20 * i)
    rows = [contact(i, 1, unit(i, 512), [f"{i}.wav"] if i else []) for i in range(N)]
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
        write_store(tmp_path / name / "c.jsonl", rows, "jsonl")
    migrate_store(job(tmp_path / "whole" / "c.jsonl", tmp_path / "samples"))
    return tmp_path


def start(scene, k=0, pause=0.0):
    here = Path(__file__).parent
    paths = scene / "killed" / "c.jsonl", scene / "samples", scene / "heard.txt"
    arguments = [str(x) for x in (here, *paths, k, pause)]
    return subprocess.Popen([sys.executable, "-c", RUN, *arguments], cwd=here.parents[1])


def finish_and_compare(scene):
    """Run to the end; return how often a voice was embedded a second time."""
    assert start(scene).wait(timeout=60) == 0
    for folder in ("whole", "killed"):
        names = sorted(p.name for p in (scene / folder).iterdir())
        assert names == ["c.jsonl", "c.jsonl.bak"]
    for name in ("c.jsonl", "c.jsonl.bak"):
        assert (scene / "killed" / name).read_bytes() == (scene / "whole" / name).read_bytes()
    heard = (scene / "heard.txt").read_text().split()
    assert sorted(set(heard)) == [f"{i}.wav" for i in range(1, N)]
    return len(heard) - len(set(heard))


@pytest.mark.parametrize("k", [1, 3, 7, 10, 12, 14, 16, 18])
def test_killed_between_two_writes_a_run_resumes(scene, k):
    assert start(scene, k).wait(timeout=60) == -signal.SIGKILL
    # At most the voice that was embedded and not yet recorded is embedded again.
    assert finish_and_compare(scene) <= 1


def test_killed_at_any_time_twice_a_run_resumes(scene):
    for seconds in (0.15, 0.1):
        run = start(scene, pause=0.05)
        log = scene / "heard.txt"
        before = log.stat().st_size if log.exists() else 0
        while run.poll() is None and (log.stat().st_size if log.exists() else 0) == before:
            time.sleep(0.01)
        time.sleep(seconds)
        run.kill()
        assert run.wait(timeout=60) == -signal.SIGKILL
    assert finish_and_compare(scene) <= 2
