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

from escalation.clocks import compiled_clock
from escalation.ensemble.parquet import write_outcomes
from escalation.ensemble.result import SHARD, Chunk, Resumed, Shard
from escalation.ensemble.run import Assembly
from escalation.ensemble.work import Job, Task
from escalation.model.header import Header
from escalation.study.flywheel.gather import FlywheelReducer, reducer_for

CHUNK = 32


def each(function: Callable[[Any], Any], items: Iterable[Any]) -> None:
    """Call a function for every item, and keep nothing."""
    for item in items:
        function(item)


class Outcomes:
    """A store of outcomes alone."""

    resumed = Resumed()

    def __init__(self, folder: Path, header: Header):
        self.folder, self.header = folder, header

    def write(self, shard: Shard) -> Path:
        path = self.folder / f"{shard.number}.parquet"
        write_outcomes(shard.replications, shard.statuses, shard.outcomes, self.header, path)
        return path


def assembler(world: Any, reducer: FlywheelReducer) -> Callable[[list[Chunk]], None]:
    """Return what puts the chunks of one shard together and writes its outcomes."""

    def assemble(chunks: list[Chunk]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = Outcomes(Path(folder), world.header)
            assembly = Assembly(world.header.columns, SHARD, store, reducer)
            for chunk in chunks:
                assembly.add(chunk)

    return assemble


def main() -> None:
    chosen = options(__doc__, scenario="belarus_2020", replications=640, rounds=9)
    world = world_of(chosen.scenario)
    compiled_clock.prepare(lambda: print("compiling once ..."))
    reducer = reducer_for(world, 100_000)
    bare = Job(world, 1, "none", compiled_clock.simulate)
    whole = Job(world, 1, "none", compiled_clock.simulate, reducer)
    numbers = range(chosen.replications)
    tasks = [Task(first, CHUNK) for first in range(0, chosen.replications, CHUNK)]
    chunks = [whole.do(Task(first, CHUNK)) for first in range(0, SHARD, CHUNK)]
    assemble = assembler(world, reducer)
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
