"""What a point came to in every case, how sure a difference between two points is, and how trials compare.

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
from escalation.study.tune.result import Trial
from escalation.study.values import Estimate

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

BATCHES = 20
"""Batches that are left out one after the other."""


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
        return np.array([[estimate.value for estimate in row] for row in self.estimates], np.float64)

    @property
    def few(self) -> Mask:
        """Where the intervals are not to be trusted, bool[cases, expressions]."""
        return np.array([[estimate.too_few for estimate in row] for row in self.estimates])


def read(samples: Sequence[CaseOutcomes], expressions: Sequence[Expression]) -> GoalEstimates:
    """Return what `expressions` come to in the samples of all cases."""
    estimates, without = [], []
    for sample in samples:
        good = sample.statuses != FAILED
        batch = np.arange(len(good)) * BATCHES // max(1, len(good))
        estimates.append(tuple(_estimate(expression, sample, good) for expression in expressions))
        without.append([_without(expression, sample, good, batch) for expression in expressions])
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
        return np.full(BATCHES, sample.flywheel[expression].value, np.float64)
    column = sample.columns[expression.outcome]
    if expression.function in ("mean", "prob"):
        return _means(indicator(expression.outcome, column[good]), batch[good])
    values = [
        estimate(expression, {expression.outcome: column[good & (batch != left_out)]}).value
        for left_out in range(BATCHES)
    ]
    return np.array(values, np.float64)


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
        robust.over_cases(gaps),
        robust.of_losses(losses_of(asked, reading.without), best),
        robust.over_cases(gaps_of(asked, reading.without)),
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


def violation(asked: TuneAsked, gaps: Array) -> float:
    """Return how far limits are missed in all: each in parts of its size, 0 where all are kept."""
    return float(np.sum(np.maximum(gaps, 0.0) / sizes_of(asked)))


def sizes_of(asked: TuneAsked) -> Array:
    """Return the sizes of the limits, in parts of which a miss is measured: 1 for a limit of 0."""
    return np.array([abs(limit.limit or 0.0) or 1.0 for limit in asked.limits])


def combined(*errors: Array) -> Array:
    """Return the error of a sum of independent errors."""
    return np.asarray(np.sqrt(sum(np.square(error) for error in errors)))


def loss_difference(before: Verdict, after: Verdict) -> tuple[Array, Array]:
    """Return how much larger the losses of `after` are, and the standard error of that, float64[goals] each.

    Both were played in the same replications.
    """
    k = len(before.losses)
    parts = jackknife_error(after.loss_parts - before.loss_parts)
    return after.losses - before.losses, combined(parts, before.noise[:k], after.noise[:k])


def _noise(asked: TuneAsked, reading: GoalEstimates) -> Array:
    errors = np.zeros(len(asked.expressions))
    for k, expression in enumerate(asked.expressions):
        if expression.needs_flywheel:
            known = [row[k].error or 0.0 for row in reading.estimates]
            mean = asked.criterion.kind == "mean"
            errors[k] = sqrt(sum(e * e for e in known)) / len(known) if mean else max(known)
    return errors


class Feedback(NamedTuple):
    """What came of a point: a loss for each goal, a gap for each limit (at most 0 where kept)."""

    losses: Sequence[float]
    gaps: Sequence[float]


class Scores:
    """Trials as losses and gaps. A regret needs all of them: it moves when the best of a case does."""

    def __init__(self, asked: TuneAsked):
        self.asked = asked
        self.best: Array | None = None
        """Smallest losses in each case, float64[cases, goals]; None before the first whole trial."""
        self._whole: list[tuple[Array, bool]] = []
        self._scored: dict[int, tuple[Array, Array]] = {}

    def admit(self, trial: Trial) -> bool:
        """Take a trial into account; return whether losses of earlier ones have moved by that."""
        if not (self.asked.criterion.has_regret and trial.whole):
            return False
        self._whole.append((losses_of(self.asked, trial.array), not self.violation(trial)))
        before, self.best = self.best, smallest(self._whole)
        if before is None or (self.best == before).all():
            return False
        self._scored.clear()
        return True

    def losses(self, trial: Trial) -> Array:
        """Return the losses of a trial, float64[goals]."""
        return self._of(trial)[0]

    def gaps(self, trial: Trial) -> Array:
        """Return by how much a trial misses the limits, float64[limits]."""
        return self._of(trial)[1]

    def feedback(self, trial: Trial) -> Feedback | None:
        """Return what the search is told of a trial; None where it could not be measured."""
        return Feedback(self.losses(trial).tolist(), self.gaps(trial).tolist()) if trial.known else None

    def _of(self, trial: Trial) -> tuple[Array, Array]:
        if trial.number not in self._scored:
            criterion, losses = self.asked.criterion, losses_of(self.asked, trial.array)
            best = losses if criterion.has_regret and self.best is None else self.best
            gaps = criterion.over_cases(gaps_of(self.asked, trial.array))
            self._scored[trial.number] = criterion.of_losses(losses, best), gaps
        return self._scored[trial.number]

    def violation(self, trial: Trial) -> float:
        """Return how far it misses limits in all."""
        return violation(self.asked, self.gaps(trial))

    def key(self, trial: Trial) -> tuple[float, float]:
        """Return what trials of a single goal are ordered by: limits first, then the loss (Deb 2000)."""
        return self.violation(trial), float(self.losses(trial)[0])

    def front(self, trials: Iterable[Trial]) -> list[Trial]:
        """Return the whole trials that keep the limits and that no other one beats in every goal.

        Of trials at one point the first counts.
        """
        able = distinct([trial for trial in trials if trial.whole and not self.violation(trial)])
        if not able:
            return []
        losses = np.array([self.losses(trial) for trial in able])
        return [trial for trial, lost in zip(able, beaten(losses), strict=True) if not lost]


def smallest(points: Sequence[tuple[Array, bool]]) -> Array:
    """Return the smallest losses in each case, float64[cases, goals], of points that keep the limits.

    `points` are losses, float64[cases, goals], and whether the limits are kept; where none keeps them, all
    count.
    """
    able = [losses for losses, keeps in points if keeps] or [losses for losses, _ in points]
    return np.asarray(np.min(able, axis=0))


def distinct(trials: Iterable[Trial]) -> list[Trial]:
    """Return the first trial of each point."""
    first: dict[tuple[object, ...], Trial] = {}
    for trial in trials:
        first.setdefault(tuple(trial.point.items()), trial)
    return list(first.values())


def beaten(losses: Array) -> npt.NDArray[np.bool_]:
    """Return which rows of float64[n, goals] another one beats: no worse in any goal, better in one."""
    no_worse = (losses[:, None] <= losses[None]).all(axis=2)
    better = (losses[:, None] < losses[None]).any(axis=2)
    return np.asarray((no_worse & better).any(axis=0))
