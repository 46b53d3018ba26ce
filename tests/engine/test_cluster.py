"""Work on a Ray cluster: the same results in the same order, whatever dies meanwhile."""

import os
import signal
import time
from pathlib import Path

import pytest

from diarfix.engine import Engine, run_ordered
from diarfix.engine.cluster import _call
from diarfix.errors import InputError, MissingDependency

RAY = Engine(name="ray")


def waits(task):
    """The earlier a task, the later it is done."""
    time.sleep(0.02 * (8 - task))
    return task


def refuses(task):
    raise InputError(f"{task}: no", hint="another one")


def breaks(task):
    return 1 // task


def dies_once(path):
    """Killed on its first run, after its work and before its report."""
    path = Path(path)
    path.write_text(path.read_text() + "x" if path.exists() else "x")
    if path.read_text() == "x":
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name


def dies(task):
    if task == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def where(task):
    return str(Path.cwd()), os.getpid()


def marks(path):
    Path(path).touch()
    time.sleep(0.05)


def test_results_come_in_the_order_of_the_tasks(by_value):
    assert list(run_ordered(waits, range(8), RAY)) == [*range(8)]


@pytest.mark.parametrize("jobs", [1, 3])
def test_no_more_tasks_are_handed_out_than_jobs_allow(by_value, tmp_path, jobs):
    paths = [tmp_path / str(i) for i in range(12)]
    running = run_ordered(marks, paths, Engine(name="ray", jobs=jobs))
    for done, _ in enumerate(running, start=1):
        assert len(list(tmp_path.iterdir())) <= done + jobs


def test_a_killed_worker_loses_and_doubles_no_task(by_value, tmp_path):
    paths = [tmp_path / str(i) for i in range(5)]
    assert list(run_ordered(dies_once, paths, RAY)) == ["0", "1", "2", "3", "4"]
    assert {p.read_text() for p in paths} == {"xx"}


def test_a_task_that_kills_every_worker_is_given_up_and_the_rest_goes_on(by_value, monkeypatch):
    monkeypatch.setattr("diarfix.engine.cluster._RETRIES", 1)
    told = run_ordered(dies, [1, 2, 3], RAY, lambda task, error: (task, error.message))
    assert list(told) == [1, (2, "the process at work on it was killed, 2 times"), 3]
    with pytest.raises(InputError, match="killed, 2 times"):
        list(run_ordered(dies, [2], RAY))


def test_errors_arrive_as_they_were_raised(by_value):
    with pytest.raises(InputError) as caught:
        list(run_ordered(refuses, ["a.json"], RAY))
    assert (caught.value.message, caught.value.hint) == ("a.json: no", "another one")
    with pytest.raises(ZeroDivisionError):
        list(run_ordered(breaks, [0], RAY))


def test_what_is_left_is_cancelled_when_the_caller_stops(by_value, tmp_path):
    paths = [tmp_path / str(i) for i in range(400)]
    running = run_ordered(marks, paths, Engine(name="ray", jobs=100))
    next(running)
    running.close()
    time.sleep(1.0)
    n_begun = len(list(tmp_path.iterdir()))
    time.sleep(0.5)
    assert n_begun == len(list(tmp_path.iterdir())) < 100


def test_tasks_run_elsewhere_in_the_folder_of_the_caller(by_value, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    [(folder, pid)] = run_ordered(where, [1], RAY)
    assert folder == str(tmp_path)
    assert pid != os.getpid()


def test_another_version_of_diarfix_on_a_node_is_refused(tmp_path):
    with pytest.raises(MissingDependency, match=r"has diarfix .*, this machine has 0\.0\.0"):
        _call(waits, 8, "0.0.0", str(tmp_path))


def test_no_tasks_are_no_results(cluster):
    assert list(run_ordered(waits, [], RAY)) == []
