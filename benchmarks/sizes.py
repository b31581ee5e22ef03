"""Time per act against the number of actors and of instruments, on made-up scenarios.

Everybody is tied to everybody and can do everything, shocks come at a fixed rate per actor, and horizons
are short enough that no replication is cut off: only the size of the world changes.

    python benchmarks/sizes.py
"""

from __future__ import annotations

import math
import statistics
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from common import chosen_acts, interleaved, options, spread

from escalation.clocks import compiled_clock
from escalation.model.compile import compile_scenario
from escalation.model.world import DONE, World
from escalation.scenario.document import Scenario

START = date(2021, 1, 1)
ACTORS, INSTRUMENTS = (3, 10, 30), (10, 30, 100)
FAMILIES = ("individual", "diplomatic", "transport", "economic", "financial")


def instrument(n: int, count: int) -> dict[str, Any]:
    """Return the n-th of so many instruments: one in ten conciliatory, the rest of rising severity."""
    base = {"label": f"Instrument {n}", "rung": 1 + 8 * n // count}
    if n % 10 == 0:
        return base | {"family": "conciliatory", "severity": -2.0}
    severity = 1.0 + 7.0 * n / count
    return base | {"family": FAMILIES[n % 5], "severity": severity, "harm": severity, "cost": severity / 3}


def made_up(actors: int, instruments: int, days: int) -> World:
    """Return a world in which everybody is tied to everybody; each feels others' wrongs a little."""
    names = [f"actor_{n:02}" for n in range(actors)]
    tie = {"exposure": 0.1, "dependence": 0.02, "solidarity": 0.3 / actors}
    policy = {"preset": "graduated", "reciprocity": 0.35, "inertia": 3, "discharge": 1, "package_limit": 1}
    people = {"name": "An actor", "policy": policy, "sensitivities": {"half_life": 40}}
    shocks = {
        f"shock_{n:02}": {
            "label": "A shock",
            "rate": 12,
            "blamed": name,
            "magnitude": 5,
            "salience": {names[(n + 1) % actors]: 1.0, names[(n + 2) % actors]: 1.0},
        }
        for n, name in enumerate(names)
    }
    data = {
        "schema_version": 1,
        "title": "Made up",
        "question": "How long does it take?",
        "start": START,
        "end": START + timedelta(days=days),
        "actors": dict.fromkeys(names, people),
        "dyads": {i: {j: tie for j in names if j != i} for i in names},
        "instruments": {f"i_{n:03}": instrument(n, instruments) for n in range(instruments)},
        "shocks": {name: s | {"salience": clean(s)} for name, s in shocks.items()},
        "model": {"act_limit": 20_000, "event_limit": 1_000_000},
    }
    return compile_scenario(Scenario.model_validate(data))


def clean(shock: dict[str, Any]) -> dict[str, float]:
    """Return the salience without the one that is blamed."""
    return {name: care for name, care in shock["salience"].items() if name != shock["blamed"]}


def main() -> None:
    chosen = options(__doc__, acts=10_000, days=730, rounds=5)
    worlds = {(n, k): made_up(n, k, chosen.days) for n in ACTORS for k in INSTRUMENTS}
    counts = {}
    for size, world in worlds.items():
        acts, replications = 0, 0
        while acts < chosen.acts:
            one = compiled_clock.simulate(world, 1, replications)
            if one.status != DONE:
                raise SystemExit(f"{size} was cut off: {one.message}")
            acts, replications = acts + chosen_acts(one), replications + 1
        counts[size] = (acts, replications)
    micro: dict[tuple[int, int], list[float]] = {size: [] for size in worlds}
    for _ in range(chosen.rounds):
        for size, world in worlds.items():
            acts, replications = counts[size]
            compiled_clock.play(world, 1, 0)
            rivals = {"": lambda w=world, r=replications: [compiled_clock.play(w, 1, n) for n in range(r)]}
            micro[size].append(1e6 * interleaved(rivals, 1)[""][0] / acts)
    for (actors, instruments), taken in micro.items():
        acts, replications = counts[actors, instruments]
        print(
            f"{actors:3} actors, {instruments:3} instruments: {spread(taken)} µs an act "
            f"({acts / replications:.0f} acts a replication)"
        )
    middle = {size: statistics.median(taken) for size, taken in micro.items()}
    for k in INSTRUMENTS:
        print(f"{k} instruments: exponent of the time per act in the actors {slope(middle, ACTORS, 0, k)}")
    for n in ACTORS:
        print(f"{n} actors: exponent in the instruments {slope(middle, INSTRUMENTS, 1, n)}")


def slope(middle: dict[tuple[int, int], float], sizes: tuple[int, ...], axis: int, other: int) -> str:
    """Return log(time ratio) / log(size ratio) from each size to the next."""
    found = []
    for low, high in pairwise(sizes):
        here, there = ((low, other), (high, other)) if axis == 0 else ((other, low), (other, high))
        found.append(f"{math.log(middle[there] / middle[here]) / math.log(high / low):.2f} ({low} to {high})")
    return ", ".join(found)


if __name__ == "__main__":
    main()
