"""From the state at the end of a replication to its outcome row and its log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.model.kernel import dtype_of
from escalation.model.state import NEVER, ActState, CauseState
from escalation.model.tables import Tables
from escalation.model.world import TRUNCATED, Columns, Replication

COLUMNS = (
    "origin",
    "time",
    "actor",
    "target",
    "instrument",
    "size",
    "package",
    "parent",
    "in_force",
    "lapsed",
)
"""The columns of the log, after the number of the row."""


def extract(w: Tables) -> Replication:
    """Return what one replication leaves behind, as arrays."""
    state, tally = w.state, w.state.tally
    acts, causes = (
        columns_of(ActState, state.act, tally.acts),
        columns_of(CauseState, state.cause, tally.causes),
    )
    log = {"act": np.arange(tally.acts, dtype=np.int64)} | {name: acts[name] for name in COLUMNS}
    for name in ("in_force", "lapsed"):
        log[name][log[name] == NEVER] = np.nan
    truncated = tally.status == TRUNCATED
    limit = f"{w.act_limit} acts" if tally.acts >= w.act_limit else f"{w.event_limit} events"
    return Replication(
        status=int(tally.status),
        message=f"stopped at {limit}" if truncated else "",
        outcomes=np.array(state.row, float),
        acts=log,
        causes=causes,
        struck=int(tally.struck),
    )


def columns_of(record: type, rows: Any, count: int) -> Columns:
    """Return the first `count` records of a list or array as columns."""
    table: npt.NDArray[Any] | Sequence[Any] = rows[:count]
    if isinstance(table, np.ndarray):
        return {name: table[name].copy() for name in dtype_of(record).names or ()}
    return {
        name: np.array([getattr(row, name) for row in table], kind[0])
        for name, kind in (dtype_of(record).fields or {}).items()
    }
