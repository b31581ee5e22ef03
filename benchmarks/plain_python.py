"""Acts per second and core: the compiled clock against the same rules, interpreted.

The rules are ordinary functions, so "plain Python" is the very same `compiled_clock.run`, called without
compiling it, on lists of objects (how the SimPy clock holds its tables). The SimPy clock stands beside it.
All three give the same acts, which is checked.

    python benchmarks/plain_python.py --scenario belarus_2020
"""

from __future__ import annotations

from collections.abc import Callable

from common import chosen_acts, interleaved, options, ratio, spread, world_of

from escalation.clocks import compiled_clock, simpy_clock
from escalation.clocks.heap import Heap, HeapTally, QueuedEvent
from escalation.model.world import Replication, World, extract

SEED = 1


def on_lists(world: World) -> Callable[[int], Replication]:
    """Return the interpreted clock with every table a list of objects."""
    w, slots = simpy_clock.tables_of(world), 4096
    heap = Heap(HeapTally(), [0] * slots, [0] * slots, [QueuedEvent() for _ in range(slots)])

    def simulate(replication: int) -> Replication:
        w.state = simpy_clock.new_state(w)
        w.state.stream[0], w.state.stream[1], w.state.stream[2] = SEED, 0, replication
        compiled_clock.run(w, heap)
        return extract(w)

    return simulate


def alike(one: Replication, other: Replication) -> bool:
    return all(one.acts[name].tobytes() == other.acts[name].tobytes() for name in one.acts)


def main() -> None:
    chosen = options(__doc__, scenario="belarus_2020", replications=12, rounds=7)
    world, numbers = world_of(chosen.scenario), range(chosen.replications)
    compiled_clock.prepare(lambda: print("compiling once ..."))
    lists = on_lists(world)
    times = 40  # the compiled clock plays them so often, to be long enough to measure
    rivals = (lists, lambda n: simpy_clock.simulate(world, SEED, n))
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
