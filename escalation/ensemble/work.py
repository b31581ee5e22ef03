"""The work of one process: some consecutive replications of one world, whatever becomes of each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from escalation.ensemble.reducer import Reducer
from escalation.ensemble.result import SAMPLE, Chunk, Keep, joined
from escalation.model.world import FAILED, Columns, Replication, World

Simulate = Callable[[World, int, int], Replication]
"""A clock: (world, seed, replication) to one replication."""


def default_clock() -> Simulate:
    """Return the clock that replications run on unless another is handed in."""
    from escalation.clocks import simpy_clock  # noqa: PLC0415 - SimPy is only wanted where work is done

    return simpy_clock.simulate


def run_chunk(
    world: World,
    simulate: Simulate,
    seed: int,
    first: int,
    count: int,
    keep: Keep,
    reducer: Reducer | None = None,
) -> Chunk:
    """Return replications `first` to `first + count - 1`; an error in one becomes its record."""
    replications = [_attempt(world, simulate, seed, number) for number in range(first, first + count)]
    part = reducer(world, first, replications) if reducer else None
    outcomes = np.full((count, len(world.outcomes)), np.nan)
    statuses = np.zeros(count, dtype=np.int8)
    messages: dict[int, str] = {}
    acts: list[Columns] = []
    causes: list[Columns] = []
    for row, done in enumerate(replications):
        replication = first + row
        statuses[row], outcomes[row] = done.status, done.outcomes
        if done.status == FAILED:
            messages[replication] = done.message
        if keep == "all" or (keep == "sample" and replication < SAMPLE):
            acts.append(_numbered(replication, done.acts))
            causes.append(_numbered(replication, done.causes))
    return Chunk(first, statuses, outcomes, messages, joined(acts), joined(causes), part)


def failed_chunk(world: World, first: int, count: int, message: str) -> Chunk:
    """Return a chunk of which every replication failed for one reason."""
    outcomes = np.full((count, len(world.outcomes)), np.nan)
    statuses = np.full(count, FAILED, dtype=np.int8)
    return Chunk(first, statuses, outcomes, dict.fromkeys(range(first, first + count), message), {}, {})


def _attempt(world: World, simulate: Simulate, seed: int, replication: int) -> Replication:
    try:
        return simulate(world, seed, replication)
    except Exception as error:  # noqa: BLE001 - a failed replication is a record, whatever the error
        message = f"{type(error).__name__}: {error}"
        return Replication(FAILED, message, np.full(len(world.outcomes), np.nan), {}, {})


def _numbered(replication: int, table: Columns) -> Columns:
    if not table:
        return {}
    length = len(next(iter(table.values())))
    return {"replication": np.full(length, replication, dtype=np.int64), **table}
