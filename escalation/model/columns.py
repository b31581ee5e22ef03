"""Filling the columns of numbers: a number's name stays the same, its path becomes its key."""

from __future__ import annotations

from typing import Any

import numpy as np

from escalation.errors import InputError
from escalation.model.begin import CHOICE_OF, LOGNORMAL, NORMAL, TRIANGULAR, UNIFORM
from escalation.model.draws import stable_hash
from escalation.model.numbers import Numbers
from escalation.scenario.base import Number, Within


class Keys:
    """Stable hashes of names; two different names with one hash are refused."""

    def __init__(self) -> None:
        self.seen: dict[int, tuple[str, ...]] = {}

    def __call__(self, *names: str) -> int:
        """Return the hash of `names`. Raises InputError when other names already have it."""
        key = stable_hash(*names)
        if self.seen.setdefault(key, names) != names:
            raise InputError(
                f"the names {'/'.join(names)} and {'/'.join(self.seen[key])} have one hash: rename one"
            )
        return key


class Cells:
    """The columns of `Numbers` while they are filled, and the cells among them that are uncertain."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self.columns: dict[str, list[float]] = {name: [] for name in Numbers._fields}
        self.rows: list[tuple[int, int, int, float, float, float, float, float, int]] = []
        self.choices: list[tuple[float, ...]] = []

    def add(self, column: str, number: Number | float, path: str = "", limits: Within | None = None) -> None:
        """Append a number to `column`; one that is uncertain also becomes a cell with the key of its path."""
        if isinstance(number, Number):
            if number.uncertain:
                self._uncertain(column, number, path, limits)
            number = number.nominal
        self.columns[column].append(float(number))

    def add_all(self, model: Any, names: tuple[str, ...], path: str) -> None:
        """Append the fields `names` of a model part to the columns of the same names."""
        for name in names:
            self.add(name, getattr(model, name), f"{path}.{name}", limits_of(model, name))

    def _uncertain(self, column: str, number: Number, path: str, limits: Within | None) -> None:
        kind, values = distribution(number)
        a, b, c = (*values, 0.0, 0.0, 0.0)[:3]
        low, high = (limits.low, limits.high) if limits else (-np.inf, np.inf)
        self.choices.append(values if kind == CHOICE_OF else ())
        self.rows.append(
            (
                Numbers._fields.index(column),
                len(self.columns[column]),
                kind,
                a,
                b,
                c,
                low,
                high,
                self.keys("uncertain", path),
            )
        )

    def numbers(self) -> Numbers:
        """Return the columns as arrays of float64."""
        return Numbers(**{name: np.array(values, float) for name, values in self.columns.items()})

    def tables(self) -> dict[str, Any]:
        """Return the fields of `Tables` that describe the uncertain cells."""
        names = ("column", "index", "kind", "a", "b", "c", "low", "high", "key")
        kinds = (np.int64, np.int64, np.int64, float, float, float, float, float, np.uint64)
        fields: dict[str, Any] = {
            f"cell_{name}": np.array([row[n] for row in self.rows], kind)
            for n, (name, kind) in enumerate(zip(names, kinds, strict=True))
        }
        fields["cell_choice_start"] = np.cumsum([0, *map(len, self.choices)], dtype=np.int64)
        fields["cell_choice"] = np.array([value for row in self.choices for value in row], float)
        return fields


def distribution(number: Number) -> tuple[int, tuple[float, ...]]:
    """Return the kind and the parameters of an uncertain number."""
    for kind, name in (
        (UNIFORM, "uniform"),
        (NORMAL, "normal"),
        (LOGNORMAL, "lognormal"),
        (TRIANGULAR, "triangular"),
    ):
        if values := getattr(number, name):
            return kind, values
    return CHOICE_OF, number.choice or ()


def limits_of(model: Any, name: str) -> Within | None:
    """Return the allowed range of a field of a model part, when it has one."""
    metadata = type(model).model_fields[name].metadata
    return next((item for item in metadata if isinstance(item, Within)), None)
