"""What a point came to in every case, and how sure a difference between two points is.

Two points are played in the same worlds, and any measure of theirs is compared by leaving out one batch of
replications after the other, the same from both: the jackknife over batches (Miller 1974, Biometrika 61:1).
It serves means, quantiles, and whatever is made of several cases alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.world import FAILED
from escalation.scenario.expression import Expression
from escalation.study.objective import estimate, indicator
from escalation.study.stats import jackknife_error
from escalation.study.tune.asked import TuneAsked
from escalation.study.values import Estimate

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

BATCHES = 20
"""Batches that are left out one after the other."""
SHARE, FEWEST = 0.2, 100
"""Part of a trial's replications that are played first; at least so many."""
DOUBT = 3.0
"""Standard errors by which a point has to be worse: in the same worlds, by the same replications."""


class CaseOutcomes(NamedTuple):
    """The replications of one case: columns float64[n] by outcome, statuses int8[n], R where it is needed."""

    columns: Mapping[str, Array]
    statuses: npt.NDArray[np.int8]
    flywheel: Mapping[Expression, Estimate]


@dataclass(frozen=True)
class GoalEstimates:
    """What the expressions came to: `estimates[case][expression]`.

    `without` is what each comes to with one batch left out, float64[batches, cases, expressions].
    """

    estimates: tuple[tuple[Estimate, ...], ...]
    without: Array

    @property
    def values(self) -> Array:
        """The estimates' values, float64[cases, expressions]; NaN where undefined."""
        return np.array([[_number(one.value) for one in row] for row in self.estimates])

    @property
    def few(self) -> Mask:
        """Where the intervals are not to be trusted, bool[cases, expressions]."""
        return np.array([[one.too_few for one in row] for row in self.estimates])


def read(samples: Sequence[CaseOutcomes], expressions: Sequence[Expression]) -> GoalEstimates:
    """Return what `expressions` come to in the samples of all cases."""
    estimates, without = [], []
    for sample in samples:
        good = sample.statuses != FAILED
        batch = np.arange(len(good)) * BATCHES // max(1, len(good))
        estimates.append(tuple(_estimate(one, sample, good) for one in expressions))
        without.append([_without(one, sample, good, batch) for one in expressions])
    return GoalEstimates(tuple(estimates), np.array(without).transpose(2, 0, 1))


def _estimate(expression: Expression, sample: CaseOutcomes, good: npt.NDArray[np.bool_]) -> Estimate:
    if expression.needs_flywheel:
        return sample.flywheel[expression]
    return estimate(expression, {name: sample.columns[name][good] for name in expression.outcomes})


def _without(
    expression: Expression, sample: CaseOutcomes, good: npt.NDArray[np.bool_], batch: npt.NDArray[np.int64]
) -> Array:
    """Return the value without each batch, float64[batches]; that of R does not change."""
    if expression.needs_flywheel:
        return np.full(BATCHES, _number(sample.flywheel[expression].value))
    column = sample.columns[expression.outcome]
    if expression.function in ("mean", "prob"):
        return _means(indicator(expression.outcome, column[good]), batch[good])
    values = [
        estimate(expression, {expression.outcome: column[good & (batch != one)]}).value
        for one in range(BATCHES)
    ]
    return np.array([_number(value) for value in values])


def _means(values: Array, batch: npt.NDArray[np.int64]) -> Array:
    counts = np.bincount(batch, minlength=BATCHES)
    sums = np.bincount(batch, values, BATCHES)
    left = len(values) - counts
    return np.asarray(np.divide(values.sum() - sums, left, where=left > 0, out=np.full(BATCHES, np.nan)))


@dataclass(frozen=True)
class Verdict:
    """A reading made one figure per goal and limit.

    `losses` (float64[goals]) are smaller where better, `gaps` (float64[limits]) say by how much limits are
    missed and are at most 0 where kept; `loss_parts` and `gap_parts` are the same without each batch,
    float64[batches, …]; `noise` (float64[goals + limits]) is the error of what batches say nothing of, and
    `few` (bool[goals + limits]) is true where an interval is not to be trusted in some case.
    """

    losses: Array
    gaps: Array
    loss_parts: Array
    gap_parts: Array
    noise: Array
    few: Mask

    @property
    def known(self) -> bool:
        """True when every figure is defined."""
        return bool(np.isfinite(self.losses).all() and np.isfinite(self.gaps).all())

    @property
    def feasible(self) -> bool:
        """True when every limit is kept, as far as these replications tell."""
        return bool((self.gaps <= 0).all())

    @property
    def loss_errors(self) -> Array:
        """Standard errors of the losses, float64[goals]."""
        return combined(jackknife_error(self.loss_parts), self.noise[: len(self.losses)])

    @property
    def gap_errors(self) -> Array:
        """Standard errors of the gaps, float64[limits]."""
        return combined(jackknife_error(self.gap_parts), self.noise[len(self.losses) :])


def judge(asked: TuneAsked, reading: GoalEstimates, best: Array | None = None) -> Verdict:
    """Return the verdict on a reading; `best` (float64[cases, goals]) are a regret's smallest losses."""
    losses, gaps = losses_of(asked, reading.values), gaps_of(asked, reading.values)
    robust = asked.criterion
    return Verdict(
        robust.of_losses(losses, best),
        robust.of_gaps(gaps),
        robust.of_losses(losses_of(asked, reading.without), best),
        robust.of_gaps(gaps_of(asked, reading.without)),
        _noise(asked, reading),
        np.asarray(reading.few.any(axis=0)),
    )


def losses_of(asked: TuneAsked, values: Array) -> Array:
    """Return losses, float64[..., goals], from the values of all expressions, float64[..., expressions]."""
    return np.asarray(values[..., : len(asked.goals)] * np.array([goal.sign for goal in asked.goals]))


def gaps_of(asked: TuneAsked, values: Array) -> Array:
    """Return by how much limits are missed, float64[..., limits]; at most 0 where they are kept."""
    limits = np.array([limit.limit for limit in asked.limits], np.float64)
    signs = np.array([1.0 if limit.relation == "<=" else -1.0 for limit in asked.limits])
    return np.asarray((values[..., len(asked.goals) :] - limits) * signs)


def smallest_losses(asked: TuneAsked, readings: Sequence[GoalEstimates]) -> Array:
    """Return the smallest loss that any reading has in each case, float64[cases, goals]."""
    return np.asarray(np.min([losses_of(asked, one.values) for one in readings], axis=0))


def violation(asked: TuneAsked, gaps: Array) -> float:
    """Return how far limits are missed in all: each in parts of its size, 0 where all are kept."""
    sizes = np.array([abs(limit.limit or 0.0) or 1.0 for limit in asked.limits])
    return float(np.sum(np.maximum(gaps, 0.0) / sizes))


def combined(*errors: Array) -> Array:
    """Return the error of a sum of independent errors."""
    return np.asarray(np.sqrt(sum(np.square(one) for one in errors)))


def loss_difference(one: Verdict, other: Verdict) -> tuple[Array, Array]:
    """Return how much larger the losses of `other` are, and the standard error of that, float64[goals] each.

    Both were played in the same replications.
    """
    k = len(one.losses)
    error = combined(jackknife_error(other.loss_parts - one.loss_parts), one.noise[:k], other.noise[:k])
    return other.losses - one.losses, error


def _noise(asked: TuneAsked, reading: GoalEstimates) -> Array:
    errors = np.zeros(len(asked.expressions))
    for k, expression in enumerate(asked.expressions):
        if expression.needs_flywheel:
            known = [row[k].error or 0.0 for row in reading.estimates]
            mean = asked.criterion.kind == "mean"
            errors[k] = sqrt(sum(e * e for e in known)) / len(known) if mean else max(known)
    return errors


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def first_stage(asked: TuneAsked) -> int:
    """Return how many replications a point is first played; all where it is no use, or R is measured.

    R is one number of all replications and cannot be put together from two stages.
    """
    few = max(FEWEST, round(SHARE * asked.replications))
    races = asked.racing and not any(one.needs_flywheel for one in asked.expressions)
    return few if races and 2 * few <= asked.replications else asked.replications


def hopeless(asked: TuneAsked, one: Verdict, rivals: Iterable[Verdict]) -> bool:
    """Return whether a rival, played in the same replications, is clearly better than `one`.

    It is where it keeps all limits and `one` clearly misses one; where both do as well by the limits and
    every goal is clearly worse; and where it too misses limits, but clearly by less.
    """
    return any(_clearly_better(asked, rival, one) for rival in rivals)


def _clearly_better(asked: TuneAsked, rival: Verdict, one: Verdict) -> bool:
    if not (rival.known and one.known):
        return rival.known
    if rival.feasible:
        if asked.limits and bool((one.gaps > DOUBT * one.gap_errors).any()):
            return True
        worse, error = loss_difference(rival, one)
        return bool((worse > DOUBT * error).all() and (worse > 0).all())
    return _misses_more(asked, rival, one)


def _misses_more(asked: TuneAsked, rival: Verdict, one: Verdict) -> bool:
    further = violation(asked, one.gaps) - violation(asked, rival.gaps)
    parts = np.array(
        [
            [violation(asked, own) - violation(asked, other)]
            for own, other in zip(one.gap_parts, rival.gap_parts, strict=True)
        ]
    )
    rough = [verdict.noise[len(verdict.losses) :] for verdict in (one, rival)]
    error = float(
        combined(jackknife_error(parts), *(np.array([np.max(noise, initial=0.0)]) for noise in rough))[0]
    )
    return further > max(DOUBT * error, 0.0)
