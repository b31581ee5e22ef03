"""Shares: how much of an act answers which earlier acts and shocks."""

from __future__ import annotations

from escalation.model.choose import pulled_by
from escalation.model.feel import halved
from escalation.model.kernel import kernel
from escalation.model.numbers import Numbers
from escalation.model.outbox import room
from escalation.model.state import PARTS, State
from escalation.model.tables import Tables
from escalation.model.threat import promised

NEGLIGIBLE = 1e-3
"""Parts of a grievance below this share of the whole are left out."""


@kernel
def decay_parts(numbers: Numbers, state: State, i: int, ij: int, now: float) -> None:
    """Note what is left of each part of a grievance of actor `i`."""
    since, left = now, 1.0
    part = state.part_head[ij]
    while part >= 0:
        if state.part_time[part] != since:  # most have the time of the part before
            since = state.part_time[part]
            left = halved(now - since, numbers.half_life[i])
        state.part_level[part] = state.part_amount[part] * left
        part = state.part_next[part]


@kernel
def keep_share(state: State, ij: int, source: int, share: float) -> None:
    """Put one frozen share at the head of the draft's list."""
    if share > 0.0 and source >= 0 and room(state, PARTS, len(state.part_source)):
        n = state.tally[PARTS]
        state.part_source[n], state.part_amount[n] = source, share
        state.part_next[n], state.draft_head[ij] = state.draft_head[ij], n
        state.tally[PARTS] = n + 1


@kernel
def level_parts(numbers: Numbers, state: State, i: int, ij: int, sign: float, now: float) -> float:
    """Note what is left of each part of a grievance that has this sign, and return their sum."""
    decay_parts(numbers, state, i, ij, now)
    whole = 0.0
    part = state.part_head[ij]
    while part >= 0:
        state.part_level[part] = max(0.0, sign * state.part_level[part])
        whole += state.part_level[part]
        part = state.part_next[part]
    return whole


@kernel
def sum_of_parts(state: State, ij: int, least: float) -> float:
    """Return the sum of the parts noted last that are at least `least`."""
    total = 0.0
    part = state.part_head[ij]
    while part >= 0:
        if state.part_level[part] >= least:
            total += state.part_level[part]
        part = state.part_next[part]
    return total


@kernel
def freeze_shares(
    tables: Tables,
    numbers: Numbers,
    state: State,
    i: int,
    j: int,
    D: float,
    partners: float,
    largest: float,
    now: float,
) -> None:
    """Note how much of the draft answers which acts and shocks; the shares add up to 1 where any is known.

    Three voices share it in proportion to what they say: the grievance (|D|), divided among its parts of the
    sign of `D`; the partners (their term of the utility), divided among the last act of each; and a promise
    that is due and honoured (its term), whole to what made it fall due.
    """
    ij = i * tables.actors + j
    state.draft_head[ij] = -1
    sign = 1.0 if D >= 0.0 else -1.0
    least = NEGLIGIBLE * level_parts(numbers, state, i, ij, sign, now)
    kept = sum_of_parts(state, ij, least)
    grievance = abs(D) if kept > 0.0 else 0.0
    aligned = min(1.0, abs(D) / 5.0) * numbers.alignment[i] * partners
    honoured = state.due[ij] and largest >= promised(numbers, state, ij) and state.due_cause[ij] >= 0
    word = numbers.audience[i] if honoured else 0.0
    whole = grievance + aligned + word
    if whole <= 0.0:
        return
    part = state.part_head[ij]
    while part >= 0 and kept > 0.0:
        amount = state.part_level[part]
        if amount > 0.0 and amount >= least:
            keep_share(state, ij, state.part_source[part], grievance / whole * amount / kept)
        part = state.part_next[part]
    for p in range(tables.actors):
        pulled = pulled_by(tables, numbers, state, i, j, p, now) if aligned > 0.0 else 0.0
        if pulled > 0.0:
            share = aligned / whole * pulled / partners
            keep_share(state, ij, state.last_act[p * tables.actors + j], share)
    if word > 0.0:
        keep_share(state, ij, state.due_cause[ij], word / whole)
