"""Threats: promises that stand, fall due, and are kept or broken, with what that does to credibility."""

from __future__ import annotations

import math

from escalation.model.draws import mix
from escalation.model.kernel import kernel
from escalation.model.numbers import Numbers
from escalation.model.outbox import emit, next_meeting
from escalation.model.state import State
from escalation.model.tables import DEADLINE, Tables
from escalation.model.wake import lag, schedule

MOST_EXPECTED = 2.0
NO_THREAT = -1


@kernel
def promised(numbers: Numbers, state: State, ij: int) -> float:
    """Return the severity that the threat standing on a dyad promises; 0 without one."""
    act = state.threat_act[ij]
    return numbers.promise[state.act_instrument[act]] if act >= 0 else 0.0


@kernel
def threaten(tables: Tables, numbers: Numbers, state: State, act: int, now: float) -> None:
    """Let the threat of row `act` stand: the target expects more retaliation, as far as it believes it."""
    i, j, k = state.act_actor[act], state.act_target[act], state.act_instrument[act]
    ij, ji = i * tables.actors + j, j * tables.actors + i
    if numbers.promise[k] <= 0.0 or state.due[ij]:
        return
    state.threat_act[ij], state.threat_until[ij] = act, now + numbers.within[k]
    believed = state.credibility[ij] * numbers.promise[k] / 10.0
    state.expected[ji] = min(MOST_EXPECTED, state.expected[ji] + believed)
    if tables.demand[k]:
        emit(tables, state, state.threat_until[ij], DEADLINE, i, j, act)


@kernel
def fall_due(tables: Tables, numbers: Numbers, state: State, i: int, j: int, source: int, now: float) -> None:
    """Let the threat of `i` against `j` fall due through row `source`, and `i` deliberate about it."""
    ij = i * tables.actors + j
    state.due[ij], state.due_cause[ij] = 1, source
    cause = mix(tables.dyad_key[ij], int(math.floor(now)))
    time = next_meeting(tables, i, now + lag(tables, numbers, state, i, cause))
    if time < state.pending[ij]:
        schedule(tables, state, i, j, time, source)


@kernel
def test_threats(
    tables: Tables, numbers: Numbers, state: State, act: int, concession: bool, now: float
) -> None:
    """Look at what stands against the actor of row `act`: does this act meet a condition or a demand?"""
    j, target, k = state.act_actor[act], state.act_target[act], state.act_instrument[act]
    for i in range(tables.actors):
        ij = i * tables.actors + j
        threat = state.threat_act[ij]
        if threat < 0 or state.due[ij] or i not in (target, tables.bloc[target]):
            continue
        if now > state.threat_until[ij]:
            state.threat_act[ij] = NO_THREAT
        elif concession:
            if tables.demand[state.act_instrument[threat]]:
                state.threat_act[ij] = NO_THREAT
        elif tables.counted[k] and numbers.rung[k] >= numbers.condition[state.act_instrument[threat]]:
            fall_due(tables, numbers, state, i, j, act, now)


@kernel
def deadline(tables: Tables, numbers: Numbers, state: State, i: int, j: int, threat: int, now: float) -> None:
    """Let a demand fall due that nobody has met; a threat that another has replaced means nothing."""
    ij = i * tables.actors + j
    if state.threat_act[ij] == threat and not state.due[ij] and now >= tables.takeover:
        fall_due(tables, numbers, state, i, j, threat, now)


@kernel
def keep_word(tables: Tables, numbers: Numbers, state: State, i: int, j: int, largest: float) -> None:
    """Settle a promise of `i` that was due: kept by an act of at least its severity, else broken.

    A kept promise raises credibility, a broken one lowers it and costs the audience.
    """
    ij = i * tables.actors + j
    if not state.due[ij]:
        return
    kept = largest >= promised(numbers, state, ij)
    aim = 1.0 if kept else 0.0
    state.credibility[ij] += numbers.reputation[0] * (aim - state.credibility[ij])
    if not kept:
        state.audience_cost[i] += numbers.audience[i]
    state.due[ij], state.threat_act[ij] = 0, NO_THREAT
