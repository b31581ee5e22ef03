"""Chunks of replications on an existing Dask cluster.

The job travels once, as a task of its own: a worker that comes later fetches it from another, and Dask makes
it again when the last worker that held it is gone. Only `escalation.ensemble.engine` imports this module.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import traceback
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from time import monotonic, perf_counter, sleep
from typing import Any, NamedTuple

from distributed import Client, KilledWorker, Security, get_worker
from distributed.core import connect

from escalation.ensemble.executors import Killed, Lost, Pool, Pooled
from escalation.ensemble.identity import code_identity
from escalation.ensemble.result import Chunk
from escalation.ensemble.work import Job, Task
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


class Cluster(Pooled):
    """The workers of the Dask scheduler at `address` (HOST:PORT), of which any may come and go.

    `workers` is how many threads they had when they were first seen. A task whose worker is lost is done
    again by another. When the connection to the scheduler is lost and can be made again, what was under way
    begins anew. Raises EnvironmentFault, now or later, when no scheduler answers, when it has no worker for
    `patience` seconds, and when a worker has other code than this process.
    """

    def __init__(self, address: str, patience: float = PATIENCE):
        self.address = address
        self.patience = patience
        super().__init__(self._count(), lambda job, _: self._open(job))

    def fault(self, what: str) -> EnvironmentFault:
        """Return the error that something about this cluster is wrong."""
        return EnvironmentFault(f"engine dask://{self.address}: {what}")

    def _count(self) -> int:
        with self._connected() as client:
            crew = _Crew(self, client, min(CONNECT, self.patience))
            while not crew.threads():
                sleep(LOOK_AGAIN)
            return crew.threads()

    @contextmanager
    def _open(self, job: Job) -> Iterator[Pool]:
        with self._connected() as client:
            yield _Session(self, client, job)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        with _without_log():
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
def _without_log() -> Iterator[None]:
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
    """The pool of one job over one connection to the scheduler; it is not usable when that is lost."""

    look, suspects = LOOK, False

    def __init__(self, cluster: Cluster, client: Any, job: Job):
        self.bundle = 1
        self._cluster, self._client = cluster, client
        self._crew = _Crew(cluster, client, cluster.patience)
        self._pool = client.get_executor(pure=False)
        self._job = client.submit(pickle.loads, pickle.dumps(job), pure=False)
        self._lost = False

    @property
    def usable(self) -> bool:
        """False once the connection is lost: a future says so, or the client does."""
        return not self._lost and self._client.status != "closed"

    def capacity(self) -> int:
        """Return how many bundles may be under way: one at least, also while all workers are gone."""
        return max(1, self._crew.threads()) * AHEAD

    def submit(self, tasks: list[Task]) -> Future[Any]:
        """Begin some tasks on a worker."""
        future: Future[Any] = self._pool.submit(_do, self._job, tasks, code_identity())
        return future

    def chunks(self, future: Future[Any]) -> list[Chunk]:
        """Return what is done, and hand over more at once where it took little time."""
        if future.cancelled():
            self._lost = True
            raise Lost
        try:
            result = future.result()
        except KilledWorker as error:
            raise Killed from error
        except Exception as error:
            first_line = (str(error).splitlines() or [""])[0]
            raise self._cluster.fault(
                f"{type(error).__name__}: {first_line}; "
                "scheduler and workers must have the same escalation installed as this machine"
            ) from error
        if isinstance(result, Exception):
            raise result
        if result.seconds < LONG:
            self.bundle = min(MANY, max(self.bundle, 2 * len(result.chunks)))
        chunks: list[Chunk] = result.chunks
        return chunks


def _do(job: Job, tasks: list[Task], code: str) -> Done | Exception:
    """Do tasks on a worker; an error of the job is returned, so that whatever is raised is the cluster's."""
    if code_identity() != code:
        raise OtherCode(f"the worker at {get_worker().address} has {code_identity()}, this machine {code}")
    before = perf_counter()
    try:
        return Done(list(map(job.do, tasks)), perf_counter() - before)
    except Exception as error:  # noqa: BLE001 - it is raised where the run was asked for
        error.add_note(traceback.format_exc())
        return error
