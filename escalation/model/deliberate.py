"""Deliberating: from grievance to a package that waits for consent, its shares, and the vote on it."""

from __future__ import annotations

import math

from escalation.model.choose import (
    Outlook,
    allowed,
    pick,
    pick_target,
    promise_due,
    proportionate,
    pull,
    pulled_by,
    weigh,
)
from escalation.model.draws import (
    CHOICE,
    MORE,
    SIZE,
    VETO,
    WORDING,
    chance,
    halved,
    log_normal,
    mix,
    normal,
    uniform,
)
from escalation.model.feel import add_part, affront, presser, pressure, pressure_by, settle
from escalation.model.kernel import kernel
from escalation.model.state import NEVER, NONE
from escalation.model.tables import NOTHING, PACKAGE, Tables
from escalation.model.threat import keep_word, promised
from escalation.model.trace import watch_lull, watch_vote, watch_weighing
from escalation.model.wake import floor_of
from escalation.model.world import SHOCK

NEGLIGIBLE = 1e-3
"""Parts of a grievance below this share of the whole are left out."""


@kernel
def learn(w: Tables, i: int, ij: int) -> None:
    """Move the expected retaliation towards what the last package brought: received / sent, at most 2."""
    dyad = w.state.dyad[ij]
    if dyad.sent > 0.0:
        ratio = min(2.0, dyad.received / dyad.sent)
        dyad.expected += w.actor[i].learning * (ratio - dyad.expected)
        dyad.sent = 0.0
    dyad.received = 0.0


@kernel
def deliberation_key(w: Tables, ij: int, now: float) -> int:
    """Return the key of this deliberation: the dyad, the day, and its ordinal on that day."""
    day, dyad = int(math.floor(now)), w.state.dyad[ij]
    dyad.day_ordinal = dyad.day_ordinal + 1 if dyad.last_day == day else 0
    dyad.last_day = day
    return mix(mix(w.dyad[ij].key, day), dyad.day_ordinal)


@kernel
def size_of(w: Tables, k: int, ordinal: int, cause: int) -> float:
    """Return how large this use of instrument `k` is; 0 where it has no size."""
    instrument = w.instrument[k]
    if not instrument.sized:
        return 0.0
    return log_normal(instrument.median, instrument.spread, normal(w.state.stream, SIZE, ordinal, cause))


@kernel
def add_to_draft(w: Tables, ij: int, target: int, k: int, cause: int) -> None:
    """Put instrument `k` against `target` into the draft package of a dyad."""
    n = w.state.dyad[ij].draft
    item = w.state.draft[ij * PACKAGE + n]
    item.instrument, item.target, item.size = k, target, size_of(w, k, n, cause)
    w.state.dyad[ij].draft = n + 1


@kernel
def close_draft(w: Tables, i: int, j: int, D: float, partners: float, now: float) -> None:
    """Give a draft that is not empty its number and its frozen shares, and settle a promise that was due."""
    ij = i * w.actors + j
    dyad, largest = w.state.dyad[ij], 0.0
    for n in range(ij * PACKAGE, ij * PACKAGE + dyad.draft):
        largest = max(largest, w.instrument[w.state.draft[n].instrument].severity)
    if dyad.draft > 0:
        dyad.draft_blocks = 0
        dyad.draft_parent = dyad.wake_cause
        dyad.draft_package = w.state.tally.packages
        w.state.tally.packages += 1
        freeze_shares(w, i, j, D, partners, largest, now)
    keep_word(w, i, j, largest)


@kernel
def mildest_that_keeps(w: Tables, ij: int) -> int:
    """Return the first instrument, in order of severity, that is as grave as the threat standing promised."""
    k = w.first_hostile
    while k < w.instruments and w.instrument[k].severity < promised(w, ij):
        k += 1
    return k


@kernel
def name_cause(w: Tables, i: int, ij: int, G: float, now: float) -> None:
    """Name what woke `i`: the largest recent part of its grievance, never a cause from long before.

    A part is as recent as its source: it counts half after `model.recent` days. A promise of its own that has
    just fallen due, an act that it joins and pressure without grievance are named themselves.
    """
    dyad = w.state.dyad[ij]
    woke = dyad.wake_cause
    if woke < 0 or abs(G) < w.actor[i].threshold or (dyad.due and woke == dyad.due_cause):
        return
    if math.floor(w.state.act[woke].time) == math.floor(now):
        return
    decay_parts(w, i, ij, now)
    sign, largest, n = 1.0 if G >= 0.0 else -1.0, 0.0, dyad.part
    while n >= 0:
        part = w.state.part[n]
        level = sign * part.level * halved(now - w.state.act[part.source].time, w.model.recent)
        if level > largest:
            largest, dyad.wake_cause = level, part.source
        n = part.next


@kernel
def first_step(w: Tables, i: int, j: int, D: float, yields: bool) -> int:
    """Return the first instrument, in order of severity, that `i` may consider towards `j`.

    Easing is no noise. All of it is open to one that `j` presses most and enough, and towards one whose
    concession stands; to goodwill, and once own measures are in force, steps that are smaller than
    `first_move` concessions.
    """
    if yields or w.state.actor[j].conceded_at >= 0.0:
        return 0
    is_open = D <= -w.actor[i].d_min or w.state.dyad[i * w.actors + j].stock > 0
    k, least = 0 if is_open else w.first_hostile, -w.actor[i].first_move * w.model.concession
    while k < w.first_hostile and w.instrument[k].severity <= least:
        k += 1
    return k


@kernel
def wording(w: Tables, i: int, j: int, now: float) -> int:
    """Return the words or the threat that `i` picks against `j` as it picks measures, or NOTHING."""
    ij = i * w.actors + j
    D = proportionate(w, i, j, settle(w, i, j, now))
    if D <= 0.0:
        return NOTHING
    day = int(math.floor(now))
    weigh(w, Outlook(i, j, j, D, 0.0, 0.0, 0.0, 0.0, NEVER), w.first_hostile, w.instruments, False, True)
    return pick(w, uniform(w.state.stream, WORDING, 0, mix(w.dyad[ij].key, day)))


@kernel
def deliberate(w: Tables, i: int, j: int, now: float) -> None:
    """Let `i` decide what it wants to do about `j`: nothing, or a draft package.

    Hostile instruments are options when the proportionate severity reaches `d_min`, conciliatory ones from
    `first_step` on. A promise that is due without such a grievance leaves what keeps it, and nothing.
    Grievance, the highest rung reached and the partners' pull are frozen for the deliberation; after the
    first instrument all others are of its sign.
    """
    ij, actor = i * w.actors + j, w.actor[i]
    dyad = w.state.dyad[ij]
    learn(w, i, ij)
    G = settle(w, i, j, now)
    D = proportionate(w, i, j, G)
    name_cause(w, i, ij, G, now)
    floor = floor_of(w, i, j, now)
    if floor > 0.0:
        D = max(D, floor + min(D, 0.0))
    if dyad.due and dyad.fast:
        D = max(D, promised(w, ij))
    yields = pressure(w, i, now) >= actor.yield_threshold and presser(w, i, now) in (j, NONE)
    if abs(D) < actor.d_min and not dyad.due and not yields:
        watch_lull(w, i, j, G, now)
        return
    low, high = first_step(w, i, j, D, yields), w.first_hostile
    if D >= actor.d_min:
        high = w.instruments
    elif dyad.due:
        low, high = mildest_that_keeps(w, ij), w.instruments
    P, F, partners = pressure_by(w, j, i, now), affront(w, i, j, now), pull(w, i, j, now)
    suggest(w, i, ij, now)
    cause = deliberation_key(w, ij, now)
    while dyad.draft < min(PACKAGE, int(actor.package_limit)):
        n = dyad.draft
        if n > 0 and not chance(w.state.stream, MORE, n, cause, actor.more):
            break
        target = pick_target(w, i, j, n, cause)
        x = Outlook(i, j, target, D, P, dyad.trust, F, partners, promise_due(w, ij))
        weigh(w, x, low, high, n == 0, False)
        draw = uniform(w.state.stream, CHOICE, n, cause)
        k = pick(w, draw)
        watch_weighing(w, x, k, G, draw, now)
        if k == NOTHING:
            break
        add_to_draft(w, ij, j if w.instrument[k].everyone else target, k, cause)
        low, high = (low, w.first_hostile) if k < w.first_hostile else (w.first_hostile, high)
    close_draft(w, i, j, D, partners, now)


@kernel
def climb(w: Tables, i: int, j: int, now: float) -> None:
    """Let an actor with a ladder policy take the lowest rung above its highest, when it is provoked."""
    ij = i * w.actors + j
    G = settle(w, i, j, now)
    if w.actor[i].provocation > G:
        keep_word(w, i, j, 0.0)
        return
    best, highest = NOTHING, NOTHING
    for n in range(w.dyad[ij].option_from, w.dyad[ij].option_to):
        k = w.option[n]
        if k == NOTHING or not w.instrument[k].counted or not allowed(w, ij, k):
            continue
        rung = w.instrument[k].rung
        if rung > w.state.dyad[ij].top and (best == NOTHING or rung < w.instrument[best].rung):
            best = k
        if highest == NOTHING or rung >= w.instrument[highest].rung:
            highest = k
    k = best if best != NOTHING else highest
    if k != NOTHING:
        add_to_draft(w, ij, j, k, deliberation_key(w, ij, now))
        close_draft(w, i, j, G, 0.0, now)


@kernel
def decay_parts(w: Tables, i: int, ij: int, now: float) -> None:
    """Note what is left of each part of a grievance of actor `i`."""
    since, left = now, 1.0
    n = w.state.dyad[ij].part
    while n >= 0:
        part = w.state.part[n]
        if part.time != since:  # most have the time of the part before
            since = part.time
            left = halved(now - since, w.actor[i].half_life)
        part.level = part.amount * left
        n = part.next


@kernel
def level_parts(w: Tables, i: int, ij: int, sign: float, now: float) -> float:
    """Note what is left of each part of a grievance that has this sign, and return their sum."""
    decay_parts(w, i, ij, now)
    whole = 0.0
    n = w.state.dyad[ij].part
    while n >= 0:
        part = w.state.part[n]
        part.level = max(0.0, sign * part.level)
        whole += part.level
        n = part.next
    return whole


@kernel
def sum_of_parts(w: Tables, ij: int, least: float) -> float:
    """Return the sum of the parts noted last that are at least `least`."""
    total = 0.0
    n = w.state.dyad[ij].part
    while n >= 0:
        if w.state.part[n].level >= least:
            total += w.state.part[n].level
        n = w.state.part[n].next
    return total


@kernel
def suggest(w: Tables, i: int, ij: int, now: float) -> None:
    """Note how much the shocks behind a grievance suggest each instrument, by their shares of it."""
    for k in range(w.instruments):
        w.state.suggested[k] = 0.0
    if len(w.suggest) == 0:
        return
    whole = level_parts(w, i, ij, 1.0, now)
    n = w.state.dyad[ij].part
    while n >= 0 and whole > 0.0:
        part = w.state.part[n]
        if part.level > 0.0 and w.state.act[part.source].origin == SHOCK:
            shock = w.shock[w.state.act[part.source].instrument]
            for m in range(shock.suggest_from, shock.suggest_to):
                w.state.suggested[w.suggest[m].instrument] += part.level / whole * w.suggest[m].weight
        n = part.next


@kernel
def keep_share(w: Tables, ij: int, source: int, share: float) -> None:
    """Put one frozen share at the head of the draft's list."""
    if share > 0.0 and source >= 0:
        dyad = w.state.dyad[ij]
        dyad.draft_share = add_part(w, dyad.draft_share, source, share, 0.0)


@kernel
def freeze_shares(w: Tables, i: int, j: int, D: float, partners: float, largest: float, now: float) -> None:
    """Note how much of the draft answers which acts and shocks; the shares add up to 1 at most.

    Three voices share it in proportion to what they say: the grievance (|D|), divided among its parts of the
    sign of `D`; the partners (their term of the utility), divided among the last act of each; and a promise
    that is due and honoured (its term), whole to what made it fall due. What the floor of a review adds to
    the grievance answers nothing.
    """
    ij = i * w.actors + j
    dyad = w.state.dyad[ij]
    dyad.draft_share = NONE
    sign = 1.0 if D >= 0.0 else -1.0
    least = NEGLIGIBLE * level_parts(w, i, ij, sign, now)
    known = sum_of_parts(w, ij, least)
    felt = abs(proportionate(w, i, j, settle(w, i, j, now)))
    grievance = min(abs(D), felt) if known > 0.0 else 0.0
    aligned = min(1.0, abs(D) / 5.0) * w.actor[i].alignment * partners
    honoured = dyad.due and largest >= promised(w, ij) and dyad.due_cause >= 0
    word = w.actor[i].audience if honoured else 0.0
    whole = max(abs(D), grievance) + aligned + word
    if whole <= 0.0:
        return
    n = dyad.part
    while n >= 0 and known > 0.0:
        part = w.state.part[n]
        if part.level > 0.0 and part.level >= least:
            keep_share(w, ij, part.source, grievance / whole * part.level / known)
        n = part.next
    for p in range(w.actors):
        pulled = pulled_by(w, i, j, p, now) if aligned > 0.0 else 0.0
        if pulled > 0.0:
            keep_share(w, ij, w.state.dyad[p * w.actors + j].last_act, aligned / whole * pulled / partners)
    if word > 0.0:
        keep_share(w, ij, dyad.due_cause, word / whole)


@kernel
def held(w: Tables, i: int, j: int, now: float) -> int:
    """Return the hold that now blocks `i` from acts against `j`, or -1."""
    for n in range(len(w.hold)):
        hold = w.hold[n]
        if hold.actor == i and hold.target == j and hold.since <= now < hold.until:
            return n
    return NONE


@kernel
def awaits(w: Tables, i: int, j: int) -> bool:
    """Return whether a package of `i` waits that holds an act on a group with `j`."""
    for ij in range(i * w.actors, (i + 1) * w.actors):
        for n in range(ij * PACKAGE, ij * PACKAGE + w.state.dyad[ij].draft):
            item = w.state.draft[n]
            if w.instrument[item.instrument].group and (w.dyad[i * w.actors + item.target].joint >> j) & 1:
                return True
    return False


@kernel
def consent(w: Tables, i: int, j: int, rung: float, now: float) -> bool:
    """Return whether all members agree: probability prod_m (1 - veto_m(rung)), weakened by linkage.

    A hold blocks for certain until its date. The draw of a member belongs to the day of the meeting.
    """
    hold = held(w, i, j, now)
    if hold >= 0:
        watch_vote(w, i, j, NONE, hold, False, now)
        return False
    first, last = w.actor[i].veto_from, w.actor[i].veto_to
    for m in range(first, last):
        veto = min(1.0, max(0.0, w.veto[m].base + w.veto[m].per_rung * rung))
        for _ in range(w.state.dyad[i * w.actors + j].draft_blocks):
            veto *= 1.0 - w.actor[i].linkage
        if veto > 0.0 and uniform(w.state.stream, VETO, 0, mix(w.veto[m].key, int(math.floor(now)))) < veto:
            watch_vote(w, i, j, m, NONE, False, now)
            return False
    if first < last:
        watch_vote(w, i, j, NONE, NONE, True, now)
    return True
