"""Tasks on a Ray cluster. Ray schedules, moves, retries and cancels; here is only the order.

Every node needs this version of diarfix, and must see the paths that tasks name.
"""

from __future__ import annotations

import collections
import contextlib
import importlib
import logging
import os
import platform
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from diarfix.errors import InputError, MissingDependency

_T = TypeVar("_T")
_R = TypeVar("_R")

#: Results that may wait for an earlier one, per task at a time: bounds what the cluster stores.
_AHEAD = 4

#: How often a task starts again after the worker or the node under it was lost.
_RETRIES = 5

#: Seconds that cancelled tasks have to clean up.
_FAREWELL = 10.0

#: What Ray reads from the environment at import, where the user has not set it: a repair phones
#: nobody, and an address where no cluster is (any more) is tried for a minute, not for a dozen.
_RAY_SETTINGS = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_NUM_REDIS_GET_RETRIES": "1"}


def run_on_cluster(
    work: Callable[[_T], _R],
    tasks: Sequence[_T],
    jobs: int,
    gpus: int = 0,
    lost: Callable[[_T, InputError], _R] | None = None,
) -> Iterator[_R]:
    """Yield ``work(task)`` in order, from the cluster at ``RAY_ADDRESS`` or where Ray finds one.

    Without any cluster Ray starts one on this machine and ends it with the run. At most ``jobs``
    tasks are handed out at a time; 0 means as many as keep the cluster's cores busy. A task whose
    worker is lost runs again elsewhere, so it may run twice.

    lost  makes a result of a task that loses every worker; None: InputError ends the run

    Raises MissingDependency where Ray, its cluster, or diarfix on the cluster is missing.
    """
    ray = _package()
    with _connected(ray):
        # Shipped once, however many tasks there are: work may carry the turns of an archive.
        shipped = ray.put(work)
        at_a_time = jobs or _AHEAD * max(int(ray.cluster_resources().get("CPU", 1)), 1)
        call = ray.remote(_call).options(
            max_retries=_RETRIES, retry_exceptions=False, num_cpus=1, num_gpus=gpus
        )
        wanted, here = version("diarfix"), str(Path.cwd())
        waiting: collections.deque[tuple[_T, Any]] = collections.deque()
        try:
            for task in tasks:
                waiting.append((task, call.remote(shipped, task, wanted, here)))
                if len(waiting) >= at_a_time:
                    yield _result(ray, *waiting.popleft(), lost)
            while waiting:
                yield _result(ray, *waiting.popleft(), lost)
        finally:
            _cancel(ray, [ref for _, ref in waiting])


def _cancel(ray: Any, waiting: list[Any]) -> None:
    """Cancel tasks, and let those that run clean up: a worker that we leave is killed at once."""
    for ref in waiting:
        ray.cancel(ref)
    if waiting:
        ray.wait(waiting, num_returns=len(waiting), timeout=_FAREWELL, fetch_local=False)


def _call(work: Callable[[Any], Any], task: Any, wanted: str, here: str) -> Any:
    """What runs on the cluster: in the caller's folder, so that relative paths are the same."""
    found = version("diarfix")
    if found != wanted:
        raise MissingDependency(
            f"the Ray node {platform.node()} has diarfix {found}, this machine has {wanted}",
            hint=f"on every node: pip install 'diarfix[ray]=={wanted}'",
        )
    with contextlib.suppress(OSError):  # a node without this folder may still read URLs
        os.chdir(here)
    return work(task)


def _package() -> ModuleType:
    for name, value in _RAY_SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        ray = importlib.import_module("ray")
        driver = importlib.import_module("ray._private.worker")
    except ImportError as error:
        absent = isinstance(error, ModuleNotFoundError) and error.name == "ray"
        why = "is not installed" if absent else f"cannot be imported: {error}"
        raise MissingDependency(
            f"the package ray {why}", hint="pip install 'diarfix[ray]'"
        ) from error
    _keep_stdout(driver)
    return ray


def _keep_stdout(driver: Any) -> None:
    """Let what Ray tells of lost workers go to stderr: it goes to stdout, among our data.

    Ray has no setting for it. Should this name vanish, only that is lost.
    """
    tell = getattr(driver, "print_to_stdstream", None)
    if tell is None or getattr(tell, "kept_from_stdout", False):
        return

    def to_stderr(data: dict[str, Any], *args: Any, **options: Any) -> Any:
        return tell({**data, "is_err": True}, *args, **options)

    to_stderr.kept_from_stdout = True  # type: ignore[attr-defined]
    driver.print_to_stdstream = to_stderr


@contextlib.contextmanager
def _connected(ray: Any) -> Iterator[None]:
    """A connection to the cluster; one that the caller has already made is used and kept."""
    if ray.is_initialized():
        yield
        return
    try:
        # Nothing of Ray's or of its workers' may stand between our lines.
        ray.init(logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        where = os.environ.get("RAY_ADDRESS", "the address that `ray start` left here")
        said = " ".join(str(error).split()) or type(error).__name__
        raise MissingDependency(
            f"no Ray cluster at {where}: {said}",
            hint="set RAY_ADDRESS, or start one: ray stop; ray start --head",
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _result(ray: Any, task: _T, ref: Any, lost: Callable[[_T, InputError], _R] | None) -> Any:
    """A task's result, or the error it ended with as the task raised it."""
    failures = ray.exceptions
    killed = (failures.WorkerCrashedError, failures.OutOfMemoryError, failures.NodeDiedError)
    try:
        return ray.get(ref)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, ModuleNotFoundError):
            raise _incomplete(str(error.cause)) from error
        raise error.cause from error
    except killed as error:
        gone = InputError(
            f"the process at work on it was killed, {_RETRIES + 1} times",
            hint="is memory short on the nodes? try --engine local",
        )
        if lost is None:
            raise gone from error
        return lost(task, gone)
    except ray.exceptions.RayError as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise MissingDependency(
            f"the Ray cluster broke off: {said}",
            hint="what was finished stays; run the same command again",
        ) from error


def _incomplete(why: str) -> MissingDependency:
    wanted = version("diarfix")
    return MissingDependency(
        f"a Ray node cannot run diarfix: {why}",
        hint=f"on every node: pip install 'diarfix[ray]=={wanted}'",
    )
