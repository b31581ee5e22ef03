from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from typing import Any, NamedTuple

import pytest

from escalation.ensemble.executors import Executor, processes
from escalation.ensemble.result import Acts, Chunk, Ensemble, Reducer, Resumed, Shard
from escalation.ensemble.run import run_ensemble
from escalation.ensemble.work import Job, Simulate, Task
from escalation.model.compile import compile_scenario
from escalation.model.world import World
from escalation.scenario.document import Scenario
from escalation.scenario.load import load


def until(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """Return what `condition` gives as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "nothing for too long"
        time.sleep(0.02)
    return found


def play(
    case: Case,
    seed: int,
    replications: int,
    workers: int = 1,
    acts: Acts = "sample",
    simulate: Simulate | None = None,
    reducer: Reducer | None = None,
    executor: Executor | None = None,
    **more: Any,
) -> Ensemble:
    """Run an ensemble on so many processes, unless another executor is given."""
    job = Job(case.world, seed, acts, simulate, reducer)
    return run_ensemble(job, replications, executor or processes(workers), **more)


class Shards:
    """A store that holds the shards in memory, and nothing from before."""

    resumed = Resumed()

    def __init__(self) -> None:
        self.shards: list[Shard] = []

    def write(self, shard: Shard) -> None:
        self.shards.append(shard)


class Backwards:
    """An executor that hands back the last chunk first."""

    workers = 1

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Chunk, None, None]:
        yield from map(job.do, reversed(list(tasks)))


class Case(NamedTuple):
    scenario: Scenario
    world: World


@pytest.fixture(scope="session")
def minimal() -> Case:
    scenario = load("shipped:minimal")
    return Case(scenario, compile_scenario(scenario))
