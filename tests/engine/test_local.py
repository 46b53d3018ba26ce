"""Work on this machine."""

import math

import pytest

from diarfix.engine import Engine, run_ordered


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
