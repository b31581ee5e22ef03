"""The compiled clock: the same rules, an event heap in arrays, no Python per event."""

from __future__ import annotations

from collections.abc import Callable

from escalation.clocks.compiling import when_compiling
from escalation.clocks.heap import Heap, clear, pop, push
from escalation.clocks.memory import Memory, memory_of
from escalation.model.begin import begin
from escalation.model.handle import handle
from escalation.model.kernel import kernel
from escalation.model.measure import measure_end
from escalation.model.numbers import Numbers
from escalation.model.result import extract
from escalation.model.state import OUT, STATUS, State
from escalation.model.tables import Tables
from escalation.model.world import DONE, TRUNCATED, Replication, World


@kernel
def post(tables: Tables, state: State, heap: Heap) -> None:
    """Queue the outbox; without room the replication is truncated."""
    for n in range(state.tally[OUT]):
        kind, actor = state.out_kind[n], state.out_actor[n]
        rank = kind * (tables.actors + 1) + actor
        if not push(heap, state.out_time[n], rank, kind, actor, state.out_a[n], state.out_b[n]):
            state.tally[STATUS] = TRUNCATED
    state.tally[OUT] = 0


@kernel
def run(tables: Tables, numbers: Numbers, state: State, heap: Heap) -> None:
    """Let everything happen that happens before the end, or until the replication is truncated."""
    clear(heap)
    begin(tables, numbers, state)
    post(tables, state, heap)
    now = 0.0
    while state.tally[STATUS] == DONE and heap.tally[0] > 0:
        slot = pop(heap)
        now = heap.time[slot]
        handle(tables, numbers, state, now, heap.kind[slot], heap.actor[slot], heap.a[slot], heap.b[slot])
        post(tables, state, heap)
    measure_end(tables, numbers, state, tables.end if state.tally[STATUS] == DONE else now)


def play(world: World, seed: int, replication: int) -> tuple[Memory, State]:
    """Run one replication in this thread's memory of the world, which the next run overwrites."""
    memory = memory_of(world, run)
    memory.begin(seed, replication)
    memory.run()
    return memory, memory.state


def simulate(world: World, seed: int, replication: int) -> Replication:
    """Return replication `replication` of a world: bit for bit what the SimPy clock returns."""
    memory, state = play(world, seed, replication)
    return extract(memory.tables, state)


def prepare(world: World, say: Callable[[], object]) -> None:
    """Compile what is not yet compiled, or read it from disk; `say` is called if it must be compiled."""
    with when_compiling(say):
        play(world, 0, 0)
