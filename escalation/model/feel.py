"""Feeling: how acts and shocks become grievance, how grievance fades, and what measures in force weigh."""

from __future__ import annotations

import math

from escalation.model.draws import (
    ANSWERS,
    LN2,
    MAGNITUDE,
    NOTICE,
    SPEAKS,
    chance,
    exponential,
    halved,
    log_normal,
    mix,
    normal,
)
from escalation.model.kernel import inner, kernel
from escalation.model.state import NONE
from escalation.model.tables import ANSWER, HAZARD, SPEAK, Tables
from escalation.model.wake import GRID, emit, lag, room, stir
from escalation.model.world import FORCED

MOST_GOODWILL = -10.0
OUT_OF_TURN = 1 << 40
"""Added to the tick of a forced act, so that its key is none of those that count the acts on a dyad."""


@inner
def settle(w: Tables, i: int, j: int, now: float) -> float:
    """Bring the grievance of `i` against `j` up to date and return it: G(t) = G(t0) 2^(-(t-t0)/half_life)."""
    dyad = w.state.dyad[i * w.actors + j]
    if now != dyad.felt_at:
        left = halved(now - dyad.felt_at, w.actor[i].half_life)
        dyad.from_acts *= left
        dyad.from_shocks *= left
        dyad.felt_at = now
    return dyad.from_acts + dyad.from_shocks


@inner
def recent_uses(w: Tables, observer: int, jlk: int, now: float) -> float:
    """Return the decayed count of uses as `observer` remembers it."""
    use = w.state.use[jlk]
    if use.uses == 0.0:
        return 0.0
    return use.uses * halved(now - use.uses_at, w.actor[observer].memory)


@inner
def recent_packages(w: Tables, i: int, j: int, now: float) -> float:
    """Return the decayed count of the packages that `i` has received, without that of this day from `j`."""
    count = w.state.actor[i].packages
    if count == 0.0:
        return 0.0
    count *= halved(now - w.state.actor[i].packages_at, w.actor[i].fatigue_memory)
    if w.state.dyad[i * w.actors + j].received_day == int(math.floor(now)):
        count -= 1.0
    return max(0.0, count)


@inner
def repeated(share: float, times: float) -> float:
    """Return `share` to the power of `times`."""
    if times == 0.0:
        return 1.0
    return math.exp(times * math.log(share)) if share > 0.0 else 0.0


@inner
def affront(w: Tables, i: int, j: int, now: float) -> float:
    """Return the affront: the decayed sum of severities of what `j` did to `i`, which no answer lowers."""
    dyad = w.state.dyad[i * w.actors + j]
    if dyad.affront == 0.0:
        return 0.0
    return dyad.affront * halved(now - dyad.affront_at, w.actor[i].half_life)


@kernel
def receive(w: Tables, i: int, j: int, target: int, k: int, now: float) -> None:
    """Note what `i` noticed to be done to it, or to a member, by `j`: severity, affront, and trust.

    Counted acts make one package a day and sender.
    """
    dyad, actor, today = w.state.dyad[i * w.actors + j], w.state.actor[i], int(math.floor(now))
    severity = w.instrument[k].severity
    dyad.received += max(0.0, severity)
    if severity > 0.0:
        dyad.affront = affront(w, i, j, now) + w.dyad[i * w.actors + target].solidarity * severity
        dyad.affront_at = now
    else:
        dyad.trust += w.model.reputation * (1.0 - dyad.trust)
    if w.instrument[k].counted and now - dyad.gave_way_at <= w.model.aftermath:
        dyad.trust -= w.model.reputation * dyad.trust
    if w.instrument[k].counted and dyad.received_day != today:
        actor.packages = 1.0 + actor.packages * halved(now - actor.packages_at, w.actor[i].fatigue_memory)
        actor.packages_at = now
        dyad.received_day = today


@kernel
def gain(w: Tables, i: int, j: int, target: int, k: int, size: float, now: float) -> float:
    """Return what actor `i` feels when `j` does `k` of this size to `target`, if it notices.

    w_il (severity_k + felt_i harm_k exposure_ji) (q / median size)^gamma
    max(h_min, habituation_i^uses fatigue_i^all)

    Fatigue is with what is hostile: `all` is 0 for a conciliatory act.
    """
    n, instrument = w.actors, w.instrument[k]
    felt = instrument.severity + w.actor[i].felt * instrument.harm * w.dyad[j * n + i].exposure
    if instrument.sized and size > 0.0:
        felt *= exponential(w.model.size_exponent * math.log(size / instrument.median))
    uses = recent_uses(w, i, (j * n + target) * w.instruments + k, now)
    every = recent_packages(w, i, j, now) if instrument.severity > 0.0 else 0.0
    if uses > 0.0 or every > 0.0:
        left = repeated(w.actor[i].habituation, uses) * repeated(w.actor[i].fatigue, every)
        felt *= max(w.model.habituation_floor, left)
    return w.dyad[i * n + target].solidarity * felt


@kernel
def add_part(w: Tables, following: int, source: int, amount: float, now: float) -> int:
    """Put an entry before the list that begins with `following`, and return it: the list's new beginning."""
    row = w.state.tally.parts
    if not room(w, w.state.part, row):
        return following
    part = w.state.part[row]
    part.source, part.amount, part.time, part.next = source, amount, now, following
    w.state.tally.parts = row + 1
    return row


@kernel
def jump(
    w: Tables, i: int, j: int, source: int, from_shock: bool, amount: float, cause: int, now: float
) -> None:
    """Add what `source` (a row of the log) did to the grievance of `i` against `j`; wake `i` if need be."""
    level = settle(w, i, j, now)
    amount = max(amount, MOST_GOODWILL - level)
    dyad = w.state.dyad[i * w.actors + j]
    if from_shock:
        dyad.from_shocks += amount
    else:
        dyad.from_acts += amount
    dyad.part = add_part(w, dyad.part, source, amount, now)
    stir(w, i, j, level + amount, amount, source, cause, now)
    if amount > 0.0 and level + amount >= w.actor[i].voice:
        speak_up(w, i, j, source, cause, now)


@kernel
def speak_up(w: Tables, i: int, j: int, source: int, cause: int, now: float) -> None:
    """Let `i` answer row `source` of the log in words, as often as it is outspoken, after a lag."""
    actor, dyad = w.actor[i], w.state.dyad[i * w.actors + j]
    if dyad.speech == 0 and chance(w.state.stream, SPEAKS, 0, cause, actor.outspoken):
        z = normal(w.state.stream, SPEAKS, 1, cause)
        time = now + log_normal(actor.statement_median, actor.statement_spread, z)
        if time >= w.takeover:
            dyad.speech = 1
            emit(w, time, SPEAK, i, j, source)


@kernel
def answer_by_chance(w: Tables, i: int, j: int, source: int, odds: float, cause: int, now: float) -> None:
    """Let a hazard policy answer `j` for row `source` with probability `odds`, after its lag."""
    time = now + lag(w, i, cause)
    if time >= w.takeover and chance(w.state.stream, ANSWERS, 0, cause, odds):
        emit(w, time, ANSWER, i, j, source)


@kernel
def act_key(w: Tables, act: int, jl: int, now: float) -> int:
    """Return the key of the draws about row `act`: its dyad, and how many acts there were on it before.

    A forced act is not counted and has a key of its own: it shifts the draws of no other.
    """
    if w.state.act[act].origin == FORCED:
        return mix(w.dyad[jl].key, OUT_OF_TURN + int(math.floor(now * GRID)))
    return mix(w.dyad[jl].key, w.state.dyad[jl].acts)


@inner
def reaches(w: Tables, act: int, target: int) -> bool:
    """Return whether the act of row `act` is addressed to `target`, alone or with others."""
    row = w.state.act[act]
    return target == row.target or (row.reach >> target) & 1 == 1


@kernel
def feel_act(w: Tables, act: int, j: int, target: int, k: int, size: float, now: float) -> None:
    """Let every other actor feel that `j` did `k` to `target`; the act is row `act` of the log.

    Whoever it is addressed to feels it as done to itself alone.
    """
    key = act_key(w, act, j * w.actors + target, now)
    for i in range(w.actors):
        whom = i if reaches(w, act, i) else target
        tie = w.dyad[i * w.actors + whom]
        blind = w.actor[i].policy == HAZARD
        if i == j or (tie.answers if blind else tie.solidarity) <= 0.0:
            continue
        cause = mix(key, w.actor[i].key)
        if chance(w.state.stream, NOTICE, 0, cause, w.actor[i].attention):
            if blind:
                answer_by_chance(w, i, j, act, tie.answers, cause, now)
            else:
                jump(w, i, j, act, False, gain(w, i, j, whom, k, size, now), cause, now)
            if i == whom or w.actor[whom].bloc == i:
                receive(w, i, j, whom, k, now)


@kernel
def begin_crisis(w: Tables, i: int, j: int, amount: float, now: float) -> None:
    """Note when `i` felt the last shock that it blames on `j`, and whether it is in a crisis over it.

    What can be decided in days is what adds to measures in force: a first package takes its usual time.
    """
    dyad = w.state.dyad[i * w.actors + j]
    dyad.shocked_at = now
    if amount >= w.actor[i].crisis and dyad.stock > 0:
        dyad.crisis_until = now + w.actor[i].crisis_days


@kernel
def feel_shock(w: Tables, row: int, shock: int, ordinal: int, now: float) -> None:
    """Let every actor that cares feel a shock: salience times magnitude against the one that is blamed."""
    j = w.shock[shock].blamed
    magnitude = w.shock[shock].magnitude
    if w.shock[shock].spread > 0.0:
        z = normal(w.state.stream, MAGNITUDE, 0, mix(w.shock[shock].key, ordinal))
        magnitude = log_normal(magnitude, w.shock[shock].spread, z)
    for i in range(w.actors):
        salience = w.salience[shock * w.actors + i].salience
        amount = salience * magnitude
        if i != j and amount > 0.0:
            cause = mix(mix(w.shock[shock].key, ordinal), w.actor[i].key)
            if w.actor[i].policy == HAZARD:
                answer_by_chance(w, i, j, row, salience, cause, now)
            else:
                begin_crisis(w, i, j, amount, now)
                jump(w, i, j, row, True, amount, cause, now)


@inner
def pressure_by(w: Tables, j: int, i: int, now: float) -> float:
    """Return the pressure of sender `j` on actor `i`.

    P_ij = sum of harm_k exposure_ji (1 - phi_i (1 - 2^(-age / kappa_i))) over the acts of `j` in force, kept
    as a lasting part (1 - phi_i) and a part phi_i that fades as the patron steps in.
    """
    dyad = w.state.dyad[j * w.actors + i]
    if dyad.fading == 0.0:
        return dyad.lasting
    return dyad.lasting + dyad.fading * halved(now - w.state.actor[i].pressure_at, w.actor[i].over)


@kernel
def pressure(w: Tables, i: int, now: float) -> float:
    """Return the pressure of all senders on actor `i`."""
    total = 0.0
    for j in range(w.actors):
        total += pressure_by(w, j, i, now)
    return total


@kernel
def presser(w: Tables, i: int, now: float) -> int:
    """Return the sender that presses most on actor `i`, the first of several alike; -1 for none."""
    most, first = 0.0, NONE
    for j in range(w.actors):
        P = pressure_by(w, j, i, now)
        if P > most:
            most, first = P, j
    return first


@kernel
def settle_pressure(w: Tables, i: int, now: float) -> None:
    """Bring the pressure on `i` and its sum over time up to date."""
    actor, over = w.state.actor[i], w.actor[i].over
    elapsed = now - actor.pressure_at
    left = halved(elapsed, over)
    for j in range(w.actors):
        dyad = w.state.dyad[j * w.actors + i]
        actor.pressure_sum += dyad.lasting * elapsed + dyad.fading * (1.0 - left) * over / LN2
        dyad.fading *= left
    actor.pressure_at = now


@kernel
def settle_cost(w: Tables, i: int, now: float) -> None:
    """Bring the cost that actor `i` has borne up to date."""
    actor = w.state.actor[i]
    actor.cost += actor.cost_rate * (now - actor.cost_at)
    actor.cost_at = now


@kernel
def bite(w: Tables, act: int, sign: float, age: float, now: float) -> None:
    """Add (`sign` 1) or take away (-1) what an act in force for `age` days does to targets and sender."""
    for j in range(w.actors):
        if reaches(w, act, j):
            bite_on(w, act, j, sign, age, now)


@kernel
def bite_on(w: Tables, act: int, j: int, sign: float, age: float, now: float) -> None:
    """Add or take away what an act does to one target, and what that costs its sender."""
    i = w.state.act[act].actor
    tie, instrument = w.dyad[i * w.actors + j], w.instrument[w.state.act[act].instrument]
    harm = sign * instrument.harm * tie.exposure
    settle_pressure(w, j, now)
    dyad, patron = w.state.dyad[i * w.actors + j], w.actor[j]
    dyad.lasting += harm * (1.0 - patron.absorbs)
    dyad.fading += harm * patron.absorbs * halved(age, patron.over)
    settle_cost(w, i, now)
    w.state.actor[i].cost_rate += sign * instrument.cost * tie.dependence
