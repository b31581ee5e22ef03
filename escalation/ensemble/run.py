"""The ensemble: replications 0 to n - 1 of one world, in any number of processes, with the same result."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import numpy as np

from escalation.ensemble.executors import Executor, InProcess, Job, Processes, Task
from escalation.ensemble.header import header_of
from escalation.ensemble.interrupts import interrupts_deferred
from escalation.ensemble.reducer import Reducer
from escalation.ensemble.result import SHARD, Chunk, Ensemble, Keep, Shard, joined
from escalation.ensemble.work import Simulate, default_clock
from escalation.model.world import World
from escalation.scenario.document import Scenario

SMALLEST, LARGEST = 8, 32
"""Replications in one chunk: enough to be worth handing over, few enough to stop soon. Both divide SHARD."""

Progress = Callable[[int], Any]
"""Told how many more replications have finished; 0 when they begin."""


def run_ensemble(
    scenario: Scenario,
    world: World,
    seed: int,
    replications: int,
    workers: int = 1,
    acts: Keep = "sample",
    on_progress: Progress | None = None,
    on_shard: Callable[[Shard], Any] | None = None,
    simulate: Simulate | None = None,
    executor: Executor | None = None,
    reducer: Reducer | None = None,
) -> Ensemble:
    """Run replications 0 to `replications - 1` of `scenario`, compiled to `world`.

    The result depends on the scenario, the seed and the number of replications alone. A replication that
    raises is recorded with its message. On KeyboardInterrupt the finished chunks are kept and the result is
    marked `interrupted`. With `on_shard`, the kept acts go there, file by file in order, and not into the
    result: no more than a few files' worth is ever in memory. A `reducer` sees every replication, kept or
    not; its total over the finished chunks is `reduced`.
    """
    job = Job(world, simulate or default_clock(), seed, acts, reducer)
    tasks = chunks(replications, workers)
    assembly = Assembly(replications, on_shard, reducer)
    started, interrupted = datetime.now(UTC), False
    try:
        if on_progress:
            on_progress(0)
        with closing((executor or executor_for(workers, len(tasks))).run(job, tasks)) as arriving:
            for chunk in arriving:
                with interrupts_deferred():
                    assembly.add(chunk)
                if on_progress:
                    on_progress(len(chunk.statuses))
    except KeyboardInterrupt:
        interrupted = True
    with interrupts_deferred():
        whole = assembly.finish(len(world.outcomes))
    return Ensemble(
        header=header_of(scenario, world),
        seed=seed,
        asked=replications,
        workers=workers,
        acts_kept=acts,
        started=started,
        finished=datetime.now(UTC),
        interrupted=interrupted,
        replications=whole.replications,
        statuses=whole.statuses,
        outcomes=whole.outcomes,
        failures=assembly.failures,
        acts=whole.acts,
        causes=whole.causes,
        reduced=assembly.reduced,
    )


def chunks(replications: int, workers: int) -> list[Task]:
    """Return the tasks that cover `replications`: fewer in a chunk where there is little work to share."""
    size = SMALLEST
    while size < LARGEST and size * workers * 8 < replications:
        size *= 2
    return [Task(first, min(size, replications - first)) for first in range(0, replications, size)]


def executor_for(workers: int, tasks: int) -> Executor:
    """Return this process for one worker or one task, else as many processes as can be of use."""
    return Processes(min(workers, tasks)) if min(workers, tasks) > 1 else InProcess()


class Assembly:
    """Puts chunks into the order of their replications, and hands over each shard once it is whole.

    `reduced` is the total of the parts that have come in.
    """

    def __init__(
        self, replications: int, on_shard: Callable[[Shard], Any] | None, reducer: Reducer | None = None
    ):
        self.replications = replications
        self.on_shard = on_shard
        self.reducer = reducer
        self.reduced: Any = None
        self.failures: dict[int, str] = {}
        self._open: dict[int, list[Chunk]] = {}
        self._ready: dict[int, Shard] = {}
        self._shards: list[Shard] = []

    def add(self, chunk: Chunk) -> None:
        """Take in one chunk."""
        if self.reducer and chunk.part is not None:
            self.reduced = self.reducer.add(self.reduced, chunk.part)
        self.failures |= chunk.messages
        number = chunk.first // SHARD
        parts = self._open.setdefault(number, [])
        parts.append(chunk._replace(part=None))
        if sum(len(part.statuses) for part in parts) == self._size(number):
            self._close(number)

    def finish(self, width: int) -> Shard:
        """Return everything that has come in, incomplete shards included, as one; `width` outcomes a row."""
        for number in sorted(self._open):
            self._close(number)
        for number in sorted(self._ready):
            self._hand_over(number)
        self.failures = dict(sorted(self.failures.items()))
        return _whole(self._shards, width)

    def _size(self, number: int) -> int:
        return min(SHARD, self.replications - number * SHARD)

    def _close(self, number: int) -> None:
        parts = sorted(self._open.pop(number), key=lambda part: part.first)
        self._ready[number] = Shard(
            number,
            np.concatenate([part.replications for part in parts]),
            np.concatenate([part.statuses for part in parts]),
            np.concatenate([part.outcomes for part in parts]),
            joined([part.acts for part in parts]),
            joined([part.causes for part in parts]),
        )
        while len(self._shards) in self._ready:
            self._hand_over(len(self._shards))

    def _hand_over(self, number: int) -> None:
        shard = self._ready.pop(number)
        if self.on_shard:
            self.on_shard(shard)
            shard = shard._replace(acts={}, causes={})
        self._shards.append(shard)


def _whole(shards: list[Shard], width: int) -> Shard:
    return Shard(
        0,
        np.concatenate([np.empty(0, np.int64), *(shard.replications for shard in shards)]),
        np.concatenate([np.empty(0, np.int8), *(shard.statuses for shard in shards)]),
        np.concatenate([np.empty((0, width)), *(shard.outcomes for shard in shards)]),
        joined([shard.acts for shard in shards]),
        joined([shard.causes for shard in shards]),
    )
