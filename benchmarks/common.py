"""What the benchmarks share: measuring side by side, and saying where.

Every script measures its rivals in turn, round after round, so that a busy moment of the machine hits all of
them; what is printed is the median over the rounds.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

from escalation.model.world import SIMULATED, Replication, World

Clock = Callable[[], float]


def options(description: str | None, **defaults: Any) -> argparse.Namespace:
    """Return the options of the command line: one per default, of the default's type."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, value in defaults.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    chosen = parser.parse_args()
    print(f"{os.path.basename(parser.prog)} on {machine()}")
    print("parameters: " + ", ".join(f"{name}={value}" for name, value in vars(chosen).items()))
    return chosen


def machine() -> str:
    """Return what the figures were measured on."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    except OSError:
        pass
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{model}, {cores} cores{load}, Python {platform.python_version()}"


def interleaved(
    rivals: Mapping[str, Callable[[], Any]], rounds: int, clock: Clock = time.process_time
) -> dict[str, list[float]]:
    """Return the seconds of every rival in every round; each is called once per round, in turn.

    The clock counts this process's own processor time unless another is given, so that what other processes
    do to the machine shows as little as it can.
    """
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(rounds):
        for name, rival in rivals.items():
            began = clock()
            rival()
            seconds[name].append(clock() - began)
    return seconds


def spread(values: list[float]) -> str:
    """Return the median with the lowest and the highest, in three figures."""
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def ratio(slow: list[float], fast: list[float], scale: float = 1.0) -> list[float]:
    """Return how many times faster `fast` was in each round; `scale` corrects for unequal work."""
    return [scale * s / f for s, f in zip(slow, fast, strict=True)]


def chosen_acts(replication: Replication) -> int:
    """Return how many acts of a replication the model chose; neither shocks nor history count."""
    return int((replication.acts["origin"] == SIMULATED).sum())


def world_of(name: str) -> World:
    """Return a shipped scenario, compiled to arrays."""
    from escalation.model.compile import compile_scenario  # noqa: PLC0415  # not before the machine is named
    from escalation.scenario.load import load  # noqa: PLC0415

    return compile_scenario(load(f"shipped:{name}"))
