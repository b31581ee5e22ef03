"""Which clock runs a world: the compiled one where it can and where that pays, else SimPy's."""

from __future__ import annotations

import os
from importlib.util import find_spec
from time import perf_counter

from escalation.clocks import compiled_clock, simpy_clock
from escalation.clocks.machine_code import is_cached
from escalation.errors import InputError
from escalation.model.world import Simulate, World

SECONDS_TO_COMPILE, SECONDS_TO_READ = 10.0, 0.05
"""Time to compile the rules, once on a machine, and to read them from disk."""
LEAST_INTERPRETED = 0.001
"""Seconds that an interpreted replication takes at least."""


def clock_for(world: World, clock: str, replications: int) -> tuple[str, Simulate]:
    """Return the name of the clock to take, `compiled` or `simpy`, and its `simulate`.

    Both give the same acts, bit for bit. `clock` is `auto`, `compiled` or `simpy`; `auto` takes the compiled
    one unless a policy is written in Python, or a few replications would have to wait for the compiler.
    Raises InputError when `compiled` cannot run the world.
    """
    obstacle = obstacle_to_compiling(world)
    if clock == "compiled" and obstacle:
        raise InputError(f"--clock compiled cannot run {obstacle}; take --clock simpy")
    if clock == "simpy" or obstacle or (clock == "auto" and not pays(world, replications)):
        return "simpy", simpy_clock.simulate
    return "compiled", compiled_clock.simulate


def obstacle_to_compiling(world: World) -> str:
    """Return what the compiled clock cannot run, or an empty text."""
    if world.names.python:
        names = ", ".join(world.names.actors[i] for i in world.names.python)
        return f"policies written in Python ({names})"
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return "while NUMBA_DISABLE_JIT is set"
    return "" if find_spec("numba") else "without Numba"


def pays(world: World, replications: int) -> bool:
    """Return whether so many replications take less time compiled, the wait for the rules included.

    One interpreted replication is timed for that, where their number alone does not decide; which clock is
    taken changes no result.
    """
    ready = SECONDS_TO_READ if is_cached() else SECONDS_TO_COMPILE
    if replications * LEAST_INTERPRETED >= ready:
        return True
    start = perf_counter()
    try:
        simpy_clock.simulate(world, 0, 0)
    except Exception:  # noqa: BLE001 - a failing replication is found again, and recorded, when it is run
        return False
    return replications * (perf_counter() - start) > ready
