"""Acts per second and core: the compiled clock against the same rules written for Mesa 3.

The rivals live in one world, `scenarios/minimal.yaml`. That they play the same game shows in the mean number
of acts, printed for both by actor with its standard error: the draws differ, the distribution must not.

    pip install 'mesa>=3,<4'
    python benchmarks/mesa_minimal.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from common import chosen_acts, interleaved, options, ratio, spread, world_of
from mesa_flywheel import Flywheel
from mesa_scenario import Parameters

from escalation.clocks import compiled_clock, simpy_clock
from escalation.model.world import SIMULATED, World
from escalation.scenario.load import load

SEED = 1


def counts_of_mesa(parameters: Parameters, replications: range) -> np.ndarray[Any, Any]:
    """Return the acts chosen by every actor, by replication."""
    names = sorted(parameters.actors)
    rows = [Flywheel.played(parameters, seed).chosen for seed in replications]
    return np.array([[row[name] for name in names] for row in rows])


def counts_of_ours(world: World, replications: range) -> np.ndarray[Any, Any]:
    """Return the acts chosen by every actor, by replication."""
    rows = []
    for number in replications:
        acts = compiled_clock.simulate(world, SEED, number).acts
        rows.append(np.bincount(acts["actor"][acts["origin"] == SIMULATED], minlength=world.tables.actors))
    return np.array(rows)


def report(name: str, names: list[str], counts: np.ndarray[Any, Any]) -> None:
    means, errors = counts.mean(axis=0), counts.std(axis=0, ddof=1) / math.sqrt(len(counts))
    each = ", ".join(f"{a} {m:.3f} ± {e:.3f}" for a, m, e in zip(names, means, errors, strict=True))
    whole = counts.sum(axis=1)
    error = whole.std(ddof=1) / math.sqrt(len(counts))
    print(f"{name:16} {whole.mean():.3f} ± {error:.3f} acts a replication ({each}), spread {whole.std():.2f}")


def main() -> None:
    chosen = options(__doc__, same=40_000, replications=100, rounds=9)
    parameters, world = Parameters.of(load("shipped:minimal")), world_of("minimal")
    compiled_clock.prepare(lambda: print("compiling once ..."))
    names = sorted(parameters.actors)
    report("Mesa", names, counts_of_mesa(parameters, range(chosen.same)))
    report("compiled clock", names, counts_of_ours(world, range(chosen.same)))
    numbers = range(chosen.replications)
    times = 20
    seconds = interleaved(
        {
            "compiled clock": lambda: [
                compiled_clock.simulate(world, SEED, n) for _ in range(times) for n in numbers
            ],
            "compiled clock, acts not kept": lambda: [
                compiled_clock.play(world, SEED, n) for _ in range(times) for n in numbers
            ],
            "Mesa": lambda: [Flywheel.played(parameters, n) for n in numbers],
            "SimPy clock": lambda: [simpy_clock.simulate(world, SEED, n) for n in numbers],
        },
        chosen.rounds,
    )
    for name in list(seconds)[:2]:
        seconds[name] = [s / times for s in seconds[name]]
    ours = sum(chosen_acts(compiled_clock.simulate(world, SEED, n)) for n in numbers)
    theirs = sum(sum(Flywheel.played(parameters, n).chosen.values()) for n in numbers)
    for name, taken in seconds.items():
        acts = theirs if name == "Mesa" else ours
        print(f"{name:30} {spread([acts / s for s in taken])} acts/s")
    for name in ("compiled clock", "compiled clock, acts not kept"):
        print(f"{name} ÷ Mesa: {spread(ratio(seconds['Mesa'], seconds[name], ours / theirs))}")
        print(f"{name} ÷ SimPy clock: {spread(ratio(seconds['SimPy clock'], seconds[name]))}")


if __name__ == "__main__":
    main()
