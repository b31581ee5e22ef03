"""Which clock runs a world: the compiled one where it can and where that pays, else SimPy's."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from escalation.clocks import simpy_clock
from escalation.errors import InputError
from escalation.model.world import Replication, World

Simulate = Callable[[World, int, int], Replication]

WORTH_COMPILING = 1_000
"""Replications from which on compiling, about half a minute once, costs less than interpreting."""


def clock_for(world: World, clock: str, replications: int) -> tuple[str, Simulate]:
    """Return the name of the clock to take, `compiled` or `simpy`, and its `simulate`.

    Both give the same acts, bit for bit. `clock` is `auto`, `compiled` or `simpy`; `auto` takes the compiled
    one unless a policy is written in Python, or a few replications would have to wait for the compiler.
    Raises InputError when `compiled` cannot run the world.
    """
    if clock == "simpy":
        return "simpy", simpy_clock.simulate
    if world.names.python:
        if clock == "compiled":
            names = ", ".join(world.names.actors[i] for i in world.names.python)
            raise InputError(
                f"--clock compiled cannot run policies written in Python ({names}); take --clock simpy"
            )
        return "simpy", simpy_clock.simulate
    if clock == "auto" and (find_spec("numba") is None or not pays(replications)):
        return "simpy", simpy_clock.simulate
    from escalation.clocks.compiled_clock import simulate  # noqa: PLC0415  # Numba takes half a second to import

    return "compiled", simulate


def pays(replications: int) -> bool:
    """Return whether so many replications are worth the compiled clock, compiled before or not."""
    if replications >= WORTH_COMPILING:
        return True
    from escalation.clocks.compiling import is_cached  # noqa: PLC0415  # Numba takes half a second to import

    return is_cached()
