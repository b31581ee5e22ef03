"""Replications that each have uncertain numbers of their own, set by hand.

A parameter of a world is a number in its tables: setting it costs nothing, and nothing is compiled or built
again. For those who build on it (what assumptions leave open, calibration).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from escalation.clocks.choice import clock_for
from escalation.ensemble.work import Job
from escalation.model.world import Replication, Simulate, World
from escalation.study.execution import Execution
from escalation.study.points.uncertain import Dials

Array = npt.NDArray[np.float64]
Seen = TypeVar("Seen")

ROWS = 250
"""Rows of settings that a thread plays with one set of dials."""


def play_dialled(
    world: World,
    seed: int,
    settings: Array,
    replications: npt.NDArray[np.int64],
    look: Callable[[Replication], Seen],
    execution: Execution,
) -> list[Seen]:
    """Return what `look` takes from replication `replications[n]` with all uncertain numbers set, for each n.

    They are `settings[n]`, float64[n, cells], in the order of the world's cells. A failed replication is one
    of the status FAILED. Progress is counted; on KeyboardInterrupt it gives up. Without the compiled clock
    they are played one after another.
    """
    name, simulate = clock_for(world, execution.clock, len(settings))
    parts = [range(first, min(first + ROWS, len(settings))) for first in range(0, len(settings), ROWS)]
    play = partial(_played, world, seed, settings, replications, look, simulate, name == "compiled")
    seen: list[Seen] = []
    if name != "compiled":
        for part in parts:
            seen += _counted(play(part), execution)
        return seen
    execution.compile_rules()
    with ThreadPoolExecutor(execution.workers) as pool:
        under_way = [pool.submit(play, part) for part in parts]
        try:
            for future in under_way:
                seen += _counted(future.result(), execution)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return seen


def _counted(seen: list[Seen], execution: Execution) -> list[Seen]:
    if execution.on_progress:
        execution.on_progress(len(seen))
    return seen


def _played(
    world: World, seed: int, settings: Array, replications: npt.NDArray[np.int64],
    look: Callable[[Replication], Seen], simulate: Simulate, compiled: bool, rows: range,
) -> list[Seen]:  # fmt: skip
    dials, seen = Dials(world), []
    for row in rows:
        # the SimPy clock reads a world once
        dials = dials if compiled else Dials(world)
        dials.set(settings[row])
        seen.append(look(Job(dials.world, seed, "none", simulate).replication(int(replications[row]))))
    return seen
