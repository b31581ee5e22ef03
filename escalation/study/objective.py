"""What an expression comes to over the replications of an ensemble, how sure that is, and whether enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.errors import InputError
from escalation.model.world import FAILED
from escalation.scenario.expression import BOUNDS, EVENTS, LEVEL, Expression, ExpressionError, parse
from escalation.scenario.outcomes import Outcome, kind_of
from escalation.study.flywheel.model import Flywheel
from escalation.study.stats import (
    FEWEST_CONSTANT,
    Z95,
    Interval,
    quantile_intervals,
    quantiles,
    standard_error,
    student_reach,
    too_few,
    wilson,
)
from escalation.study.values import SHARE, UNDEFINED, Estimate

Array = npt.NDArray[np.float64]
Statuses = npt.NDArray[np.int8]


def estimate(
    expression: Expression,
    values: Mapping[str, Array],
    flywheel: Flywheel | None = None,
    start: date | None = None,
) -> Estimate:
    """Return what `expression` comes to.

    `values` holds its outcomes over the replications that did not fail, float64[n] (NaN for a date that never
    came); `flywheel` is needed where `expression.needs_flywheel`, `start`, the day from which days count,
    where `expression.by` is a date. Nothing can be said without a replication.
    """
    if expression.needs_flywheel:
        return _of_flywheel(expression, flywheel)
    column = values[expression.outcome]
    if not len(column):
        return UNDEFINED
    if expression.function in BOUNDS:
        whole = _interval(expression, column)
        end = whole.low if expression.function == "lower" else whole.high
        return Estimate(value=end, unit=whole.unit, too_few=whole.too_few)
    if expression.by is not None:
        assert start is not None
        before = np.where(column < (expression.by - start).days + 1, column, np.nan)
        return _prob(expression.outcome, before)
    if expression.function == "prob":
        return _prob(expression.outcome, column)
    return _AMOUNTS[expression.function](expression, column)


def happened(outcome: str, values: Array) -> npt.NDArray[np.bool_]:
    """Return in which replications an event came about, bool[n]."""
    return ~np.isnan(values) if kind_of(outcome) == "date" else values != 0.0


def indicator(outcome: str, values: Array) -> Array:
    """Return what `mean` or `prob` averages: the amounts, or 1 where an event came about, float64[n]."""
    if kind_of(outcome) in EVENTS:
        return happened(outcome, values).astype(np.float64)
    return values


def _prob(outcome: str, values: Array, level: float = LEVEL) -> Estimate:
    return probability_of(int(np.count_nonzero(happened(outcome, values))), len(values), level)


def probability_of(hits: int, n: int, level: float = LEVEL) -> Estimate:
    """Return the probability of what came about in `hits` of n replications, n >= 1; see `share_of`."""
    error = math.sqrt(hits * (n - hits) / n) / n
    return share_of(hits, n, level).model_copy(update={"error": error})


def share_of(hits: int, n: int, level: float = LEVEL) -> Estimate:
    """Return the share of `hits` in n, n >= 1, with Wilson's interval and no standard error."""
    low, high = wilson(hits, n, level)
    return Estimate(value=hits / n, low=low, high=high, unit=SHARE)


def _interval(expression: Expression, column: Array) -> Estimate:
    if kind_of(expression.outcome) in EVENTS:
        return _prob(expression.outcome, column, _level(expression))
    return mean_of(column, level=_level(expression))


def _level(expression: Expression) -> float:
    return LEVEL if expression.number is None else expression.number


def _mean(_: Expression, values: Array) -> Estimate:
    return mean_of(values)


def mean_of(values: Array, unit: str = "", level: float = LEVEL) -> Estimate:
    """Return the mean of float64[n], n >= 1, with Student's interval; without one where n is 1."""
    value, error = float(np.mean(values)), standard_error(values)
    if error is None:
        return Estimate(value=value, unit=unit)
    half = student_reach(len(values), level) * error
    few = bool(too_few(values))
    return Estimate(value=value, low=value - half, high=value + half, error=error, unit=unit, too_few=few)


def with_interval(estimate: Estimate) -> tuple[float, Interval]:
    """Return the value of an estimate and its interval, as `apart` takes them; 0 for what is undefined."""
    return estimate.value or 0.0, Interval(estimate.low or 0.0, estimate.high or 0.0)


def _quantile(expression: Expression, values: Array) -> Estimate:
    """Return the quantile; the ends of its interval are two order statistics."""
    share = 0.5 if expression.number is None else expression.number
    ordered, whole = np.sort(values), kind_of(expression.outcome) in ("count", "rank")
    value = float(quantiles(ordered, share, whole))
    low, high = map(float, quantile_intervals(ordered, share))
    if math.isnan(low):
        return Estimate(value=value)
    return Estimate(value=value, low=low, high=high, error=(high - low) / (2 * Z95))


def _cvar(expression: Expression, values: Array) -> Estimate:
    """Return the mean beyond a quantile (Rockafellar and Uryasev 2002, theorem 10)."""
    share = _level(expression)
    quantile = float(quantiles(np.sort(values), share, whole=True))
    return mean_of(quantile + np.maximum(values - quantile, 0.0) / (1 - share))


def _sd(_: Expression, values: Array) -> Estimate:
    """Return the standard deviation, its error by the delta method; the interval is even in its logarithm."""
    if len(values) < 4:
        return UNDEFINED
    deviation = float(np.std(values, ddof=1))
    few = len(values) < FEWEST_CONSTANT
    if np.ptp(values) == 0.0:
        return Estimate(value=0.0, low=0.0, high=0.0, error=0.0, too_few=few)
    squares = np.square(values - np.mean(values))
    error = (standard_error(squares) or 0.0) / (2 * deviation)
    factor = math.exp(student_reach(len(values)) * error / deviation)
    few = bool(too_few(squares))
    return Estimate(
        value=deviation, low=deviation / factor, high=deviation * factor, error=error, too_few=few
    )


_AMOUNTS: dict[str, Callable[[Expression, Array], Estimate]] = {
    "mean": _mean,
    "median": _quantile,
    "quantile": _quantile,
    "cvar": _cvar,
    "sd": _sd,
}


def _of_flywheel(expression: Expression, flywheel: Flywheel | None) -> Estimate:
    """Return R, or the answers of an actor, or an end of the interval, which is known at 95% only."""
    if flywheel is None:
        return UNDEFINED
    answers = flywheel.answers_of(*expression.exchange) if expression.exchange else flywheel.counted.R
    if expression.function in BOUNDS:
        return Estimate(value=answers.low if expression.function == "lower" else answers.high)
    return answers


# ---- a precision that ends an ensemble


@dataclass(frozen=True)
class Precision:
    """A rule for an ensemble: enough when the 95% interval of `expression` is at most twice `wanted` wide.

    `wanted`, the half-width, is in the outcome's own unit.
    """

    expression: Expression
    wanted: float

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that it wants to see."""
        return self.expression.outcomes

    def __call__(self, statuses: Statuses, columns: Mapping[str, Array]) -> bool:
        """Return whether replications are enough: their statuses int8[n], the outcome float64[n].

        They are not while the interval itself is not to be trusted.
        """
        return self._is_met(self.estimate(statuses, columns))

    def reached(self, statuses: Statuses, columns: Mapping[str, Array], limit: int) -> dict[str, Any]:
        """Return how an ensemble ended that could have `limit` replications at most, as plain JSON values."""
        measured = self.estimate(statuses, columns)
        stopped_by = "limit" if len(statuses) >= limit else "interrupt"
        return self.as_dict() | {
            "reached": measured.half_width,
            "too_few": measured.too_few,
            "limit": limit,
            "stopped_by": "precision" if self._is_met(measured) else stopped_by,
        }

    def estimate(self, statuses: Statuses, columns: Mapping[str, Array]) -> Estimate:
        """Return what the expression comes to without failed replications."""
        return estimate(self.expression, {name: columns[name][statuses != FAILED] for name in self.outcomes})

    def _is_met(self, measured: Estimate) -> bool:
        half_width = measured.half_width
        return half_width is not None and half_width <= self.wanted and not measured.too_few

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as plain JSON values."""
        return {"outcome": str(self.expression), "half_width": self.wanted}


def precision_of(text: str, wanted: float, outcomes: Sequence[Outcome]) -> Precision:
    """Return the rule for `text`: an expression (`prob(concession.eu)`), or an outcome alone.

    Raises InputError for what is no such expression, or a width not above 0.
    """
    if not (math.isfinite(wanted) and wanted > 0):
        raise InputError(
            f"precision: found {wanted:g}; allowed is a number above 0, in the outcome's own unit"
        )
    expression = parse(text, [outcome.name for outcome in outcomes], "outcome")
    if expression.limit is not None:
        index = text.index(expression.relation)
        raise ExpressionError(
            text, index, "a limit", "a precision is for a value; leave it out", where="outcome"
        )
    if expression.function in BOUNDS or expression.needs_flywheel:
        problem = f"{expression} has no interval that is known before the end"
        raise ExpressionError(text, 0, problem, "write mean(…), prob(…), quantile(…)", where="outcome")
    return Precision(expression, wanted)
