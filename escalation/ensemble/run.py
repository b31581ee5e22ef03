"""The ensemble: replications 0 to n - 1 of one world, on any number of workers, with the same result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.ensemble.assembly import Assembly
from escalation.ensemble.executors import Executor, InProcess
from escalation.ensemble.interrupts import interrupts_deferred
from escalation.ensemble.result import Ensemble, ShardStore
from escalation.ensemble.stopping import Gate, Rule
from escalation.ensemble.work import Job, Task
from escalation.errors import EnvironmentFault

SMALLEST, LARGEST = 8, 32
"""Replications in one chunk: enough to be worth handing over, few enough to stop soon. Both divide a shard,
and every count at which a rule is asked."""

Progress = Callable[[int], Any]
"""Called with how many more replications have finished; with 0 when they begin."""


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
        seconds=(finished - began).total_seconds() + assembly.resumed.seconds,
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
