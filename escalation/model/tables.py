"""What the rules read and write: the compiled scenario (`Tables`, `Numbers`) and the world's `State`.

All columns are one-dimensional. An index over a dyad is `i * actors + j` (sender i, target j), over a dyad
and an instrument `(i * actors + j) * instruments + k`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from escalation.model.kernel import Floats, Ints, Words

MEASURE, SHOCKED, SCRIPTED, LAPSE, IN_FORCE, TAKEOVER, DEADLINE, RENEWAL, WAKE, ANSWER = range(10)
"""Kinds of events, in the order in which they happen at one instant."""

PACKAGE = 16
"""Most instruments that one package can hold."""

TERM_NAMES = (
    "proportionality",
    "bite",
    "alignment",
    "own_cost",
    "fear",
    "gradualism",
    "last_resort",
    "saturation",
    "audience",
    "yielding",
)
"""Terms of the utility of an instrument, in the order of the formula."""

TERMS = len(TERM_NAMES)

NEVER = float("inf")


class Numbers(NamedTuple):
    """Every number of the model that can be uncertain, by columns; uncertain cells are drawn in `begin`."""

    # by actor: what it notices and feels
    attention: Floats
    felt: Floats
    half_life: Floats
    threshold: Floats
    emergency: Floats
    habituation: Floats
    memory: Floats
    yield_threshold: Floats
    # by actor: its institution
    review: Floats
    emergency_lag: Floats
    linkage: Floats
    # by actor: its policy
    reciprocity: Floats
    d_min: Floats
    inertia: Floats
    alpha: Floats
    bite: Floats
    alignment: Floats
    own_cost: Floats
    fear: Floats
    expected: Floats
    learning: Floats
    gradualism: Floats
    saturation: Floats
    audience: Floats
    credibility: Floats
    yielding: Floats
    temperature: Floats
    more: Floats
    package_limit: Floats
    discharge: Floats
    resolve: Floats
    join: Floats
    # by actor: the ladder's threshold; by observer and victim: the hazard's probabilities
    provocation: Floats
    answers: Floats
    # by actor: its patron
    absorbs: Floats
    over: Floats
    # by dyad; solidarity is 1 on the diagonal and the member's weight from a bloc to its member
    exposure: Floats
    dependence: Floats
    solidarity: Floats
    # by actor and instrument
    last_resort: Floats
    # by instrument
    rung: Floats
    severity: Floats
    harm: Floats
    cost: Floats
    relief: Floats
    delay: Floats
    term: Floats
    median: Floats
    spread: Floats
    promise: Floats
    condition: Floats
    within: Floats
    # by stage, by veto
    stage_median: Floats
    stage_spread: Floats
    veto_base: Floats
    veto_per_rung: Floats
    # by shock; by shock and actor; by scripted act
    magnitude: Floats
    rate: Floats
    salience: Floats
    scripted_size: Floats
    # of the whole model: one cell each
    size_exponent: Floats
    habituation_floor: Floats
    recent: Floats
    reputation: Floats
    runaway: Floats
    concession: Floats


class Tables(NamedTuple):
    """The rest of a compiled scenario: what is structure and not a number that could be uncertain."""

    # sizes: actors, instruments, families, shocks, scripted acts, acts at most, events at most
    actors: int
    instruments: int
    families: int
    shocks: int
    scripts: int
    act_limit: int
    event_limit: int
    takeover: float
    end: float
    trace: int
    # by instrument, in order of severity; `first_hostile` is the first with a severity above 0
    first_hostile: int
    family: Ints
    counted: Ints
    sized: Ints
    once: Ints
    relation_to: Ints
    requires_start: Ints
    requires: Ints
    demand: Ints
    lifts_start: Ints
    lifts: Ints
    # by actor
    policy_kind: Ints
    hazard_instrument: Ints
    renewal_start: Ints
    renewal: Floats
    stage_start: Ints
    meeting_start: Ints
    meeting: Floats
    veto_start: Ints
    veto_key: Words
    member_start: Ints
    member: Ints
    bloc: Ints
    actor_key: Words
    # by dyad; `usable` by dyad and instrument
    dyad_key: Words
    relation: Ints
    usable: Ints
    # holds
    hold_actor: Ints
    hold_target: Ints
    hold_since: Floats
    hold_until: Floats
    # shocks and scripted acts; the causes of a script are its own indices or -1 - shock
    shock_time: Floats
    shock_blamed: Ints
    shock_key: Words
    script_time: Floats
    script_actor: Ints
    script_target: Ints
    script_instrument: Ints
    script_origin: Ints
    script_cause_start: Ints
    script_cause: Ints
    # uncertain cells: which column of Numbers, which index, which distribution, its parameters and limits
    cell_column: Ints
    cell_index: Ints
    cell_kind: Ints
    cell_a: Floats
    cell_b: Floats
    cell_c: Floats
    cell_low: Floats
    cell_high: Floats
    cell_key: Words
    cell_choice_start: Ints
    cell_choice: Floats
    # measuring: dates of record, and where each group of outcomes begins in the row
    measure_time: Floats
    at: Ints
    first_use: Ints
    outcomes: int


class State(NamedTuple):
    """The world in the middle of one replication."""

    stream: Words
    tally: Ints
    # by dyad: grievance in two parts that decay alike, current at `felt_at`
    from_acts: Floats
    from_shocks: Floats
    felt_at: Floats
    part_head: Ints
    # by dyad: the pending wake (NEVER when there is none), its generation and what caused it
    pending: Floats
    generation: Ints
    wake_cause: Ints
    last_day: Ints
    day_ordinal: Ints
    # by dyad: what has been done
    acts_on: Ints
    adopted_at: Floats
    top: Floats
    pull: Floats
    pull_at: Floats
    last_act: Ints
    relation: Ints
    expected: Floats
    sent: Floats
    received: Floats
    # by dyad: the threat that stands (its act, -1 for none), whether it is due and through which row
    threat_act: Ints
    threat_until: Floats
    due: Ints
    due_cause: Ints
    credibility: Floats
    # by dyad and instrument
    uses: Floats
    uses_at: Floats
    active: Ints
    ever: Ints
    # by dyad: hostile acts that have not lapsed
    stock: Ints
    # by dyad: the package that waits for consent, with its shares frozen
    draft_count: Ints
    draft_blocks: Ints
    draft_head: Ints
    draft_parent: Ints
    draft_number: Ints
    draft_instrument: Ints
    draft_target: Ints
    draft_size: Floats
    # by actor: pressure in a lasting and a fading part, current at `fading_at`; cost so far
    lasting: Floats
    fading: Floats
    fading_at: Floats
    pressure_sum: Floats
    cost_rate: Floats
    cost_at: Floats
    cost: Floats
    audience_cost: Floats
    # the ledger of parts: linked lists of (source, amount, time)
    part_source: Ints
    part_amount: Floats
    part_time: Floats
    part_next: Ints
    # the log
    act_origin: Ints
    act_time: Floats
    act_actor: Ints
    act_target: Ints
    act_instrument: Ints
    act_size: Floats
    act_package: Ints
    act_parent: Ints
    act_in_force: Floats
    act_lapsed: Floats
    cause_act: Ints
    cause_of: Ints
    cause_share: Floats
    script_act: Ints
    shock_row: Ints
    # what was weighed and voted, when traced: weighings, their options, votes
    weigh_time: Floats
    weigh_actor: Ints
    weigh_about: Ints
    weigh_target: Ints
    weigh_item: Ints
    weigh_picked: Ints
    weigh_cause: Ints
    weigh_due: Ints
    weigh_grievance: Floats
    weigh_proportion: Floats
    weigh_pressure: Floats
    weigh_partners: Floats
    option_weighing: Ints
    option_instrument: Ints
    option_probability: Floats
    option_utility: Floats
    option_terms: Floats
    vote_time: Floats
    vote_actor: Ints
    vote_about: Ints
    vote_package: Ints
    vote_agreed: Ints
    vote_member: Ints
    vote_hold: Ints
    # the outbox: events that follow
    out_time: Floats
    out_kind: Ints
    out_actor: Ints
    out_a: Ints
    out_b: Ints
    # scratch of one deliberation: by family, by instrument (and nothing), by instrument and term
    alike: Ints
    utility: Floats
    weight: Floats
    terms: Floats
    # measuring
    package_day: Ints
    row: Floats


ACTS, CAUSES, PARTS, OUT, EVENTS, STATUS, PACKAGES, WEIGHINGS, OPTIONS, VOTES = range(10)
"""Counters in `State.tally`."""


def plain(columns: Any) -> Any:
    """Return a NamedTuple of arrays as the same NamedTuple of lists: four times faster when interpreted."""
    return type(columns)._make(
        value.tolist() if isinstance(value, np.ndarray) else value for value in columns
    )
