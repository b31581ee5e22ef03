"""Choosing: the utility of every instrument, and one draw among them."""

from __future__ import annotations

import math
from typing import NamedTuple

from escalation.model.draws import TARGET, uniform
from escalation.model.feel import halved
from escalation.model.kernel import inner, kernel
from escalation.model.numbers import Numbers
from escalation.model.state import CHOICES, State
from escalation.model.tables import NEVER, NOTHING, PACKAGE, TERMS, Tables
from escalation.model.threat import promised


@inner
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


class Outlook(NamedTuple):
    """What one deliberation of `i` about `j` has in common for every instrument against one target.

    `D` is the proportionate severity, `partners` the recent acts of partners, `P` the pressure on `i`;
    `promised` is the severity that a promise against `j` asks for, infinite when none is due; the others are
    the columns of these names at `i`, at `j`, or between them.
    """

    D: float
    partners: float
    P: float
    promised: float
    alpha: float
    bite: float
    alignment: float
    own_cost: float
    fear: float
    gradualism: float
    saturation: float
    audience: float
    yielding: float
    exposure: float
    dependence: float
    expected: float
    top: float


@inner
def outlook(
    tables: Tables,
    numbers: Numbers,
    state: State,
    i: int,
    j: int,
    target: int,
    D: float,
    partners: float,
    P: float,
) -> Outlook:
    """Return the outlook of `i`, deliberating about `j`, on `target`: `j` or one of its members."""
    ij, il = i * tables.actors + j, i * tables.actors + target
    return Outlook(
        D,
        partners,
        P,
        promised(numbers, state, ij) if state.due[ij] else NEVER,
        numbers.alpha[i],
        numbers.bite[i],
        numbers.alignment[i],
        numbers.own_cost[i],
        numbers.fear[i],
        numbers.gradualism[i],
        numbers.saturation[i],
        numbers.audience[i],
        numbers.yielding[i],
        numbers.exposure[il],
        numbers.dependence[il],
        state.expected[ij],
        state.top[ij],
    )


@inner
def utility(
    tables: Tables,
    numbers: Numbers,
    state: State,
    x: Outlook,
    k: int,
    active: int,
    last_resort: float,
    t: int,
) -> float:
    """Return the utility of instrument `k`; when traced, its terms are noted from place `t` on.

    `active` is how many uses of it are in force, `last_resort` how loath the actor is to use it at all.
    """
    s = numbers.severity[k]
    hostile = s > 0.0
    D_k = x.D if hostile else min(x.D, 0.0)
    urgency = min(1.0, abs(x.D) / 5.0) if hostile else 0.0
    proportionality = x.alpha / 100.0 * s * (2.0 * D_k - s)
    bite = urgency * x.bite * numbers.harm[k] * x.exposure
    alignment = urgency * x.alignment * x.partners
    own_cost = -x.own_cost * numbers.cost[k] * x.dependence
    fear = -x.fear * x.expected * max(s, 0.0) / 10.0
    gradualism = -x.gradualism * max(0.0, numbers.rung[k] - x.top - 1.0)
    saturation = -x.saturation * active
    audience = x.audience if s >= x.promised else 0.0
    yielding = 0.0 if hostile else x.yielding * x.P * numbers.relief[k]
    if tables.trace:
        term = state.terms
        term[t], term[t + 1], term[t + 2], term[t + 3] = proportionality, bite, alignment, own_cost
        term[t + 4], term[t + 5], term[t + 6] = fear, gradualism, -last_resort
        term[t + 7], term[t + 8], term[t + 9] = saturation, audience, yielding
    return (
        proportionality
        + bite
        + alignment
        + own_cost
        + fear
        + gradualism
        - last_resort
        + saturation
        + audience
        + yielding
    )


@inner
def allowed(tables: Tables, state: State, il: int, k: int) -> bool:
    """Return whether what is between the actor and the target allows instrument `k` now."""
    if not tables.conditional[k]:
        return True
    here = il * tables.instruments
    if tables.once[k] and state.active[here + k] > 0:
        return False
    aim = tables.relation_to[k]
    if aim >= 0 and (aim == state.relation[il] or (aim > state.relation[il]) != (k >= tables.first_hostile)):
        return False
    first, last = tables.lifts_start[k], tables.lifts_start[k + 1]
    liftable = first == last
    for n in range(first, last):
        liftable = liftable or state.active[here + tables.lifts[n]] > 0
    if not liftable:
        return False
    for n in range(tables.requires_start[k], tables.requires_start[k + 1]):
        if not state.ever[here + tables.requires[n]]:
            return False
    return True


@inner
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
    """Fill `option`, `utility` and `weight` with what `i` can do about `j`, in order of severity.

    Options are the instruments from `low` to below `high` that can be used against `target`, and doing
    nothing where that is one. P(k) is proportional to mu_k exp(U_k / T) with
    mu_k = 1 / (usable instruments in k's family).
    """
    ij, il = i * tables.actors + j, i * tables.actors + target
    x = outlook(tables, numbers, state, i, j, target, D, partners, P)
    for family in range(tables.families):
        state.alike[family] = 0
    count, best = 0, -NEVER
    for place in range(tables.option_start[il], tables.option_start[il + 1]):
        k = tables.option[place]
        if k == NOTHING:
            if not nothing:
                continue
            U = numbers.inertia[i]
        elif low <= k < high and allowed(tables, state, il, k) and not drafted(state, ij, k):
            active = state.active[il * tables.instruments + k]
            last_resort = numbers.last_resort[i * tables.instruments + k]
            U = utility(tables, numbers, state, x, k, active, last_resort, count * TERMS)
            state.alike[tables.family[k]] += 1
        else:
            continue
        state.option[count], state.utility[count] = k, U
        best = max(best, U)
        count += 1
    state.tally[CHOICES], T = count, numbers.temperature[i]
    for n in range(count):
        k = state.option[n]
        mu = 1.0 if k == NOTHING else 1.0 / state.alike[tables.family[k]]
        state.weight[n] = mu * math.exp((state.utility[n] - best) / T)


@kernel
def pick(state: State, draw: float) -> int:
    """Return the option that one uniform draw falls on, in order of severity: easing, nothing, hostility."""
    total = 0.0
    for n in range(state.tally[CHOICES]):
        total += state.weight[n]
    left = draw * total
    last = NOTHING
    for n in range(state.tally[CHOICES]):
        if state.weight[n] > 0.0:
            last = state.option[n]
            left -= state.weight[n]
            if left < 0.0:
                break
    return last
