"""A fresh world: the state of one replication before anything has happened."""

from __future__ import annotations

from escalation.model.kernel import Column
from escalation.model.tables import NEVER, PACKAGE, TERMS, State, Tables


def new_state(tables: Tables) -> State:
    """Return a state with room for everything that `tables` allows; `begin` fills it."""
    n, k, acts = tables.actors, tables.instruments, tables.act_limit
    rows = acts + tables.scripts + 64
    parts = rows * (n + 16)
    nan = float("nan")
    lengths: dict[str, tuple[int, float]] = {
        "stream": (3, 0),
        "tally": (7, 0),
        "part_head": (n * n, -1),
        "pending": (n * n, NEVER),
        "wake_cause": (n * n, -1),
        "last_day": (n * n, -1),
        "last_act": (n * n, -1),
        "draft_head": (n * n, -1),
        "part_source": (parts, 0),
        "part_amount": (parts, 0.0),
        "part_time": (parts, 0.0),
        "part_next": (parts, 0),
        "script_act": (tables.scripts, -1),
        "shock_row": (tables.shocks, -1),
        "alike": (tables.families, 0),
        "utility": (k, 0.0),
        "weight": (k + 1, 0.0),
        "terms": (k * TERMS, 0.0),
        "package_day": (n * tables.families + n, -1),
        "row": (tables.outcomes, nan),
    }
    shapes = {
        "draft_instrument": n * n * PACKAGE,
        "draft_target": n * n * PACKAGE,
        "draft_size": n * n * PACKAGE,
    }
    for name in ("uses", "uses_at", "active", "ever"):
        shapes[name] = n * n * k
    for name in ("lasting", "fading", "fading_at", "pressure_sum", "cost_rate", "cost_at", "cost"):
        shapes[name] = n
    columns: dict[str, Column[float]] = {}
    for name in State._fields:
        length, fill = lengths.get(name, (shapes.get(name, n * n), 0))
        if name.startswith("act_"):
            length = rows
        elif name.startswith("cause_"):
            length = rows * 24
        elif name.startswith("out_"):
            length = n * n + tables.scripts + tables.shocks + len(tables.measure_time) + 64
        whole = name in INTEGERS
        columns[name] = [int(fill) if whole else float(fill)] * length
    return State(**columns)  # type: ignore[arg-type]  # names and fields are the same list


INTEGERS = frozenset(name for name, kind in State.__annotations__.items() if "Float" not in str(kind))
"""The columns of `State` that hold whole numbers."""
