"""The uncertain numbers of a scenario, and worlds in which they stand where one wants them.

For those who build on it (sensitivity): `uncertainties(scenario, world)` lists them in the order of the
world's cells; `quantities[k].at(0.95)` is the value that quantity k exceeds in 5% of replications; and
`Evaluator.dialled` plays replications with every quantity set by hand, anew for each, at the cost of a plain
replication. To set one for a whole trial, give `Evaluator` a point with its `path`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.model.begin import UNIFORM, triangular
from escalation.model.draws import stable_hash
from escalation.model.world import World
from escalation.scenario.base import DISTRIBUTIONS, Number, Part
from escalation.scenario.document import Scenario
from escalation.scenario.policy import Scripted

Array = npt.NDArray[np.float64]

_LEAST = 1e-12


@dataclass(frozen=True)
class Uncertainty:
    """A number that each replication draws anew: where it stands, and what it is drawn from.

    `low` and `high` are what it is kept within: its allowed range.
    """

    path: str
    number: Number
    low: float
    high: float

    @property
    def distribution(self) -> str:
        """The distribution as the file writes it: `uniform [0.3, 0.9]`."""
        name = next(name for name in DISTRIBUTIONS if getattr(self.number, name))
        return f"{name} [{', '.join(f'{value:g}' for value in getattr(self.number, name))}]"

    def at(self, share: float) -> float:
        """Return the value below which it lies with probability `share`, in [0, 1]."""
        return float(min(self.high, max(self.low, self._at(share))))

    def _at(self, share: float) -> float:
        number = self.number
        if number.uniform:
            return number.uniform[0] + (number.uniform[1] - number.uniform[0]) * share
        if number.triangular:
            low, mode, high = number.triangular
            return triangular(low, mode, high, share)
        if number.choice:
            return number.choice[min(int(share * len(number.choice)), len(number.choice) - 1)]
        score = NormalDist().inv_cdf(min(1 - _LEAST, max(_LEAST, share)))
        if number.normal:
            return number.normal[0] + number.normal[1] * score
        median, sigma = number.lognormal or (0.0, 0.0)
        return median * float(np.exp(sigma * score))


def uncertainties(scenario: Scenario, world: World) -> tuple[Uncertainty, ...]:
    """Return the uncertain numbers of a scenario, one for each cell of its `world`, in their order."""
    found = {stable_hash("uncertain", path): (path, number) for path, number in _uncertain(scenario)}
    tables = world.tables
    cells = zip(tables.cell_key, tables.cell_low, tables.cell_high, strict=True)
    return tuple(Uncertainty(*found[int(key)], float(low), float(high)) for key, low, high in cells)


class Dials:
    """A world of its own whose uncertain numbers are set by hand before each replication.

    One thread may play it at a time: each thread needs its own.
    """

    def __init__(self, world: World):
        tables = world.tables
        self._low, self._high = np.array(tables.cell_low), np.array(tables.cell_high)
        self._kind = np.full(len(self._low), UNIFORM)
        a, b = np.zeros(len(self._low)), np.zeros(len(self._low))
        self._a, self._b = a, b
        self.world = replace(world, tables=tables._replace(cell_kind=self._kind, cell_a=a, cell_b=b))

    def set(self, values: Sequence[float] | Array) -> None:
        """Set all uncertain numbers, in the order of the cells: from here on every draw gives these."""
        # a uniform distribution without width is its only value, whatever is drawn
        self._a[:] = self._b[:] = values


def _uncertain(scenario: Scenario) -> Iterator[tuple[str, Number]]:
    """Yield path and number of whatever may be drawn: sizes that are not said are their instrument's."""
    yield from _within(scenario, "")
    for name, act in scenario.history.items():
        yield from _size(scenario, f"history.{name}.size", act)
    for name, actor in scenario.actors.items():
        scripted = actor.policy.acts if isinstance(actor.policy, Scripted) else {}
        for entry, one in scripted.items():
            yield from _size(scenario, f"actors.{name}.policy.acts.{entry}.size", one)


def _size(scenario: Scenario, path: str, act: Any) -> Iterator[tuple[str, Number]]:
    size = scenario.instruments[act.instrument].size
    number = act.size or (size.median if size else None)
    if number is not None and number.uncertain:
        yield path, number


def _within(value: Any, path: str) -> Iterator[tuple[str, Number]]:
    if isinstance(value, Number):
        if value.uncertain:
            yield path, value
    elif isinstance(value, Part | dict):
        entries = (
            value.items()
            if isinstance(value, dict)
            else ((name, getattr(value, name)) for name in type(value).model_fields)
        )
        for name, entry in entries:
            yield from _within(entry, f"{path}.{name}".lstrip("."))
