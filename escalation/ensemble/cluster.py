"""Chunks of replications on an existing Dask cluster, through the same one method as on this machine.

The job travels once, as a task of its own: a worker that comes later fetches it from another, and Dask makes
it again when the last worker that held it is gone. Only `escalation.ensemble.engine` imports this module.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import traceback
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import chain, islice
from time import monotonic, perf_counter, sleep
from typing import Any, NamedTuple

from distributed import Client, KilledWorker, Security, get_worker
from distributed.core import connect

from escalation.ensemble.code import code_identity
from escalation.ensemble.executors import Job, Task
from escalation.ensemble.result import Chunk
from escalation.ensemble.work import DIED, failed_chunk
from escalation.errors import EnvironmentFault

CONNECT = 5.0
"""Seconds that a scheduler may take to answer."""

PATIENCE = 60.0
"""Seconds that a run goes on without any worker: enough to start one afresh."""

LOOK, LOOK_AGAIN = 2.0, 0.2
"""Seconds between two looks at how many workers there are, and while there are none."""

LONG, MANY = 0.1, 64
"""Seconds that a worker should be busy with what it is handed at once, and tasks in that at most."""

AHEAD = 2
"""Such bundles per thread: one under way, one waiting; their results may be large."""


class OtherCode(Exception):
    """A worker would not compute what the process that asked it would."""


class Done(NamedTuple):
    """What a worker made of some tasks: their chunks, and the seconds it took."""

    chunks: list[Chunk]
    seconds: float


class Cluster:
    """The workers of the Dask scheduler at `address` (HOST:PORT), of which any may come and go.

    `workers` is how many threads they had when they were first seen. Raises EnvironmentFault when no
    scheduler answers, or none of its workers; `patience` is how many seconds a run waits for one.
    """

    def __init__(self, address: str, patience: float = PATIENCE):
        self.address = address
        self.patience = patience
        with self._connected() as client:
            crew = _Crew(self, client, min(CONNECT, patience))
            while not crew.threads():
                sleep(LOOK_AGAIN)
            self.workers = crew.threads()

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Chunk, None, None]:
        """Yield the chunks as they are finished.

        A task whose worker is lost is done again by another. One that Dask gives up, because too many workers
        died on it, is tried once more with nothing beside it, and then recorded as failed. When the
        connection to the scheduler is lost and can be made again, what was under way begins anew. Raises
        EnvironmentFault when it cannot, when all workers are gone for `patience` seconds, and when one has
        other code than this process.
        """
        left = iter(tasks)
        while True:
            with self._connected() as client:
                lost = yield from _Session(self, client, job).until_lost(left)
            if lost is None:
                return
            left = chain(lost, left)

    def fault(self, what: str) -> EnvironmentFault:
        """Return the error that something about this cluster is wrong."""
        return EnvironmentFault(f"engine dask://{self.address}: {what}")

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        with _hushed():
            client = self._client()
            try:
                yield client
            finally:
                client.close()

    def _client(self) -> Any:
        try:
            with ThreadPoolExecutor(1) as beside:  # a notebook has a loop in this thread
                beside.submit(asyncio.run, _answer(self.address)).result()
            return Client(self.address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise self.fault(
                "no Dask scheduler answers there; start one with: dask scheduler --host HOST --port PORT"
            ) from error


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep Dask from logging a traceback for a lost connection, which is dealt with here."""
    logger = logging.getLogger("distributed.client")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


async def _answer(address: str) -> None:
    """Wait for a greeting; `Client` would wait for ever where something listens that is no scheduler."""
    greeting = connect(address, timeout=CONNECT, **Security().get_connection_args("client"))
    (await asyncio.wait_for(greeting, CONNECT)).abort()


class _Crew:
    """The workers seen over one connection: looked up now and then, for they come and go."""

    def __init__(self, cluster: Cluster, client: Any, patience: float):
        self._cluster = cluster
        self._client = client
        self._patience = patience
        self._threads = 0
        self._looked, self._seen = float("-inf"), monotonic()

    def threads(self) -> int:
        """Return how many threads they have; EnvironmentFault when there was none for too long."""
        now = monotonic()
        if now - self._looked >= (LOOK if self._threads else LOOK_AGAIN):
            self._looked = now
            self._threads = self._count()
        if self._threads:
            self._seen = now
        elif now - self._seen > self._patience:
            raise self._cluster.fault(
                f"its scheduler has had no worker for {self._patience:.0f} seconds; start one with: "
                f"dask worker {self._cluster.address}"
            )
        return self._threads

    def _count(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except OSError:
            return 0


class _Session:
    """One job over one connection to the scheduler.

    `_under_way` holds what has been handed over, `_bundle` tasks at a time; `_suspects` what Dask has given
    up; `_lost` is true once the connection is.
    """

    def __init__(self, cluster: Cluster, client: Any, job: Job):
        self._cluster = cluster
        self._client = client
        self._job = job
        self._crew = _Crew(cluster, client, cluster.patience)
        self._pool = client.get_executor(pure=False)
        self._held = client.submit(pickle.loads, pickle.dumps(job), pure=False)
        self._under_way: dict[Future[Done | Exception], list[Task]] = {}
        self._bundle = 1
        self._suspects: list[Task] = []
        self._lost = False

    def until_lost(self, tasks: Iterator[Task]) -> Generator[Chunk, None, list[Task] | None]:
        """Yield chunks until all tasks are done; when the connection is lost, return those then under way."""
        try:
            yield from self._through(tasks)
            while self._suspects and not self._lost:
                yield from self._alone(self._suspects.pop(0))
        except KeyboardInterrupt:
            yield from self._collected()
            raise
        return [*chain.from_iterable(self._under_way.values()), *self._suspects] if self._lost else None

    def _through(self, tasks: Iterator[Task]) -> Generator[Chunk, None, None]:
        while not self._lost:
            if self._client.status == "closed":  # it was lost while the last chunks were looked at
                self._lost = True
                return
            self._fill(tasks)
            if not self._under_way:
                return
            wait(self._under_way, LOOK, FIRST_COMPLETED)
            yield from self._collected()

    def _fill(self, tasks: Iterator[Task]) -> None:
        room = max(1, self._crew.threads()) * AHEAD - len(self._under_way)
        for _ in range(room):
            if not (bundle := list(islice(tasks, self._bundle))):
                return
            self._under_way[self._pool.submit(_do, self._held, bundle, code_identity())] = bundle

    def _collected(self) -> Iterator[Chunk]:
        for future in [future for future in self._under_way if future.done()]:
            if future.cancelled():
                self._lost = True
            elif isinstance(future.exception(), KilledWorker):
                self._suspects.extend(self._under_way.pop(future))
            else:
                del self._under_way[future]
                done = self._done(future)
                if done.seconds < LONG:
                    self._bundle = min(MANY, max(self._bundle, 2 * len(done.chunks)))
                yield from done.chunks

    def _done(self, future: Future[Done | Exception]) -> Done:
        try:
            result = future.result()
        except Exception as error:
            first_line = (str(error).splitlines() or [""])[0]
            raise self._cluster.fault(
                f"{type(error).__name__}: {first_line}; "
                "scheduler and workers must have the same escalation installed as this machine"
            ) from error
        if isinstance(result, Exception):
            raise result
        return result

    def _alone(self, task: Task) -> Generator[Chunk, None, None]:
        before = len(self._suspects)
        yield from self._through(iter((task,)))
        if len(self._suspects) > before:
            del self._suspects[before:]
            yield failed_chunk(self._job.world, task.first, task.count, DIED)


def _do(job: Job, tasks: list[Task], code: str) -> Done | Exception:
    """Do tasks on a worker; an error of the job is returned, so that whatever is raised is the cluster's."""
    if code_identity() != code:
        raise OtherCode(f"the worker at {get_worker().address} has {code_identity()}, this machine {code}")
    before = perf_counter()
    try:
        chunks = [job.do(task) for task in tasks]
        return Done(chunks, perf_counter() - before)
    except Exception as error:  # noqa: BLE001 - it is raised where the run was asked for
        error.add_note(traceback.format_exc())
        return error
