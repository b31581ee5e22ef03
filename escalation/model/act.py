"""Acting: one instrument used on one target, and all that follows from it at once."""

from __future__ import annotations

from escalation.model.feel import feel_act, halved
from escalation.model.force import lift
from escalation.model.kernel import kernel
from escalation.model.measure import measure_act
from escalation.model.numbers import Numbers
from escalation.model.outbox import emit, room
from escalation.model.state import ACTS, CAUSES, State
from escalation.model.tables import IN_FORCE, NEVER, Tables
from escalation.model.threat import test_threats, threaten
from escalation.model.world import FORCED

BROKEN = 3
"""The last of the relations, by its place in their list: it takes one to break them, and both lose them."""


@kernel
def record(
    state: State,
    origin: int,
    actor: int,
    target: int,
    instrument: int,
    size: float,
    package: int,
    parent: int,
    now: float,
) -> int:
    """Append a row to the log and return its number, or -1 when the log is full."""
    if not room(state, ACTS, len(state.act_time)):
        return -1
    act = state.tally[ACTS]
    state.act_origin[act], state.act_time[act] = origin, now
    state.act_actor[act], state.act_target[act], state.act_instrument[act] = actor, target, instrument
    state.act_size[act], state.act_package[act], state.act_parent[act] = size, package, parent
    state.act_in_force[act], state.act_lapsed[act] = NEVER, NEVER
    state.tally[ACTS] = act + 1
    return act


@kernel
def record_cause(state: State, act: int, cause: int, share: float) -> None:
    """Append one share of an act to the log of causes."""
    if room(state, CAUSES, len(state.cause_act)):
        n = state.tally[CAUSES]
        state.cause_act[n], state.cause_of[n], state.cause_share[n] = act, cause, share
        state.tally[CAUSES] = n + 1


@kernel
def carry_out(
    tables: Tables,
    numbers: Numbers,
    state: State,
    origin: int,
    i: int,
    target: int,
    k: int,
    size: float,
    package: int,
    parent: int,
    now: float,
) -> int:
    """Do `k` to `target`: log it, change the dyad, let the others feel it; return its row, -1 if no room."""
    act = record(state, origin, i, target, k, size, package, parent, now)
    if act < 0:
        return act
    it = i * tables.actors + target
    itk = it * tables.instruments + k
    feel_act(tables, numbers, state, act, i, target, k, size, now)
    state.uses[itk] = 1.0 + state.uses[itk] * halved(now - state.uses_at[itk], numbers.memory[target])
    state.uses_at[itk] = now
    state.active[itk] += 1
    state.ever[itk] = 1
    if numbers.severity[k] > 0.0:
        state.stock[it] += 1
    if tables.relation_to[k] >= 0:
        state.relation[it] = tables.relation_to[k]
        if tables.relation_to[k] == BROKEN:
            state.relation[target * tables.actors + i] = BROKEN
    note_act(tables, numbers, state, it, k, act, now)
    if tables.bloc[target] >= 0 and tables.bloc[target] != i:
        note_act(tables, numbers, state, i * tables.actors + tables.bloc[target], k, act, now)
    if origin != FORCED:
        state.acts_on[it] += 1
    threaten(tables, numbers, state, act, now)
    test_threats(tables, numbers, state, act, numbers.severity[k] <= -numbers.concession[0], now)
    lift(tables, numbers, state, act, now)
    emit(tables, state, now + numbers.delay[k], IN_FORCE, i, act, 0)
    measure_act(tables, numbers, state, i, target, k, size, now)
    return act


@kernel
def note_act(tables: Tables, numbers: Numbers, state: State, ij: int, k: int, act: int, now: float) -> None:
    """Note on a dyad what partners and the actor itself look at later: the top rung and the recent pull."""
    if numbers.severity[k] > 0.0:
        state.top[ij] = max(state.top[ij], numbers.rung[k])
        if tables.counted[k]:
            left = halved(now - state.pull_at[ij], numbers.recent[0])
            state.pull[ij] = state.pull[ij] * left + numbers.severity[k]
            state.pull_at[ij], state.last_act[ij] = now, act
