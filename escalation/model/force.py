"""Force: when a measure begins to bite, when it lapses, is lifted, or must be renewed."""

from __future__ import annotations

from escalation.model.feel import settle
from escalation.model.kernel import kernel
from escalation.model.numbers import Numbers
from escalation.model.outbox import emit, next_meeting
from escalation.model.pressure import bite, pressure
from escalation.model.state import ACTS, State
from escalation.model.tables import LAPSE, NEVER, Tables
from escalation.model.wake import schedule


@kernel
def enter_force(tables: Tables, numbers: Numbers, state: State, act: int, now: float) -> bool:
    """Let an act bite; return whether its target's pressure thereby crosses the threshold of yielding."""
    if state.act_lapsed[act] < NEVER:
        return False
    j, k = state.act_target[act], state.act_instrument[act]
    state.act_in_force[act] = now
    before = pressure(numbers, state, j, now)
    bite(tables, numbers, state, act, 1.0, 0.0, now)
    if numbers.term[k] < NEVER:
        emit(tables, state, now + numbers.term[k], LAPSE, state.act_actor[act], act, 0)
    return before < numbers.yield_threshold[j] <= pressure(numbers, state, j, now)


@kernel
def lapse(tables: Tables, numbers: Numbers, state: State, act: int, now: float) -> None:
    """Let an act end, once: by its term, lifted, or not renewed."""
    if state.act_lapsed[act] < NEVER:
        return
    i, j, k = state.act_actor[act], state.act_target[act], state.act_instrument[act]
    ij = i * tables.actors + j
    state.active[ij * tables.instruments + k] -= 1
    if numbers.severity[k] > 0.0:
        state.stock[ij] -= 1
    state.act_lapsed[act] = now
    if state.act_in_force[act] < NEVER:
        bite(tables, numbers, state, act, -1.0, now - state.act_in_force[act], now)


@kernel
def lift(tables: Tables, numbers: Numbers, state: State, act: int, now: float) -> None:
    """Let a conciliatory act end the latest measure of its sender that it can lift."""
    i, j, k = state.act_actor[act], state.act_target[act], state.act_instrument[act]
    first, last = tables.lifts_start[k], tables.lifts_start[k + 1]
    if first == last:
        return
    for other in range(act - 1, -1, -1):
        if state.act_actor[other] == i and state.act_target[other] == j and state.act_lapsed[other] == NEVER:
            for n in range(first, last):
                if state.act_instrument[other] == tables.lifts[n]:
                    emit(tables, state, now + numbers.delay[k], LAPSE, i, other, 0)
                    return


@kernel
def renew(tables: Tables, numbers: Numbers, state: State, i: int, now: float) -> None:
    """Let `i` look again at every measure in force: a grievance gone lets it lapse, another wakes `i`.

    What was done to a member of a bloc stays as long as the grievance against either calls for it.
    """
    if now < tables.takeover:
        return
    for j in range(tables.actors):
        ij = i * tables.actors + j
        if i == j or state.stock[ij] == 0:
            continue
        G = settle(tables, numbers, state, i, j, now)
        if tables.bloc[j] >= 0:
            G = max(G, settle(tables, numbers, state, i, tables.bloc[j], now))
        D = numbers.reciprocity[i] * G
        if D >= numbers.d_min[i]:
            time = next_meeting(tables, i, now)
            if time < state.pending[ij]:
                schedule(tables, state, i, j, time, state.wake_cause[ij])
            continue
        for act in range(state.tally[ACTS]):
            if (
                state.act_actor[act] == i
                and state.act_target[act] == j
                and state.act_lapsed[act] == NEVER
                and state.act_instrument[act] >= tables.first_hostile
                and state.act_origin[act] > 0
            ):
                lapse(tables, numbers, state, act, now)
