"""What the steps of compiling share: the scenario, its order of names, and the columns filled so far."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.model.columns import Cells, Keys
from escalation.scenario.document import Scenario


@dataclass
class Build:
    """A scenario half compiled: `fields` becomes `Tables`, `cells` becomes `Numbers`.

    Actors stand in the order of their names, instruments in the order of their (nominal) severity.
    """

    scenario: Scenario
    actors: tuple[str, ...]
    instruments: tuple[str, ...]
    keys: Keys
    cells: Cells
    fields: dict[str, Any] = field(default_factory=dict)

    def days(self, day: date) -> float:
        """Return a date in days from the scenario's start."""
        return float((day - self.scenario.start).days)


def ints(values: Iterable[int]) -> npt.NDArray[np.int64]:
    """Return a column of whole numbers."""
    return np.array(list(values), np.int64)


def floats(values: Iterable[float]) -> npt.NDArray[np.float64]:
    """Return a column of numbers."""
    return np.array(list(values), np.float64)


def words(values: Iterable[int]) -> npt.NDArray[np.uint64]:
    """Return a column of 64-bit keys."""
    return np.array(list(values), np.uint64)


def starts(groups: Iterable[Sized]) -> npt.NDArray[np.int64]:
    """Return where each group begins in the column of all groups one after another, and the end."""
    return np.cumsum([0, *map(len, groups)], dtype=np.int64)
