"""The world in the middle of one replication, and a fresh one before anything has happened."""

from __future__ import annotations

from typing import NamedTuple

from escalation.model.kernel import Column, Floats, Ints, Words
from escalation.model.tables import NEVER, PACKAGE, TERMS, Tables

ACTS, CAUSES, PARTS, OUT, EVENTS, STATUS, PACKAGES, WEIGHINGS, OPTIONS, VOTES, CHOICES, STRUCK = range(12)
"""Counters in `State.tally`."""


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
    part_level: Floats
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
    # by strike: how many acts have fitted it
    strike_seen: Ints
    # what was weighed, voted and struck, when traced: weighings, their options, votes, struck acts
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
    struck_time: Floats
    struck_actor: Ints
    struck_target: Ints
    struck_instrument: Ints
    struck_package: Ints
    # the outbox: events that follow
    out_time: Floats
    out_kind: Ints
    out_actor: Ints
    out_a: Ints
    out_b: Ints
    # scratch of one deliberation: by family, by option, by option and term
    alike: Ints
    option: Ints
    utility: Floats
    weight: Floats
    terms: Floats
    # measuring
    package_day: Ints
    row: Floats


TRACED = 4_000
"""Weighings, votes and struck acts that one traced replication can hold."""

INTEGERS = frozenset(name for name, kind in State.__annotations__.items() if "Float" not in str(kind))
"""The columns of `State` that hold whole numbers."""

STARTS = {"pending": NEVER, "adopted_at": -1.0}
"""The columns that begin with something else than 0 or -1."""

NOBODY = (
    "part_head",
    "wake_cause",
    "last_day",
    "last_act",
    "draft_head",
    "threat_act",
    "script_act",
    "shock_row",
    "package_day",
)
"""The columns that begin with -1: no such row, day or part."""

PER_ACTOR = (
    "lasting",
    "fading",
    "fading_at",
    "pressure_sum",
    "cost_rate",
    "cost_at",
    "cost",
    "audience_cost",
)
PER_INSTRUMENT = ("uses", "uses_at", "active", "ever")
PER_DRAFT = ("draft_instrument", "draft_target", "draft_size")


def lengths_of(tables: Tables) -> dict[str, int]:
    """Return the length of every column of `State` that is not one of a dyad."""
    n, k = tables.actors, tables.instruments
    rows = tables.act_limit
    traced = TRACED if tables.trace else 0
    lengths = {
        "stream": 3,
        "tally": 12,
        "script_act": tables.scripts,
        "shock_row": tables.shocks,
        "strike_seen": len(tables.strike_ordinal),
        "alike": tables.families,
        "option": k + 1,
        "utility": k + 1,
        "weight": k + 1,
        "terms": (k + 1) * TERMS,
        "package_day": n * tables.families + n,
        "row": tables.outcomes,
        "option_terms": traced * (k + 1) * TERMS // 2,
    }
    lengths |= dict.fromkeys(PER_ACTOR, n)
    lengths |= dict.fromkeys(PER_INSTRUMENT, n * n * k)
    lengths |= dict.fromkeys(PER_DRAFT, n * n * PACKAGE)
    known_events = tables.scripts + tables.shocks + len(tables.measure_time) + len(tables.renewal)
    blocks = {
        "act_": rows,
        "cause_": rows * 24,
        "part_": rows * (n + 16),
        "out_": 3 * n * n + known_events + 64,
        "weigh_": traced,
        "vote_": traced,
        "struck_": traced,
        "option_": traced * (k + 1) // 2,
    }
    for name in State._fields:
        for prefix, length in blocks.items():
            if name.startswith(prefix) and name not in lengths and name != "part_head":
                lengths[name] = length
    return lengths


def new_state(tables: Tables) -> State:
    """Return a state with room for everything that `tables` allows; `begin` fills it."""
    lengths = lengths_of(tables)
    columns: dict[str, Column[float]] = {}
    for name in State._fields:
        fill: float = -1 if name in NOBODY else STARTS.get(name, 0)
        length = lengths.get(name, tables.actors * tables.actors)
        columns[name] = [int(fill)] * length if name in INTEGERS else [float(fill)] * length
    return State(**columns)  # type: ignore[arg-type]  # names and fields are the same list
