"""Options weighed per second: `choose.weigh` against a bare loop over the same utilities and exponentials.

The bare loop is what one would write by hand if there were nothing but arithmetic: the options of one actor
against one other lie packed in arrays, it adds up the ten terms of the utility and takes one exponential per
option. It does not ask which instruments are usable, nor keep the terms. Both are compiled by Numba, run in a
compiled loop, and give the same weights, which is checked.

    python benchmarks/weigh.py --scenario belarus_2020
"""

from __future__ import annotations

import argparse
import math
from typing import Any, cast

import numba
import numpy as np
from common import interleaved, options, ratio, spread, world_of
from sizes import made_up

from escalation.clocks import compiled_clock
from escalation.clocks.borrow import Pointer
from escalation.clocks.compiling import prepared
from escalation.model.choose import Outlook, weigh
from escalation.model.kernel import kernel
from escalation.model.state import NEVER
from escalation.model.tables import NOTHING, Tables
from escalation.model.world import World

D, PARTNERS, PRESSURE = 3.0, 0.4, 0.8


@kernel
def weigh_often(w: Tables, i: int, j: int, low: int, high: int, times: int) -> float:
    """Weigh the same options many times, each time a little differently."""
    total = 0.0
    for n in range(times):
        weigh(w, Outlook(i, j, j, D + 1e-6 * n, PRESSURE, PARTNERS, NEVER), low, high, True)
        total += w.state.choice[w.state.tally.choices - 1].weight
    return total


@numba.njit(nogil=True)
def bare_often(x: Any, actor: Any, dyad: Any, weights: Any, times: int) -> float:
    """Do the same arithmetic on packed options: one row of `x` per number of an option."""
    reciprocal, count, total = 1.0 / actor[8], x.shape[1], 0.0
    utilities = np.empty(count)
    for n in range(times):
        D_n = D + 1e-6 * n
        best = actor[0]
        for k in range(count):
            s = x[0, k]
            hostile = s > 0.0
            D_k = D_n if hostile else min(D_n, 0.0)
            urgency = min(1.0, abs(D_n) / 5.0) if hostile else 0.0
            u = actor[1] / 100.0 * s * (2.0 * D_k - s)
            u += urgency * actor[2] * x[1, k] * dyad[0]
            u += urgency * actor[3] * PARTNERS
            u -= actor[4] * x[2, k] * dyad[1]
            u -= actor[5] * dyad[2] * max(s, 0.0) / 10.0
            u -= actor[6] * max(0.0, x[3, k] - dyad[3] - 1.0)
            u -= x[4, k]
            u -= actor[7] * x[5, k]
            u += actor[9] if dyad[4] > 0.0 and s >= dyad[5] else 0.0
            u += 0.0 if hostile else actor[10] * PRESSURE * x[6, k]
            utilities[k] = u
            best = max(best, u)
        for k in range(count):
            weights[k] = x[7, k] * math.exp((utilities[k] - best) * reciprocal)
        total += math.exp((actor[0] - best) * reciprocal)
    return total


@numba.njit(nogil=True)
def exponentials_often(values: Any, times: int) -> float:
    """Take the exponentials alone."""
    total = 0.0
    for n in range(times):
        for k in range(len(values)):
            total += math.exp(values[k] - 1e-6 * n)
    return total


def packed(w: Tables, i: int, j: int) -> tuple[Any, ...]:
    """Return the options of `i` against `j` as arrays, from a state in which they have just been weighed."""
    ij, state = i * w.actors + j, cast(Any, w.state)
    choices = state.choice[: state.tally.choices]
    places = np.flatnonzero(choices["option"] != NOTHING)
    k = choices["option"][places]
    what, tables = cast(Any, w.instrument)[k], cast(Any, w)
    mu = 1.0 / np.bincount(what["family"])[what["family"]]
    x = np.array(
        [
            *(what[name] for name in ("severity", "harm", "cost", "rung")),
            tables.repertoire["last_resort"][i * w.instruments + k],
            state.use["active"][ij * w.instruments + k],
            what["relief"],
            mu,
        ]
    )
    names = "inertia alpha bite alignment own_cost fear gradualism saturation temperature audience yielding"
    actor = np.array([tables.actor[name][i] for name in names.split()])
    between, held = tables.dyad[ij], state.dyad[ij]
    dyad = np.array(
        [between["exposure"], between["dependence"], held["expected"], held["top"], held["due"], 0.0]
    )
    return places, x, actor, dyad


def main() -> None:
    chosen = options(__doc__, scenario="belarus_2020", times=20_000, rounds=15, replication=3)
    print(f"{chosen.scenario}:")
    for pair in (("eu", "belarus"), ("us", "belarus"), ("belarus", "eu")):
        measure(world_of(chosen.scenario), pair, chosen)
    print("a made-up world in which everybody can use every instrument:")
    measure(made_up(10, 100, 365), ("actor_01", "actor_00"), chosen)


def measure(world: World, pair: tuple[str, str], chosen: argparse.Namespace) -> None:
    """Print what the options of the first of a pair against the second cost, each way."""
    w = compiled_clock.play(world, 1, chosen.replication)
    state = cast(Any, w.state)
    state.dyad["due"] = 0
    pointer = Pointer(w, Tables)
    i, j = (world.names.actors.index(name) for name in pair)
    ours = prepared(weigh_often, pointer, i, j, 0, w.instruments, 1)
    ours(pointer, i, j, 0, w.instruments, 1)
    k, x, actor, dyad = packed(w, i, j)
    weights, values = np.empty(len(k)), np.minimum(state.choice["utility"][k], 0.0)
    bare_often(x, actor, dyad, weights, 1)
    exponentials_often(values, 1)
    same = np.allclose(weights, state.choice["weight"][k], rtol=1e-12)
    seconds = interleaved(
        {
            "weigh": lambda: ours(pointer, i, j, 0, w.instruments, chosen.times),
            "bare": lambda: bare_often(x, actor, dyad, weights, chosen.times),
            "exp": lambda: exponentials_often(values, chosen.times),
        },
        chosen.rounds,
    )
    work = chosen.times * len(k)
    each = {name: spread([1e9 * s / work for s in taken]) for name, taken in seconds.items()}
    print(f"{pair[0]} against {pair[1]}: {len(k)} of {w.instruments} are options, same weights: {same}")
    print(f"  ns an option: weigh {each['weigh']}, bare loop {each['bare']}, exponential {each['exp']}")
    print(f"  options per second, weigh ÷ bare loop: {spread(ratio(seconds['bare'], seconds['weigh']))}")


if __name__ == "__main__":
    main()
