"""What a compiled scenario and one replication of it look like from outside the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.header import Header
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
