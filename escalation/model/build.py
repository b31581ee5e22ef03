"""Filling the tables of a compiled scenario: a number keeps its name, and its path becomes its key."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.errors import InputError
from escalation.model import draws
from escalation.model.kernel import SCALARS, dtype_of, element_of, types_of
from escalation.model.tables import UNCERTAIN, CellRow, ModelRow, Tables
from escalation.model.world import Cell
from escalation.scenario.base import DISTRIBUTIONS, Number, Within
from escalation.scenario.document import Scenario

KINDS = {
    "uniform": draws.UNIFORM,
    "normal": draws.NORMAL,
    "lognormal": draws.LOGNORMAL,
    "triangular": draws.TRIANGULAR,
    "choice": draws.CHOICE_OF,
}


class Build:
    """A scenario half compiled: tables of records, columns of numbers, and which of these are uncertain.

    Actors stand in the order of their names, instruments in the order of their (nominal) severity.
    """

    def __init__(self, scenario: Scenario) -> None:
        severity = {name: instrument.severity.nominal for name, instrument in scenario.instruments.items()}
        self.scenario = scenario
        self.actors = tuple(sorted(scenario.actors))
        self.instruments = tuple(sorted(severity, key=lambda name: (severity[name], name)))
        self.first_hostile = sum(value <= 0 for value in severity.values())
        self.kinds = {name: element_of(kind) or kind for name, kind in types_of(Tables).items()}
        self.columns: dict[str, list[Any]] = {
            name: [] for name, kind in types_of(Tables).items() if element_of(kind) or kind is ModelRow
        }
        self.names: dict[int, tuple[str, ...]] = {}
        self.cells: list[Cell] = []
        self.positions: list[tuple[str, int, str]] = []

    def days(self, day: date) -> float:
        """Return a date in days from the scenario's start."""
        return float((day - self.scenario.start).days)

    def key(self, *names: str) -> int:
        """Return the stable hash of `names`. Raises InputError when other names already have it."""
        key = draws.stable_hash(*names)
        other = self.names.setdefault(key, names)
        if other != names:
            raise InputError(f"the names {'/'.join(names)} and {'/'.join(other)} have one hash: rename one")
        return key

    def add(self, table: str, record: Any) -> None:
        """Append a record to a table."""
        self.columns[table].append(record)

    def extend(self, column: str, values: Iterable[Any]) -> tuple[int, int]:
        """Append a group of numbers or records to a column and return its bounds."""
        first = len(self.columns[column])
        self.columns[column].extend(values)
        return first, len(self.columns[column])

    def set(
        self, table: str, field: str, number: Number | float, path: str, limits: Within | None = None
    ) -> None:
        """Set a number of the last record of a table; one that is uncertain also becomes a cell."""
        if isinstance(number, Number):
            if number.uncertain:
                self._uncertain(table, field, number, path, limits)
            number = number.nominal
        setattr(self.columns[table][-1], field, float(number))

    def set_all(self, table: str, part: Any, names: Iterable[str], path: str, prefix: str = "") -> None:
        """Set the fields `prefix` + `names` of the last record of a table from a part of the scenario."""
        for name in names:
            self.set_from(table, prefix + name, part, name, path)

    def set_from(self, table: str, field: str, part: Any, name: str, path: str) -> None:
        """Set a field of the last record of a table from the field `name` of a part of the scenario."""
        limits = limits_of(type(part), name)  # type: ignore[arg-type] # a class is hashable
        self.set(table, field, getattr(part, name), f"{path}.{name}", limits)

    def _uncertain(self, table: str, field: str, number: Number, path: str, limits: Within | None) -> None:
        low, high = (limits.low, limits.high) if limits else (-math.inf, math.inf)
        kind, (a, b, c) = parameters(number)
        choice, _ = self.extend("cell_choice", number.choice or ())
        key = self.key("together", number.together) if number.together else self.key("uncertain", path)
        self.add("cell", CellRow(a, b, c, low, high, key, 0, kind, choice))
        self.cells.append(Cell(path, number, low, high))
        self.positions.append((table, len(self.columns[table]) - 1, field))

    def tables(self, **scalars: Any) -> Tables:
        """Return the tables as arrays, those that may hold uncertain numbers laid out as one column."""
        first = 0
        firsts = {}
        for name in UNCERTAIN:
            firsts[name] = first
            first += len(self.columns[name]) * len(self._fields(name))
        for cell, (name, row, field) in zip(self.columns["cell"], self.positions, strict=True):
            fields = self._fields(name)
            cell.at = firsts[name] + row * len(fields) + fields.index(field)
        arrays = {name: self._array(name) for name in self.columns}
        return Tables(**arrays | scalars).laid_out()

    def _fields(self, table: str) -> tuple[str, ...]:
        return dtype_of(self.kinds[table]).names or ()

    def _array(self, name: str) -> npt.NDArray[Any]:
        values, kind = self.columns[name], self.kinds[name]
        if kind not in SCALARS:
            fields = self._fields(name)
            values = [tuple(getattr(record, field) for field in fields) for record in values]
        return np.array(values, dtype_of(kind))


def parameters(number: Number) -> tuple[int, tuple[float, float, float]]:
    """Return the kind and the parameters of an uncertain number, as `draws.quantile` takes them."""
    name = next(name for name in DISTRIBUTIONS if getattr(number, name))
    values: tuple[float, ...] = getattr(number, name)
    a, b, c = (float(len(values)), 0.0, 0.0) if name == "choice" else (*values, 0.0)[:3]
    return KINDS[name], (a, b, c)


@cache
def limits_of(part: type[Any], name: str) -> Within | None:
    """Return the allowed range of a field of a part of the scenario, when it has one."""
    return next((limit for limit in part.model_fields[name].metadata if isinstance(limit, Within)), None)
