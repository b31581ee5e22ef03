"""Acts per second and core: the compiled clock against the same rules, interpreted.

The rules are ordinary functions, so "plain Python" is the very same `compiled_clock.run`, called without
compiling it: once on lists (how the SimPy clock holds its columns) and once on the arrays of the compiled
clock. The SimPy clock stands beside them. All four give the same acts, which is checked.

    python benchmarks/plain_python.py --scenario belarus_2020
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from common import chosen_acts, interleaved, options, ratio, spread, world_of
from escalation.model.numbers import Numbers

from escalation.clocks import compiled_clock, simpy_clock
from escalation.clocks.heap import Heap
from escalation.clocks.memory import SLOTS
from escalation.model.result import extract
from escalation.model.state import State, new_state
from escalation.model.tables import plain
from escalation.model.world import Replication, World

SEED = 1


def seeded(state: State, replication: int) -> State:
    state.stream[0], state.stream[1], state.stream[2] = SEED, 0, replication
    return state


def on_lists(world: World) -> Callable[[int], Replication]:
    """Return the interpreted clock with every column a list."""
    tables, base = plain(world.tables), plain(world.numbers)
    heap = Heap([0] * 4, *([0] * SLOTS for _ in range(9)))

    def simulate(replication: int) -> Replication:
        numbers = Numbers._make(list(column) for column in base)
        state = seeded(new_state(tables), replication)
        compiled_clock.run(tables, numbers, state, heap)
        return extract(tables, state)

    return simulate


def on_arrays(world: World) -> Callable[[int], Replication]:
    """Return the interpreted clock with every column an array of the types that are compiled."""
    tables = world.tables
    heap = Heap(*(np.zeros(SLOTS, float if name == "time" else np.int64) for name in Heap._fields))._replace(
        tally=np.zeros(4, np.int64)
    )
    fresh = compiled_clock.play(world, SEED, 0)[0]

    def simulate(replication: int) -> Replication:
        fresh.begin(SEED, replication)
        numbers = Numbers._make(column.copy() for column in world.numbers)
        compiled_clock.run(tables, numbers, fresh.state, heap)
        return extract(tables, fresh.state)

    return simulate


def alike(one: Replication, other: Replication) -> bool:
    return all(one.acts[name].tobytes() == other.acts[name].tobytes() for name in one.acts)


def main() -> None:
    chosen = options(__doc__, scenario="belarus_2020", replications=12, rounds=7)
    world, numbers = world_of(chosen.scenario), range(chosen.replications)
    compiled_clock.prepare(world, lambda: print("compiling once ..."))
    lists, arrays = on_lists(world), on_arrays(world)
    times = 40  # the compiled clock plays them so often, to be long enough to measure
    rivals = (lists, arrays, lambda n: simpy_clock.simulate(world, SEED, n))
    with np.errstate(over="ignore"):
        same = all(alike(one(n), compiled_clock.simulate(world, SEED, n)) for one in rivals for n in numbers)
        seconds = interleaved(
            {
                "compiled clock": lambda: [
                    compiled_clock.play(world, SEED, n) for _ in range(times) for n in numbers
                ],
                "compiled clock, with its log": lambda: [
                    compiled_clock.simulate(world, SEED, n) for _ in range(times) for n in numbers
                ],
                "plain Python on lists": lambda: [lists(n) for n in numbers],
                "plain Python on arrays": lambda: [arrays(n) for n in numbers],
                "SimPy clock": lambda: [simpy_clock.simulate(world, SEED, n) for n in numbers],
            },
            chosen.rounds,
        )
    for name in list(seconds)[:2]:
        seconds[name] = [s / times for s in seconds[name]]
    acts = sum(chosen_acts(compiled_clock.simulate(world, SEED, n)) for n in numbers)
    print(f"{acts / len(numbers):.1f} acts chosen per replication; all give the same acts: {same}")
    for name, taken in seconds.items():
        per = [1e3 * s / len(numbers) for s in taken]
        print(f"{name:30} {spread([acts / s for s in taken])} acts/s, {spread(per)} ms a replication")
    print("compiled clock ÷ each:")
    for name in list(seconds)[2:]:
        against = ratio(seconds[name], seconds["compiled clock"])
        logged = ratio(seconds[name], seconds["compiled clock, with its log"])
        print(f"  {name:28} {spread(against)}; with its log {spread(logged)}")


if __name__ == "__main__":
    main()
