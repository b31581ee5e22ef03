"""Waking: when an actor deliberates about another."""

from __future__ import annotations

import math

from escalation.model.draws import JOIN, LAG, REVIEW, chance, mix, normal, uniform
from escalation.model.kernel import kernel
from escalation.model.numbers import Numbers
from escalation.model.outbox import GRID, emit, next_meeting, on_grid
from escalation.model.state import State
from escalation.model.tables import NEVER, WAKE, Tables


@kernel
def lag(tables: Tables, numbers: Numbers, state: State, i: int, cause: int) -> float:
    """Return the days that the stages of actor `i` take, each drawn for this cause."""
    days = 0.0
    for stage in range(tables.stage_start[i], tables.stage_start[i + 1]):
        draw = 0.0
        if numbers.stage_spread[stage] > 0.0:
            draw = normal(state.stream, LAG, stage - tables.stage_start[i], cause)
        days += numbers.stage_median[stage] * math.exp(numbers.stage_spread[stage] * draw)
    return days


@kernel
def schedule(tables: Tables, state: State, i: int, j: int, time: float, source: int) -> None:
    """Let `i` deliberate about `j` at `time`; a wake that was pending is void from now on.

    A wake on or after the end is pending too, though it never comes: else the next jump would draw another
    lag, and the end would change what happens before it.
    """
    ij = i * tables.actors + j
    state.generation[ij] += 1
    state.wake_cause[ij] = source
    state.pending[ij] = NEVER
    if time >= tables.takeover:
        time = min(time, tables.end)
        state.pending[ij] = on_grid(time)
        emit(tables, state, time, WAKE, i, j, state.generation[ij])


@kernel
def stir(
    tables: Tables,
    numbers: Numbers,
    state: State,
    i: int,
    j: int,
    level: float,
    source: int,
    cause: int,
    now: float,
) -> None:
    """After a jump to `level`: schedule a wake where none is pending, bring it forward in an emergency.

    Before the takeover only wakes that fall after it are kept: history says what was done until then.
    """
    pending = state.pending[i * tables.actors + j]
    emergency = level >= numbers.emergency[i]
    if abs(level) < numbers.threshold[i] or (pending < NEVER and not emergency):
        return
    time = NEVER
    if emergency:
        time = max(tables.takeover, now + numbers.emergency_lag[i])
    if pending == NEVER:
        time = min(time, next_meeting(tables, i, now + lag(tables, numbers, state, i, cause)))
    if time < pending or pending == NEVER:
        schedule(tables, state, i, j, time, source)


@kernel
def later(tables: Tables, numbers: Numbers, state: State, i: int, j: int, now: float) -> float:
    """Return when `i` comes back to the matter of `j`: its next meeting, or after its review.

    Irregular reviews are a Poisson process: the time to the next is exponential.
    """
    if tables.meeting_start[i] < tables.meeting_start[i + 1]:
        return next_meeting(tables, i, now + 1.0 / GRID)
    if not tables.irregular[i]:
        return now + numbers.review[i]
    ij = i * tables.actors + j
    draw = uniform(state.stream, REVIEW, 0, mix(tables.dyad_key[ij], state.generation[ij]))
    return now - math.log(1.0 - draw) * numbers.review[i]


@kernel
def review(
    tables: Tables, numbers: Numbers, state: State, i: int, j: int, level: float, source: int, now: float
) -> None:
    """Schedule the next deliberation if the grievance still calls for one and none is pending."""
    if state.pending[i * tables.actors + j] == NEVER and abs(level) >= numbers.threshold[i]:
        schedule(tables, state, i, j, later(tables, numbers, state, i, j, now), source)


@kernel
def join_partners(
    tables: Tables, numbers: Numbers, state: State, i: int, j: int, act: int, now: float
) -> None:
    """Let partners of `i` with a wake pending on `j` move it to this instant, each with its chance.

    A partner that decides at meetings joins only at one of them, and one that has adopted a package against
    `j` on the same day does not join again.
    """
    n = tables.actors
    at = state.act_actor[act] * n + state.act_target[act]
    key = mix(tables.dyad_key[at], state.acts_on[at])
    for p in range(n):
        if p in (i, j) or numbers.solidarity[p * n + i] <= 0.0:
            continue
        pending = state.pending[p * n + j]
        if math.floor(state.adopted_at[p * n + j]) == math.floor(now):
            continue
        if (
            now < pending < NEVER
            and next_meeting(tables, p, now) == now
            and chance(state.stream, JOIN, 0, mix(key, tables.actor_key[p]), numbers.join[p])
        ):
            schedule(tables, state, p, j, now, act)
