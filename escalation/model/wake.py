"""Waking: what follows from an event goes into the outbox; when an actor deliberates about another."""

from __future__ import annotations

import math

from escalation.model.draws import (
    ADOPTION,
    CRISIS,
    JOIN,
    LAG,
    REVIEW,
    chance,
    halved,
    log_normal,
    mix,
    normal,
    uniform,
)
from escalation.model.kernel import Log, T, has_room, kernel
from escalation.model.state import NEVER, NONE
from escalation.model.tables import WAKE, Tables
from escalation.model.world import FULL, TRUNCATED

SATURDAY = 5
MOST_REVIEWS = 20
"""Reviews without result after which the days to the next one grow no further."""
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
def last_meeting(w: Tables, i: int, time: float) -> float:
    """Return the last time before `time` at which actor `i` met; -1 without one."""
    last = -1.0
    for n in range(w.actor[i].meeting_from, w.actor[i].meeting_to):
        if w.meeting[n] < time:
            last = w.meeting[n]
    return last


@kernel
def working_time(w: Tables, i: int, time: float) -> float:
    """Return `time`, moved from a weekend to the week after it where `i` keeps a working week.

    On which of its five days it falls goes by the time of day, so that Mondays hold no more than others.
    """
    if w.actor[i].working_week and time < w.end:
        whole = math.floor(time)
        day = (int(whole) + w.weekday) % 7
        if day >= SATURDAY:
            return time + float(7 - day) + math.floor(5.0 * (time - whole))
    return time


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
    dyad.pending, dyad.fast, dyad.routine = NEVER, 0, 0
    if time >= w.takeover:
        time = min(working_time(w, i, time), w.end)
        dyad.pending = on_grid(time)
        emit(w, time, WAKE, i, j, dyad.generation)


@kernel
def schedule_fast(w: Tables, i: int, j: int, time: float, source: int) -> None:
    """Let `i` deliberate about `j` at `time` and adopt at once, without a meeting or a second stage."""
    schedule(w, i, j, time, source)
    w.state.dyad[i * w.actors + j].fast = 1


@kernel
def schedule_earlier(w: Tables, i: int, j: int, time: float, source: int) -> None:
    """Let `i` deliberate about `j` at `time`, unless it does so before."""
    if time < w.state.dyad[i * w.actors + j].pending:
        schedule(w, i, j, time, source)


@kernel
def crisis_lag(w: Tables, i: int, cause: int) -> float:
    """Return the days to a decision in a crisis."""
    actor = w.actor[i]
    return log_normal(actor.crisis_median, actor.crisis_spread, normal(w.state.stream, CRISIS, 0, cause))


@kernel
def adoption_lag(w: Tables, i: int, cause: int) -> float:
    """Return the days from an agreement to the legal act; the reaction lag where there is one stage."""
    actor = w.actor[i]
    if not actor.two_stages:
        return lag(w, i, cause)
    z = normal(w.state.stream, ADOPTION, 0, cause)
    return log_normal(actor.adoption_median, actor.adoption_spread, z)


@kernel
def stir(w: Tables, i: int, j: int, level: float, amount: float, source: int, cause: int, now: float) -> None:
    """After a jump by `amount` to `level`: schedule a wake where none is pending, or in an emergency.

    A review is brought forward by a provocation that would call for a deliberation by itself.
    Before the takeover only wakes that fall after it count: history says what was done until then.
    """
    actor, dyad = w.actor[i], w.state.dyad[i * w.actors + j]
    emergency, crisis, pending = level >= actor.emergency, now < dyad.crisis_until, dyad.pending
    waits = pending < NEVER and not (dyad.routine and abs(amount) >= actor.threshold)
    if abs(level) < actor.threshold or (waits and not emergency and not crisis):
        return
    if dyad.reviewed_at < 0.0:
        dyad.reviewed_at = now
    fast = NEVER
    if emergency:
        fast = now + actor.emergency_lag
    if crisis:
        fast = min(fast, now + crisis_lag(w, i, cause))
    if fast < w.takeover:
        fast = NEVER
    usual = NEVER if waits else next_meeting(w, i, now + lag(w, i, cause))
    if fast < pending and (fast <= usual or actor.two_stages):
        schedule_fast(w, i, j, fast, source)
    elif not waits and (usual < pending or pending == NEVER):
        schedule(w, i, j, usual, source)


@kernel
def review_key(w: Tables, ij: int) -> int:
    """Return the key of the next review of a dyad: its packages so far, and the reviews since the last."""
    dyad = w.state.dyad[ij]
    return mix(mix(w.dyad[ij].key, dyad.packages), dyad.reviews)


@kernel
def review_due(w: Tables, i: int, j: int) -> float:
    """Return when `i` reviews its measures against `j`: a log-normal gap after its last own package.

    Each review that brings nothing makes the next gap longer.
    """
    actor, dyad = w.actor[i], w.state.dyad[i * w.actors + j]
    z = normal(w.state.stream, REVIEW, 0, review_key(w, i * w.actors + j))
    gap = log_normal(actor.review, actor.review_spread, z)
    for _ in range(min(dyad.reviews, MOST_REVIEWS)):
        gap *= actor.backoff
    return on_grid(max(0.0, dyad.reviewed_at) + gap)


@kernel
def begin_review(w: Tables, i: int, j: int, now: float) -> None:
    """Count an own package of `i` against `j`: the days to the next review begin."""
    dyad = w.state.dyad[i * w.actors + j]
    dyad.packages += 1
    dyad.reviews = 0
    dyad.reviewed_at = now


@kernel
def end_review(w: Tables, i: int, j: int, now: float) -> None:
    """Count a review that was due and has brought nothing."""
    dyad = w.state.dyad[i * w.actors + j]
    if now >= review_due(w, i, j):
        dyad.reviews += 1
        dyad.reviewed_at = now


@kernel
def in_force(w: Tables, i: int, j: int) -> bool:
    """Return whether measures are in force between `i` and `j`, whoever took them."""
    return w.state.dyad[i * w.actors + j].stock > 0 or w.state.dyad[j * w.actors + i].stock > 0


@kernel
def upkeep(w: Tables, i: int, j: int, now: float) -> float:
    """Return the proportionate severity at which `i` keeps up measures in force; 0 where there are none."""
    actor, dyad = w.actor[i], w.state.dyad[i * w.actors + j]
    if actor.floor <= 0.0 or not in_force(w, i, j):
        return 0.0
    return actor.floor * halved(now - dyad.shocked_at, actor.floor_half_life)


@kernel
def floor_of(w: Tables, i: int, j: int, now: float) -> float:
    """Return the proportionate severity that a review due now begins with; 0 when none is due."""
    return upkeep(w, i, j, now) if now >= review_due(w, i, j) else 0.0


@kernel
def review(w: Tables, i: int, j: int, level: float, now: float) -> None:
    """Schedule the next deliberation where none is pending.

    A grievance that calls for one comes before the next meeting; measures in force come up when their review
    is due. In a crisis either comes up within days. Irregular reviews are a Poisson process.
    """
    actor, dyad = w.actor[i], w.state.dyad[i * w.actors + j]
    is_open = abs(level) >= actor.threshold
    if dyad.pending < NEVER or not (is_open or upkeep(w, i, j, now) > 0.0):
        return
    source = dyad.wake_cause if is_open else NONE
    if is_open and now < dyad.crisis_until:
        time = now + crisis_lag(w, i, mix(review_key(w, i * w.actors + j), int(math.floor(now))))
        schedule_fast(w, i, j, time, source)
    elif is_open and actor.meeting_from < actor.meeting_to:
        schedule(w, i, j, next_meeting(w, i, now + 1.0 / GRID), source)
    elif actor.irregular:
        draw = uniform(w.state.stream, REVIEW, 0, mix(w.dyad[i * w.actors + j].key, dyad.generation))
        schedule(w, i, j, now - math.log(1.0 - draw) * actor.review, source)
    else:
        schedule(w, i, j, next_meeting(w, i, max(now, review_due(w, i, j))), source)
        dyad.routine = 1


@kernel
def next_vote(w: Tables, i: int, now: float) -> float:
    """Return when `i` votes again on a package that was blocked."""
    if w.actor[i].meeting_from < w.actor[i].meeting_to:
        return next_meeting(w, i, now + 1.0 / GRID)
    return now + w.actor[i].review


@kernel
def carry_over(w: Tables, i: int, j: int, level: float, now: float) -> None:
    """Put `i` at the takeover where it would be about `j` in a process that has been going on.

    Reviews that fell before the takeover brought nothing, else history would say so; what the last meeting
    agreed is on its way to the legal act.
    """
    dyad = w.state.dyad[i * w.actors + j]
    if dyad.pending < NEVER:
        return
    while dyad.reviews < MOST_REVIEWS and review_due(w, i, j) <= now:
        dyad.reviewed_at = review_due(w, i, j)
        dyad.reviews += 1
    meeting = last_meeting(w, i, now)
    if w.actor[i].two_stages and level >= w.actor[i].threshold and dyad.adopted_at < meeting:
        cause = mix(w.dyad[i * w.actors + j].key, int(math.floor(meeting)))
        schedule_fast(w, i, j, meeting + adoption_lag(w, i, cause), dyad.wake_cause)
    review(w, i, j, level, now)


@kernel
def join_partners(w: Tables, i: int, j: int, act: int, now: float) -> None:
    """Let partners of `i` with a wake pending on `j` move it to this instant, each with its chance.

    A partner that decides at meetings joins only at one of them, one with a second stage only with what it
    has agreed on; one that has adopted a package against `j` on the same day does not join again.
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
        ready = dyad.agreed == 1 or (w.actor[p].two_stages == 0 and next_meeting(w, p, now) == now)
        if (
            now < dyad.pending < NEVER
            and ready
            and chance(w.state.stream, JOIN, 0, mix(key, w.actor[p].key), w.actor[p].join)
        ):
            schedule(w, p, j, now, act)
