"""From the state at the end of a replication to its outcome row and its log."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np

from escalation.model.state import ACTS, CAUSES, INTEGERS, OPTIONS, STATUS, STRUCK, VOTES, WEIGHINGS, State
from escalation.model.tables import NEVER, TERMS, Tables
from escalation.model.world import TRUNCATED, Columns, Replication


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
        status=int(state.tally[STATUS]),
        message=f"stopped at {tables.act_limit} acts or {tables.event_limit} events" if truncated else "",
        outcomes=np.array(state.row, float),
        acts=log,
        causes={
            "act": np.array(state.cause_act[:causes], np.int64),  # type: ignore[index]
            "cause": np.array(state.cause_of[:causes], np.int64),  # type: ignore[index]
            "share": np.array(state.cause_share[:causes], float),  # type: ignore[index]
        },
        struck=int(state.tally[STRUCK]),
    )


FLOATS = ("time", "size", "in_force", "lapsed")
"""The columns of the log that are not whole numbers."""


class Trace(NamedTuple):
    """What was weighed, voted and struck in a traced replication, in the order in which it happened.

    `weighings` has the columns `time` (days), `actor`, `about`, `target` (indices), `item` (place in the
    package, from 0), `picked` (instrument, -1 for nothing), `cause` (row of the log that woke the actor, -1
    for none), `due` (1 when its own promise was due), `grievance`, `proportion`, `pressure`, `partners`.
    `options` has `weighing` (row of `weighings`), `instrument` (-1 for nothing), `probability`, `utility`
    and `terms`, float64[n, TERMS] in the order of TERM_NAMES. `votes` has `time`, `actor`, `about`,
    `package`, `agreed` (0 or 1), `member` and `hold` (who withheld consent; -1 for nobody). `struck` has
    `time`, `actor`, `target`, `instrument` and `package` (-1 outside one).
    """

    weighings: Columns
    options: Columns
    votes: Columns
    struck: Columns


def extract_trace(state: State) -> Trace:
    """Return what a replication played with `trace` has noted; empty tables without it."""
    options, columns = state.tally[OPTIONS], cast(Any, state)
    terms = np.array(columns.option_terms[: options * TERMS], float)
    return Trace(
        weighings=_table(state, "weigh_", state.tally[WEIGHINGS]),
        options=_table(state, "option_", options) | {"terms": terms.reshape(options, TERMS)},
        votes=_table(state, "vote_", state.tally[VOTES]),
        struck=_table(state, "struck_", min(state.tally[STRUCK], len(state.struck_time))),
    )


def _table(state: State, prefix: str, rows: int) -> Columns:
    return {
        name.removeprefix(prefix): np.array(
            getattr(state, name)[:rows], np.int64 if name in INTEGERS else float
        )
        for name in State._fields
        if name.startswith(prefix) and name != "option_terms"
    }
