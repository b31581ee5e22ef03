"""The work of one process: some consecutive replications of one world, whatever becomes of each."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from escalation.clocks import simpy_clock
from escalation.ensemble.engine import Acts
from escalation.ensemble.result import SAMPLE, Chunk, Reducer, joined
from escalation.model.world import FAILED, Columns, Replication, Simulate, World

DIED = "its worker process died"
"""The message of a replication that took its worker process with it."""


@dataclass(frozen=True)
class Task:
    """Replications `first` to `first + count - 1`."""

    first: int
    count: int


class Job(NamedTuple):
    """What all tasks of an ensemble share. Without `simulate` they run on the SimPy clock."""

    world: World
    seed: int
    acts: Acts = "sample"
    simulate: Simulate | None = None
    reducer: Reducer | None = None

    def do(self, task: Task) -> Chunk:
        """Run one task here and now; an error in a replication becomes its record."""
        numbers = range(task.first, task.first + task.count)
        replications = list(map(self.replication, numbers))
        numbered = list(zip(numbers, replications, strict=True))
        part = self.reducer(self.world, task.first, replications) if self.reducer else None
        stored = {"none": 0, "sample": SAMPLE}.get(self.acts, numbers.stop)
        logs = [(n, done) for n, done in numbered if n < stored]
        return Chunk(
            first=task.first,
            statuses=np.array([done.status for done in replications], np.int8),
            outcomes=np.array([done.outcomes for done in replications]),
            messages={n: done.message for n, done in numbered if done.status == FAILED},
            acts=joined([_numbered(n, done.acts) for n, done in logs]),
            causes=joined([_numbered(n, done.causes) for n, done in logs]),
            part=part,
        )

    def failed(self, task: Task, message: str) -> Chunk:
        """Return the chunk of a task of which every replication failed for one reason."""
        outcomes = np.full((task.count, len(self.world.outcomes)), np.nan)
        statuses = np.full(task.count, FAILED, np.int8)
        messages = dict.fromkeys(range(task.first, task.first + task.count), message)
        return Chunk(task.first, statuses, outcomes, messages, {}, {})

    def replication(self, number: int) -> Replication:
        """Play one replication; an error in it becomes its record."""
        simulate = self.simulate or simpy_clock.simulate
        try:
            done = simulate(self.world, self.seed, number)
        except Exception as error:  # noqa: BLE001 - a failed replication is a record, whatever the error
            # compiled code puts the same error in other words
            same = simulate is simpy_clock.simulate
            cause = error if same else _error_of(self.world, self.seed, number) or error
            return Replication(FAILED, _message(cause), np.full(len(self.world.outcomes), np.nan), {}, {})
        if done.status == FAILED and not done.message:
            return done._replace(message=replayed(self.world, self.seed, number))
        return done


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


def _error_of(world: World, seed: int, replication: int) -> Exception | None:
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
