"""Waking: what follows from an event goes into the outbox; when an actor deliberates about another."""

from __future__ import annotations

import math

from escalation.model.draws import JOIN, LAG, REVIEW, chance, log_normal, mix, normal, uniform
from escalation.model.kernel import Log, T, has_room, kernel
from escalation.model.state import NEVER
from escalation.model.tables import WAKE, Tables
from escalation.model.world import FULL, TRUNCATED

GRID = 1048576.0
"""Ticks per day. On this grid `now + (t - now) == t` exactly, so both clocks agree on every time."""


@kernel
def on_grid(time: float) -> float:
    """Return `time` (days) rounded to a tick."""
    return math.floor(time * GRID + 0.5) / GRID


@kernel
def room(w: Tables, log: Log[T], row: int) -> bool:
    """Return whether row `row` of a log can be written; else the replication is run again with more room."""
    if has_room(log, row):
        return True
    w.state.tally.status = FULL
    return False


@kernel
def emit(w: Tables, time: float, kind: int, actor: int, a: int, b: int) -> None:
    """Put one event into the outbox; what would fall on or after the end never happens."""
    if time >= w.end:
        return
    time = on_grid(time)
    row = w.state.tally.out
    if time < w.end and room(w, w.state.out, row):
        event = w.state.out[row]
        event.time, event.kind, event.actor, event.a, event.b = time, kind, actor, a, b
        w.state.tally.out = row + 1


@kernel
def count_event(w: Tables) -> None:
    """Empty the outbox and count one event handled; past the limit the replication is truncated."""
    w.state.tally.out = 0
    if w.state.tally.events < w.event_limit:
        w.state.tally.events += 1
    else:
        w.state.tally.status = TRUNCATED


@kernel
def next_meeting(w: Tables, i: int, time: float) -> float:
    """Return the first time from `time` on at which actor `i` can decide; NEVER after its last meeting."""
    low, high = w.actor[i].meeting_from, w.actor[i].meeting_to
    if low == high:
        return time
    stop = high
    while low < high:
        middle = (low + high) // 2
        if w.meeting[middle] < time:
            low = middle + 1
        else:
            high = middle
    return w.meeting[low] if low < stop else NEVER


@kernel
def lag(w: Tables, i: int, cause: int) -> float:
    """Return the days that the stages of actor `i` take, each drawn for this cause."""
    days = 0.0
    first = w.actor[i].stage_from
    for n in range(first, w.actor[i].stage_to):
        draw = 0.0
        if w.stage[n].spread > 0.0:
            draw = normal(w.state.stream, LAG, n - first, cause)
        days += log_normal(w.stage[n].median, w.stage[n].spread, draw)
    return days


@kernel
def schedule(w: Tables, i: int, j: int, time: float, source: int) -> None:
    """Let `i` deliberate about `j` at `time`; a wake that was pending is void from now on.

    A wake on or after the end is pending too, though it never comes: else the next jump would draw another
    lag, and the end would change what happens before it.
    """
    dyad = w.state.dyad[i * w.actors + j]
    dyad.generation += 1
    dyad.wake_cause = source
    dyad.pending = NEVER
    if time >= w.takeover:
        time = min(time, w.end)
        dyad.pending = on_grid(time)
        emit(w, time, WAKE, i, j, dyad.generation)


@kernel
def schedule_earlier(w: Tables, i: int, j: int, time: float, source: int) -> None:
    """Let `i` deliberate about `j` at `time`, unless it does so before."""
    if time < w.state.dyad[i * w.actors + j].pending:
        schedule(w, i, j, time, source)


@kernel
def stir(w: Tables, i: int, j: int, level: float, source: int, cause: int, now: float) -> None:
    """After a jump to `level`: schedule a wake where none is pending, bring it forward in an emergency.

    Before the takeover only wakes that fall after it count: history says what was done until then.
    """
    pending = w.state.dyad[i * w.actors + j].pending
    emergency = level >= w.actor[i].emergency
    if abs(level) < w.actor[i].threshold or (pending < NEVER and not emergency):
        return
    time = NEVER
    if emergency:
        time = max(w.takeover, now + w.actor[i].emergency_lag)
    if pending == NEVER:
        time = min(time, next_meeting(w, i, now + lag(w, i, cause)))
    if time < pending or pending == NEVER:
        schedule(w, i, j, time, source)


@kernel
def later(w: Tables, i: int, j: int, now: float) -> float:
    """Return when `i` comes back to the matter of `j`: its next meeting, or after its review.

    Irregular reviews are a Poisson process: the time to the next is exponential.
    """
    if w.actor[i].meeting_from < w.actor[i].meeting_to:
        return next_meeting(w, i, now + 1.0 / GRID)
    if not w.actor[i].irregular:
        return now + w.actor[i].review
    ij = i * w.actors + j
    draw = uniform(w.state.stream, REVIEW, 0, mix(w.dyad[ij].key, w.state.dyad[ij].generation))
    return now - math.log(1.0 - draw) * w.actor[i].review


@kernel
def review(w: Tables, i: int, j: int, level: float, now: float) -> None:
    """Schedule the next deliberation if the grievance still calls for one and none is pending."""
    dyad = w.state.dyad[i * w.actors + j]
    if dyad.pending == NEVER and abs(level) >= w.actor[i].threshold:
        schedule(w, i, j, later(w, i, j, now), dyad.wake_cause)


@kernel
def join_partners(w: Tables, i: int, j: int, act: int, now: float) -> None:
    """Let partners of `i` with a wake pending on `j` move it to this instant, each with its chance.

    A partner that decides at meetings joins only at one of them, and one that has adopted a package against
    `j` on the same day does not join again.
    """
    n = w.actors
    at = w.state.act[act].actor * n + w.state.act[act].target
    key = mix(w.dyad[at].key, w.state.dyad[at].acts)
    for p in range(n):
        if p in (i, j) or w.dyad[p * n + i].solidarity <= 0.0:
            continue
        dyad = w.state.dyad[p * n + j]
        if math.floor(dyad.adopted_at) == math.floor(now):
            continue
        if (
            now < dyad.pending < NEVER
            and next_meeting(w, p, now) == now
            and chance(w.state.stream, JOIN, 0, mix(key, w.actor[p].key), w.actor[p].join)
        ):
            schedule(w, p, j, now, act)
