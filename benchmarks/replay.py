"""Replications and nothing else: something to hold a profiler to.

perf record -F 499 python benchmarks/replay.py --replications 20000
perf report --sort dso
"""

from __future__ import annotations

from common import options, world_of

from escalation.clocks import compiled_clock


def main() -> None:
    chosen = options(__doc__, scenario="belarus_2020", replications=20_000)
    world = world_of(chosen.scenario)
    for number in range(chosen.replications):
        compiled_clock.play(world, 1, number)


if __name__ == "__main__":
    main()
