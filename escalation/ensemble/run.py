"""The ensemble: replications 0 to n - 1 of one world, on any number of workers, with the same result.

Chunks come from the workers in any order. A gate lets through those up to the next count at which a rule may
end the ensemble; the assembly puts them into the order of their replications, and hands over shard by shard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from escalation.ensemble import result
from escalation.ensemble.executors import Executor, InProcess
from escalation.ensemble.interrupts import interrupts_deferred
from escalation.ensemble.result import (
    Array,
    Chunk,
    Ensemble,
    Reducer,
    Resumed,
    Rows,
    Shard,
    ShardStore,
    joined,
)
from escalation.ensemble.work import Job, Task
from escalation.errors import EnvironmentFault
from escalation.model.world import Columns

SMALLEST, LARGEST = 8, 32
"""Replications in one chunk: enough to be worth handing over, few enough to stop soon. Both divide a shard,
and every count at which a rule is asked."""
FIRST = 256
"""Replications before a rule is asked for the first time."""

Progress = Callable[[int], Any]
"""Called with how many more replications have finished; with 0 when they begin."""


class Rule(Protocol):
    """Says when there are enough replications."""

    @property
    def outcomes(self) -> Sequence[str]:
        """The outcomes that it wants to see."""

    def __call__(self, statuses: npt.NDArray[np.int8], columns: Mapping[str, Array]) -> bool:
        """Return whether the first n replications are enough: their statuses int8[n], outcomes float64[n]."""


def run_ensemble(
    job: Job,
    replications: int,
    executor: Executor | None = None,
    store: ShardStore | None = None,
    rule: Rule | None = None,
    on_progress: Progress = lambda _: None,
) -> Ensemble:
    """Run replications 0 to `replications - 1` of a job, in this process unless an `executor` is given.

    The result depends on the job and the number of replications alone. A replication that raises is recorded
    with its message. On KeyboardInterrupt the finished chunks stay and the result is marked `interrupted`,
    and so it is when the `store` raises EnvironmentFault before the end: `fault` holds that. Acts go to the
    store, file by file in order, and not into the result: no more than a few files' worth is ever in memory;
    what it holds from an earlier attempt is not run again. A `rule` may end the ensemble earlier. Raises
    EnvironmentFault when the executor cannot go on; what is finished is in the store.
    """
    header = job.world.header
    assembly = Assembly(header.columns, replications, store, job.reducer)
    gate = _gate(rule, assembly, replications)
    workers = executor or InProcess()
    began, interrupted = datetime.now(UTC), False
    try:
        _work(job, assembly, gate, workers, on_progress)
    except KeyboardInterrupt:
        interrupted = True
    except EnvironmentFault:
        with interrupts_deferred():
            assembly.finish()
        raise
    with interrupts_deferred():
        assembly.finish()
    finished, asked = datetime.now(UTC), (gate.stopped if gate else None) or replications
    return Ensemble(
        header=header,
        seed=job.seed,
        asked=asked,
        workers=workers.workers,
        acts_stored=job.acts,
        finished=finished,
        interrupted=interrupted or len(assembly.statuses) < asked,
        replications=assembly.numbers,
        statuses=assembly.statuses,
        rows=assembly.rows,
        failures=assembly.failures,
        acts=assembly.acts,
        causes=assembly.causes,
        reduced=assembly.reduced,
        seconds=round((finished - began).total_seconds() + assembly.resumed.seconds, 3),
        fault=assembly.fault,
    )


def _gate(rule: Rule | None, assembly: Assembly, limit: int) -> Gate | None:
    if rule is None:
        return None
    gate = Gate(rule, assembly.rows.names, limit)
    for numbers, statuses, outcomes in assembly.resumed_rows():
        gate.resume(numbers, statuses, outcomes.columns(rule.outcomes))
    return gate


def _work(job: Job, assembly: Assembly, gate: Gate | None, executor: Executor, on_progress: Progress) -> None:
    """Run what is missing, until all is there, the rule is content, or no more can be taken."""
    missing = assembly.missing()
    tasks = chunks(missing, executor.workers)
    on_progress(0)
    if len(missing) < assembly.replications:
        on_progress(assembly.replications - len(missing))
    if not tasks or (gate and gate.stopped):
        return
    with closing(executor.run(job, tasks)) as arriving:
        for chunk in arriving:
            with interrupts_deferred():
                for admitted in gate.admit(chunk) if gate else (chunk,):
                    assembly.add(admitted)
            on_progress(len(chunk.statuses))
            if assembly.fault or (gate and gate.stopped):
                return


def chunks(missing: npt.NDArray[np.int64] | range, workers: int) -> Sequence[Task]:
    """Return the tasks that cover the replications `missing`, ascending: each within a block of a grid.

    There are fewer in a chunk where there is little work to share.
    """
    size, numbers = SMALLEST, np.asarray(missing, np.int64)
    while size < LARGEST and size * workers * 8 < len(numbers):
        size *= 2
    cuts = np.nonzero((np.diff(numbers) > 1) | (np.diff(numbers // size) > 0))[0] + 1
    firsts = numbers[np.concatenate([[0], cuts])] if len(numbers) else numbers
    counts = np.diff(np.concatenate([[0], cuts, [len(numbers)]])) if len(numbers) else numbers
    return [Task(int(first), int(count)) for first, count in zip(firsts, counts, strict=True)]


class Assembly:
    """Puts chunks into the order of their replications, and hands over each shard once it is whole.

    `names` are the outcomes in the order of a row. `reduced` is the total of the parts of all that has been
    handed over. When the store cannot take a shard, that is its `fault`, and the outcomes from there on stay
    in memory. `resumed` is what earlier attempts finished, which is in here from the start.
    """

    def __init__(
        self,
        names: Sequence[str],
        replications: int,
        store: ShardStore | None = None,
        reducer: Reducer | None = None,
    ):
        self.replications = replications
        self.store = store
        self.reducer = reducer
        self.reduced: Any = None
        self.failures: dict[int, str] = {}
        self.fault: EnvironmentFault | None = None
        self.rows = Rows(names)
        self._numbers = [np.empty(0, np.int64)]
        self._statuses = [np.empty(0, np.int8)]
        self._acts: list[Columns] = []
        self._causes: list[Columns] = []
        self._open: dict[int, list[Chunk]] = {}
        self._parts: dict[int, Any] = {}
        self._next = 0
        self.resumed = store.resumed if store else Resumed()
        self._ready = {shard.number: shard for shard in self.resumed.shards}
        for chunk in self.resumed.chunks:
            self.add(chunk)
        self._hand_over_ready()

    @property
    def numbers(self) -> npt.NDArray[np.int64]:
        """The numbers of the replications that have been handed over, int64[n]."""
        return np.concatenate(self._numbers)

    @property
    def statuses(self) -> npt.NDArray[np.int8]:
        """The statuses of the replications that have been handed over, int8[n]."""
        return np.concatenate(self._statuses)

    @property
    def acts(self) -> Columns:
        """The acts, unless they left with their shards."""
        return joined(self._acts)

    @property
    def causes(self) -> Columns:
        """The causes, unless they left with their shards."""
        return joined(self._causes)

    def missing(self) -> npt.NDArray[np.int64]:
        """Return the numbers of the replications that are still to be run, int64[m], ascending."""
        finished = np.zeros(self.replications, bool)
        for numbers, _, _ in self.resumed_rows():
            finished[numbers] = True
        return np.flatnonzero(~finished)

    def resumed_rows(self) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int8], Rows]]:
        """Yield what earlier attempts finished: numbers, statuses and outcomes."""
        names = self.rows.names
        for shard in self.resumed.shards:
            yield shard.replications, shard.statuses, Rows(names, [shard.file] if shard.file else [])
        for chunk in self.resumed.chunks:
            yield chunk.replications, chunk.statuses, Rows(names, [chunk.outcomes])

    def add(self, chunk: Chunk) -> None:
        """Take in one chunk."""
        number = chunk.first // result.SHARD
        if self.reducer and chunk.part is not None:
            self._parts[number] = self.reducer.add(self._parts.get(number), chunk.part)
        chunks = self._open.setdefault(number, [])
        chunks.append(chunk._replace(part=None))
        if sum(len(arrived.statuses) for arrived in chunks) == self._size(number):
            self._close(number)
            self._hand_over_ready()

    def finish(self) -> None:
        """Hand over everything that has come in, incomplete shards included."""
        for number in sorted(self._open):
            self._close(number)
        for number in sorted(self._ready):
            self._hand_over(number)
        self.failures = dict(sorted(self.failures.items()))

    def _size(self, number: int) -> int:
        return min(result.SHARD, self.replications - number * result.SHARD)

    def _close(self, number: int) -> None:
        chunks = sorted(self._open.pop(number), key=lambda chunk: chunk.first)
        replications = np.concatenate([chunk.replications for chunk in chunks])
        self._ready[number] = Shard(
            number,
            replications,
            np.concatenate([chunk.statuses for chunk in chunks]),
            np.concatenate([chunk.outcomes for chunk in chunks]),
            joined([chunk.acts for chunk in chunks]),
            joined([chunk.causes for chunk in chunks]),
            {at: text for chunk in chunks for at, text in sorted(chunk.messages.items())},
            len(replications) == self._size(number),
            self._parts.pop(number, None),
        )

    def _hand_over_ready(self) -> None:
        while self._next in self._ready:
            self._hand_over(self._next)

    def _hand_over(self, number: int) -> None:
        shard = self._ready.pop(number)
        self._next = number + 1
        self._numbers.append(shard.replications)
        self._statuses.append(shard.statuses)
        self.failures |= shard.messages
        self._write(shard)
        if not self.store:
            self._acts.append(shard.acts)
            self._causes.append(shard.causes)
        if self.reducer and shard.part is not None:
            self.reduced = self.reducer.add(self.reduced, shard.part)

    def _write(self, shard: Shard) -> None:
        """Store the shard; its outcomes stay in memory where there is no store, or it cannot take them."""
        file = shard.file
        if self.store and not self.fault and file is None:
            try:
                file = self.store.write(shard)
            except EnvironmentFault as fault:
                self.fault = fault
        self.rows.append(shard.outcomes, file)


def checks(limit: int) -> Iterator[int]:
    """Yield when a rule is asked: at 256, twice that and so on, then after every file; last at `limit`."""
    count = min(FIRST, result.SHARD)
    while count < limit:
        yield count
        count = 2 * count if 2 * count <= result.SHARD else (count // result.SHARD + 1) * result.SHARD
    yield limit


class Gate:
    """Lets chunks through up to the next count at which the rule is asked, so that no later one is counted.

    `names` are the outcomes in the order of a row. `stopped` is the count at which the rule was content.
    """

    def __init__(self, rule: Rule, names: Sequence[str], limit: int):
        self.stopped: int | None = None
        self._rule = rule
        self._indices = [names.index(name) for name in rule.outcomes]
        self._statuses = np.empty(limit, np.int8)
        self._values = np.empty((len(self._indices), limit))
        self._arrived = np.zeros(limit, bool)
        self._checks = checks(limit)
        self._asked, self._next = 0, next(self._checks)
        self._limit = limit
        self._early: list[Chunk] = []

    def resume(
        self, numbers: npt.NDArray[np.int64], statuses: npt.NDArray[np.int8], columns: Mapping[str, Array]
    ) -> None:
        """Take what earlier attempts finished as it is: replications int64[n], their watched outcomes."""
        self._statuses[numbers] = statuses
        self._values[:, numbers] = [columns[name] for name in self._rule.outcomes]
        self._arrived[numbers] = True
        self._ask()

    def admit(self, chunk: Chunk) -> Iterator[Chunk]:
        """Yield the chunks that count now; those beyond the next check wait for it."""
        self._early.append(chunk)
        while ready := [early for early in self._early if early.first < self._next and self.stopped is None]:
            self._early = [early for early in self._early if early.first >= self._next]
            for admitted in ready:
                rows = slice(admitted.first, admitted.first + len(admitted.statuses))
                self._statuses[rows] = admitted.statuses
                self._values[:, rows] = admitted.outcomes[:, self._indices].T
                self._arrived[rows] = True
                yield admitted
            self._ask()

    def _ask(self) -> None:
        """Ask the rule at every check up to which all replications are there, until it is content."""
        while self.stopped is None and self._arrived[self._asked : self._next].all():
            count = self._next
            columns = {name: self._values[n, :count] for n, name in enumerate(self._rule.outcomes)}
            if self._rule(self._statuses[:count], columns):
                self.stopped = count
            if count == self._limit:
                return
            self._asked, self._next = count, next(self._checks)
