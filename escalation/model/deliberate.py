"""Deliberating: from grievance to a package that waits for consent."""

from __future__ import annotations

import math

from escalation.model.choose import allowed, pick, pick_target, pull, weigh
from escalation.model.draws import CHOICE, MORE, SIZE, chance, mix, normal, uniform
from escalation.model.feel import settle
from escalation.model.kernel import kernel
from escalation.model.numbers import Numbers
from escalation.model.pressure import pressure
from escalation.model.shares import freeze_shares
from escalation.model.state import PACKAGES, State
from escalation.model.tables import NOTHING, PACKAGE, Tables
from escalation.model.threat import keep_word, promised
from escalation.model.trace import note_weighing

MOST = 10.0


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
def add_to_draft(
    tables: Tables, numbers: Numbers, state: State, ij: int, target: int, k: int, cause: int
) -> None:
    """Put instrument `k` against `target` into the draft package of a dyad."""
    n = state.draft_count[ij]
    place = ij * PACKAGE + n
    state.draft_instrument[place], state.draft_target[place] = k, target
    state.draft_size[place] = size_of(tables, numbers, state, k, n, cause)
    state.draft_count[ij] = n + 1


@kernel
def close_draft(
    tables: Tables, numbers: Numbers, state: State, i: int, j: int, D: float, partners: float, now: float
) -> None:
    """Give a draft that is not empty its number and its frozen shares, and settle a promise that was due."""
    ij = i * tables.actors + j
    largest = 0.0
    for n in range(ij * PACKAGE, ij * PACKAGE + state.draft_count[ij]):
        largest = max(largest, numbers.severity[state.draft_instrument[n]])
    if state.draft_count[ij] > 0:
        state.draft_blocks[ij] = 0
        state.draft_parent[ij] = state.wake_cause[ij]
        state.draft_number[ij] = state.tally[PACKAGES]
        state.tally[PACKAGES] += 1
        freeze_shares(tables, numbers, state, i, j, D, partners, largest, now)
    keep_word(tables, numbers, state, i, j, largest)


@kernel
def mildest_that_keeps(tables: Tables, numbers: Numbers, state: State, ij: int) -> int:
    """Return the first instrument, in order of severity, that is as grave as the threat standing promised."""
    k = tables.first_hostile
    while k < tables.instruments and numbers.severity[k] < promised(numbers, state, ij):
        k += 1
    return k


@kernel
def deliberate(tables: Tables, numbers: Numbers, state: State, i: int, j: int, now: float) -> None:
    """Let `i` decide what it wants to do about `j`: nothing, or a draft package.

    Hostile instruments are options when the proportionate severity reaches `d_min`; conciliatory ones also
    when goodwill does or when pressure passes the threshold. A promise that is due without such a grievance
    leaves what keeps it, and nothing. Grievance, the highest
    rung reached and the partners' pull are frozen for the deliberation; after the first instrument all others
    are of its sign.
    """
    ij = i * tables.actors + j
    learn(numbers, state, i, ij)
    G = settle(tables, numbers, state, i, j, now)
    D = min(MOST, max(-MOST, numbers.reciprocity[i] * G))
    P = pressure(numbers, state, i, now)
    if abs(D) < numbers.d_min[i] and not state.due[ij] and P < numbers.yield_threshold[i]:
        return
    low, high = 0, tables.first_hostile
    if D >= numbers.d_min[i]:
        high = tables.instruments
    elif state.due[ij]:
        low, high = mildest_that_keeps(tables, numbers, state, ij), tables.instruments
    partners = pull(tables, numbers, state, i, j, now)
    cause = deliberation_key(tables, state, ij, now)
    while state.draft_count[ij] < min(PACKAGE, int(numbers.package_limit[i])):
        n = state.draft_count[ij]
        if n > 0 and not chance(state.stream, MORE, n, cause, numbers.more[i]):
            break
        target = pick_target(tables, numbers, state, i, j, n, cause)
        weigh(tables, numbers, state, i, j, target, low, high, D, partners, P, n == 0)
        k = pick(state, uniform(state.stream, CHOICE, n, cause))
        note_weighing(tables, state, i, j, target, k, G, D, P, partners, now)
        if k == NOTHING:
            break
        add_to_draft(tables, numbers, state, ij, target, k, cause)
        low, high = (low, tables.first_hostile) if k < tables.first_hostile else (tables.first_hostile, high)
    close_draft(tables, numbers, state, i, j, D, partners, now)


@kernel
def climb(tables: Tables, numbers: Numbers, state: State, i: int, j: int, now: float) -> None:
    """Let an actor with a ladder policy take the lowest rung above its highest, when it is provoked."""
    ij = i * tables.actors + j
    G = settle(tables, numbers, state, i, j, now)
    if G < numbers.provocation[i]:
        keep_word(tables, numbers, state, i, j, 0.0)
        return
    best, highest = NOTHING, NOTHING
    for place in range(tables.option_start[ij], tables.option_start[ij + 1]):
        k = tables.option[place]
        if k == NOTHING or not tables.counted[k] or not allowed(tables, state, ij, k):
            continue
        above = numbers.rung[k] > state.top[ij]
        if above and (best == NOTHING or numbers.rung[k] < numbers.rung[best]):
            best = k
        if highest == NOTHING or numbers.rung[k] >= numbers.rung[highest]:
            highest = k
    k = best if best != NOTHING else highest
    if k != NOTHING:
        add_to_draft(tables, numbers, state, ij, j, k, deliberation_key(tables, state, ij, now))
        close_draft(tables, numbers, state, i, j, G, 0.0, now)
