"""Choosing: the utility of every instrument, and one draw among them."""

from __future__ import annotations

import math
from typing import NamedTuple

from escalation.model.draws import TARGET, exponential, halved, uniform
from escalation.model.kernel import inner, kernel
from escalation.model.state import NEVER
from escalation.model.tables import BROKEN, DIPLOMATIC, FAMILY_COUNT, NOTHING, PACKAGE, Tables
from escalation.model.threat import promised

MOST = 10.0
BARRIERS = ("", "in_force", "relation", "posts", "nothing_to_lift", "requires")
"""What keeps an instrument from being used: it is in force and can be so once only, the relation excludes it,
no post is left, there is nothing that it lifts, what it requires has never been used."""
BY_USE, BY_RELATION, BY_POSTS, BY_NOTHING_TO_LIFT, BY_REQUIREMENT = range(1, len(BARRIERS))


class Outlook(NamedTuple):
    """One deliberation of `i` about `j`, with an eye to one `target`: `j` or a member of it.

    `D` is the proportionate severity, `P` the pressure of `j` on `i`, `Q` its trust that this ends, `F` the
    affront in what `j` did, `partners` the recent acts of its partners; `promise` is the severity that a
    promise against `j` asks for, infinite when none is due.
    """

    i: int
    j: int
    target: int
    D: float
    P: float
    Q: float
    F: float
    partners: float
    promise: float


class Terms(NamedTuple):
    """The terms of the utility of one instrument, in the order of the formula; they add up to it."""

    proportionality: float
    bite: float
    alignment: float
    fit: float
    own_cost: float
    fear: float
    gradualism: float
    last_resort: float
    saturation: float
    audience: float
    yielding: float
    face: float


TERM_NAMES = Terms._fields


@inner
def terms(w: Tables, x: Outlook, k: int) -> Terms:
    """Return the terms of the utility of instrument `k`.

    Notation of the formula: `s` is severity_k, the others stand in `Outlook`.
    """
    ij, il = x.i * w.actors + x.j, x.i * w.actors + x.target
    i, tie, instrument, dyad = w.actor[x.i], w.dyad[il], w.instrument[k], w.state.dyad[ij]
    s = instrument.severity
    hostile = s > 0.0
    D_k = x.D if hostile else min(x.D, 0.0)
    urgency = min(1.0, abs(x.D) / 5.0) if hostile else 0.0
    active = w.state.use[il * w.instruments + k].active
    return Terms(
        proportionality=i.alpha / 100.0 * s * (2.0 * D_k - s),
        bite=urgency * i.bite * instrument.harm * tie.exposure,
        alignment=urgency * i.alignment * x.partners,
        fit=i.fit * w.state.suggested[k],
        own_cost=-i.own_cost * instrument.cost * tie.dependence,
        fear=-i.fear * dyad.expected * max(s, 0.0) / 10.0,
        gradualism=-i.gradualism * max(0.0, instrument.rung - dyad.top - 1.0),
        last_resort=-w.repertoire[x.i * w.instruments + k].last_resort,
        saturation=-i.saturation * active,
        audience=i.audience if s >= x.promise else 0.0,
        yielding=0.0 if hostile else i.yielding * x.P * x.Q * instrument.relief,
        face=0.0 if hostile else -i.face * x.F / 10.0 * instrument.relief,
    )


@inner
def utility(w: Tables, x: Outlook, k: int) -> float:
    """Return the utility of an option: the sum of the terms of `k`, or the inertia of doing nothing."""
    if k == NOTHING:
        return w.actor[x.i].inertia
    total = 0.0
    for term in terms(w, x, k):
        total += term
    return total


@inner
def pulled_by(w: Tables, i: int, j: int, p: int, now: float) -> float:
    """Return how much recent acts of one partner `p` against `j` call on `i`, per 10 of severity."""
    dyad = w.state.dyad[p * w.actors + j]
    if p in (i, j) or dyad.pull <= 0.0:
        return 0.0
    return w.dyad[i * w.actors + p].solidarity * dyad.pull * halved(now - dyad.pull_at, w.model.recent) / 10.0


@kernel
def pull(w: Tables, i: int, j: int, now: float) -> float:
    """Return how much recent acts of all partners of `i` against `j` call for one more."""
    total = 0.0
    for p in range(w.actors):
        total += pulled_by(w, i, j, p, now)
    return total


@kernel
def is_in_force(w: Tables, il: int, k: int) -> bool:
    """Return whether instrument `k` is in force: against the target, or where it is addressed to all, any."""
    if not w.instrument[k].everyone:
        return w.state.use[il * w.instruments + k].active > 0
    first = il // w.actors * w.actors
    active = False
    for io in range(first, first + w.actors):
        active = active or w.state.use[io * w.instruments + k].active > 0
    return active


@inner
def barrier(w: Tables, il: int, k: int) -> int:
    """Return what keeps `k` from being used on the target now: a place in `BARRIERS`, 0 for nothing.

    What is used once, or is addressed to all, is not used again while it is in force. What uses up posts
    needs some that are left, and what is diplomatic a relation that is not broken.
    """
    instrument = w.instrument[k]
    if not instrument.conditional:
        return 0
    here, relation, aim = il * w.instruments, w.state.dyad[il].relation, instrument.relation_to
    if (instrument.once or instrument.everyone) and is_in_force(w, il, k):
        return BY_USE
    if instrument.family == DIPLOMATIC and relation == BROKEN:
        return BY_RELATION
    if aim >= 0 and (aim == relation or (aim > relation) != (k >= w.first_hostile)):
        return BY_RELATION
    if instrument.posts and w.state.dyad[il].posts < 1.0:
        return BY_POSTS
    liftable = instrument.lifts_from == instrument.lifts_to
    for n in range(instrument.lifts_from, instrument.lifts_to):
        liftable = liftable or w.state.use[here + w.lifts[n]].active > 0
    required = True
    for n in range(instrument.requires_from, instrument.requires_to):
        required = required and w.state.use[here + w.requires[n]].ever > 0
    return BY_NOTHING_TO_LIFT if not liftable else 0 if required else BY_REQUIREMENT


@inner
def allowed(w: Tables, il: int, k: int) -> bool:
    """Return whether what is between the actor and the target allows instrument `k` now."""
    return barrier(w, il, k) == 0


@inner
def drafted(w: Tables, ij: int, k: int) -> bool:
    """Return whether instrument `k` is already in the package that is being put together."""
    for n in range(ij * PACKAGE, ij * PACKAGE + w.state.dyad[ij].draft):
        if w.state.draft[n].instrument == k:
            return True
    return False


@inner
def proportionate(w: Tables, i: int, j: int, G: float) -> float:
    """Return the proportionate severity: D = clip(reciprocity_i care_ij G_ij, -10, 10)."""
    D = w.actor[i].reciprocity * w.dyad[i * w.actors + j].care * G
    return min(MOST, max(-MOST, D))


@kernel
def pick_target(w: Tables, i: int, j: int, ordinal: int, cause: int) -> int:
    """Return whom to aim at: `j`, or a member of it, with weight exp(-resolve * exposure of `i` to it)."""
    n, first, last = w.actors, w.actor[j].member_from, w.actor[j].member_to
    total = 0.0
    for m in range(first, last):
        if w.member[m] != i:
            total += exponential(-w.actor[i].resolve * w.dyad[w.member[m] * n + i].exposure)
    if total == 0.0:
        return j
    own = exponential(-w.actor[i].resolve * w.dyad[j * n + i].exposure)
    left = uniform(w.state.stream, TARGET, ordinal, cause) * (total + own)
    for m in range(first, last):
        if w.member[m] != i:
            left -= exponential(-w.actor[i].resolve * w.dyad[w.member[m] * n + i].exposure)
            if left < 0.0:
                return w.member[m]
    return j


@kernel
def promise_due(w: Tables, ij: int) -> float:
    """Return the severity that a promise on a dyad asks for; infinite when none is due."""
    return promised(w, ij) if w.state.dyad[ij].due else NEVER


@kernel
def weigh(w: Tables, x: Outlook, low: int, high: int, nothing: bool, words: bool) -> None:
    """Fill `choice` with what can be done, in order of severity.

    Options are the instruments from `low` to below `high` that can be used against the target, words and
    threats or all others, and doing nothing where that is one. P(k) is proportional to mu_k exp(U_k / T)
    with mu_k = 1 / (usable instruments in k's family).
    """
    ij, il, choices = x.i * w.actors + x.j, x.i * w.actors + x.target, w.state.choice
    for family in range(FAMILY_COUNT):
        w.state.alike[family] = 0
    count, best = 0, -NEVER
    for n in range(w.dyad[il].option_from, w.dyad[il].option_to):
        k = w.option[n]
        if k == NOTHING:
            if not nothing:
                continue
        elif (
            low <= k < high
            and (w.instrument[k].words == 1) == words
            and allowed(w, il, k)
            and not drafted(w, ij, k)
        ):
            w.state.alike[w.instrument[k].family] += 1
        else:
            continue
        U = utility(w, x, k)
        choices[count].option, choices[count].utility = k, U
        best = max(best, U)
        count += 1
    w.state.tally.choices, T = count, w.actor[x.i].temperature
    for n in range(count):
        k = choices[n].option
        mu = 1.0 if k == NOTHING else 1.0 / w.state.alike[w.instrument[k].family]
        choices[n].weight = mu * math.exp((choices[n].utility - best) / T)


@kernel
def pick(w: Tables, draw: float) -> int:
    """Return the option that one uniform draw falls on, in order of severity: easing, nothing, hostility."""
    choices, count = w.state.choice, w.state.tally.choices
    total = 0.0
    for n in range(count):
        total += choices[n].weight
    left = draw * total
    last = NOTHING
    for n in range(count):
        if choices[n].weight > 0.0:
            last = choices[n].option
            left -= choices[n].weight
            if left < 0.0:
                break
    return last
