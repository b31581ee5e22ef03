"""What bounds the compiled clock: how often a replication does what, and what the arithmetic costs alone.

The rules are called interpreted under Python's profiler, which counts every call; both ways give the same
acts, so the counts are those of the compiled clock too. Beside them stands what their arithmetic costs by
itself in a compiled loop: an exponential, a logarithm, a block of random bits. The sum is a floor that no
other layout of the same rules can pass; only rules that ask for less of it can.

    python benchmarks/bound.py --scenario belarus_2020
"""

from __future__ import annotations

import cProfile
import math
import pstats
from typing import Any

import numba
import numpy as np
from common import chosen_acts, interleaved, options, spread, world_of
from plain_python import SEED, on_lists

from escalation.clocks import compiled_clock
from escalation.clocks.compiling import compiled
from escalation.model.draws import uniform
from escalation.model.kernel import Words, kernel, word
from escalation.model.world import World

ARITHMETIC = {"exp": "math.exp", "log": "math.log", "philox": "blocks of random bits"}
SHOWN = (
    "handle",
    "weigh",
    "allowed",
    "utility",
    "terms",
    "settle",
    "tension",
    "pressure",
    "decay_parts",
    "push",
    "pop",
)


@kernel
def draw_often(stream: Words, times: int) -> float:
    """Draw uniforms for as many causes."""
    total = 0.0
    for n in range(times):
        total += uniform(stream, 0, 0, word(n))
    return total


draw_compiled = compiled(draw_often)


@numba.njit(nogil=True)
def draws_often(stream: Any, times: int) -> float:
    """Do the same from Python."""
    return draw_compiled(stream, times)


@numba.njit(nogil=True)
def exp_often(times: int) -> float:
    """Take exponentials of numbers from -1 to 0."""
    total = 0.0
    for n in range(times):
        total += math.exp(-(n & 1023) / 1024.0)
    return total


@numba.njit(nogil=True)
def log_often(times: int) -> float:
    """Take logarithms of numbers from 1 to 2."""
    total = 0.0
    for n in range(times):
        total += math.log(1.0 + (n & 1023) / 1024.0)
    return total


def calls(world: World, replications: int) -> dict[str, float]:
    """Return the calls of every rule in one replication, on average."""
    play, profile = on_lists(world), cProfile.Profile()
    for number in range(replications):
        profile.enable()
        play(number)
        profile.disable()
    found: dict[str, float] = {}
    stats: Any = pstats.Stats(profile)
    for (_, _, name), (count, *_) in stats.stats.items():
        plain = name.removeprefix("<built-in method math.").rstrip(">")
        found[plain] = found.get(plain, 0.0) + count / replications
    return found


def main() -> None:
    chosen = options(__doc__, scenario="belarus_2020", replications=20, rounds=9)
    world, numbers = world_of(chosen.scenario), range(chosen.replications)
    compiled_clock.prepare(lambda: print("compiling once ..."))
    counted = calls(world, chosen.replications)
    acts = sum(chosen_acts(compiled_clock.simulate(world, SEED, n)) for n in numbers) / chosen.replications
    stream, times = np.array([1, 0, 0], np.uint64), 100_000
    rivals = {
        "exp": lambda: exp_often(times),
        "log": lambda: log_often(times),
        "philox": lambda: draws_often(stream, times),
        "replication": lambda: [compiled_clock.play(world, SEED, n) for _ in range(10) for n in numbers],
    }
    for rival in rivals.values():
        rival()
    seconds = interleaved(rivals, chosen.rounds)
    micro = {name: sorted(taken)[len(taken) // 2] / times * 1e6 for name, taken in seconds.items()}
    whole = [s / (10 * chosen.replications) * 1e6 for s in seconds["replication"]]
    median = sorted(whole)[len(whole) // 2]
    print(f"a replication: {spread(whole)} µs, {acts:.1f} acts chosen, {median / acts:.2f} µs an act")
    floor = 0.0
    for name, words in ARITHMETIC.items():
        took = counted[name] * micro[name]
        floor += took
        print(f"{counted[name]:9.0f} {words:24} {1e3 * micro[name]:6.1f} ns each {took:7.1f} µs")
    print(f"{'':9} {'together':24} {'':14} {floor:7.1f} µs, {100 * floor / median:.0f}% of a replication")
    print("calls in a replication: " + ", ".join(f"{name} {counted.get(name, 0):.0f}" for name in SHOWN))


if __name__ == "__main__":
    main()
