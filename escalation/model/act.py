"""Acting: the vote on a draft package, its adoption, and what follows at once from using an instrument."""

from __future__ import annotations

import math

from escalation.model.choose import BY_POSTS, BY_RELATION, BY_USE, allowed, barrier
from escalation.model.deliberate import consent, decay_parts, held
from escalation.model.draws import halved
from escalation.model.feel import feel_act, reaches, settle
from escalation.model.force import expire, lift, resented
from escalation.model.intervene import struck
from escalation.model.kernel import kernel
from escalation.model.measure import measure_act, measure_peak, measure_tension
from escalation.model.state import NEVER, NONE
from escalation.model.tables import BROKEN, IN_FORCE, PACKAGE, Tables
from escalation.model.threat import test_threats, threaten
from escalation.model.wake import (
    adoption_lag,
    begin_review,
    emit,
    join_partners,
    next_vote,
    review_key,
    room,
    schedule,
)
from escalation.model.world import FORCED, HISTORY, SIMULATED, TRUNCATED


@kernel
def record(
    w: Tables, origin: int, i: int, target: int, k: int, size: float, package: int, parent: int, now: float
) -> int:
    """Append a row to the log and return its number, or -1 when the act limit is reached."""
    row = w.state.tally.acts
    if row >= w.act_limit:
        w.state.tally.status = TRUNCATED
        return -1
    if not room(w, w.state.act, row):
        return -1
    act = w.state.act[row]
    act.origin, act.time, act.actor, act.target, act.instrument = origin, now, i, target, k
    act.size, act.package, act.parent = size, package, parent
    act.in_force, act.lapsed, act.lifted, act.reach = NEVER, NEVER, 0, 0
    w.state.tally.acts = row + 1
    return row


@kernel
def record_cause(w: Tables, act: int, cause: int, share: float) -> None:
    """Append one share of an act to the log of causes."""
    row = w.state.tally.causes
    if room(w, w.state.cause, row):
        entry = w.state.cause[row]
        entry.act, entry.cause, entry.share = act, cause, share
        w.state.tally.causes = row + 1


@kernel
def carry_out(
    w: Tables, origin: int, i: int, target: int, k: int, size: float, package: int, parent: int, now: float
) -> int:
    """Do `k` to `target`: log it, change the dyad, let the others feel it; return its row, -1 if no room."""
    act = record(w, origin, i, target, k, size, package, parent, now)
    if act < 0:
        return act
    instrument = w.instrument[k]
    if (instrument.everyone or instrument.group) and origin != HISTORY:
        w.state.act[act].reach = others(w, i, target, k, now)
    feel_act(w, act, i, target, k, size, now)
    for j in range(w.actors):
        if reaches(w, act, j):
            use_on(w, act, j, now)
    if instrument.severity <= -w.model.concession:
        w.state.actor[i].conceded_at = now
    if origin != FORCED:
        w.state.dyad[i * w.actors + target].acts += 1
    threaten(w, act, now)
    test_threats(w, act, instrument.severity <= -w.model.concession, now)
    lift(w, act, now)
    emit(w, now + instrument.delay, IN_FORCE, i, act, 0)
    expire(w, act, now)
    measure_act(w, i, k, size, now)
    return act


@kernel
def others(w: Tables, i: int, target: int, k: int, now: float) -> int:
    """Return, bit by bit, whom besides `target` actor `i` addresses with `k`, of those it has `k` against.

    By a law that are all that it has a quarrel with: those that have taken a counted act against it, or it
    against them. By an act on a group, whom the dyad lists and `i` would now act on itself.
    """
    reach = 0
    for j in range(w.actors):
        ij, ji = i * w.actors + j, j * w.actors + i
        if j in (i, target):
            continue
        if w.instrument[k].everyone:
            meant = w.state.dyad[ij].last_act >= 0 or w.state.dyad[ji].last_act >= 0
        else:
            meant = (w.dyad[i * w.actors + target].joint >> j) & 1 == 1 and stands_with(w, i, j, k, now)
        for n in range(w.dyad[ij].option_from, w.dyad[ij].option_to):
            if meant and w.option[n] == k:
                reach |= 1 << j
    return reach


@kernel
def stands_with(w: Tables, i: int, j: int, k: int, now: float) -> bool:
    """Return whether an act of `i` on a group, with `k`, reaches `j`.

    A hostile act does where the grievance against `j`, or its bloc, calls for one, another where it does not.
    """
    if (resented(w, i, j, now) >= w.actor[i].d_min) != (k >= w.first_hostile):
        return False
    return allowed(w, i * w.actors + j, k) and held(w, i, j, now) < 0


@kernel
def use_on(w: Tables, act: int, j: int, now: float) -> None:
    """Change what is between the actor of row `act` and one that the act is addressed to."""
    i, k = w.state.act[act].actor, w.state.act[act].instrument
    ij, instrument, bloc = i * w.actors + j, w.instrument[k], w.actor[j].bloc
    dyad, use = w.state.dyad[ij], w.state.use[ij * w.instruments + k]
    use.uses = 1.0 + use.uses * halved(now - use.uses_at, w.actor[j].memory)
    use.uses_at = now
    use.active += 1
    use.ever = 1
    if instrument.counted:
        dyad.stock += 1
    if instrument.posts:
        dyad.posts = max(0.0, dyad.posts - w.state.act[act].size)
    if instrument.relation_to >= 0:
        dyad.relation = instrument.relation_to
        if instrument.relation_to == BROKEN:
            w.state.dyad[j * w.actors + i].relation = BROKEN
    note_act(w, ij, k, act, now)
    if bloc >= 0 and bloc != i and not reaches(w, act, bloc):
        note_act(w, i * w.actors + bloc, k, act, now)
    measure_peak(w, i, j, k, now)


@kernel
def note_act(w: Tables, ij: int, k: int, act: int, now: float) -> None:
    """Note on a dyad what partners and the actor itself look at later: the top rung and the recent pull."""
    dyad, instrument = w.state.dyad[ij], w.instrument[k]
    if instrument.severity <= -w.model.concession:
        dyad.gave_way_at = now
    if instrument.severity > 0.0:
        dyad.top = max(dyad.top, instrument.rung)
        if instrument.counted:
            dyad.pull = dyad.pull * halved(now - dyad.pull_at, w.model.recent) + instrument.severity
            dyad.pull_at, dyad.last_act = now, act


@kernel
def discharge(w: Tables, i: int, j: int, severity: float, now: float) -> None:
    """Take `discharge_i` times the severity from the grievance, pro rata over its parts, never past 0.

    A hostile act discharges a grievance; a conciliatory one (negative severity) discharges goodwill.
    """
    ij = i * w.actors + j
    dyad, level = w.state.dyad[ij], settle(w, i, j, now)
    if level * severity <= 0.0:
        return
    left = max(0.0, 1.0 - w.actor[i].discharge * severity / level)
    dyad.from_acts *= left
    dyad.from_shocks *= left
    decay_parts(w, i, ij, now)
    before, n = NONE, dyad.part
    while n >= 0:
        part = w.state.part[n]
        part.amount = left * part.level
        part.time = now
        if abs(part.amount) > 1e-9:
            before = n
        elif before < 0:
            dyad.part = part.next
        else:
            w.state.part[before].next = part.next
        n = part.next


@kernel
def discharge_scripted(w: Tables, i: int, j: int, severity: float, now: float) -> None:
    """Discharge by one act: those of one day against one opponent count as one package.

    The first one discharges by its severity, each further one by what it exceeds the largest so far.
    """
    dyad, today = w.state.dyad[i * w.actors + j], int(math.floor(now))
    if dyad.discharged_day != today or dyad.discharged * severity < 0.0:
        dyad.discharged_day, dyad.discharged = today, 0.0
    if abs(severity) > abs(dyad.discharged):
        discharge(w, i, j, severity - dyad.discharged, now)
        dyad.discharged = severity


@kernel
def discharge_group(w: Tables, act: int, now: float) -> None:
    """Let an act on a group be a package of its own to each that it reaches beside its target."""
    row = w.state.act[act]
    for j in range(w.actors):
        if w.instrument[row.instrument].group and (row.reach >> j) & 1 == 1:
            dyad = w.state.dyad[row.actor * w.actors + j]
            discharge_scripted(w, row.actor, j, w.instrument[row.instrument].severity, now)
            if math.floor(dyad.adopted_at) != math.floor(now):
                begin_review(w, row.actor, j, now)
            dyad.adopted_at = now


@kernel
def decide(w: Tables, i: int, j: int, now: float) -> None:
    """Put the draft of `i` about `j` to the vote: adopt it, or let it wait for the next meeting.

    Where there is a second stage, what is agreed waits for the legal act; in a crisis there is none.
    """
    ij = i * w.actors + j
    dyad, rung = w.state.dyad[ij], 0.0
    for n in range(ij * PACKAGE, ij * PACKAGE + dyad.draft):
        rung = max(rung, w.instrument[w.state.draft[n].instrument].rung)
    if dyad.agreed:
        adopt(w, i, j, now)
    elif not consent(w, i, j, rung, now):
        dyad.draft_blocks += 1
        schedule(w, i, j, next_vote(w, i, now), dyad.draft_parent)
    elif w.actor[i].two_stages and not dyad.fast:
        dyad.agreed = 1
        schedule(w, i, j, now + adoption_lag(w, i, review_key(w, ij)), dyad.draft_parent)
    else:
        adopt(w, i, j, now)


@kernel
def carry_out_drafted(w: Tables, i: int, ij: int, n: int, now: float) -> int:
    """Do what stands in place `n` of the draft of `i`, with the draft's shares; return its row, or -1."""
    dyad, item = w.state.dyad[ij], w.state.draft[n]
    k, size = item.instrument, item.size
    if w.instrument[k].posts:
        size = min(size, w.state.dyad[i * w.actors + item.target].posts)
    act = carry_out(w, SIMULATED, i, item.target, k, size, dyad.draft_package, dyad.draft_parent, now)
    share = dyad.draft_share
    while act >= 0 and share >= 0:
        record_cause(w, act, w.state.part[share].source, w.state.part[share].amount)
        share = w.state.part[share].next
    return act


@kernel
def possible(w: Tables, il: int, k: int) -> bool:
    """Return whether what was decided still can be done.

    The law is not enacted yet, the relation still allows it, and posts are left.
    """
    bar = barrier(w, il, k)
    return not (bar in (BY_RELATION, BY_POSTS) or (bar == BY_USE and w.instrument[k].everyone))


@kernel
def adopt(w: Tables, i: int, j: int, now: float) -> None:
    """Carry out the draft package of `i` about `j`, discharge the grievance, and let partners join.

    An act that is struck discharges grievance as the others do: it was decided. It is no act that was sent.
    """
    ij = i * w.actors + j
    dyad = w.state.dyad[ij]
    largest, mildest, sent, first, before = 0.0, 0.0, 0.0, NONE, w.state.tally.acts
    for n in range(ij * PACKAGE, ij * PACKAGE + dyad.draft):
        k, target = w.state.draft[n].instrument, w.state.draft[n].target
        severity = w.instrument[k].severity
        if not possible(w, i * w.actors + target, k):
            continue
        if not struck(w, i, target, k, dyad.draft_package, now):
            act = carry_out_drafted(w, i, ij, n, now)
            if act < 0:
                break
            if severity > sent and w.instrument[k].counted:
                first = act
            sent = max(sent, severity)
        largest, mildest = max(largest, severity), min(mildest, severity)
    dyad.draft, dyad.agreed = 0, 0
    dyad.adopted_at = now
    begin_review(w, i, j, now)
    dyad.sent = sent
    discharge(w, i, j, largest if largest > 0.0 else mildest, now)
    for act in range(before, w.state.tally.acts):
        discharge_group(w, act, now)
    if first >= 0:
        join_partners(w, i, j, first, now)
    measure_tension(w, now)
