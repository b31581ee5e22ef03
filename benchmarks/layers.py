"""What each layer above the clock adds to a replication, in processor time of one thread.

From the inside out: the clock; its acts copied out as arrays; the outcome rows of a chunk; the sums of the
flywheel; and what the one process that assembles an ensemble does with a chunk, to the file on disk. All but
the first hold the interpreter's lock.

    python benchmarks/layers.py --scenario belarus_2020
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from common import interleaved, options, spread, world_of

from escalation import api
from escalation.clocks import compiled_clock
from escalation.ensemble.assembly import Assembly
from escalation.ensemble.executors import Job, Task
from escalation.ensemble.header import header_of
from escalation.ensemble.parquet import write_outcomes
from escalation.ensemble.result import SHARD, Chunk, Shard
from escalation.study.flywheel.gather import FlywheelReducer, reducer_for

CHUNK = 32


def each(function: Callable[[Any], Any], items: Iterable[Any]) -> None:
    """Call a function for every item, and keep nothing."""
    for item in items:
        function(item)


def assembler(scenario: Any, world: Any, reducer: FlywheelReducer) -> Callable[[list[Chunk]], None]:
    """Return what puts the chunks of one shard together and writes its outcomes."""
    header = header_of(scenario, world)

    def assemble(chunks: list[Chunk]) -> None:
        with tempfile.TemporaryDirectory() as place:

            def store(shard: Shard) -> Path:
                path = Path(place) / f"{shard.number}.parquet"
                write_outcomes(shard, header, path)
                return path

            assembly = Assembly(header.columns, SHARD, store, reducer)
            for chunk in chunks:
                assembly.add(chunk)

    return assemble


def main() -> None:
    chosen = options(__doc__, scenario="belarus_2020", replications=640, rounds=9)
    world, scenario = world_of(chosen.scenario), api.load(f"shipped:{chosen.scenario}")
    compiled_clock.prepare(world, lambda: print("compiling once ..."))
    reducer = reducer_for(world, 100_000)
    bare = Job(world, compiled_clock.simulate, 1, "none")
    whole = Job(world, compiled_clock.simulate, 1, "none", reducer)
    numbers = range(chosen.replications)
    tasks = [Task(first, CHUNK) for first in range(0, chosen.replications, CHUNK)]
    chunks = [whole.do(Task(first, CHUNK)) for first in range(0, SHARD, CHUNK)]
    assemble = assembler(scenario, world, reducer)
    counts = {"assembled and written, in the one process": SHARD}
    seconds = interleaved(
        {
            "the clock": lambda: each(lambda n: compiled_clock.play(world, 1, n), numbers),
            "and its acts as arrays": lambda: each(lambda n: compiled_clock.simulate(world, 1, n), numbers),
            "and as rows of a chunk": lambda: each(bare.do, tasks),
            "and with the sums of the flywheel": lambda: each(whole.do, tasks),
            "assembled and written, in the one process": lambda: assemble(chunks),
        },
        chosen.rounds,
    )
    micro = {name: [1e6 * s / counts.get(name, len(numbers)) for s in t] for name, t in seconds.items()}
    for name, taken in micro.items():
        print(f"{name:42} {spread(taken)} µs a replication")
    inside, _, _, worker, one = (statistics.median(taken) for taken in micro.values())
    locked = worker - inside + one
    print(f"with the lock held: {locked:.0f} of {worker + one:.0f} µs; at most {1e6 / locked:,.0f} a second")
    print(f"assembled: at most {1e6 / one:,.0f} a second, the work of {worker / one:.1f} cores")


if __name__ == "__main__":
    main()
