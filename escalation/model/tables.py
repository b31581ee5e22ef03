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

NOTHING = -1
"""The option of doing nothing, among the instruments."""


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
    conditional: Ints
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
    irregular: Ints
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
    # by dyad; `option`: the instruments that one can use against the other, in order, and nothing among them
    dyad_key: Words
    relation: Ints
    option_start: Ints
    option: Ints
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
    # acts that do not take place: in which replication, whose, against whom, with what (-1 for any), the how
    # manieth since the takeover that fits (from 1; -1 for every one)
    strike_replication: Ints
    strike_actor: Ints
    strike_target: Ints
    strike_instrument: Ints
    strike_family: Ints
    strike_ordinal: Ints
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


def plain(columns: Any) -> Any:
    """Return a NamedTuple of arrays as the same NamedTuple of lists: four times faster when interpreted."""
    return type(columns)._make(
        value.tolist() if isinstance(value, np.ndarray) else value for value in columns
    )
