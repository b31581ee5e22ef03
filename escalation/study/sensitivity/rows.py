"""Rows of a design: points that share their chance, each with several averages over its replications."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.errors import EscalationError
from escalation.model.world import FAILED
from escalation.scenario.expression import Expression
from escalation.study.objective import indicator
from escalation.study.points.evaluate import Evaluator, Sample
from escalation.study.sensitivity.quantities import Space

Array = npt.NDArray[np.float64]

AVERAGES = 8
"""Independent averages of a point, about: two would do, more tell chance apart with less noise of its own."""
TRIED = 64
"""Replications by which the speed is measured."""


class Played(NamedTuple):
    """What came of some rows: averages, float64[rows, points, s, outcomes], and how many went wrong."""

    values: Array
    failed: int
    truncated: int


class Rows:
    """Plays rows of a design. `size` is how many replications are in each of the averages of a point."""

    def __init__(
        self, space: Space, evaluator: Evaluator, expressions: Sequence[Expression], replications: int
    ):
        self._space, self._evaluator = space, evaluator
        self._expressions, self._replications = tuple(expressions), replications
        self._averages = averages_of(replications)
        self.size = replications // self._averages

    def play(self, shares: Array, first: int) -> Played:
        """Return what comes of rows numbered from `first`; `shares` is float64[rows, points, quantities].

        Row j has the replications from j times as many as a point has, at each of its points. Raises
        EscalationError when all replications of a point fail.
        """
        rows, points, k = shares.shape
        numbers = (first + np.repeat(np.arange(rows), points)) * self._replications
        values = np.empty((rows * points, self._averages, len(self._expressions)))
        failed = truncated = 0
        for part in self._space.parts(shares.reshape(rows * points, k)):
            settings = np.repeat(part.settings, self._replications, axis=0)
            chance = numbers[part.numbers][:, None] + np.arange(self._replications)
            trial = self._evaluator.dialled(part.world, settings, chance.ravel())
            values[part.numbers] = self._averaged(trial)
            failed, truncated = failed + trial.failed, truncated + trial.truncated
        return Played(values.reshape(rows, points, self._averages, -1), failed, truncated)

    def speed(self) -> float:
        """Return how many replications are played in a second, after compiling what has to be compiled."""
        part = next(self._space.parts(np.full((1, len(self._space.quantities)), 0.5)))
        settings = np.repeat(part.settings, TRIED, axis=0)
        chance = np.arange(TRIED)
        self._evaluator.dialled(part.world, settings[:1], chance[:1])
        began = time.perf_counter()
        self._evaluator.dialled(part.world, settings, chance)
        return TRIED / (time.perf_counter() - began)

    def _averaged(self, trial: Sample) -> Array:
        """Return the averages of each point of a trial, float64[points, s, outcomes]."""
        columns = []
        for expression in self._expressions:
            column = np.array(indicator(expression.outcome, trial.columns[expression.outcome]), np.float64)
            column[trial.statuses == FAILED] = np.nan
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
