"""Adopting: the vote on a draft package, its adoption, and the grievance that it discharges."""

from __future__ import annotations

from escalation.model.act import carry_out, record_cause
from escalation.model.consent import consent
from escalation.model.feel import settle
from escalation.model.kernel import kernel
from escalation.model.measure import measure_tension
from escalation.model.numbers import Numbers
from escalation.model.shares import decay_parts
from escalation.model.state import State
from escalation.model.strike import struck
from escalation.model.tables import PACKAGE, Tables
from escalation.model.wake import join_partners, later, schedule
from escalation.model.world import SIMULATED


@kernel
def discharge(
    tables: Tables, numbers: Numbers, state: State, i: int, j: int, severity: float, now: float
) -> None:
    """Take `discharge_i` times the severity from the grievance, pro rata over its parts, never past 0.

    A hostile act discharges a grievance; a conciliatory one (negative severity) discharges goodwill.
    """
    ij = i * tables.actors + j
    level = settle(tables, numbers, state, i, j, now)
    if level * severity <= 0.0:
        return
    kept = max(0.0, 1.0 - numbers.discharge[i] * severity / level)
    state.from_acts[ij] *= kept
    state.from_shocks[ij] *= kept
    decay_parts(numbers, state, i, ij, now)
    before, part = -1, state.part_head[ij]
    while part >= 0:
        following = state.part_next[part]
        state.part_amount[part] = kept * state.part_level[part]
        state.part_time[part] = now
        if abs(state.part_amount[part]) > 1e-9:
            before = part
        elif before < 0:
            state.part_head[ij] = following
        else:
            state.part_next[before] = following
        part = following


@kernel
def decide(tables: Tables, numbers: Numbers, state: State, i: int, j: int, now: float) -> None:
    """Put the draft of `i` about `j` to the vote: adopt it, or let it wait for the next meeting."""
    ij = i * tables.actors + j
    rung = 0.0
    for n in range(ij * PACKAGE, ij * PACKAGE + state.draft_count[ij]):
        rung = max(rung, numbers.rung[state.draft_instrument[n]])
    if consent(tables, numbers, state, i, j, rung, state.draft_blocks[ij], now):
        adopt(tables, numbers, state, i, j, now)
    else:
        state.draft_blocks[ij] += 1
        schedule(tables, state, i, j, later(tables, numbers, state, i, j, now), state.draft_parent[ij])


@kernel
def carry_out_drafted(
    tables: Tables, numbers: Numbers, state: State, i: int, ij: int, n: int, now: float
) -> int:
    """Do what stands in place `n` of the draft of `i`, with the draft's shares; return its row, or -1."""
    act = carry_out(
        tables,
        numbers,
        state,
        SIMULATED,
        i,
        state.draft_target[n],
        state.draft_instrument[n],
        state.draft_size[n],
        state.draft_number[ij],
        state.draft_parent[ij],
        now,
    )
    share = state.draft_head[ij]
    while act >= 0 and share >= 0:
        record_cause(state, act, state.part_source[share], state.part_amount[share])
        share = state.part_next[share]
    return act


@kernel
def adopt(tables: Tables, numbers: Numbers, state: State, i: int, j: int, now: float) -> None:
    """Carry out the draft package of `i` about `j`, discharge the grievance, and let partners join.

    An act that is struck discharges grievance as the others do: it was decided. It is no act that was sent.
    """
    ij = i * tables.actors + j
    largest, mildest, sent, first = 0.0, 0.0, 0.0, -1
    for n in range(ij * PACKAGE, ij * PACKAGE + state.draft_count[ij]):
        k, target = state.draft_instrument[n], state.draft_target[n]
        if not struck(tables, state, i, target, k, state.draft_number[ij], now):
            act = carry_out_drafted(tables, numbers, state, i, ij, n, now)
            if act < 0:
                break
            if numbers.severity[k] > sent and tables.counted[k]:
                first = act
            sent = max(sent, numbers.severity[k])
        largest, mildest = max(largest, numbers.severity[k]), min(mildest, numbers.severity[k])
    state.draft_count[ij] = 0
    state.adopted_at[ij] = now
    state.sent[ij] = sent
    discharge(tables, numbers, state, i, j, largest if largest > 0.0 else mildest, now)
    if first >= 0:
        join_partners(tables, numbers, state, i, j, first, now)
    measure_tension(tables, numbers, state, now)
