"""Playing replications for an evaluator: only what its expressions look at is copied out of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.ensemble.executors import Job, Task
from escalation.ensemble.work import default_clock
from escalation.model.world import FAILED, World
from escalation.study.flywheel.branching import MOST_BATCHES, MOST_IN_A_ROW
from escalation.study.flywheel.gather import FlywheelReducer
from escalation.study.flywheel.plan import Plan
from escalation.study.flywheel.wheel import Flywheel
from escalation.study.flywheel.window import plan_for
from escalation.study.points.uncertain import Dials

Array = npt.NDArray[np.float64]

BATCHES = 50
"""Batches, about, that are resampled for the interval of R."""


class Part(NamedTuple):
    """Consecutive replications: their outcomes float64[n, k], statuses int8[n], and the reducer's part."""

    first: int
    outcomes: Array
    statuses: npt.NDArray[np.int8]
    reduced: Any


def lean_reducer(world: World, replications: int) -> FlywheelReducer:
    """Return a reducer for R alone: of no span but the whole, in about 50 batches instead of up to 1,000.

    R is the same to the bit, its interval nearly so, and both cost a fifth.
    """
    in_a_row = min(MOST_IN_A_ROW, max(1, replications // BATCHES))
    plan = plan_for(world)
    return FlywheelReducer(in_a_row * MOST_BATCHES, Plan(plan.window, cut=plan.cut))


def sliced(task: Task, size: int) -> Iterator[Task]:
    """Yield a task in pieces of at most `size` replications."""
    end = task.first + task.count
    return (Task(first, min(size, end - first)) for first in range(task.first, end, size))


def played(world: World, seed: int, places: list[int], reducer: FlywheelReducer | None, task: Task) -> Part:
    """Play replications; their acts are copied only where a flywheel is summed up from them."""
    from escalation.clocks.compiled_clock import simulate  # noqa: PLC0415  # Numba is slow to import

    if reducer is None:
        return _watched(world, seed, places, task)
    chunk = Job(world, simulate, seed, "none", reducer).do(task)
    return Part(task.first, chunk.outcomes[:, places], chunk.statuses, chunk.part)


def _watched(world: World, seed: int, places: list[int], task: Task) -> Part:
    outcomes, statuses = _blank(task.count, places)
    for row in range(task.count):
        statuses[row] = _seen(world, seed, task.first + row, places, outcomes[row])
    return Part(task.first, outcomes, statuses, None)


def dialled(
    world: World, seed: int, places: list[int], settings: Array, replications: npt.NDArray[np.int64],
    compiled: bool, rows: range,
) -> Part:  # fmt: skip
    """Play rows of settings; on the SimPy clock, which reads a world once, each in a world of its own."""
    outcomes, statuses = _blank(len(rows), places)
    dials = Dials(world)
    for place, row in enumerate(rows):
        dials = dials if compiled else Dials(world)
        dials.set(settings[row])
        if compiled:
            statuses[place] = _seen(dials.world, seed, int(replications[row]), places, outcomes[place])
        else:
            chunk = Job(dials.world, default_clock(), seed, "none").do(Task(int(replications[row]), 1))
            outcomes[place], statuses[place] = chunk.outcomes[0, places], chunk.statuses[0]
    return Part(rows.start, outcomes, statuses, None)


def _seen(world: World, seed: int, replication: int, places: list[int], outcomes: Array) -> int:
    """Play one replication, note its outcomes at `places`, and return its status."""
    from escalation.clocks.compiled_clock import play  # noqa: PLC0415
    from escalation.model.state import STATUS  # noqa: PLC0415

    try:
        _, state = play(world, seed, replication)
    except Exception:  # noqa: BLE001 - a failed replication is counted, whatever the error
        return FAILED
    outcomes[:] = state.row[places]  # type: ignore[index]
    return int(state.tally[STATUS])


def _blank(rows: int, places: list[int]) -> tuple[Array, npt.NDArray[np.int8]]:
    return np.full((rows, len(places)), np.nan), np.full(rows, FAILED, np.int8)


def flywheel_of(world: World, reducer: FlywheelReducer, parts: Sequence[Part]) -> Flywheel:
    """Return the flywheel of all parts."""
    total = None
    for part in parts:
        total = reducer.add(total, part.reduced)
    return reducer.flywheel(world, total)


def place_of(world: World, name: str) -> int:
    """Return the column of an outcome in the row of `world`; StopIteration for an unknown name."""
    return next(n for n, outcome in enumerate(world.outcomes) if outcome.name == name)
