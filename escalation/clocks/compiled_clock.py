"""The compiled clock: the same rules, an event heap in arrays, no Python per event."""

from __future__ import annotations

from collections.abc import Callable

from escalation.clocks.heap import Heap, clear, pop, push
from escalation.clocks.machine_code import prepared
from escalation.clocks.memory import ARGUMENTS, play_in_memory
from escalation.model.handle import begin, handle
from escalation.model.kernel import kernel
from escalation.model.measure import measure_end
from escalation.model.result import extract
from escalation.model.tables import Tables
from escalation.model.world import DONE, FULL, Replication, World


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


def play(world: World, seed: int, replication: int) -> Tables:
    """Run one replication in this thread's memory of the world, which the next run overwrites."""
    return play_in_memory(world, run, seed, replication)


def simulate(world: World, seed: int, replication: int) -> Replication:
    """Return replication `replication` of a world: bit for bit what the SimPy clock returns."""
    return extract(play(world, seed, replication))


def prepare(say: Callable[[], object]) -> None:
    """Compile the rules, or read them from disk; `say` is called if they must be compiled."""
    prepared(run, ARGUMENTS, say)
