"""Handling: the known future goes into the outbox, then one event in, the changed world and an outbox out."""

from __future__ import annotations

import math

from escalation.model.act import carry_out, decide, discharge_group, discharge_scripted, record, record_cause
from escalation.model.deliberate import awaits, climb, deliberate, wording
from escalation.model.draws import CHOICE_OF, GAP, UNCERTAIN, mix, normal_of, quantile, uniform, uniform_pair
from escalation.model.feel import feel_shock, presser, settle, settle_cost, settle_pressure
from escalation.model.force import enter_force, lapse, renew
from escalation.model.intervene import shock_struck, struck
from escalation.model.kernel import kernel
from escalation.model.measure import measure_begin, measure_date, measure_tension, undo_concession
from escalation.model.state import NEVER, NONE
from escalation.model.tables import (
    ANNOUNCED,
    ANSWER,
    DEADLINE,
    IN_FORCE,
    LADDER,
    LAPSE,
    MEASURE,
    NOTHING,
    PROPORTIONAL,
    RENEWAL,
    SCRIPTED,
    SHOCKED,
    SPEAK,
    TAKEOVER,
    WAKE,
    YEAR,
    Tables,
)
from escalation.model.threat import announced, deadline, promised
from escalation.model.wake import (
    adoption_lag,
    begin_review,
    carry_over,
    count_event,
    emit,
    end_review,
    lag,
    next_meeting,
    review,
    schedule,
)
from escalation.model.world import FORCED, SHOCK, SIMULATED


@kernel
def uncertain_value(w: Tables, n: int) -> float:
    """Return this replication's value of the uncertain number of cell `n`, within its allowed range."""
    first, second = uniform_pair(w.state.stream, UNCERTAIN, 0, w.cell[n].key)
    return value_at(w, n, first, second)


@kernel
def value_at(w: Tables, n: int, first: float, second: float) -> float:
    """Return the value of the uncertain number of cell `n` that two independent uniforms give."""
    cell = w.cell[n]
    value = quantile(cell.kind, cell.a, cell.b, cell.c, first, normal_of(first, second))
    if cell.kind == CHOICE_OF:
        value = w.cell_choice[cell.choice_from + int(value)]
    return min(cell.high, max(cell.low, value))


@kernel
def begin(w: Tables) -> None:
    """Draw the uncertain numbers, set the initial state, and emit what is known to come.

    The state is fresh and its `stream` set.
    """
    for n in range(len(w.cell)):
        w.numbers[w.cell[n].at] = uncertain_value(w, n)
    for ij in range(w.actors * w.actors):
        dyad, actor = w.state.dyad[ij], w.actor[ij // w.actors]
        dyad.relation = w.dyad[ij].relation
        dyad.posts = w.dyad[ij].posts
        dyad.expected = actor.expected
        dyad.credibility = actor.credibility
        dyad.trust = actor.trust
    measure_begin(w)
    w.state.tally.out = 0
    for ordinal in range(len(w.measure_time)):
        emit(w, w.measure_time[ordinal], MEASURE, w.actors, ordinal, 0)
    for shock in range(len(w.shock)):
        if w.shock[shock].rate > 0.0:
            next_shock(w, shock, 0, w.takeover)
        else:
            emit(w, w.shock[shock].time, SHOCKED, w.actors, shock, 0)
    for script in range(len(w.script)):
        emit(w, w.script[script].time, SCRIPTED, w.script[script].actor, script, 0)
    for i in range(w.actors):
        for n in range(w.actor[i].renewal_from, w.actor[i].renewal_to):
            emit(w, w.renewal[n].time, RENEWAL, i, w.renewal[n].families, NONE)
    emit(w, w.takeover, TAKEOVER, w.actors, 0, 0)


@kernel
def handle(w: Tables, now: float, kind: int, actor: int, a: int, b: int) -> None:
    """Let one event happen; what follows from it is in the outbox afterwards."""
    count_event(w)
    if kind == WAKE:
        wake(w, actor, a, b, now)
    elif kind == SPEAK:
        speak(w, actor, a, b, now)
    elif kind == ANSWER:
        answer(w, actor, a, b, now)
    elif kind == IN_FORCE:
        begin_force(w, a, now)
    elif kind == LAPSE:
        lapse(w, a, now)
    elif kind == SHOCKED:
        shock(w, a, b, now)
    elif kind == SCRIPTED:
        script(w, a, now)
    elif kind == TAKEOVER:
        take_over(w, now)
    elif kind == DEADLINE:
        deadline(w, actor, a, b, now)
    elif kind == ANNOUNCED:
        announced(w, actor, a, b, now)
    elif kind == RENEWAL:
        renew(w, actor, a, b, now)
    elif kind == MEASURE:
        measure_date(w, a, now)


@kernel
def wake(w: Tables, i: int, j: int, generation: int, now: float) -> None:
    """Let `i` deliberate about `j`, or vote again on the package that waits; a void wake does nothing."""
    if wake_up(w, i, j, generation):
        if w.actor[i].policy == PROPORTIONAL:
            deliberate(w, i, j, now)
        elif w.actor[i].policy == LADDER:
            climb(w, i, j, now)
    if generation == w.state.dyad[i * w.actors + j].generation:
        end_wake(w, i, j, now)


@kernel
def wake_up(w: Tables, i: int, j: int, generation: int) -> bool:
    """Begin a wake: return whether there is something to deliberate; it is void in another generation.

    What waits already for consent, with an act that reaches `j` too, is not thought of anew.
    """
    dyad = w.state.dyad[i * w.actors + j]
    if generation != dyad.generation:
        return False
    dyad.pending = NEVER
    return dyad.draft == 0 and not awaits(w, i, j)


@kernel
def end_wake(w: Tables, i: int, j: int, now: float) -> None:
    """End a wake: vote on the draft if there is one, and come back while the grievance lasts."""
    if w.state.dyad[i * w.actors + j].draft > 0:
        decide(w, i, j, now)
    else:
        end_review(w, i, j, now)
    review(w, i, j, settle(w, i, j, now), now)


@kernel
def speak(w: Tables, i: int, j: int, source: int, now: float) -> None:
    """Let `i` answer row `source` of the log in words: they need no decision and discharge nothing."""
    w.state.dyad[i * w.actors + j].speech = 0
    act_alone(w, i, j, wording(w, i, j, now), 0.0, source, now)


@kernel
def answer(w: Tables, i: int, j: int, source: int, now: float) -> None:
    """Let an actor with a hazard policy answer row `source`, whatever else has happened since."""
    k = w.actor[i].hazard_instrument
    if k >= 0:
        act_alone(w, i, j, k, w.instrument[k].median if w.instrument[k].sized else 0.0, source, now)


@kernel
def act_alone(w: Tables, i: int, j: int, k: int, size: float, source: int, now: float) -> None:
    """Let `k` against `j`, unless it is NOTHING or struck, be a package that answers row `source` alone."""
    package = w.state.tally.packages
    w.state.tally.packages += 1
    if k == NOTHING or struck(w, i, j, k, package, now):
        return
    act = carry_out(w, SIMULATED, i, j, k, size, package, source, now)
    if act >= 0:
        record_cause(w, act, source, 1.0)
        measure_tension(w, now)


@kernel
def begin_force(w: Tables, act: int, now: float) -> None:
    """Let an act bite; whom it hits may then consider to give way."""
    crossed = enter_force(w, act, now)
    for j in range(w.actors):
        if (crossed >> j) & 1 == 1:
            yield_to(w, j, act, now)


@kernel
def yield_to(w: Tables, j: int, act: int, now: float) -> None:
    """Wake `j`, whose pressure an act has pushed over the threshold, about who presses most."""
    i = presser(w, j, now)
    ji = j * w.actors + i
    time = next_meeting(w, j, now + lag(w, j, mix(w.dyad[ji].key, int(math.floor(now)))))
    if w.takeover <= time < w.state.dyad[ji].pending:
        schedule(w, j, i, time, act)


@kernel
def shock(w: Tables, shock: int, ordinal: int, now: float) -> None:
    """Let a shock happen, and schedule the next one of a random kind."""
    row = NONE
    if not shock_struck(w, shock, ordinal, now):
        row = record(w, SHOCK, w.shock[shock].blamed, NONE, shock, 0.0, NONE, NONE, now)
    if row >= 0:
        if w.state.shock[shock].row < 0:
            w.state.shock[shock].row = row
        feel_shock(w, row, shock, ordinal, now)
        if not w.shock[shock].foreseen:
            undo_concession(w, w.shock[shock].blamed, now)
        measure_tension(w, now)
    next_shock(w, shock, ordinal + 1, now)


@kernel
def next_shock(w: Tables, shock: int, ordinal: int, now: float) -> None:
    """Schedule the next random shock of a kind: the gaps are exponential, the rate is per year."""
    if w.shock[shock].rate > 0.0:
        draw = uniform(w.state.stream, GAP, 0, mix(w.shock[shock].key, ordinal))
        gap = -math.log(1.0 - draw) * YEAR / w.shock[shock].rate
        emit(w, now + gap, SHOCKED, w.actors, shock, ordinal)


@kernel
def answered(w: Tables, cause: int) -> int:
    """Return the row of the log in which a cause of a script stands: a script, or the shock -1 - cause."""
    return w.state.script[cause].row if cause >= 0 else w.state.shock[-1 - cause].row


@kernel
def script(w: Tables, script: int, now: float) -> None:
    """Let a scripted act happen: what it answers stands in the script, or follows from the grievance."""
    row = w.script[script]
    i, j, k = row.actor, row.target, row.instrument
    parent = NONE
    for n in range(row.cause_from, row.cause_to):
        parent = max(parent, answered(w, w.script_cause[n]))
    if row.origin == SIMULATED and struck(w, i, j, k, NONE, now):
        discharge_package(w, i, j, k, now)
        return
    act = carry_out(w, row.origin, i, j, k, row.size, NONE, parent, now)
    w.state.script[script].row = act
    if act < 0:
        return
    for n in range(row.cause_from, row.cause_to):
        source = answered(w, w.script_cause[n])
        if source >= 0:
            record_cause(w, act, source, 1.0 / (row.cause_to - row.cause_from))
    discharge_package(w, i, j, k, now)
    discharge_group(w, act, now)
    if row.origin != FORCED:
        record_decision(w, act, now)
    measure_tension(w, now)


@kernel
def record_decision(w: Tables, act: int, now: float) -> None:
    """Let a scripted act be what a deliberation brings: it keeps a promise, and the next review begins.

    A demand under a threat announces an agreement that is on its way to adoption.
    """
    i, target = w.state.act[act].actor, w.state.act[act].target
    instrument, bloc = w.instrument[w.state.act[act].instrument], w.actor[target].bloc
    if instrument.counted:
        close_matter(w, i, target, instrument.severity, now)
        if bloc >= 0 and bloc != i:
            close_matter(w, i, bloc, instrument.severity, now)
    elif instrument.demand and instrument.promise > 0.0:
        cause = mix(w.dyad[i * w.actors + target].key, int(math.floor(now)))
        w.state.dyad[i * w.actors + target].announced = act
        emit(w, now + adoption_lag(w, i, cause), ANNOUNCED, i, target, act)


@kernel
def close_matter(w: Tables, i: int, j: int, severity: float, now: float) -> None:
    """Note that `i` has acted against `j`: no wake is pending, a promise is kept, the next review begins."""
    dyad = w.state.dyad[i * w.actors + j]
    dyad.generation += 1
    dyad.pending = NEVER
    dyad.announced = NONE
    if math.floor(dyad.adopted_at) != math.floor(now):
        begin_review(w, i, j, now)
    dyad.adopted_at = now
    if dyad.threat >= 0 and severity >= promised(w, i * w.actors + j):
        dyad.due, dyad.threat = 0, NONE


@kernel
def discharge_package(w: Tables, i: int, j: int, k: int, now: float) -> None:
    """Discharge by a scripted act the grievance against its target, and against the bloc of that."""
    severity, bloc = w.instrument[k].severity, w.actor[j].bloc
    if w.instrument[k].words:
        return
    discharge_scripted(w, i, j, severity, now)
    if bloc >= 0 and bloc != i:
        discharge_scripted(w, i, bloc, severity, now)


@kernel
def take_over(w: Tables, now: float) -> None:
    """From here on the model decides: everybody goes on from where history has left it."""
    for i in range(w.actors):
        settle_pressure(w, i, now)
        settle_cost(w, i, now)
        w.state.actor[i].pressure_sum, w.state.actor[i].cost = 0.0, 0.0
        for j in range(w.actors):
            if i != j:
                carry_over(w, i, j, settle(w, i, j, now), now)
    measure_tension(w, now)
