"""Work on this machine."""

import importlib
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from diarfix.engine import Engine, run_ordered
from diarfix.errors import InputError


@pytest.mark.parametrize("jobs", [None, 0, 1, 2])
def test_results_come_in_the_order_of_the_tasks_whatever_the_jobs(jobs):
    assert list(run_ordered(math.sqrt, range(20), Engine(jobs=jobs))) == [
        math.sqrt(i) for i in range(20)
    ]


def test_without_an_engine_work_stays_in_this_process():
    seen = []
    assert list(run_ordered(seen.append, [1, 2])) == [None, None]
    assert seen == [1, 2]


def test_engines_tell_whether_they_share_this_process_and_whether_a_task_may_run_twice():
    engines = [Engine(), Engine(jobs=1), Engine(jobs=0), Engine(jobs=2), Engine(name="ray")]
    assert [e.apart for e in engines] == [False, False, True, True, True]
    assert [e.repeats for e in engines] == [False, False, False, False, True]


@pytest.fixture
def die(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parent)
    return importlib.import_module("engine_tasks").die


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_worker_loses_and_doubles_no_task(die, tmp_path):
    tasks = [(tmp_path / str(i), "once" if i in {0, 7, 19} else "") for i in range(20)]
    found = list(run_ordered(die, tasks, Engine(jobs=2)))
    assert found == [(mark.name, kills) for mark, kills in tasks]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_task_that_kills_every_worker_is_given_up_and_the_rest_goes_on(die, tmp_path):
    tasks = [(tmp_path / str(i), "always" if i in {3, 4} else "") for i in range(12)]

    def lost(task, error):
        return task[0].name, error.message

    found = list(run_ordered(die, tasks, Engine(jobs=2), lost))
    gone = "the process at work on it was killed, twice"
    assert found == [(str(i), gone if i in {3, 4} else "") for i in range(12)]
    with pytest.raises(InputError, match="killed, twice"):
        list(run_ordered(die, tasks, Engine(jobs=2)))


INTERRUPTED = """
import math, multiprocessing.util, os, signal, threading, time
from diarfix.engine import Engine, run_ordered

# A shell's background job ignores Ctrl-C, and so would what it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
# As those of BLAS: a thread that takes a signal which the main thread has blocked.
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
real = multiprocessing.util.spawnv_passfds

def spawn(*args):
    pid = real(*args)
    if "spawn_main" in str(args):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
    return pid

multiprocessing.util.spawnv_passfds = spawn
try:
    list(run_ordered(math.sqrt, [4.0] * 4, Engine(jobs=2)))
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interruption_waits_until_a_worker_has_started():
    """A worker that is told but half of what it needs would end in a traceback."""
    run = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr, run.returncode) == ("interrupted\n", "", 0)


def test_what_a_task_raises_arrives_as_it_was_raised():
    results = run_ordered(math.sqrt, [4.0, -1.0, 9.0], Engine(jobs=2))
    assert next(results) == 2.0
    with pytest.raises(ValueError, match="math domain"):
        next(results)
