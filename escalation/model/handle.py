"""Handling: one event in, the changed world and an outbox out."""

from __future__ import annotations

import math

from escalation.model.act import carry_out, record, record_cause
from escalation.model.adopt import decide, discharge
from escalation.model.deliberate import climb, deliberate
from escalation.model.draws import GAP, mix, uniform
from escalation.model.feel import feel_shock, settle
from escalation.model.force import enter_force, lapse, renew
from escalation.model.kernel import kernel
from escalation.model.measure import measure_date, measure_tension
from escalation.model.numbers import Numbers
from escalation.model.outbox import count_event, emit, next_meeting
from escalation.model.pressure import settle_cost, settle_pressure
from escalation.model.state import OUT, PACKAGES, State
from escalation.model.strike import struck
from escalation.model.tables import (
    ANSWER,
    DEADLINE,
    IN_FORCE,
    LAPSE,
    MEASURE,
    NEVER,
    RENEWAL,
    SCRIPTED,
    SHOCKED,
    TAKEOVER,
    WAKE,
    Tables,
)
from escalation.model.threat import deadline
from escalation.model.wake import lag, review, schedule
from escalation.model.world import SHOCK, SIMULATED

YEAR = 365.25
PROPORTIONAL, LADDER = 0, 1
"""Codes of the kinds of policy that deliberate: their places in the list of kinds."""


@kernel
def handle(
    tables: Tables, numbers: Numbers, state: State, now: float, kind: int, actor: int, a: int, b: int
) -> None:
    """Let one event happen; what follows from it is in the outbox afterwards."""
    state.tally[OUT] = 0
    count_event(tables, state)
    if kind == WAKE:
        wake(tables, numbers, state, actor, a, b, now)
    elif kind == ANSWER:
        answer(tables, numbers, state, actor, a, b, now)
    elif kind == IN_FORCE:
        if enter_force(tables, numbers, state, a, now):
            yield_to(tables, numbers, state, a, now)
    elif kind == LAPSE:
        lapse(tables, numbers, state, a, now)
    elif kind == SHOCKED:
        shock(tables, numbers, state, a, b, now)
    elif kind == SCRIPTED:
        script(tables, numbers, state, a, now)
    elif kind == TAKEOVER:
        take_over(tables, numbers, state, now)
    elif kind == DEADLINE:
        deadline(tables, numbers, state, actor, a, b, now)
    elif kind == RENEWAL:
        renew(tables, numbers, state, actor, now)
    elif kind == MEASURE:
        measure_date(tables, numbers, state, a, now)


@kernel
def wake(tables: Tables, numbers: Numbers, state: State, i: int, j: int, generation: int, now: float) -> None:
    """Let `i` deliberate about `j`, or vote again on the package that waits; a void wake does nothing."""
    if wake_up(tables, state, i, j, generation):
        if tables.policy_kind[i] == PROPORTIONAL:
            deliberate(tables, numbers, state, i, j, now)
        elif tables.policy_kind[i] == LADDER:
            climb(tables, numbers, state, i, j, now)
    if generation == state.generation[i * tables.actors + j]:
        go_on(tables, numbers, state, i, j, now)


@kernel
def wake_up(tables: Tables, state: State, i: int, j: int, generation: int) -> bool:
    """Begin a wake: return whether there is something to deliberate; it is void in another generation."""
    ij = i * tables.actors + j
    if generation != state.generation[ij]:
        return False
    state.pending[ij] = NEVER
    return state.draft_count[ij] == 0


@kernel
def go_on(tables: Tables, numbers: Numbers, state: State, i: int, j: int, now: float) -> None:
    """End a wake: vote on the draft if there is one, and come back while the grievance lasts."""
    ij = i * tables.actors + j
    if state.draft_count[ij] > 0:
        decide(tables, numbers, state, i, j, now)
    level = settle(tables, numbers, state, i, j, now)
    review(tables, numbers, state, i, j, level, state.wake_cause[ij], now)


@kernel
def answer(tables: Tables, numbers: Numbers, state: State, i: int, j: int, source: int, now: float) -> None:
    """Let an actor with a hazard policy answer row `source`, whatever else has happened since."""
    k = tables.hazard_instrument[i]
    if k >= 0:
        package = state.tally[PACKAGES]
        state.tally[PACKAGES] += 1
        if struck(tables, state, i, j, k, package, now):
            return
        size = numbers.median[k] if tables.sized[k] else 0.0
        act = carry_out(tables, numbers, state, SIMULATED, i, j, k, size, package, source, now)
        if act >= 0:
            record_cause(state, act, source, 1.0)
            measure_tension(tables, numbers, state, now)


@kernel
def yield_to(tables: Tables, numbers: Numbers, state: State, act: int, now: float) -> None:
    """Wake the target of an act that has pushed its pressure over the threshold of yielding."""
    i, j = state.act_actor[act], state.act_target[act]
    ji = j * tables.actors + i
    cause = mix(tables.dyad_key[ji], int(math.floor(now)))
    time = next_meeting(tables, j, now + lag(tables, numbers, state, j, cause))
    if tables.takeover <= time < state.pending[ji]:
        schedule(tables, state, j, i, time, act)


@kernel
def shock(tables: Tables, numbers: Numbers, state: State, shock: int, ordinal: int, now: float) -> None:
    """Let a shock happen, and schedule the next one of a random kind."""
    row = record(state, SHOCK, tables.shock_blamed[shock], -1, shock, 0.0, -1, -1, now)
    if row >= 0:
        if state.shock_row[shock] < 0:
            state.shock_row[shock] = row
        feel_shock(tables, numbers, state, row, shock, ordinal, now)
        measure_tension(tables, numbers, state, now)
    next_shock(tables, numbers, state, shock, ordinal + 1, now)


@kernel
def next_shock(tables: Tables, numbers: Numbers, state: State, shock: int, ordinal: int, now: float) -> None:
    """Schedule the next random shock of a kind: the gaps are exponential, the rate is per year."""
    if numbers.rate[shock] > 0.0:
        draw = uniform(state.stream, GAP, 0, mix(tables.shock_key[shock], ordinal))
        gap = -math.log(1.0 - draw) * YEAR / numbers.rate[shock]
        emit(tables, state, now + gap, SHOCKED, tables.actors, shock, ordinal)


@kernel
def script(tables: Tables, numbers: Numbers, state: State, script: int, now: float) -> None:
    """Let a scripted act happen: what it answers stands in the script, or follows from the grievance."""
    i, j, k = tables.script_actor[script], tables.script_target[script], tables.script_instrument[script]
    first, last = tables.script_cause_start[script], tables.script_cause_start[script + 1]
    parent = -1
    for n in range(first, last):
        cause = tables.script_cause[n]
        parent = max(parent, state.script_act[cause] if cause >= 0 else state.shock_row[-1 - cause])
    if tables.script_origin[script] == SIMULATED and struck(tables, state, i, j, k, -1, now):
        discharge_scripted(tables, numbers, state, i, j, k, now)
        return
    act = carry_out(
        tables,
        numbers,
        state,
        tables.script_origin[script],
        i,
        j,
        k,
        numbers.scripted_size[script],
        -1,
        parent,
        now,
    )
    state.script_act[script] = act
    if act < 0:
        return
    for n in range(first, last):
        cause = tables.script_cause[n]
        source = state.script_act[cause] if cause >= 0 else state.shock_row[-1 - cause]
        if source >= 0:
            record_cause(state, act, source, 1.0 / (last - first))
    discharge_scripted(tables, numbers, state, i, j, k, now)
    measure_tension(tables, numbers, state, now)


@kernel
def discharge_scripted(
    tables: Tables, numbers: Numbers, state: State, i: int, j: int, k: int, now: float
) -> None:
    """Discharge by a scripted act the grievance against its target, and against the bloc of that."""
    discharge(tables, numbers, state, i, j, numbers.severity[k], now)
    if tables.bloc[j] >= 0 and tables.bloc[j] != i:
        discharge(tables, numbers, state, i, tables.bloc[j], numbers.severity[k], now)


@kernel
def take_over(tables: Tables, numbers: Numbers, state: State, now: float) -> None:
    """From here on the model decides: every grievance that calls for it gets its next deliberation."""
    for i in range(tables.actors):
        settle_pressure(numbers, state, i, now)
        settle_cost(state, i, now)
        state.pressure_sum[i], state.cost[i] = 0.0, 0.0
        for j in range(tables.actors):
            if i != j:
                ij = i * tables.actors + j
                level = settle(tables, numbers, state, i, j, now)
                review(tables, numbers, state, i, j, level, state.wake_cause[ij], now)
    measure_tension(tables, numbers, state, now)
