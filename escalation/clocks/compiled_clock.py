"""The compiled clock: the same rules, an event heap in arrays, no Python per event.

Its memory holds one world's tables, its state and its queue of events as arrays.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from escalation.clocks.heap import Heap, QueuedEvent, clear, pop, push
from escalation.clocks.machine_code import prepared
from escalation.clocks.pointer import Pointer
from escalation.model.handle import begin, handle
from escalation.model.kernel import SCALARS, as_one, dtype_of, element_of, kernel, table, types_of
from escalation.model.measure import measure_end
from escalation.model.state import State
from escalation.model.tables import Tables, lengths
from escalation.model.world import DONE, FULL, Replication, World, extract

ARGUMENTS = Tables, Heap
"""What a compiled run gets."""
ROWS = 1024
"""Acts, and events in the queue beside those known beforehand, for which there is room at first."""


@kernel
def post(w: Tables, heap: Heap) -> None:
    """Queue the outbox; without room the replication must be played again with more."""
    for n in range(w.state.tally.out):
        event = w.state.out[n]
        rank = event.kind * (w.actors + 1) + event.actor
        if not push(heap, event.time, rank, event.kind, event.actor, event.a, event.b):
            w.state.tally.status = FULL
    w.state.tally.out = 0


@kernel
def run(w: Tables, heap: Heap) -> None:
    """Let everything happen that happens before the end, or until the replication is truncated."""
    clear(heap)
    begin(w)
    post(w, heap)
    now = 0.0
    while w.state.tally.status == DONE and heap.tally.queued > 0:
        event = heap.event[pop(heap)]
        now = event.time
        handle(w, now, event.kind, event.actor, event.a, event.b)
        post(w, heap)
    measure_end(w, w.end if w.state.tally.status == DONE else now)


def capacities(w: Tables, scale: int) -> dict[str, int]:
    """Return the rows of each log of `State`, and of the queue (`heap`)."""
    known = len(w.script) + len(w.shock) + len(w.measure_time) + len(w.renewal) + 1
    rows = ROWS * scale
    return {
        "act": min(w.act_limit, rows),
        "cause": 24 * rows,
        "part": (w.actors + 16) * rows,
        "out": known + 16 * (2 * w.actors + 3) * scale + w.actors * w.actors,
        "heap": known + rows,
    }


def state_arrays(w: Tables, rows: dict[str, int]) -> tuple[State, Any]:
    """Return a state of arrays, and the one array of those that must be fresh for each replication."""
    kinds = types_of(State)
    fresh: dict[str, Any] = {}
    for name, length in lengths(w).items():
        element = element_of(kinds[name])
        fresh[name] = np.zeros(length, dtype_of(element)) if element in SCALARS else table(element, length)
    fresh["tally"] = table(kinds["tally"], 1)
    whole, views = as_one(fresh, np.int64)
    views["tally"] = views["tally"].view(np.recarray)[0]
    logs: dict[str, Any] = {
        name: np.zeros(rows[name], dtype_of(element_of(kind)))
        for name, kind in kinds.items()
        if name not in views
    }
    return State(**views, **logs), whole


class Memory:
    """Arrays in which the replications of one world are run, one after another.

    `w` are its tables, with the state in which the last replication ended. The tables that hold uncertain
    numbers are the memory's own.
    """

    def __init__(self, world: World, scale: int = 1) -> None:
        rows = capacities(world.tables, scale)
        self.scale = scale
        tables = world.tables.laid_out()
        state, self._whole = state_arrays(tables, rows)
        self._fresh = self._whole.copy()
        self.w = replace(tables, model=tables.model[0], state=state)
        slots = partial(np.zeros, rows["heap"], np.int64)
        tally = table(types_of(Heap)["tally"], 1)[0]
        heap = Heap(tally, slots(), slots(), np.zeros(rows["heap"], dtype_of(QueuedEvent)))
        self._blocks = tuple(map(Pointer, (self.w, heap), ARGUMENTS))
        self._run = prepared(run, ARGUMENTS)

    def run(self, seed: int, replication: int) -> int:
        """Run a replication, without the interpreter's lock, and return its status."""
        self._whole[:] = self._fresh
        stream = self.w.state.stream
        stream[0], stream[1], stream[2] = seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF, replication
        self._run(*self._blocks)
        return int(self.w.state.tally.status)


_local = threading.local()


def play(world: World, seed: int, replication: int) -> Tables:
    """Run a replication in this thread's memory of a world, which the next run overwrites.

    The memory stays until the thread turns to another world; it grows when a log or the queue is full.
    """
    if getattr(_local, "world", None) is not world:
        _local.world = None
        _local.memory, _local.world = Memory(world), world
    while _local.memory.run(seed, replication) == FULL:
        _local.memory = Memory(world, 4 * _local.memory.scale)
    tables: Tables = _local.memory.w
    return tables


def simulate(world: World, seed: int, replication: int) -> Replication:
    """Return replication `replication` of a world: bit for bit what the SimPy clock returns."""
    return extract(play(world, seed, replication))


def prepare(say: Callable[[], object]) -> None:
    """Compile the rules, or read them from disk; `say` is called if they must be compiled."""
    prepared(run, ARGUMENTS, say)
