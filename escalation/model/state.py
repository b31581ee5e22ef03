"""A fresh world: the state of one replication before anything has happened."""

from __future__ import annotations

from escalation.model.kernel import Column
from escalation.model.tables import NEVER, PACKAGE, TERMS, State, Tables

TRACED = 4_000
"""Weighings and votes that one traced replication can hold."""

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
        "tally": 10,
        "script_act": tables.scripts,
        "shock_row": tables.shocks,
        "alike": tables.families,
        "utility": k,
        "weight": k + 1,
        "terms": k * TERMS,
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
