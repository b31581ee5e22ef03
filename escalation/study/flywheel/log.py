"""The logs of some replications as one: which rows can be answered, which count, and who answers whom.

An act counts when it is hostile and neither words nor a threat, and happens at or after the takeover: before
it nothing could answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.world import SHOCK, TRUNCATED, Replication, World
from escalation.study.flywheel.cells import binned, exact

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SOURCES = ("acts", "history", "shocks", "other", "unknown")
"""What an act can answer: counted acts, hostile acts before the takeover, shocks, the rest (words, threats,
concessions), nothing known."""
SINCE, BEFORE, FROM_SHOCK, OTHER, UNKNOWN = range(len(SOURCES))


class Log(NamedTuple):
    """The rows of some replications, one after another.

    `row_of` is the replication of a row (0 for the first), `end` when that ended. `parent` is the row's dyad
    where it counts, the number of dyads for a shock since the takeover, else -1. `counted` is true for acts
    that count, and `known` is the part of such an act of which it is known what it answers. `source` is what
    an answer to the row answers. `child`, `cause` (rows) and `share` (exact) are the links from acts that
    count to what they answer.
    """

    row_of: Ints
    time: Array
    end: Array
    parent: Ints
    counted: Mask
    known: Array
    source: Ints
    instrument: Ints
    severity: Array
    package: Ints
    child: Ints
    cause: Ints
    share: Array


def joined(world: World, replications: Sequence[Replication]) -> Log:
    """Return the logs of some replications as one; a truncated one ends with its last row."""
    tables, rows = world.tables, [len(one.acts["time"]) for one in replications]
    acts = {name: _below([one.acts[name] for one in replications], kind) for name, kind in ACTS.items()}
    row_of = np.repeat(np.arange(len(rows)), rows)
    time, shock = acts["time"], acts["origin"] == SHOCK
    instrument = np.where(shock, 0, acts["instrument"])
    since, hostile = time >= tables.takeover, ~shock & (tables.instrument["counted"][instrument] == 1)
    dyad = np.where(hostile, acts["actor"] * tables.actors + acts["target"], tables.actors**2)
    counted = hostile & since
    child, cause, share = _links(replications, rows, counted)
    ends = np.array([_end(world, one) for one in replications], np.float64)
    return Log(
        row_of=row_of,
        time=time,
        end=ends[row_of],
        parent=np.where((hostile | shock) & since, dyad, -1),
        counted=counted,
        known=binned(child, share, len(time)),
        source=np.where(hostile, np.where(since, SINCE, BEFORE), np.where(shock, FROM_SHOCK, OTHER)),
        instrument=instrument,
        severity=np.where(shock, 1.0, tables.instrument["severity"][instrument]),
        package=acts["package"],
        child=child,
        cause=cause,
        share=exact(share),
    )


ACTS = {
    "time": np.float64, "origin": np.int64, "actor": np.int64, "target": np.int64, "instrument": np.int64,
    "package": np.int64,
}  # fmt: skip


def _links(
    replications: Sequence[Replication], rows: Sequence[int], counted: Mask
) -> tuple[Ints, Ints, Array]:
    """Return the links from acts that count: child, cause and share."""
    kept, first = [], 0
    for one, length in zip(replications, rows, strict=True):
        links = one.causes
        here = np.flatnonzero(counted[first : first + length][links["act"]])
        kept.append((links["act"][here] + first, links["cause"][here] + first, links["share"][here]))
        first += length
    child, cause, share = zip(*kept, strict=True) if kept else ((), (), ())
    return _below(child, np.int64), _below(cause, np.int64), _below(share, np.float64)


def _below(columns: Sequence[npt.NDArray[Any]], kind: type) -> npt.NDArray[Any]:
    return np.concatenate([np.empty(0, kind), *columns])


def _end(world: World, one: Replication) -> float:
    if one.status != TRUNCATED:
        return float(world.tables.end)
    return float(one.acts["time"].max(initial=world.tables.takeover))
