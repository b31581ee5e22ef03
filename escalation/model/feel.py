"""Feeling: how acts and shocks become grievance, and how grievance fades."""

from __future__ import annotations

import math

from escalation.model.draws import ANSWERS, NOTICE, chance, mix
from escalation.model.kernel import inner, kernel
from escalation.model.numbers import Numbers
from escalation.model.outbox import GRID, emit, room
from escalation.model.state import PARTS, State
from escalation.model.tables import ANSWER, Tables
from escalation.model.wake import lag, stir
from escalation.model.world import FORCED

LN2 = math.log(2.0)
MOST_GOODWILL = -10.0
HAZARD = 2
"""The code of the hazard policy: its place in the list of kinds."""
OUT_OF_TURN = 1 << 40
"""Added to the tick of a forced act, so that its key is none of those that count the acts on a dyad."""


@inner
def halved(elapsed: float, half_life: float) -> float:
    """Return what is left of 1 after `elapsed` days."""
    if elapsed == 0.0:
        return 1.0
    return math.exp(-LN2 * elapsed / half_life)


@inner
def settle(tables: Tables, numbers: Numbers, state: State, i: int, j: int, now: float) -> float:
    """Bring the grievance of `i` against `j` up to date and return it: G(t) = G(t0) 2^(-(t-t0)/half_life)."""
    ij = i * tables.actors + j
    if now != state.felt_at[ij]:
        left = halved(now - state.felt_at[ij], numbers.half_life[i])
        state.from_acts[ij] *= left
        state.from_shocks[ij] *= left
        state.felt_at[ij] = now
    return state.from_acts[ij] + state.from_shocks[ij]


@inner
def recent_uses(numbers: Numbers, state: State, observer: int, jlk: int, now: float) -> float:
    """Return the decayed count of uses as `observer` remembers it."""
    if state.uses[jlk] == 0.0:
        return 0.0
    return state.uses[jlk] * halved(now - state.uses_at[jlk], numbers.memory[observer])


@kernel
def gain(
    tables: Tables,
    numbers: Numbers,
    state: State,
    i: int,
    j: int,
    target: int,
    k: int,
    size: float,
    now: float,
) -> float:
    """Return what actor `i` feels when `j` does `k` of this size to `target`, if it notices.

    w_il (severity_k + felt_i harm_k exposure_ji) (q / median size)^gamma max(h_min, habituation_i^uses)
    """
    n = tables.actors
    felt = numbers.severity[k] + numbers.felt[i] * numbers.harm[k] * numbers.exposure[j * n + i]
    if tables.sized[k] and size > 0.0:
        felt *= math.exp(numbers.size_exponent[0] * math.log(size / numbers.median[k]))
    uses = recent_uses(numbers, state, i, (j * n + target) * tables.instruments + k, now)
    if uses > 0.0:
        habit = numbers.habituation[i]
        felt *= max(numbers.habituation_floor[0], math.exp(uses * math.log(habit)) if habit > 0.0 else 0.0)
    return numbers.solidarity[i * n + target] * felt


@kernel
def jump(
    tables: Tables,
    numbers: Numbers,
    state: State,
    i: int,
    j: int,
    source: int,
    from_shock: bool,
    amount: float,
    cause: int,
    now: float,
) -> None:
    """Add what `source` (a row of the log) did to the grievance of `i` against `j`; wake `i` if need be."""
    ij = i * tables.actors + j
    level = settle(tables, numbers, state, i, j, now)
    amount = max(amount, MOST_GOODWILL - level)
    if from_shock:
        state.from_shocks[ij] += amount
    else:
        state.from_acts[ij] += amount
    if room(state, PARTS, len(state.part_source)):
        n = state.tally[PARTS]
        state.part_source[n], state.part_amount[n], state.part_time[n] = source, amount, now
        state.part_next[n], state.part_head[ij] = state.part_head[ij], n
        state.tally[PARTS] = n + 1
    stir(tables, numbers, state, i, j, level + amount, source, cause, now)


@kernel
def answer_by_chance(
    tables: Tables,
    numbers: Numbers,
    state: State,
    i: int,
    j: int,
    source: int,
    odds: float,
    cause: int,
    now: float,
) -> None:
    """Let a hazard policy answer `j` for row `source` with probability `odds`, after its lag."""
    time = now + lag(tables, numbers, state, i, cause)
    if time >= tables.takeover and chance(state.stream, ANSWERS, 0, cause, odds):
        emit(tables, state, time, ANSWER, i, j, source)


@kernel
def act_key(tables: Tables, state: State, act: int, jl: int, now: float) -> int:
    """Return the key of the draws about row `act`: its dyad, and how many acts there were on it before.

    A forced act is not counted and has a key of its own: it shifts the draws of no other.
    """
    if state.act_origin[act] == FORCED:
        return mix(tables.dyad_key[jl], OUT_OF_TURN + int(math.floor(now * GRID)))
    return mix(tables.dyad_key[jl], state.acts_on[jl])


@kernel
def feel_act(
    tables: Tables,
    numbers: Numbers,
    state: State,
    act: int,
    j: int,
    target: int,
    k: int,
    size: float,
    now: float,
) -> None:
    """Let every other actor feel that `j` did `k` to `target`; the act is row `act` of the log."""
    key = act_key(tables, state, act, j * tables.actors + target, now)
    for i in range(tables.actors):
        blind = tables.policy_kind[i] == HAZARD
        cares = numbers.answers if blind else numbers.solidarity
        if i == j or cares[i * tables.actors + target] <= 0.0:
            continue
        cause = mix(key, tables.actor_key[i])
        if chance(state.stream, NOTICE, 0, cause, numbers.attention[i]):
            if i == target or tables.bloc[target] == i:
                state.received[i * tables.actors + j] += max(0.0, numbers.severity[k])
            if blind:
                odds = numbers.answers[i * tables.actors + target]
                answer_by_chance(tables, numbers, state, i, j, act, odds, cause, now)
            else:
                amount = gain(tables, numbers, state, i, j, target, k, size, now)
                jump(tables, numbers, state, i, j, act, False, amount, cause, now)


@kernel
def feel_shock(
    tables: Tables, numbers: Numbers, state: State, row: int, shock: int, ordinal: int, now: float
) -> None:
    """Let every actor that cares feel a shock: salience times magnitude against the one that is blamed."""
    j = tables.shock_blamed[shock]
    for i in range(tables.actors):
        amount = numbers.salience[shock * tables.actors + i] * numbers.magnitude[shock]
        if i != j and amount > 0.0:
            cause = mix(mix(tables.shock_key[shock], ordinal), tables.actor_key[i])
            if tables.policy_kind[i] == HAZARD:
                odds = numbers.salience[shock * tables.actors + i]
                answer_by_chance(tables, numbers, state, i, j, row, odds, cause, now)
            else:
                jump(tables, numbers, state, i, j, row, True, amount, cause, now)
