"""Force: when a measure begins to bite, when it lapses, is lifted, or must be renewed."""

from __future__ import annotations

from escalation.model.choose import proportionate
from escalation.model.feel import bite, pressure, reaches, settle
from escalation.model.kernel import kernel
from escalation.model.state import NEVER
from escalation.model.tables import FAMILY_COUNT, LAPSE, RENEWAL, Tables
from escalation.model.wake import emit, next_meeting, schedule_earlier, upkeep
from escalation.model.world import SHOCK


@kernel
def enter_force(w: Tables, act: int, now: float) -> int:
    """Let an act bite; return, bit by bit, whose pressure thereby crosses the threshold of yielding."""
    row = w.state.act[act]
    if row.lapsed < NEVER:
        return 0
    row.in_force = now
    below = 0
    for j in range(w.actors):
        if reaches(w, act, j) and pressure(w, j, now) < w.actor[j].yield_threshold:
            below |= 1 << j
    bite(w, act, 1.0, 0.0, now)
    term = w.instrument[row.instrument].term
    if term < NEVER:
        emit(w, now + term, LAPSE, row.actor, act, 0)
    crossed = 0
    for j in range(w.actors):
        if (below >> j) & 1 == 1 and pressure(w, j, now) >= w.actor[j].yield_threshold:
            crossed |= 1 << j
    return crossed


@kernel
def lapse(w: Tables, act: int, now: float) -> None:
    """Let an act end, once: by its term, lifted, or not renewed."""
    row = w.state.act[act]
    if row.lapsed < NEVER:
        return
    for j in range(w.actors):
        if reaches(w, act, j):
            ij = row.actor * w.actors + j
            w.state.use[ij * w.instruments + row.instrument].active -= 1
            if w.instrument[row.instrument].counted:
                w.state.dyad[ij].stock -= 1
    row.lapsed = now
    if row.in_force < NEVER:
        bite(w, act, -1.0, now - row.in_force, now)


@kernel
def lift(w: Tables, act: int, now: float) -> None:
    """Let a conciliatory act end the latest measure of its sender that it can lift and no other act lifts."""
    row = w.state.act[act]
    instrument = w.instrument[row.instrument]
    if instrument.lifts_from == instrument.lifts_to:
        return
    for n in range(act - 1, -1, -1):
        other = w.state.act[n]
        if (
            other.actor == row.actor
            and other.target == row.target
            and other.lapsed == NEVER
            and not other.lifted
        ):
            for m in range(instrument.lifts_from, instrument.lifts_to):
                if other.instrument == w.lifts[m]:
                    other.lifted = 1
                    emit(w, now + instrument.delay, LAPSE, row.actor, n, 0)
                    return


@kernel
def resented(w: Tables, i: int, j: int, now: float) -> float:
    """Return the proportionate severity of `i` against `j`, or against its bloc if that is larger."""
    D, bloc = proportionate(w, i, j, settle(w, i, j, now)), w.actor[j].bloc
    if bloc < 0:
        return D
    return max(D, proportionate(w, i, bloc, settle(w, i, bloc, now)))


@kernel
def renew(w: Tables, i: int, families: int, act: int, now: float) -> None:
    """Let `i` look again at its measure in row `act`, or with NONE at all of these families in force."""
    if act >= 0:
        renew_act(w, act, now)
        expire(w, act, now)
        return
    for n in range(w.state.tally.acts):
        row = w.state.act[n]
        if (
            row.actor == i
            and row.origin > SHOCK
            and (families >> w.instrument[row.instrument].family) & 1 == 1
        ):
            renew_act(w, n, now)


@kernel
def expire(w: Tables, act: int, now: float) -> None:
    """Schedule the renewal of a measure in force, where its family is renewed by the time of adoption."""
    row = w.state.act[act]
    time = now + w.renewed[row.actor * FAMILY_COUNT + w.instrument[row.instrument].family]
    if row.lapsed == NEVER:
        emit(w, time, RENEWAL, row.actor, 0, act)


@kernel
def renew_act(w: Tables, act: int, now: float) -> None:
    """Let a measure lapse whose sender has no grievance left; one that has deliberates again.

    What was done to a member of a bloc stays as long as the grievance against either calls for it.
    """
    row = w.state.act[act]
    i, j = row.actor, row.target
    if now < w.takeover or row.lapsed < NEVER or row.instrument < w.first_hostile:
        return
    if resented(w, i, j, now) >= w.actor[i].d_min:
        schedule_earlier(w, i, j, next_meeting(w, i, now), w.state.dyad[i * w.actors + j].wake_cause)
    elif upkeep(w, i, j, now) < w.actor[i].d_min:
        lapse(w, act, now)
