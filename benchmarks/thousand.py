"""A thousand replications in this process, warm, on both cores: seconds.

Once with the clock alone (every replication ends as rows in memory), once as an ensemble: outcomes, the first
20 replications' acts, the flywheel and the summary, as `escalation run` makes them.

    python benchmarks/thousand.py --scenario belarus_2020 --workers 2
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from common import interleaved, options, spread, world_of

from escalation import api
from escalation.clocks import compiled_clock
from escalation.ensemble.executors import threads
from escalation.ensemble.run import chunks
from escalation.ensemble.work import Job, Task
from escalation.model.world import World


def played(world: World, numbers: range) -> None:
    for number in numbers:
        compiled_clock.play(world, 1, number)


def in_threads(world: World, replications: int, workers: int) -> None:
    """Play consecutive replications in as many threads as there are workers."""
    parts = [range(n, min(n + 25, replications)) for n in range(0, replications, 25)]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda part: played(world, part), parts))


def as_chunks(world: World, replications: int, workers: int) -> None:
    """Play them as an ensemble does: chunk by chunk, with outcome rows and the first acts."""
    tasks: list[Task] = chunks(range(replications), workers)
    list(threads(workers).run(Job(world, 1, "sample", compiled_clock.simulate), tasks))


def main() -> None:
    chosen = options(__doc__, scenario="belarus_2020", replications=1000, workers=2, rounds=9)
    world = world_of(chosen.scenario)
    scenario = api.load(f"shipped:{chosen.scenario}")
    compiled_clock.prepare(lambda: print("compiling once ..."))
    rivals: dict[str, Callable[[], Any]] = {}
    for workers in sorted({1, chosen.workers}):
        threads = f"{workers} thread{'s' if workers > 1 else ''}"
        rivals |= {
            f"clock alone, {threads}": lambda w=workers: in_threads(world, chosen.replications, w),
            f"chunks of an ensemble, {threads}": lambda w=workers: as_chunks(world, chosen.replications, w),
            f"api.run with its summary, {threads}": lambda w=workers: api.run(
                scenario, chosen.replications, 1, workers=w
            ),
        }
    for rival in rivals.values():
        rival()
    for name, taken in interleaved(rivals, chosen.rounds, time.perf_counter).items():
        print(f"{name:40} {spread(taken)} s")


if __name__ == "__main__":
    main()
