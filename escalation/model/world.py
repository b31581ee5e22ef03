"""What a compiled scenario and one replication of it look like from outside the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.header import Header
from escalation.model.kernel import dtype_of
from escalation.model.state import NEVER, ActState, CauseState
from escalation.model.tables import Tables
from escalation.scenario.outcomes import Outcome

DONE, TRUNCATED, FAILED, FULL = range(4)
"""Status of a replication: ran to the end, hit the act or event limit, stopped by an error.

FULL is between the rules and the compiled clock: it must be run again with more room for a log.
"""

SHOCK, HISTORY, SIMULATED, FORCED = range(4)
"""Origin of a row of the log: a shock, a scripted act, an act that the model chose, one that was forced."""

NOON = 0.5
"""A meeting and a scripted act fall at noon, a shock before and what follows from it after."""

Columns = dict[str, npt.NDArray[Any]]
"""A table by columns, all of one length."""


@dataclass(frozen=True)
class Names:
    """The names behind the model's indices.

    `python` holds the policies of kind `python`, by the index of their actor.
    """

    actors: tuple[str, ...]
    actor_labels: tuple[str, ...]
    instruments: tuple[str, ...]
    instrument_labels: tuple[str, ...]
    families: tuple[str, ...]
    shocks: tuple[str, ...]
    shock_labels: tuple[str, ...]
    vetoes: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    python: dict[int, Any] = field(default_factory=dict)


class Cell(NamedTuple):
    """An uncertain number of a scenario: where it stands there, what it is, and its allowed range."""

    path: str
    number: Any
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class World:
    """A scenario compiled to tables of numbers, with the names and dates to read results by.

    `tables` is a `Tables` of (structured) arrays without a state; `cells` describes the rows of its `cell`.
    """

    tables: Any
    cells: tuple[Cell, ...]
    names: Names
    outcomes: tuple[Outcome, ...]
    start: date
    end: date
    takeover: date
    header: Header

    def day(self, time: float) -> date:
        """Return the date of `time` (days from the start)."""
        return self.start + timedelta(days=int(time))


class Replication(NamedTuple):
    """One replication: its status, its outcome row, its log of acts and shocks, and who caused what.

    `outcomes` is a row of float64, one per `World.outcomes`. `acts` has the columns `act` (the row's number
    in this replication), `origin` (SHOCK, HISTORY, SIMULATED or FORCED), `time` (days), `actor`, `target`
    (indices; -1 for none), `instrument` (index; for a shock the index of the shock), `size`, `package`
    (number of the deliberation, -1 outside one), `parent` (`act` of what woke the actor, -1 for none),
    `in_force`, `lapsed` (days; NaN for never). `causes` has `act`, `cause` (an `act`) and `share`. `struck`
    counts the acts that an intervention kept from taking place.
    """

    status: int
    message: str
    outcomes: npt.NDArray[np.float64]
    acts: Columns
    causes: Columns
    struck: int = 0


Simulate = Callable[[World, int, int], Replication]
"""A clock: (world, seed, replication) to one replication."""
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
    acts = columns_of(ActState, state.act, tally.acts)
    log = {"act": np.arange(tally.acts, dtype=np.int64)} | {name: acts[name] for name in COLUMNS}
    for name in ("in_force", "lapsed"):
        log[name][log[name] == NEVER] = np.nan
    limit = f"{w.act_limit} acts" if tally.acts >= w.act_limit else f"{w.event_limit} events"
    return Replication(
        status=int(tally.status),
        message=f"stopped at {limit}" if tally.status == TRUNCATED else "",
        outcomes=np.array(state.row, float),
        acts=log,
        causes=columns_of(CauseState, state.cause, tally.causes),
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
