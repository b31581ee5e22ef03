"""What follows from an event: a handler puts it into the outbox, a clock takes it from there."""

from __future__ import annotations

import math

from escalation.model.kernel import kernel
from escalation.model.state import EVENTS, OUT, STATUS, State
from escalation.model.tables import NEVER, Tables
from escalation.model.world import TRUNCATED

GRID = 1048576.0
"""Ticks per day. On this grid `now + (t - now) == t` exactly, so both clocks agree on every time."""


@kernel
def on_grid(time: float) -> float:
    """Return `time` (days) rounded to a tick."""
    return math.floor(time * GRID + 0.5) / GRID


@kernel
def room(state: State, counter: int, capacity: int) -> bool:
    """Return whether a bounded column has room for a row; without it the replication is truncated."""
    if state.tally[counter] < capacity:
        return True
    state.tally[STATUS] = TRUNCATED
    return False


@kernel
def emit(tables: Tables, state: State, time: float, kind: int, actor: int, a: int, b: int) -> None:
    """Put one event into the outbox; what would fall on or after the end never happens."""
    if time >= tables.end:
        return
    time = on_grid(time)
    if time < tables.end and room(state, OUT, len(state.out_time)):
        n = state.tally[OUT]
        state.out_time[n], state.out_kind[n], state.out_actor[n] = time, kind, actor
        state.out_a[n], state.out_b[n] = a, b
        state.tally[OUT] = n + 1


@kernel
def count_event(tables: Tables, state: State) -> None:
    """Count one event handled; past the limit the replication is truncated."""
    if room(state, EVENTS, tables.event_limit):
        state.tally[EVENTS] += 1


@kernel
def next_meeting(tables: Tables, i: int, time: float) -> float:
    """Return the first time from `time` on at which actor `i` can decide; NEVER after its last meeting."""
    low, high = tables.meeting_start[i], tables.meeting_start[i + 1]
    if low == high:
        return time
    stop = high
    while low < high:
        middle = (low + high) // 2
        if tables.meeting[middle] < time:
            low = middle + 1
        else:
            high = middle
    return tables.meeting[low] if low < stop else NEVER
