"""Where chunks of replications run: in this process, or in several beside it.

An executor is handed tasks and hands back results as they come, in any order; which worker did what never
shows in a result. Another machine's executor needs only the same one method.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.synchronize import Event
from typing import NamedTuple, Protocol

from escalation.ensemble.reducer import Reducer
from escalation.ensemble.result import Chunk, Keep
from escalation.ensemble.work import DIED, Simulate, failed_chunk, run_chunk
from escalation.model.world import World

AHEAD = 4
"""Tasks in the queue per worker: enough to keep it busy, few enough to hold in memory."""


@dataclass(frozen=True)
class Task:
    """Replications `first` to `first + count - 1`."""

    first: int
    count: int


class Job(NamedTuple):
    """What all tasks of an ensemble share."""

    world: World
    simulate: Simulate
    seed: int
    keep: Keep
    reducer: Reducer | None = None

    def do(self, task: Task) -> Chunk:
        """Run one task here and now."""
        return run_chunk(
            self.world, self.simulate, self.seed, task.first, task.count, self.keep, self.reducer
        )


class Executor(Protocol):
    """Runs the tasks of a job."""

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Chunk, None, None]:
        """Yield the chunk of every task, in any order.

        On closing the iterator (as on KeyboardInterrupt) work that has not begun is given up.
        """


class InProcess:
    """One worker: this process."""

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Chunk, None, None]:
        """Yield the chunks in the order of the tasks."""
        yield from map(job.do, tasks)


class Processes:
    """Several worker processes on this machine, started afresh (`spawn`), each holding the job once."""

    def __init__(self, workers: int):
        self.workers = workers

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Chunk, None, None]:
        """Yield the chunks as they are finished.

        When a worker dies (killed, or out of memory) the tasks that were under way are tried again, each
        alone in a process of its own; one that kills that too is recorded as failed.
        """
        waiting = iter(tasks)
        while True:
            suspects = yield from self._until_broken(job, waiting)
            if not suspects:
                return
            for task in suspects:
                yield self._alone(job, task)

    def _until_broken(self, job: Job, waiting: Iterator[Task]) -> Generator[Chunk, None, list[Task]]:
        under_way: dict[Future[Chunk], Task] = {}
        with _pool(job, self.workers) as pool:
            try:
                while True:
                    lost = self._fill(pool, under_way, waiting)
                    if lost or not under_way:
                        return lost
                    wait(under_way, return_when=FIRST_COMPLETED)
                    yield from _collected(under_way)
                    if any(future.done() for future in under_way):
                        return list(under_way.values())
            except KeyboardInterrupt:
                yield from _collected(under_way)
                raise

    def _fill(
        self, pool: ProcessPoolExecutor, under_way: dict[Future[Chunk], Task], waiting: Iterator[Task]
    ) -> list[Task]:
        """Top up the queue; the tasks that are lost when the pool turns out to be broken."""
        for task in islice(waiting, self.workers * AHEAD - len(under_way)):
            try:
                under_way[_submit(pool, task)] = task
            except BrokenProcessPool:
                return [task, *under_way.values()]
        return []

    def _alone(self, job: Job, task: Task) -> Chunk:
        with _pool(job, 1) as pool:
            try:
                return _submit(pool, task).result()
            except BrokenProcessPool:
                return failed_chunk(job.world, task.first, task.count, DIED)


def _collected(under_way: dict[Future[Chunk], Task]) -> Iterator[Chunk]:
    """Take out what is finished; what a dead worker left unfinished stays, marked done."""
    for future in [future for future in under_way if future.done()]:
        if not isinstance(future.exception(), BrokenProcessPool):
            del under_way[future]
            yield future.result()


@contextmanager
def _pool(job: Job, workers: int) -> Iterator[ProcessPoolExecutor]:
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin, initargs=(job, stop))
    try:
        yield pool
    except BaseException:
        # to terminate a worker that is writing a result would leave the pool waiting for its other half
        stop.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, task: Task) -> Future[Chunk]:
    with _sigint_blocked():
        return pool.submit(_do, task)


@contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Keep Ctrl-C from workers, which inherit the mask: the first submission starts them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_held: dict[str, Job] = {}
_stop: dict[str, Event] = {}


def _begin(job: Job, stop: Event) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _held["job"], _stop["stop"] = job, stop


def _do(task: Task) -> Chunk:
    job = _held["job"]
    if _stop["stop"].is_set():
        return failed_chunk(job.world, task.first, task.count, "given up")
    return job.do(task)
