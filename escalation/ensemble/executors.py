"""Where chunks of replications run: in this process, in threads, in processes beside it, on a cluster.

An executor is handed tasks and hands back results as they come, in any order; which worker did what never
shows in a result. All but the simplest are one window of futures over a pool.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from multiprocessing.synchronize import Event
from typing import Any, Protocol

from escalation.ensemble.interrupts import interrupts_blocked, interrupts_deferred
from escalation.ensemble.result import Chunk
from escalation.ensemble.work import DIED, Job, Task

AHEAD = 4
"""Tasks in the queue per worker: enough to keep it busy, few enough to hold in memory."""

GRACE = 5.0
"""Seconds that a worker process may take to end what it has in hand, before it is ended."""


class Executor(Protocol):
    """Runs the tasks of a job on so many `workers`."""

    @property
    def workers(self) -> int:
        """How many tasks run at once."""

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Chunk, None, None]:
        """Yield the chunk of every task, in any order.

        On closing the iterator (as on KeyboardInterrupt) work that has not begun is given up.
        """


class InProcess:
    """One worker: this process."""

    workers = 1

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Chunk, None, None]:
        """Yield the chunks in the order of the tasks."""
        yield from map(job.do, tasks)


class Killed(Exception):
    """The worker died on a task, and the task may be the reason."""


class Lost(Exception):
    """The pool is gone, through no fault of the task."""


class Pool(Protocol):
    """What takes tasks, some at a time, until it breaks."""

    @property
    def usable(self) -> bool:
        """False when it is broken for good."""

    @property
    def suspects(self) -> bool:
        """Whether a task that was under way when it broke may be the reason."""

    @property
    def bundle(self) -> int:
        """How many tasks to submit at once."""

    @property
    def look(self) -> float | None:
        """Seconds after which to look at it again although nothing is done; None for never."""

    def capacity(self) -> int:
        """Return how many bundles may be under way."""

    def submit(self, tasks: list[Task]) -> Future[Any]:
        """Begin some tasks."""

    def chunks(self, future: Future[Any]) -> list[Chunk]:
        """Return what is done; raises Killed or Lost."""


@dataclass
class _Window:
    """The tasks under way in one pool; those that may have killed a worker, and those lost with the pool."""

    pool: Pool
    under_way: dict[Future[Any], list[Task]] = field(default_factory=dict)
    killed: list[Task] = field(default_factory=list)
    lost: list[Task] = field(default_factory=list)

    def through(self, tasks: Iterator[Task]) -> Generator[Chunk, None, None]:
        """Yield chunks until all tasks are done, or the pool is not usable any more."""
        try:
            while self.pool.usable:
                for _ in range(self.pool.capacity() - len(self.under_way)):
                    if bundle := list(islice(tasks, self.pool.bundle)):
                        self.under_way[self.pool.submit(bundle)] = bundle
                if not self.under_way:
                    return
                wait(self.under_way, self.pool.look, FIRST_COMPLETED)
                yield from self._collected()
        except KeyboardInterrupt:
            yield from self._collected()
            raise
        unfinished = chain.from_iterable(self.under_way.values())
        (self.killed if self.pool.suspects else self.lost).extend(unfinished)

    def _collected(self) -> Iterator[Chunk]:
        for future in [future for future in self.under_way if future.done()]:
            tasks = self.under_way.pop(future)
            try:
                yield from self.pool.chunks(future)
            except Killed:
                self.killed += tasks
            except Lost:
                self.lost += tasks


class Pooled:
    """So many `workers` in a pool, which `open_pool` makes for a job."""

    def __init__(self, workers: int, open_pool: Callable[[Job, int], AbstractContextManager[Pool]]):
        self.workers = workers
        self._open_pool = open_pool

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Chunk, None, None]:
        """Yield the chunks as they are finished.

        A task that was under way when a worker died is tried again with nothing beside it; when that kills a
        worker too, it is recorded as failed. When a pool is lost, what was under way begins anew in another.
        """
        waiting, suspects = iter(tasks), list[Task]()
        while True:
            with self._open_pool(job, self.workers) as pool:
                while suspects and pool.usable:
                    alone = _Window(pool)
                    yield from alone.through(iter(suspects[:1]))
                    if alone.killed:
                        yield job.failed(suspects[0], DIED)
                    if not alone.lost:
                        del suspects[0]
                window = _Window(pool)
                yield from window.through(waiting)
                suspects += window.killed
                if pool.usable and not suspects:
                    return
            waiting = chain(window.lost, waiting)


class _Threads:
    """A pool of threads that share the compiled code, which lets go of the interpreter's lock."""

    usable, bundle, look, suspects = True, 1, None, False

    def __init__(self, job: Job, workers: int, pool: ThreadPoolExecutor):
        self._job, self._workers, self._pool = job, workers, pool

    def capacity(self) -> int:
        return self._workers * AHEAD

    def submit(self, tasks: list[Task]) -> Future[Any]:
        return self._pool.submit(lambda: list(map(self._job.do, tasks)))

    def chunks(self, future: Future[Any]) -> list[Chunk]:
        chunks: list[Chunk] = future.result()
        return chunks


@contextmanager
def _open_threads(job: Job, workers: int) -> Iterator[Pool]:
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield _Threads(job, workers, pool)
        finally:
            pool.shutdown(cancel_futures=True)


class _Processes:
    """A pool of worker processes, started afresh (`spawn`), each of which has the job once."""

    bundle, look, suspects = 1, None, True

    def __init__(self, workers: int, pool: ProcessPoolExecutor):
        self.usable = True
        self._workers, self._pool = workers, pool

    def capacity(self) -> int:
        return self._workers * AHEAD

    def submit(self, tasks: list[Task]) -> Future[Any]:
        try:
            with interrupts_blocked():  # by workers too, which inherit that
                return self._pool.submit(_do, tasks)
        except BrokenProcessPool as error:
            broken: Future[Any] = Future()
            broken.set_exception(error)
            return broken

    def chunks(self, future: Future[Any]) -> list[Chunk]:
        try:
            chunks: list[Chunk] = future.result()
        except BrokenProcessPool as error:
            self.usable = False
            raise Killed from error
        return chunks


@contextmanager
def _open_processes(job: Job, workers: int, grace: float) -> Iterator[Pool]:
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin, initargs=(job, stop))
    try:
        yield _Processes(workers, pool)
    finally:
        with interrupts_deferred():
            stop.set()
            _shut_down(pool, grace)


def _shut_down(pool: ProcessPoolExecutor, grace: float) -> None:
    """End a pool's workers: by themselves within `grace` seconds, else by force.

    A worker that is ended while it writes a result leaves the pool's own thread waiting for the other half:
    with the last writing end closed, it finds the end of the file instead.
    """
    internals: Any = pool
    workers = list((internals._processes or {}).values())
    manager, results = internals._executor_manager_thread, internals._result_queue
    pool.shutdown(wait=False, cancel_futures=True)
    if manager is None:
        return
    manager.join(grace)
    if manager.is_alive():
        for worker in workers:
            worker.kill()
        results._writer.close()
        manager.join(GRACE)
    for worker in workers:
        worker.join(GRACE)


def processes(workers: int, grace: float = GRACE) -> Executor:
    """Return several worker processes on this machine, or this process for one.

    When they are to stop, they have `grace` seconds to end what they have in hand.
    """
    return Pooled(workers, partial(_open_processes, grace=grace)) if workers > 1 else InProcess()


def threads(workers: int) -> Executor:
    """Return threads of this process, for a clock that lets go of the interpreter's lock while it runs."""
    return Pooled(workers, _open_threads)


_worker: dict[str, Any] = {}


def _begin(job: Job, stop: Event) -> None:
    """Begin the life of a worker process, which ends when its parent does, however that ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    _worker.update(job=job, stop=stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(tasks: list[Task]) -> list[Chunk]:
    job: Job = _worker["job"]
    if _worker["stop"].is_set():
        return [job.failed(task, "given up") for task in tasks]
    return list(map(job.do, tasks))
