"""Choosing: the utility of every instrument, and one draw among them."""

from __future__ import annotations

import math

from escalation.model.draws import TARGET, uniform
from escalation.model.feel import halved
from escalation.model.kernel import kernel
from escalation.model.numbers import Numbers
from escalation.model.state import State
from escalation.model.tables import NEVER, PACKAGE, TERMS, Tables
from escalation.model.threat import promised

NOTHING = -1


@kernel
def pulled_by(tables: Tables, numbers: Numbers, state: State, i: int, j: int, p: int, now: float) -> float:
    """Return how much recent acts of one partner `p` against `j` call on `i`, per 10 of severity."""
    pj = p * tables.actors + j
    if p in (i, j) or state.pull[pj] <= 0.0:
        return 0.0
    fresh = halved(now - state.pull_at[pj], numbers.recent[0])
    return numbers.solidarity[i * tables.actors + p] * state.pull[pj] * fresh / 10.0


@kernel
def pull(tables: Tables, numbers: Numbers, state: State, i: int, j: int, now: float) -> float:
    """Return how much recent acts of all partners of `i` against `j` call for one more."""
    total = 0.0
    for p in range(tables.actors):
        total += pulled_by(tables, numbers, state, i, j, p, now)
    return total


@kernel
def utility(
    tables: Tables,
    numbers: Numbers,
    state: State,
    i: int,
    j: int,
    target: int,
    k: int,
    D: float,
    partners: float,
    P: float,
) -> float:
    """Return the utility of instrument `k` for actor `i` against `target`, and note each term.

    `j` is the opponent that the deliberation is about and `target` is `j` or one of its members; `D` is the
    proportionate severity, `partners` the recent acts of partners, `P` the pressure on `i`.
    """
    ij, il = i * tables.actors + j, i * tables.actors + target
    s = numbers.severity[k]
    hostile = s > 0.0
    D_k = D if hostile else min(D, 0.0)
    urgency = min(1.0, abs(D) / 5.0) if hostile else 0.0
    t = k * TERMS
    term = state.terms
    term[t] = numbers.alpha[i] / 100.0 * s * (2.0 * D_k - s)
    term[t + 1] = urgency * numbers.bite[i] * numbers.harm[k] * numbers.exposure[il]
    term[t + 2] = urgency * numbers.alignment[i] * partners
    term[t + 3] = -numbers.own_cost[i] * numbers.cost[k] * numbers.dependence[il]
    term[t + 4] = -numbers.fear[i] * state.expected[ij] * max(s, 0.0) / 10.0
    term[t + 5] = -numbers.gradualism[i] * max(0.0, numbers.rung[k] - state.top[ij] - 1.0)
    term[t + 6] = -numbers.last_resort[i * tables.instruments + k]
    term[t + 7] = -numbers.saturation[i] * state.active[il * tables.instruments + k]
    term[t + 8] = numbers.audience[i] if state.due[ij] and s >= promised(numbers, state, ij) else 0.0
    term[t + 9] = 0.0 if hostile else numbers.yielding[i] * P * numbers.relief[k]
    total = 0.0
    for n in range(TERMS):
        total += term[t + n]
    return total


@kernel
def usable(tables: Tables, state: State, i: int, target: int, k: int) -> bool:
    """Return whether `i` has instrument `k` and the state of the dyad allows it."""
    il = i * tables.actors + target
    ilk = il * tables.instruments + k
    if not tables.usable[ilk] or (tables.once[k] and state.active[ilk] > 0):
        return False
    aim = tables.relation_to[k]
    if aim >= 0 and (aim == state.relation[il] or (aim > state.relation[il]) != (k >= tables.first_hostile)):
        return False
    first, last = tables.lifts_start[k], tables.lifts_start[k + 1]
    liftable = first == last
    for n in range(first, last):
        liftable = liftable or state.active[il * tables.instruments + tables.lifts[n]] > 0
    if not liftable:
        return False
    for n in range(tables.requires_start[k], tables.requires_start[k + 1]):
        if not state.ever[il * tables.instruments + tables.requires[n]]:
            return False
    return True


@kernel
def drafted(state: State, ij: int, k: int) -> bool:
    """Return whether instrument `k` is already in the package that is being put together."""
    for n in range(ij * PACKAGE, ij * PACKAGE + state.draft_count[ij]):
        if state.draft_instrument[n] == k:
            return True
    return False


@kernel
def pick_target(
    tables: Tables, numbers: Numbers, state: State, i: int, j: int, ordinal: int, cause: int
) -> int:
    """Return whom to aim at: `j`, or a member of it, with weight exp(-resolve * exposure of `i` to it)."""
    first, last = tables.member_start[j], tables.member_start[j + 1]
    n = tables.actors
    total = 0.0
    for m in range(first, last):
        if tables.member[m] != i:
            total += math.exp(-numbers.resolve[i] * numbers.exposure[tables.member[m] * n + i])
    if total == 0.0:
        return j
    own = math.exp(-numbers.resolve[i] * numbers.exposure[j * n + i])
    left = uniform(state.stream, TARGET, ordinal, cause) * (total + own)
    for m in range(first, last):
        if tables.member[m] != i:
            left -= math.exp(-numbers.resolve[i] * numbers.exposure[tables.member[m] * n + i])
            if left < 0.0:
                return tables.member[m]
    return j


@kernel
def weigh(
    tables: Tables,
    numbers: Numbers,
    state: State,
    i: int,
    j: int,
    target: int,
    low: int,
    high: int,
    D: float,
    partners: float,
    P: float,
    nothing: bool,
) -> None:
    """Fill `utility` and `weight` for the instruments from `low` to below `high`, and for doing nothing.

    P(k) is proportional to mu_k exp(U_k / T) with mu_k = 1 / (usable instruments in k's family). The weight
    of doing nothing stands behind the last instrument; it is 0 unless `nothing` is an option.
    """
    ij = i * tables.actors + j
    best = numbers.inertia[i] if nothing else -NEVER
    for family in range(tables.families):
        state.alike[family] = 0
    for k in range(tables.instruments):
        state.weight[k] = 0.0
        state.utility[k] = -NEVER
        if low <= k < high and usable(tables, state, i, target, k) and not drafted(state, ij, k):
            state.utility[k] = utility(tables, numbers, state, i, j, target, k, D, partners, P)
            state.alike[tables.family[k]] += 1
            best = max(best, state.utility[k])
    for k in range(tables.instruments):
        if state.utility[k] > -NEVER:
            mu = 1.0 / state.alike[tables.family[k]]
            state.weight[k] = mu * math.exp((state.utility[k] - best) / numbers.temperature[i])
    state.weight[tables.instruments] = (
        math.exp((numbers.inertia[i] - best) / numbers.temperature[i]) if nothing else 0.0
    )


@kernel
def pick(tables: Tables, state: State, draw: float) -> int:
    """Return the option that one uniform draw falls on, in order of severity: easing, nothing, hostility."""
    nothing = state.weight[tables.instruments]
    total = nothing
    for k in range(tables.instruments):
        total += state.weight[k]
    left = draw * total
    last = NOTHING
    for k in range(tables.instruments):
        if k == tables.first_hostile:
            left -= nothing
            if left < 0.0:
                return NOTHING
        if state.weight[k] > 0.0:
            left -= state.weight[k]
            if left < 0.0:
                return k
            last = k
    return NOTHING if tables.first_hostile == tables.instruments else last
