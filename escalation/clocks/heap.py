"""A queue of events in arrays, in the order of the model: time, rank, emission."""

from __future__ import annotations

from dataclasses import dataclass

from escalation.model.kernel import Column, Ints, kernel


@dataclass(slots=True)
class HeapTally:
    """Counts of queued events, of slots free again, of events queued so far, and of slots ever used."""

    queued: int = 0
    free: int = 0
    sequence: int = 0
    used: int = 0


@dataclass(slots=True)
class QueuedEvent:
    """One event in its slot."""

    time: float = 0.0
    rank: int = 0
    sequence: int = 0
    kind: int = 0
    actor: int = 0
    a: int = 0
    b: int = 0


@dataclass(slots=True)
class Heap:
    """A binary heap: `order` holds the slots of the queued events, `free` those that can be used again."""

    tally: HeapTally
    order: Ints
    free: Ints
    event: Column[QueuedEvent]


@kernel
def clear(heap: Heap) -> None:
    """Empty the queue."""
    heap.tally.queued, heap.tally.free, heap.tally.sequence, heap.tally.used = 0, 0, 0, 0


@kernel
def before(heap: Heap, x: int, y: int) -> bool:
    """Return whether the event in slot `x` comes before that in slot `y`."""
    first, second = heap.event[x], heap.event[y]
    if first.time != second.time:
        return first.time < second.time
    if first.rank != second.rank:
        return first.rank < second.rank
    return first.sequence < second.sequence


@kernel
def push(heap: Heap, time: float, rank: int, kind: int, actor: int, a: int, b: int) -> bool:
    """Queue an event; return False, and change nothing, when there is no slot left."""
    tally, order = heap.tally, heap.order
    if tally.free > 0:
        tally.free -= 1
        slot = heap.free[tally.free]
    elif tally.used < len(order):
        slot = tally.used
        tally.used += 1
    else:
        return False
    event = heap.event[slot]
    event.time, event.rank, event.sequence = time, rank, tally.sequence
    event.kind, event.actor, event.a, event.b = kind, actor, a, b
    n = tally.queued
    tally.queued += 1
    tally.sequence += 1
    while n > 0 and before(heap, slot, order[(n - 1) // 2]):
        order[n] = order[(n - 1) // 2]
        n = (n - 1) // 2
    order[n] = slot
    return True


@kernel
def pop(heap: Heap) -> int:
    """Take the first event out of the queue and return its slot, valid until the next push."""
    tally, order = heap.tally, heap.order
    first = order[0]
    tally.queued -= 1
    heap.free[tally.free] = first
    tally.free += 1
    size = tally.queued
    slot = order[size]
    n, child = 0, 1
    while child < size:
        if child + 1 < size and before(heap, order[child + 1], order[child]):
            child += 1
        if not before(heap, order[child], slot):
            break
        order[n] = order[child]
        n, child = child, 2 * child + 1
    order[n] = slot
    return first
