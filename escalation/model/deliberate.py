"""Deliberating: from grievance to a package that waits for consent, with its shares frozen."""

from __future__ import annotations

import math

from escalation.model.choose import NOTHING, pick, pick_target, pull, weigh
from escalation.model.draws import CHOICE, MORE, SIZE, chance, mix, normal, uniform
from escalation.model.feel import halved, settle
from escalation.model.kernel import kernel
from escalation.model.outbox import room
from escalation.model.pressure import pressure
from escalation.model.tables import PACKAGE, PACKAGES, PARTS, Numbers, State, Tables

MOST = 10.0
NEGLIGIBLE = 1e-3


@kernel
def learn(numbers: Numbers, state: State, i: int, ij: int) -> None:
    """Move the expected retaliation towards what the last package brought: received / sent, at most 2."""
    if state.sent[ij] > 0.0:
        ratio = min(2.0, state.received[ij] / state.sent[ij])
        state.expected[ij] += numbers.learning[i] * (ratio - state.expected[ij])
        state.sent[ij] = 0.0
    state.received[ij] = 0.0


@kernel
def deliberation_key(tables: Tables, state: State, ij: int, now: float) -> int:
    """Return the key of this deliberation: the dyad, the day, and its ordinal on that day."""
    day = int(math.floor(now))
    state.day_ordinal[ij] = state.day_ordinal[ij] + 1 if state.last_day[ij] == day else 0
    state.last_day[ij] = day
    return mix(mix(tables.dyad_key[ij], day), state.day_ordinal[ij])


@kernel
def size_of(tables: Tables, numbers: Numbers, state: State, k: int, ordinal: int, cause: int) -> float:
    """Return how large this use of instrument `k` is; 0 where it has no size."""
    if not tables.sized[k]:
        return 0.0
    return numbers.median[k] * math.exp(numbers.spread[k] * normal(state.stream, SIZE, ordinal, cause))


@kernel
def deliberate(tables: Tables, numbers: Numbers, state: State, i: int, j: int, now: float) -> None:
    """Let `i` decide what it wants to do about `j`: nothing, or a draft package.

    Hostile instruments are options when the proportionate severity reaches `d_min`, conciliatory ones also
    when goodwill does or when pressure passes the threshold. Grievance, the highest rung reached and the
    partners' pull are frozen for the deliberation; after the first instrument all others are of its sign.
    """
    ij = i * tables.actors + j
    learn(numbers, state, i, ij)
    G = settle(tables, numbers, state, i, j, now)
    D = min(MOST, max(-MOST, numbers.reciprocity[i] * G))
    P = pressure(numbers, state, i, now)
    if abs(D) < numbers.d_min[i] and numbers.yield_threshold[i] > P:
        return
    low, high = 0, tables.instruments if numbers.d_min[i] <= D else tables.first_hostile
    partners = pull(tables, numbers, state, i, j, now)
    cause = deliberation_key(tables, state, ij, now)
    state.draft_count[ij] = 0
    while state.draft_count[ij] < min(PACKAGE, int(numbers.package_limit[i])):
        n = state.draft_count[ij]
        if n > 0 and not chance(state.stream, MORE, n, cause, numbers.more[i]):
            break
        target = pick_target(tables, numbers, state, i, j, n, cause)
        weigh(tables, numbers, state, i, j, target, low, high, D, partners, P, n == 0)
        k = pick(tables, state, uniform(state.stream, CHOICE, n, cause))
        if k == NOTHING:
            break
        place = ij * PACKAGE + n
        state.draft_instrument[place], state.draft_target[place] = k, target
        state.draft_size[place] = size_of(tables, numbers, state, k, n, cause)
        state.draft_count[ij] = n + 1
        low, high = (low, tables.first_hostile) if k < tables.first_hostile else (tables.first_hostile, high)
    if state.draft_count[ij] > 0:
        state.draft_blocks[ij] = 0
        state.draft_parent[ij] = state.wake_cause[ij]
        state.draft_number[ij] = state.tally[PACKAGES]
        state.tally[PACKAGES] += 1
        freeze_shares(tables, numbers, state, i, j, D, partners, now)


@kernel
def part_now(numbers: Numbers, state: State, i: int, part: int, now: float) -> float:
    """Return what is left of one part of a grievance of actor `i`."""
    return state.part_amount[part] * halved(now - state.part_time[part], numbers.half_life[i])


@kernel
def keep_share(state: State, ij: int, source: int, share: float) -> None:
    """Put one frozen share at the head of the draft's list."""
    if share > 0.0 and room(state, PARTS, len(state.part_source)):
        n = state.tally[PARTS]
        state.part_source[n], state.part_amount[n] = source, share
        state.part_next[n], state.draft_head[ij] = state.draft_head[ij], n
        state.tally[PARTS] = n + 1


@kernel
def freeze_shares(
    tables: Tables, numbers: Numbers, state: State, i: int, j: int, D: float, partners: float, now: float
) -> None:
    """Note how much of the draft answers which acts and shocks; the shares add up to 1.

    The grievance's share is divided among its parts of the sign of `D`; alignment's share goes to the last
    act of each partner, in proportion to its pull. Parts below a thousandth of the whole are left out.
    """
    ij = i * tables.actors + j
    sign = 1.0 if D >= 0.0 else -1.0
    state.draft_head[ij] = -1
    whole = 0.0
    part = state.part_head[ij]
    while part >= 0:
        whole += max(0.0, sign * part_now(numbers, state, i, part, now))
        part = state.part_next[part]
    kept = 0.0
    part = state.part_head[ij]
    while part >= 0:
        amount = max(0.0, sign * part_now(numbers, state, i, part, now))
        kept += amount if amount >= NEGLIGIBLE * whole else 0.0
        part = state.part_next[part]
    if kept <= 0.0:
        return
    called = min(1.0, abs(D) / 5.0) * numbers.alignment[i] * partners
    aligned = called / (abs(D) + called) if called > 0.0 else 0.0
    part = state.part_head[ij]
    while part >= 0:
        amount = max(0.0, sign * part_now(numbers, state, i, part, now))
        if amount >= NEGLIGIBLE * whole:
            keep_share(state, ij, state.part_source[part], (1.0 - aligned) * amount / kept)
        part = state.part_next[part]
    for p in range(tables.actors):
        pj = p * tables.actors + j
        if aligned > 0.0 and p not in (i, j) and state.pull[pj] > 0.0:
            fresh = halved(now - state.pull_at[pj], numbers.recent[0]) / 10.0
            pulled = numbers.solidarity[i * tables.actors + p] * state.pull[pj] * fresh
            keep_share(state, ij, state.last_act[pj], aligned * pulled / partners)
