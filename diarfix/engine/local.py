"""Tasks on this machine, in one process or several.

A worker may be killed under its task (by the system, when memory runs out). The pool is then
broken, ends its other workers too, and tells no one which task it was. So the first task without a
result runs again in a process of its own: if that is killed twice, the task is the one, and is
given up; the others go on in a new pool.
"""

from __future__ import annotations

import collections
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

from diarfix.errors import EXIT_INTERRUPTED, InputError

_T = TypeVar("_T")
_R = TypeVar("_R")

#: What becomes of a task whose own process was killed twice.
Lost = Callable[[_T, InputError], _R]

#: Results that may wait for an earlier one, per process: bounds memory.
_AHEAD = 4


def run_in_processes(
    work: Callable[[_T], _R], tasks: Sequence[_T], n_jobs: int, lost: Lost[_T, _R] | None
) -> Iterator[_R]:
    """Yield ``work(task)`` in order, by ``n_jobs`` processes.

    lost  makes a result of a task whose own process was killed twice; None: InputError ends the run
    """
    workers = _Workers(work, n_jobs)
    try:
        for task in tasks:
            workers.add(task)
            if len(workers.waiting) >= _AHEAD * n_jobs:
                yield workers.take(lost)
        while workers.waiting:
            yield workers.take(lost)
    finally:
        workers.pool.shutdown(wait=True, cancel_futures=True)


class _Workers(Generic[_T, _R]):
    """A pool and the tasks it was given whose results nobody has taken yet."""

    def __init__(self, work: Callable[[_T], _R], n_jobs: int) -> None:
        self.work = work
        self.n_jobs = n_jobs
        self.pool = _pool(n_jobs)
        self.waiting: collections.deque[tuple[_T, Future[_R]]] = collections.deque()

    def add(self, task: _T) -> None:
        """Hand out a task."""
        self.waiting.append((task, self._submit(self.pool, task)))

    def take(self, lost: Lost[_T, _R] | None) -> _R:
        """The result of the task that has waited longest."""
        task, future = self.waiting.popleft()
        try:
            return future.result()
        except BrokenProcessPool:
            result = self._again(task, lost)
        self._renew()
        return result

    def _again(self, task: _T, lost: Lost[_T, _R] | None) -> _R:
        # What ended with its neighbours may not have begun: only a death of its own counts.
        with contextlib.suppress(BrokenProcessPool):
            return self._alone(task)
        try:
            return self._alone(task)
        except BrokenProcessPool as error:
            gone = InputError(
                "the process at work on it was killed, twice", hint="is memory short? try -j 1"
            )
            if lost is None:
                raise gone from error
            return lost(task, gone)

    def _alone(self, task: _T) -> _R:
        with _pool(1) as pool:
            return self._submit(pool, task).result()

    def _renew(self) -> None:
        """Start a new pool; what the broken one left undone is handed out again."""
        self.pool.shutdown(wait=True)
        self.pool = _pool(self.n_jobs)
        for i, (task, future) in enumerate(self.waiting):
            if future.cancelled() or isinstance(future.exception(), BrokenProcessPool):
                self.waiting[i] = (task, self._submit(self.pool, task))

    def _submit(self, pool: ProcessPoolExecutor, task: _T) -> Future[_R]:
        with _uninterrupted():
            try:
                return pool.submit(_interruptible, self.work, task)
            except BrokenProcessPool as error:
                future: Future[_R] = Future()
                future.set_exception(error)
                return future


def _pool(n_jobs: int) -> ProcessPoolExecutor:
    # Spawned workers inherit no locks or threads of the caller, on every platform alike.
    context = multiprocessing.get_context("spawn")
    # The pool's tracker of semaphores starts here; a hang-up would end it before the pool is gone.
    with _uninterrupted():
        return ProcessPoolExecutor(n_jobs, mp_context=context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Let this worker end when the process that started it is gone, however that ended.

    A killed parent closes nothing: its workers would wait for their next task for ever, or work on
    for nobody.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent,), daemon=True).start()


def _exit_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(EXIT_INTERRUPTED)


#: What tells a process to end: Ctrl-C, a supervisor, a terminal that was closed (not on Windows).
_ENDINGS = [getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n)]


class _Ended(BaseException):
    """The worker was told to end while a task ran."""


def _end(*_: object) -> None:
    _handle(lambda *_: None)  # a second signal must not cut the cleaning up short
    raise _Ended


def _handle(handler: Callable[..., None] | signal.Handlers) -> None:
    for number in _ENDINGS:
        signal.signal(number, handler)


def _interruptible(work: Callable[[_T], _R], task: _T) -> _R:
    """What a worker runs: whoever ends it lets the task clean up first, and no other one begin."""
    try:
        _handle(_end)
        _mask(signal.SIG_UNBLOCK)
        return work(task)
    except _Ended:
        os._exit(EXIT_INTERRUPTED)
    finally:
        _mask(signal.SIG_BLOCK)
        _handle(signal.SIG_DFL)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let signals wait until a worker has started: half of one prints a traceback.

    Workers start with Ctrl-C and hang-ups blocked, and so print nothing when one comes between two
    tasks. In this process that is not enough: another thread may take the signal, and Python acts
    on it in this.
    """
    came: list[int] = []
    mine = threading.current_thread() is threading.main_thread()
    before = {n: h for n in _ENDINGS if mine and callable(h := signal.getsignal(n))}
    for number in before:
        signal.signal(number, lambda number, _: came.append(number))
    _mask(signal.SIG_BLOCK)
    try:
        yield
    finally:
        _mask(signal.SIG_UNBLOCK)
        for number, handler in before.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])


def _mask(how: int) -> None:
    if os.name == "posix":
        signal.pthread_sigmask(how, {signal.SIGINT, signal.SIGHUP})
