"""What a sensitivity analysis varies, and how rows of its designs are played.

The quantities are the uncertain numbers of a scenario, and levers as if they were such. A lever that is a
range is laid into the scenario as a uniform distribution, one in steps or of numbers as a choice: it then
is one more uncertain number, and setting it costs nothing. Choices that are no numbers (policies) need a
world of their own for each of their combinations.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.errors import EscalationError, InputError, ScenarioError
from escalation.model.world import FAILED, World
from escalation.scenario.expression import Expression
from escalation.study.objective import indicator
from escalation.study.points.evaluate import Evaluator, Sample
from escalation.study.points.levers import Lever, Point, grid, value_text
from escalation.study.points.uncertain import uncertainties
from escalation.study.points.variants import Variants, labels_of
from escalation.study.values import ResultPart

Array = npt.NDArray[np.float64]

MOST_WORLDS = 64
"""Combinations of choices that are no numbers, at most."""
AVERAGES = 8
"""Independent averages of a point, about: two would do, more have less noise of their own."""
TIMED = 64
"""Replications by which the speed is measured."""


class Quantity(ResultPart):
    """Something of a scenario that is varied."""

    path: str
    """Its path in the scenario."""
    range: str
    """Its values or its distribution: `0 to 1`, `uniform [0.3, 0.9]`."""
    is_lever: bool
    """False for an uncertain number of the scenario."""
    is_ordered: bool = True
    """False for choices that are no numbers: nothing is more or less of them."""
    label: str = ""
    """Whose it is and what: `Belarus: reciprocity`."""


class Cut(NamedTuple):
    """Points that lie in one world: their numbers, int64[n], and their settings, float64[n, cells]."""

    world: World
    numbers: npt.NDArray[np.int64]
    settings: Array


class Space:
    """All quantities of a scenario, and the worlds of the points in their unit cube.

    `quantities` are the levers, then the uncertain numbers in the order of the file. Raises ScenarioError or
    InputError for levers that the scenario cannot follow, or when there is nothing to vary.
    """

    def __init__(self, variants: Variants, levers: Sequence[Lever]):
        variants.require(levers)
        distributions = {lever.path: text for lever in levers if (text := _distribution(variants, lever))}
        self._chosen = tuple(lever for lever in levers if lever.path not in distributions)
        self._worlds = [variants.world({**distributions, **point}) for point in _combinations(self._chosen)]
        ranges = {cell.path: cell.distribution for world in self._worlds for cell in uncertainties(world)}
        paths = [*(lever.path for lever in levers), *(path for path in ranges if path not in distributions)]
        labels = labels_of(variants.base, paths)
        self.quantities = (
            *(
                Quantity(
                    path=lever.path, range=_range_of(lever), is_lever=True, is_ordered=lever.is_numeric,
                    label=labels[lever.path],
                )
                for lever in levers
            ),
            *(
                Quantity(path=path, range=ranges[path], is_lever=False, label=labels[path])
                for path in paths[len(levers) :]
            ),
        )  # fmt: skip
        if not self.quantities:
            raise InputError(
                f"{variants.base.title}: has no uncertain number; name levers with --vary PATH=low:high"
            )
        self._column = {quantity.path: n for n, quantity in enumerate(self.quantities)}

    def cuts(self, shares: Array) -> Iterator[Cut]:
        """Yield points world by world; `shares` say how far each quantity goes, float64[n, quantities]."""
        worlds = self._worlds_of(shares)
        for number in np.unique(worlds):
            world, rows = self._worlds[number], np.flatnonzero(worlds == number)
            cells = uncertainties(world)
            columns = [self._column[cell.path] for cell in cells]
            settings = [
                [cell.at(share) for cell, share in zip(cells, row, strict=True)]
                for row in shares[rows][:, columns].tolist()
            ]
            yield Cut(world, rows, np.array(settings, np.float64).reshape(len(rows), len(cells)))

    def _worlds_of(self, shares: Array) -> npt.NDArray[np.int64]:
        """Return the number of each point's world, int64[n]."""
        numbers = np.zeros(len(shares), np.int64)
        for lever in self._chosen:
            count = len(lever.values())
            steps = (shares[:, self._column[lever.path]] * count).astype(np.int64)
            numbers = numbers * count + np.minimum(steps, count - 1)
        return numbers


class DesignBlock(NamedTuple):
    """Some rows that were played: averages, float64[rows, points, s, outcomes], and how many went wrong."""

    values: Array
    failed: int
    truncated: int


class DesignRows:
    """Plays rows of a design. `size` is how many replications are in each of the averages of a point."""

    def __init__(
        self, space: Space, evaluator: Evaluator, expressions: Sequence[Expression], replications: int
    ):
        self._space, self._evaluator = space, evaluator
        self._expressions, self._replications = tuple(expressions), replications
        self._averages = averages_of(replications)
        self.size = replications // self._averages

    def play(self, shares: Array, first: int) -> DesignBlock:
        """Return the rows numbered from `first`; `shares` is float64[rows, points, quantities].

        Row j has the replications from j times as many as a point has, at each of its points. Raises
        EscalationError when all replications of a point fail.
        """
        rows, points, k = shares.shape
        numbers = (first + np.repeat(np.arange(rows), points)) * self._replications
        values = np.empty((rows * points, self._averages, len(self._expressions)))
        failed = truncated = 0
        for cut in self._space.cuts(shares.reshape(rows * points, k)):
            settings = np.repeat(cut.settings, self._replications, axis=0)
            chance = numbers[cut.numbers][:, None] + np.arange(self._replications)
            sample = self._evaluator.dialled(cut.world, settings, chance.ravel())
            values[cut.numbers] = self._averaged(sample)
            failed, truncated = failed + sample.failed, truncated + sample.truncated
        return DesignBlock(values.reshape(rows, points, self._averages, -1), failed, truncated)

    def speed(self) -> float:
        """Return how many replications are played in a second, after compiling what has to be compiled."""
        cut = next(self._space.cuts(np.full((1, len(self._space.quantities)), 0.5)))
        settings = np.repeat(cut.settings, TIMED, axis=0)
        chance = np.arange(TIMED)
        self._evaluator.dialled(cut.world, settings[:1], chance[:1])
        began = time.perf_counter()
        self._evaluator.dialled(cut.world, settings, chance)
        return TIMED / (time.perf_counter() - began)

    def _averaged(self, sample: Sample) -> Array:
        """Return the averages of each point of a sample, float64[points, s, outcomes]."""
        columns = []
        for expression in self._expressions:
            column = np.array(indicator(expression.outcome, sample.columns[expression.outcome]), np.float64)
            column[sample.statuses == FAILED] = np.nan
            columns.append(averaged(column.reshape(-1, self._replications), self._averages))
        return np.stack(columns, axis=-1)


def averages_of(replications: int) -> int:
    """Return into how many averages so many replications are divided: a divisor near 8, and at least 2."""
    divisors = [n for n in range(2, replications + 1) if replications % n == 0]
    return min(divisors, key=lambda n: (abs(n - AVERAGES), -n))


def averaged(values: Array, count: int) -> Array:
    """Return `count` averages of each point, float64[points, count], of values, float64[points, n].

    NaN is a failed replication and left out; an average of which all failed is that of the others. Raises
    EscalationError when all replications of a point failed.
    """
    parts = values.reshape(len(values), count, -1)
    good = ~np.isnan(parts)
    sums, sizes = np.where(good, parts, 0.0).sum(axis=2), good.sum(axis=2)
    if not sizes.any(axis=1).all():
        raise EscalationError("every replication of a point failed; `escalation run` shows why")
    others = sums.sum(axis=1) / sizes.sum(axis=1)
    return np.asarray(np.where(sizes > 0, sums / np.maximum(sizes, 1), others[:, None]), np.float64)


def _distribution(variants: Variants, lever: Lever) -> str | None:
    """Return the distribution of a lever in YAML; None when it has to be a choice between worlds."""
    if not lever.is_numeric:
        return None
    kind, values = ("uniform", lever.ends) if lever.is_continuous else ("choice", lever.values())
    text = f"{{{kind}: [{', '.join(map(value_text, values))}]}}"
    try:
        cells = variants.world({lever.path: text}).cells
    except ScenarioError as error:
        if lever.is_continuous:
            raise InputError(
                f"--vary {lever.text}: {lever.path} cannot be drawn from a range; "
                "name its values, PATH=low:high:steps or PATH=a|b|c"
            ) from error
        return None
    if any(cell.path == lever.path for cell in cells):
        return text
    if lever.is_continuous:
        raise InputError(
            f"--vary {lever.text}: {lever.path} has no part in the model here; nothing can depend on it"
        )
    return None


def _combinations(levers: Sequence[Lever]) -> tuple[Point, ...]:
    """Return all combinations of choices, the last lever changing fastest."""
    count = math.prod(len(lever.values()) for lever in levers)
    if count > MOST_WORLDS:
        raise InputError(
            f"--vary: {count:,} combinations of choices that are no numbers; allowed are {MOST_WORLDS}"
        )
    return grid(levers)


def _range_of(lever: Lever) -> str:
    if lever.is_continuous:
        return " to ".join(map(value_text, lever.ends))
    return ", ".join(map(value_text, lever.values()))
