"""The ensemble: replications 0 to n - 1 of one world, in any number of processes, with the same result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from escalation.ensemble.assembly import Assembly, OnShard
from escalation.ensemble.executors import Executor, InProcess, Job, Processes, Task
from escalation.ensemble.header import header_of
from escalation.ensemble.interrupts import interrupts_deferred
from escalation.ensemble.reducer import Reducer
from escalation.ensemble.result import Begun, Ensemble, Keep
from escalation.ensemble.rows import Rows
from escalation.ensemble.stopping import Gate, Rule
from escalation.ensemble.work import Simulate, default_clock
from escalation.model.world import World
from escalation.scenario.document import Scenario

SMALLEST, LARGEST = 8, 32
"""Replications in one chunk: enough to be worth handing over, few enough to stop soon. Both divide a shard,
and every count at which a rule is asked."""

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
    on_shard: OnShard | None = None,
    simulate: Simulate | None = None,
    executor: Executor | None = None,
    reducer: Reducer | None = None,
    rule: Rule | None = None,
    begun: Begun | None = None,
) -> Ensemble:
    """Run replications 0 to `replications - 1` of `scenario`, compiled to `world`.

    The result depends on the scenario, the seed and the number of replications alone. A replication that
    raises is recorded with its message. On KeyboardInterrupt the finished chunks are kept and the result is
    marked `interrupted`, and so it is when `on_shard` raises EnvironmentFault before the end: `fault` holds
    that. With `on_shard`, the kept acts go there, file by file in order, and not into the result: no more
    than a few files' worth is ever in memory. A `reducer` sees every replication, kept or not; its total over
    the finished chunks is `reduced`. A `rule` may end the ensemble before `replications` are reached. `begun`
    is what an earlier attempt finished; that is not run again.
    """
    header = header_of(scenario, world)
    assembly = Assembly(header.columns, replications, on_shard, reducer, begun)
    gate = _gate(rule, header.columns, replications, begun)
    job = Job(world, simulate or default_clock(), seed, acts, reducer)
    started, interrupted = datetime.now(UTC), False
    try:
        _work(job, assembly, gate, executor, workers, on_progress)
    except KeyboardInterrupt:
        interrupted = True
    with interrupts_deferred():
        assembly.finish()
    finished, asked = datetime.now(UTC), (gate.stopped if gate else None) or replications
    return Ensemble(
        header=header,
        seed=seed,
        asked=asked,
        workers=workers,
        acts_kept=acts,
        started=started,
        finished=finished,
        interrupted=interrupted or len(assembly.statuses) < asked,
        replications=assembly.numbers,
        statuses=assembly.statuses,
        rows=assembly.rows,
        failures=assembly.failures,
        acts=assembly.acts,
        causes=assembly.causes,
        reduced=assembly.reduced,
        seconds=(finished - started).total_seconds() + (begun.seconds if begun else 0.0),
        fault=assembly.fault,
    )


def _gate(rule: Rule | None, names: Sequence[str], limit: int, begun: Begun | None) -> Gate | None:
    if rule is None:
        return None
    gate = Gate(rule, names, limit)
    if begun and len(begun.statuses):
        gate.begin(begun.statuses, Rows(names, begun.files).columns(rule.outcomes))
    return gate


def _work(
    job: Job, assembly: Assembly, gate: Gate | None, executor: Executor | None, workers: int,
    on_progress: Progress | None,
) -> None:  # fmt: skip
    """Run what is missing, until all is there, the rule is content, or no more can be taken."""
    first = len(assembly.statuses)
    tasks = chunks(assembly.replications, workers, first)
    tell = on_progress or _nobody
    tell(0)
    if first:
        tell(first)
    if not tasks or (gate and gate.stopped):
        return
    with closing((executor or executor_for(workers, len(tasks))).run(job, tasks)) as arriving:
        for chunk in arriving:
            with interrupts_deferred():
                for one in gate.admit(chunk) if gate else (chunk,):
                    assembly.add(one)
            tell(len(chunk.statuses))
            if assembly.fault or (gate and gate.stopped):
                return


def _nobody(_: int) -> None:
    """Hear of progress, and do nothing about it."""


def chunks(replications: int, workers: int, first: int = 0) -> list[Task]:
    """Return the tasks that cover replications `first` to `replications - 1`, `first` being a whole shard's.

    There are fewer in a chunk where there is little work to share.
    """
    size = SMALLEST
    while size < LARGEST and size * workers * 8 < replications:
        size *= 2
    return [Task(first, min(size, replications - first)) for first in range(first, replications, size)]


def executor_for(workers: int, tasks: int) -> Executor:
    """Return this process for one worker or one task, else as many processes as can be of use."""
    return Processes(min(workers, tasks)) if min(workers, tasks) > 1 else InProcess()
