"""From the state at the end of a replication to its outcome row and its log."""

from __future__ import annotations

import numpy as np

from escalation.model.tables import ACTS, CAUSES, NEVER, STATUS, State, Tables
from escalation.model.world import TRUNCATED, Replication


def extract(tables: Tables, state: State) -> Replication:
    """Return what one replication leaves behind, as arrays."""
    acts, causes = state.tally[ACTS], state.tally[CAUSES]
    log = {
        "act": np.arange(acts, dtype=np.int64),
        "origin": np.array(state.act_origin[:acts], np.int64),  # type: ignore[index]
    }
    for name in ("time", "actor", "target", "instrument", "size", "package", "parent", "in_force", "lapsed"):
        column = getattr(state, f"act_{name}")
        log[name] = np.array(column[:acts], float if name in FLOATS else np.int64)
    for name in ("in_force", "lapsed"):
        log[name][log[name] == NEVER] = np.nan
    truncated = state.tally[STATUS] == TRUNCATED
    return Replication(
        status=state.tally[STATUS],
        message=f"stopped at {tables.act_limit} acts or {tables.event_limit} events" if truncated else "",
        outcomes=np.array(state.row, float),
        acts=log,
        causes={
            "act": np.array(state.cause_act[:causes], np.int64),  # type: ignore[index]
            "cause": np.array(state.cause_of[:causes], np.int64),  # type: ignore[index]
            "share": np.array(state.cause_share[:causes], float),  # type: ignore[index]
        },
    )


FLOATS = ("time", "size", "in_force", "lapsed")
"""The columns of the log that are not whole numbers."""
