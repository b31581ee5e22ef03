"""Threats: promises that stand, fall due, and are honoured or broken, with what that does to credibility."""

from __future__ import annotations

import math

from escalation.model.draws import mix
from escalation.model.feel import reaches
from escalation.model.kernel import kernel
from escalation.model.state import NONE
from escalation.model.tables import DEADLINE, Tables
from escalation.model.wake import emit, lag, next_meeting, schedule_earlier, schedule_fast

MOST_EXPECTED = 2.0


@kernel
def promised(w: Tables, ij: int) -> float:
    """Return the severity that the threat standing on a dyad promises; 0 without one."""
    act = w.state.dyad[ij].threat
    return w.instrument[w.state.act[act].instrument].promise if act >= 0 else 0.0


@kernel
def threaten(w: Tables, act: int, now: float) -> None:
    """Let the threat of row `act` stand: the target expects more retaliation, as far as it believes it."""
    i, j, k = w.state.act[act].actor, w.state.act[act].target, w.state.act[act].instrument
    dyad, target, instrument = w.state.dyad[i * w.actors + j], w.state.dyad[j * w.actors + i], w.instrument[k]
    if instrument.promise <= 0.0 or dyad.due:
        return
    dyad.threat, dyad.threat_until = act, now + instrument.within
    believed = dyad.credibility * instrument.promise / 10.0
    target.expected = min(MOST_EXPECTED, target.expected + believed)
    if instrument.demand:
        emit(w, dyad.threat_until, DEADLINE, i, j, act)


@kernel
def fall_due(w: Tables, i: int, j: int, source: int, now: float) -> None:
    """Let the threat of `i` against `j` fall due through row `source`, and `i` deliberate about it."""
    ij = i * w.actors + j
    w.state.dyad[ij].due, w.state.dyad[ij].due_cause = 1, source
    cause = mix(w.dyad[ij].key, int(math.floor(now)))
    schedule_earlier(w, i, j, next_meeting(w, i, now + lag(w, i, cause)), source)


@kernel
def test_threats(w: Tables, act: int, concession: bool, now: float) -> None:
    """Look at what stands against the actor of row `act`: does this act meet a condition or a demand?"""
    j, target, k = w.state.act[act].actor, w.state.act[act].target, w.state.act[act].instrument
    for i in range(w.actors):
        dyad = w.state.dyad[i * w.actors + j]
        if dyad.threat < 0 or dyad.due or not (reaches(w, act, i) or i == w.actor[target].bloc):
            continue
        threat = w.instrument[w.state.act[dyad.threat].instrument]
        if now > dyad.threat_until:
            dyad.threat = NONE
        elif concession:
            if threat.demand:
                dyad.threat = NONE
        elif w.instrument[k].counted and w.instrument[k].rung >= threat.condition:
            fall_due(w, i, j, act, now)


@kernel
def deadline(w: Tables, i: int, j: int, threat: int, now: float) -> None:
    """Let a demand fall due that nobody has met; a threat that another has replaced means nothing."""
    dyad = w.state.dyad[i * w.actors + j]
    if dyad.threat == threat and not dyad.due and now >= w.takeover:
        fall_due(w, i, j, threat, now)


@kernel
def announced(w: Tables, i: int, j: int, threat: int, now: float) -> None:
    """Let `i` adopt what it has announced by row `threat`, unless it has acted since or announced more.

    It was agreed on before: a concession of `j` meets the demand and does not stop it.
    """
    dyad = w.state.dyad[i * w.actors + j]
    if dyad.announced != threat or now < w.takeover:
        return
    if dyad.threat == threat and not dyad.due:
        dyad.due, dyad.due_cause = 1, threat
    schedule_fast(w, i, j, now, threat)


@kernel
def keep_word(w: Tables, i: int, j: int, largest: float) -> None:
    """Settle a promise of `i` that was due: honoured by an act of at least its severity, else broken.

    An honoured promise raises credibility, a broken one lowers it and costs the audience.
    """
    ij = i * w.actors + j
    dyad = w.state.dyad[ij]
    if not dyad.due:
        return
    honoured = largest >= promised(w, ij)
    aim = 1.0 if honoured else 0.0
    dyad.credibility += w.model.reputation * (aim - dyad.credibility)
    if not honoured:
        w.state.actor[i].audience_cost += w.actor[i].audience
    dyad.due, dyad.threat = 0, NONE
