"""A real SIGKILL, in a process of its own, at several instants of a run."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store_fakes import contact, job, unit, write_store, write_tone

from diarfix.contacts.migrate import migrate_store, plan_migration

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")

RUN = """
import itertools, os, signal, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from store_fakes import FakeEmbedder, FakeModel, job
from diarfix.contacts.migrate import migrate_store

store, samples, log = map(Path, sys.argv[2:5])
k, pause, hears = int(sys.argv[5]), float(sys.argv[6]), int(sys.argv[7])
count = itertools.count(1)
for name in ("write", "fsync", "replace", "link", "unlink", "ftruncate"):
    def step(*args, real=getattr(os, name), **more):
        if next(count) == k:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **more)
    setattr(os, name, step)

class Slow(FakeEmbedder):
    def embed(self, *args, **more):
        time.sleep(pause if len(self.heard) < hears else 600)
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


def start(scene, k=0, pause=0.0, hears=1000):
    """Start a run that kills itself at its ``k``-th write, or stops after ``hears`` voices."""
    here = Path(__file__).parent
    paths = scene / "killed" / "c.jsonl", scene / "samples", scene / "heard.txt"
    arguments = [str(x) for x in (here, *paths, k, pause, hears)]
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


@pytest.mark.parametrize("k", [7, 9, 11, 13, 15, 17])
def test_a_sample_that_is_replaced_between_the_runs_is_heard_anew(scene, k):
    """A wrong recording was replaced after the run that had embedded it was killed."""
    assert start(scene, k).wait(timeout=60) == -signal.SIGKILL
    for i, hertz in ((1, 900), (N - 1, 940)):
        write_tone(scene / "samples" / f"{i}.wav", hertz)
    (scene / "whole" / "c.jsonl.bak").replace(scene / "whole" / "c.jsonl")
    migrate_store(job(scene / "whole" / "c.jsonl", scene / "samples"))
    finish_and_compare(scene)
    assert plan_migration(job(scene / "killed" / "c.jsonl", scene / "samples")).proven


@pytest.mark.parametrize("k", [7, 11, 15, 17])
def test_a_store_that_is_saved_between_the_runs_is_migrated_as_it_is_then(scene, k):
    assert start(scene, k).wait(timeout=60) == -signal.SIGKILL
    store = scene / "killed" / "c.jsonl"
    old = store.read_bytes()
    new = json.dumps(contact("new", 1, unit(99, 512), ["1.wav"])).encode() + b"\n"
    store.write_bytes(new + old)
    assert start(scene).wait(timeout=60) == 0
    first, *others = store.read_bytes().splitlines(keepends=True)
    assert b"".join(others) == (scene / "whole" / "c.jsonl").read_bytes()
    # The new first contact has the first voice, not the one that was recorded for its place.
    assert json.loads(first)["speaker_embedding"] == json.loads(others[1])["speaker_embedding"]
    backups = [p.read_bytes() for p in store.parent.glob("*.bak*")]
    assert new + old in backups
    assert not list(store.parent.glob(".*"))


def test_a_writer_that_saves_all_the_time_loses_nothing(scene):
    """A service adds a contact every few milliseconds, by renaming, while runs come and die."""
    store = scene / "killed" / "c.jsonl"
    run, n, codes = start(scene, pause=0.01), 0, []
    while len(codes) < 6:
        if run.poll() is None:
            lines = store.read_bytes()
            n += 1
            other = store.with_name("service.tmp")
            other.write_bytes(lines + json.dumps(contact(f"s{n}", 3)).encode() + b"\n")
            if store.read_bytes() == lines:  # the service's own care; a run may have ended
                other.replace(store)
            else:
                n -= 1
            time.sleep(0.005)
            if len(codes) % 2 and n % 40 == 0:
                run.kill()
        else:
            codes.append(run.returncode)
            run = start(scene, pause=0.01)
    run.kill()
    run.wait(timeout=60)
    assert set(codes) <= {0, 1, -signal.SIGKILL}
    assert start(scene).wait(timeout=60) == 0
    ids = [json.loads(line)["id"] for line in store.read_bytes().splitlines()]
    assert ids == [*range(N), *(f"s{i}" for i in range(1, n + 1))]
    assert plan_migration(job(store, scene / "samples")).proven


def test_killed_at_any_time_twice_a_run_resumes(scene):
    for seconds in (0.15, 0.1):
        run = start(scene, pause=0.05, hears=3)  # not over before it is killed
        log = scene / "heard.txt"
        before = log.stat().st_size if log.exists() else 0
        while run.poll() is None and (log.stat().st_size if log.exists() else 0) == before:
            time.sleep(0.01)
        time.sleep(seconds)
        run.kill()
        assert run.wait(timeout=60) == -signal.SIGKILL
    assert finish_and_compare(scene) <= 2
