"""Tracing: what was weighed and voted in each decision, noted only when `Tables.trace` is set."""

from __future__ import annotations

from escalation.model.kernel import kernel
from escalation.model.outbox import room
from escalation.model.tables import OPTIONS, TERMS, VOTES, WEIGHINGS, State, Tables


@kernel
def note_weighing(
    tables: Tables,
    state: State,
    i: int,
    j: int,
    target: int,
    picked: int,
    G: float,
    D: float,
    P: float,
    partners: float,
    inertia: float,
    now: float,
) -> None:
    """Append one weighing with its options, their utilities, terms and weights.

    The option of doing nothing has the instrument -1; its utility is the inertia.
    """
    if not tables.trace or not room(state, WEIGHINGS, len(state.weigh_time)):
        return
    n = state.tally[WEIGHINGS]
    ij = i * tables.actors + j
    state.weigh_time[n], state.weigh_actor[n], state.weigh_about[n] = now, i, j
    state.weigh_target[n], state.weigh_picked[n] = target, picked
    state.weigh_item[n], state.weigh_cause[n] = state.draft_count[ij], state.wake_cause[ij]
    state.weigh_grievance[n], state.weigh_proportion[n] = G, D
    state.weigh_pressure[n], state.weigh_partners[n], state.weigh_due[n] = P, partners, state.due[ij]
    state.tally[WEIGHINGS] = n + 1
    total = 0.0
    for k in range(tables.instruments + 1):
        total += state.weight[k]
    for k in range(tables.instruments + 1):
        if state.weight[k] > 0.0 and room(state, OPTIONS, len(state.option_weighing)):
            row = state.tally[OPTIONS]
            nothing = k == tables.instruments
            state.option_weighing[row], state.option_instrument[row] = n, -1 if nothing else k
            state.option_probability[row] = state.weight[k] / total
            state.option_utility[row] = inertia if nothing else state.utility[k]
            for term in range(TERMS):
                state.option_terms[row * TERMS + term] = 0.0 if nothing else state.terms[k * TERMS + term]
            state.tally[OPTIONS] = row + 1


@kernel
def note_vote(
    tables: Tables, state: State, i: int, j: int, member: int, hold: int, agreed: bool, now: float
) -> None:
    """Append the outcome of one vote: who withheld consent (a veto or a hold, by index; -1 for nobody)."""
    if tables.trace and room(state, VOTES, len(state.vote_time)):
        n = state.tally[VOTES]
        ij = i * tables.actors + j
        state.vote_time[n], state.vote_actor[n], state.vote_about[n] = now, i, j
        state.vote_package[n], state.vote_agreed[n] = state.draft_number[ij], 1 if agreed else 0
        state.vote_member[n], state.vote_hold[n] = member, hold
        state.tally[VOTES] = n + 1
