"""A scenario of `hazard` policies only, beside the C++ Hawkes simulator of `tick`.

Policies that answer each act with a fixed probability, blind to everything else, make a multi-type branching
process: a Hawkes process with one type per directed dyad. The two have the same kernel weights and the same
mean lag (log-normal here, exponential there), hence the same rate of acts far from both ends, and the rates
are printed with the one that follows from the weights. `tick` does nothing but draw times; the compiled clock
also keeps pressure, tension, uses, outcomes and causes, which this scenario does not need but has.

    pip install tick
    python benchmarks/hawkes.py
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
from common import chosen_acts, interleaved, options, ratio, spread

from escalation.clocks import compiled_clock, simpy_clock
from escalation.model.compile import compile_scenario
from escalation.model.world import World
from escalation.scenario.document import Scenario

START, YEAR = date(2021, 1, 1), 365.25
NAMES = ("a", "b", "c")
BY_VICTIM, BY_THIRD = 0.4, 0.3
PAIRS = [(i, j) for i in NAMES for j in NAMES if i != j]


def hazards(years: int, rate: float, lag: float, deviation: float) -> World:
    """Return a world in which every pair has shocks at a rate, and every act its chances of an answer."""
    stage = {"median": lag * math.exp(-(deviation**2) / 2), "spread": deviation}
    data: dict[str, Any] = {
        "schema_version": 1,
        "title": "Hazards",
        "question": "How many acts?",
        "start": START,
        "end": START + timedelta(days=int(years * YEAR)),
        "instruments": {
            "listing": {"label": "Listing", "family": "individual", "severity": 3, "rung": 1},
        },
        "actors": {
            name: {
                "name": name,
                "institution": {"stages": {"reaction": stage}},
                "policy": {
                    "kind": "hazard",
                    "answers": BY_VICTIM,
                    "answers_for": {other: BY_THIRD for other in NAMES if other != name},
                },
            }
            for name in NAMES
        },
        "shocks": {
            f"shock_{i}_{j}": {
                "label": "A shock",
                "rate": rate,
                "blamed": j,
                "magnitude": 1,
                "salience": {i: 1.0},
            }
            for i, j in PAIRS
        },
        "model": {"act_limit": 100_000, "event_limit": 1_000_000},
    }
    return compile_scenario(Scenario.model_validate(data))


def weights() -> Any:
    """Return how many acts on the row's dyad one act on the column's dyad brings about, on average."""
    K = np.zeros((len(PAIRS), len(PAIRS)))
    for column, (a, b) in enumerate(PAIRS):
        for row, (c, target) in enumerate(PAIRS):
            if target == a:
                K[row, column] = BY_VICTIM if c == b else BY_THIRD
    return K


def main() -> None:
    chosen = options(__doc__, years=10, rate=20.0, lag=3.0, deviation=0.5, replications=50, rounds=7)
    from tick.hawkes import SimuHawkesExpKernels  # noqa: PLC0415  # not a dependency: only this script has it

    world, K = hazards(chosen.years, chosen.rate, chosen.lag, chosen.deviation), weights()
    compiled_clock.prepare(lambda: print("compiling once ..."))
    days = chosen.replications * chosen.years * YEAR
    per_day = np.full(len(PAIRS), chosen.rate / YEAR)
    jumps: list[int] = []

    def in_tick() -> None:
        hawkes = SimuHawkesExpKernels(K, 1.0 / chosen.lag, per_day, days, seed=len(jumps) + 1, verbose=False)
        hawkes.simulate()
        jumps.append(hawkes.n_total_jumps)

    numbers = range(chosen.replications)
    seconds = interleaved(
        {
            "tick": in_tick,
            "compiled clock": lambda: [compiled_clock.play(world, 1, n) for n in numbers],
            "SimPy clock": lambda: [simpy_clock.simulate(world, 1, n) for n in numbers[:2]],
        },
        chosen.rounds,
    )
    counts = [chosen_acts(compiled_clock.simulate(world, 1, n)) for n in numbers]
    span = chosen.years * chosen.replications
    expected = np.linalg.solve(np.eye(len(PAIRS)) - K, np.full(len(PAIRS), chosen.rate)).sum()
    print(
        f"acts a year: expected {expected:.1f}, compiled clock {sum(counts) / span:.1f} ± "
        f"{np.std(counts, ddof=1) / math.sqrt(len(counts)) / chosen.years:.1f}, tick "
        f"{np.mean(jumps) / span:.1f} ± {np.std(jumps, ddof=1) / math.sqrt(len(jumps)) / span:.1f}"
    )
    rates = {
        "tick": [n / s for n, s in zip(jumps, seconds["tick"], strict=True)],
        "compiled clock": [sum(counts) / s for s in seconds["compiled clock"]],
        "SimPy clock": [sum(counts[:2]) / s for s in seconds["SimPy clock"]],
    }
    for name, acts in rates.items():
        print(f"{name:15} {spread(acts)} acts/s")
    print(f"tick ÷ compiled clock: {spread(ratio(rates['tick'], rates['compiled clock']))}")
    print(f"compiled clock ÷ SimPy clock: {spread(ratio(rates['compiled clock'], rates['SimPy clock']))}")


if __name__ == "__main__":
    main()
