"""A queue of events in arrays, in the order of the model: time, rank, emission."""

from __future__ import annotations

from typing import NamedTuple

from escalation.model.kernel import Floats, Ints, kernel


class Heap(NamedTuple):
    """A binary heap: `order` holds the slots of the queued events, `free` those that can be used again.

    `tally` holds how many events are queued, how many slots can be used again, how many events have been
    queued so far, and how many slots have ever been used.
    """

    tally: Ints
    order: Ints
    free: Ints
    time: Floats
    rank: Ints
    sequence: Ints
    kind: Ints
    actor: Ints
    a: Ints
    b: Ints


@kernel
def clear(heap: Heap) -> None:
    """Empty the queue."""
    heap.tally[0], heap.tally[1], heap.tally[2], heap.tally[3] = 0, 0, 0, 0


@kernel
def before(heap: Heap, x: int, y: int) -> bool:
    """Return whether the event in slot `x` comes before that in slot `y`."""
    if heap.time[x] != heap.time[y]:
        return heap.time[x] < heap.time[y]
    if heap.rank[x] != heap.rank[y]:
        return heap.rank[x] < heap.rank[y]
    return heap.sequence[x] < heap.sequence[y]


@kernel
def push(heap: Heap, time: float, rank: int, kind: int, actor: int, a: int, b: int) -> bool:
    """Queue an event; return False, and change nothing, when there is no slot left."""
    if heap.tally[1] > 0:
        heap.tally[1] -= 1
        slot = heap.free[heap.tally[1]]
    elif heap.tally[3] < len(heap.order):
        slot = heap.tally[3]
        heap.tally[3] += 1
    else:
        return False
    heap.time[slot], heap.rank[slot], heap.sequence[slot] = time, rank, heap.tally[2]
    heap.kind[slot], heap.actor[slot], heap.a[slot], heap.b[slot] = kind, actor, a, b
    place = heap.tally[0]
    heap.tally[0] += 1
    heap.tally[2] += 1
    while place > 0 and before(heap, slot, heap.order[(place - 1) // 2]):
        heap.order[place] = heap.order[(place - 1) // 2]
        place = (place - 1) // 2
    heap.order[place] = slot
    return True


@kernel
def pop(heap: Heap) -> int:
    """Take the first event out of the queue and return its slot, valid until the next push."""
    first = heap.order[0]
    heap.tally[0] -= 1
    heap.free[heap.tally[1]] = first
    heap.tally[1] += 1
    size = heap.tally[0]
    slot = heap.order[size]
    place, child = 0, 1
    while child < size:
        if child + 1 < size and before(heap, heap.order[child + 1], heap.order[child]):
            child += 1
        if not before(heap, heap.order[child], slot):
            break
        heap.order[place] = heap.order[child]
        place, child = child, 2 * child + 1
    heap.order[place] = slot
    return first
