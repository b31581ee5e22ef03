"""Acting: consent, adoption, force and lapse."""

from __future__ import annotations

import math

from escalation.model.deliberate import part_now
from escalation.model.draws import VETO, mix, uniform
from escalation.model.feel import feel_act, halved, settle
from escalation.model.kernel import kernel
from escalation.model.measure import measure_act, measure_tension
from escalation.model.outbox import emit, room
from escalation.model.pressure import bite, pressure
from escalation.model.tables import (
    ACTS,
    CAUSES,
    IN_FORCE,
    LAPSE,
    NEVER,
    PACKAGE,
    Numbers,
    State,
    Tables,
)
from escalation.model.wake import join_partners, later, schedule
from escalation.model.world import SIMULATED


@kernel
def consent(
    tables: Tables, numbers: Numbers, state: State, i: int, j: int, rung: float, blocks: int, now: float
) -> bool:
    """Return whether all members agree: probability prod_m (1 - veto_m(rung)), weakened by linkage.

    A hold blocks for certain until its date. The draw of a member belongs to the day of the meeting.
    """
    for hold in range(len(tables.hold_actor)):
        if (
            tables.hold_actor[hold] == i
            and tables.hold_target[hold] == j
            and tables.hold_since[hold] <= now < tables.hold_until[hold]
        ):
            return False
    for m in range(tables.veto_start[i], tables.veto_start[i + 1]):
        veto = min(1.0, max(0.0, numbers.veto_base[m] + numbers.veto_per_rung[m] * rung))
        for _ in range(blocks):
            veto *= 1.0 - numbers.linkage[i]
        if (
            veto > 0.0
            and uniform(state.stream, VETO, 0, mix(tables.veto_key[m], int(math.floor(now)))) < veto
        ):
            return False
    return True


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
    if tables.relation_to[k] >= 0:
        state.relation[it] = tables.relation_to[k]
    note_act(tables, numbers, state, it, k, act, now)
    if tables.bloc[target] >= 0 and tables.bloc[target] != i:
        note_act(tables, numbers, state, i * tables.actors + tables.bloc[target], k, act, now)
    state.acts_on[it] += 1
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


@kernel
def discharge(
    tables: Tables, numbers: Numbers, state: State, i: int, j: int, severity: float, now: float
) -> None:
    """Take `discharge_i` times the severity from the grievance, pro rata over its parts, never below 0."""
    ij = i * tables.actors + j
    level = settle(tables, numbers, state, i, j, now)
    if level <= 0.0 or severity <= 0.0:
        return
    kept = max(0.0, 1.0 - numbers.discharge[i] * severity / level)
    state.from_acts[ij] *= kept
    state.from_shocks[ij] *= kept
    before, part = -1, state.part_head[ij]
    while part >= 0:
        following = state.part_next[part]
        state.part_amount[part] = kept * part_now(numbers, state, i, part, now)
        state.part_time[part] = now
        if abs(state.part_amount[part]) > 1e-9:
            before = part
        elif before < 0:
            state.part_head[ij] = following
        else:
            state.part_next[before] = following
        part = following


@kernel
def decide(tables: Tables, numbers: Numbers, state: State, i: int, j: int, now: float) -> None:
    """Put the draft of `i` about `j` to the vote: adopt it, or let it wait for the next meeting."""
    ij = i * tables.actors + j
    rung = 0.0
    for n in range(ij * PACKAGE, ij * PACKAGE + state.draft_count[ij]):
        rung = max(rung, numbers.rung[state.draft_instrument[n]])
    if consent(tables, numbers, state, i, j, rung, state.draft_blocks[ij], now):
        adopt(tables, numbers, state, i, j, now)
    else:
        state.draft_blocks[ij] += 1
        schedule(tables, state, i, j, later(tables, numbers, i, now), state.draft_parent[ij])


@kernel
def adopt(tables: Tables, numbers: Numbers, state: State, i: int, j: int, now: float) -> None:
    """Carry out the draft package of `i` about `j`, discharge the grievance, and let partners join."""
    ij = i * tables.actors + j
    largest, first = 0.0, -1
    for n in range(ij * PACKAGE, ij * PACKAGE + state.draft_count[ij]):
        k = state.draft_instrument[n]
        act = carry_out(
            tables,
            numbers,
            state,
            SIMULATED,
            i,
            state.draft_target[n],
            k,
            state.draft_size[n],
            state.draft_number[ij],
            state.draft_parent[ij],
            now,
        )
        if act < 0:
            break
        share = state.draft_head[ij]
        while share >= 0:
            record_cause(state, act, state.part_source[share], state.part_amount[share])
            share = state.part_next[share]
        if numbers.severity[k] > largest and tables.counted[k]:
            first = act
        largest = max(largest, numbers.severity[k])
    state.draft_count[ij] = 0
    state.sent[ij] = largest
    discharge(tables, numbers, state, i, j, largest, now)
    if first >= 0:
        join_partners(tables, numbers, state, i, j, first, now)
    measure_tension(tables, numbers, state, now)


@kernel
def enter_force(tables: Tables, numbers: Numbers, state: State, act: int, now: float) -> bool:
    """Let an act bite; return whether its target's pressure thereby crosses the threshold of yielding."""
    j, k = state.act_target[act], state.act_instrument[act]
    state.act_in_force[act] = now
    before = pressure(numbers, state, j, now)
    bite(tables, numbers, state, act, 1.0, 0.0, now)
    if numbers.term[k] < NEVER:
        emit(tables, state, now + numbers.term[k], LAPSE, state.act_actor[act], act, 0)
    return before < numbers.yield_threshold[j] <= pressure(numbers, state, j, now)


@kernel
def lapse(tables: Tables, numbers: Numbers, state: State, act: int, now: float) -> None:
    """Let an act run out."""
    i, j, k = state.act_actor[act], state.act_target[act], state.act_instrument[act]
    state.active[(i * tables.actors + j) * tables.instruments + k] -= 1
    state.act_lapsed[act] = now
    bite(tables, numbers, state, act, -1.0, now - state.act_in_force[act], now)
