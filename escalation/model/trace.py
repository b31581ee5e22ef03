"""Tracing: what was weighed, voted and struck in each decision, noted only when `Tables.trace` is set.

Noting changes nothing that happens: where there is no more room, the rest is not noted, and the replication
goes on as it would without.
"""

from __future__ import annotations

from escalation.model.kernel import kernel
from escalation.model.state import CHOICES, OPTIONS, STRUCK, VOTES, WEIGHINGS, State
from escalation.model.tables import NOTHING, TERMS, Tables


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
    now: float,
) -> None:
    """Append one weighing with its options, their utilities, terms and weights, if there is room for all.

    The option of doing nothing has the instrument -1 and no terms; its utility is the inertia.
    """
    n = state.tally[WEIGHINGS]
    enough = state.tally[OPTIONS] + tables.instruments < len(state.option_weighing)
    if not tables.trace or not enough or n >= len(state.weigh_time):
        return
    ij = i * tables.actors + j
    state.weigh_time[n], state.weigh_actor[n], state.weigh_about[n] = now, i, j
    state.weigh_target[n], state.weigh_picked[n] = target, picked
    state.weigh_item[n], state.weigh_cause[n] = state.draft_count[ij], state.wake_cause[ij]
    state.weigh_grievance[n], state.weigh_proportion[n] = G, D
    state.weigh_pressure[n], state.weigh_partners[n], state.weigh_due[n] = P, partners, state.due[ij]
    state.tally[WEIGHINGS] = n + 1
    total = 0.0
    for place in range(state.tally[CHOICES]):
        total += state.weight[place]
    for place in range(state.tally[CHOICES]):
        if state.weight[place] > 0.0:
            row, k = state.tally[OPTIONS], state.option[place]
            state.option_weighing[row], state.option_instrument[row] = n, k
            state.option_probability[row] = state.weight[place] / total
            state.option_utility[row] = state.utility[place]
            for term in range(TERMS):
                noted = 0.0 if k == NOTHING else state.terms[place * TERMS + term]
                state.option_terms[row * TERMS + term] = noted
            state.tally[OPTIONS] = row + 1


@kernel
def note_vote(
    tables: Tables, state: State, i: int, j: int, member: int, hold: int, agreed: bool, now: float
) -> None:
    """Append the outcome of one vote: who withheld consent (a veto or a hold, by index; -1 for nobody)."""
    n = state.tally[VOTES]
    if tables.trace and n < len(state.vote_time):
        ij = i * tables.actors + j
        state.vote_time[n], state.vote_actor[n], state.vote_about[n] = now, i, j
        state.vote_package[n], state.vote_agreed[n] = state.draft_number[ij], 1 if agreed else 0
        state.vote_member[n], state.vote_hold[n] = member, hold
        state.tally[VOTES] = n + 1


@kernel
def note_struck(tables: Tables, state: State, i: int, target: int, k: int, package: int, now: float) -> None:
    """Append an act that was decided and did not take place."""
    n = state.tally[STRUCK]
    if tables.trace and n < len(state.struck_time):
        state.struck_time[n], state.struck_package[n] = now, package
        state.struck_actor[n], state.struck_target[n], state.struck_instrument[n] = i, target, k
