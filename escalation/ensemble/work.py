"""The work of one process: some consecutive replications of one world, whatever becomes of each."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import numpy as np

from escalation.ensemble.reducer import Reducer
from escalation.ensemble.result import SAMPLE, Chunk, Keep, joined
from escalation.model.world import FAILED, Columns, Replication, World

DIED = "its worker process died"
"""The message of a replication that took its worker process with it."""

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


def replayed(world: World, seed: int, replication: int) -> str:
    """Return what stops a replication, as `Type: text`: it is played again on the SimPy clock."""
    error = _error_of(world, seed, replication)
    return _message(error) if error else "failed on its clock, and does not fail on the SimPy clock"


def traced(world: World, seed: int, replication: int) -> str:
    """Return the traceback of a failing replication, played again; else the message that there is none."""
    error = _error_of(world, seed, replication)
    if error is None:
        return f"replication {replication} does not fail when it is played again on the SimPy clock"
    return "".join(traceback.format_exception(error)).rstrip()


def failed_chunk(world: World, first: int, count: int, message: str) -> Chunk:
    """Return a chunk of which every replication failed for one reason."""
    outcomes = np.full((count, len(world.outcomes)), np.nan)
    statuses = np.full(count, FAILED, dtype=np.int8)
    return Chunk(first, statuses, outcomes, dict.fromkeys(range(first, first + count), message), {}, {})


def _attempt(world: World, simulate: Simulate, seed: int, replication: int) -> Replication:
    try:
        done = simulate(world, seed, replication)
    except Exception as error:  # noqa: BLE001 - a failed replication is a record, whatever the error
        # compiled code puts the same error in other words
        known = error if simulate is default_clock() else _error_of(world, seed, replication) or error
        return Replication(FAILED, _message(known), np.full(len(world.outcomes), np.nan), {}, {})
    if done.status == FAILED and not done.message:
        return done._replace(message=replayed(world, seed, replication))
    return done


def _error_of(world: World, seed: int, replication: int) -> Exception | None:
    from escalation.clocks import simpy_clock  # noqa: PLC0415 - the clock that tells what goes wrong

    try:
        done = simpy_clock.simulate(world, seed, replication)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was asked for
        return error
    return RuntimeError(done.message) if done.status == FAILED else None


def _message(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _numbered(replication: int, table: Columns) -> Columns:
    if not table:
        return {}
    length = len(next(iter(table.values())))
    return {"replication": np.full(length, replication, dtype=np.int64), **table}
