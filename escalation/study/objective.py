"""What an expression comes to over the replications of an ensemble, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from escalation.scenario.expression import BOUNDS, LEVEL, Expression
from escalation.scenario.outcomes import kind_of
from escalation.study.flywheel.wheel import Flywheel
from escalation.study.intervals import Z95, standard_error, wilson
from escalation.study.values import UNDEFINED, Estimate

Array = npt.NDArray[np.float64]


def estimate(
    expression: Expression, values: Mapping[str, Array], flywheel: Flywheel | None = None
) -> Estimate:
    """Return what `expression` comes to.

    `values` holds its outcomes over the replications that did not fail, float64[n] (NaN for a date that never
    came); `flywheel` is needed where `expression.needs_flywheel`. Nothing can be said without a replication.
    """
    if expression.needs_flywheel:
        return _of_flywheel(expression, flywheel)
    column = values[expression.outcome]
    if not len(column):
        return UNDEFINED
    if expression.function in BOUNDS:
        low, high = _interval(expression, column)
        return Estimate(value=low if expression.function == "lower" else high)
    if expression.function == "prob":
        return _prob(expression.outcome, column)
    return _AMOUNTS[expression.function](expression, column)


def happened(outcome: str, values: Array) -> npt.NDArray[np.bool_]:
    """Return in which replications an event came about, bool[n]."""
    return ~np.isnan(values) if kind_of(outcome) == "date" else values != 0.0


def indicator(outcome: str, values: Array) -> Array:
    """Return what `mean` or `prob` averages: the amounts, or 1 where an event came about, float64[n]."""
    if kind_of(outcome) in ("probability", "date"):
        return happened(outcome, values).astype(np.float64)
    return values


def _prob(outcome: str, values: Array) -> Estimate:
    hits, n = int(np.count_nonzero(happened(outcome, values))), len(values)
    share = hits / n
    low, high = wilson(hits, n)
    return Estimate(value=share, low=low, high=high, error=math.sqrt(share * (1 - share) / n))


def _interval(expression: Expression, values: Array) -> tuple[float | None, float | None]:
    level = _level(expression)
    z = Z95 if level == LEVEL else NormalDist().inv_cdf((1 + level) / 2)
    if kind_of(expression.outcome) in ("probability", "date"):
        return wilson(int(np.count_nonzero(happened(expression.outcome, values))), len(values), z)
    middle = _with_error(float(np.mean(values)), standard_error(values), z)
    return middle.low, middle.high


def _level(expression: Expression) -> float:
    return LEVEL if expression.number is None else expression.number


def _mean(_: Expression, values: Array) -> Estimate:
    return _with_error(float(np.mean(values)), standard_error(values))


def _quantile(expression: Expression, values: Array) -> Estimate:
    """Return the quantile; its interval are two order statistics (David and Nagaraja 2003, section 7.1)."""
    share = 0.5 if expression.number is None else expression.number
    whole, n = kind_of(expression.outcome) in ("count", "rank"), len(values)
    value = float(np.quantile(values, share, method="inverted_cdf" if whole else "linear"))
    reach = Z95 * math.sqrt(n * share * (1 - share))
    below, above = math.floor(n * share - reach), math.ceil(n * share + reach) + 1
    if below < 1 or above > n:
        return Estimate(value=value)
    ordered = np.sort(values)
    low, high = float(ordered[below - 1]), float(ordered[above - 1])
    return Estimate(value=value, low=low, high=high, error=(high - low) / (2 * Z95))


def _cvar(expression: Expression, values: Array) -> Estimate:
    """Return the mean beyond a quantile (Rockafellar and Uryasev 2002, theorem 10)."""
    share = _level(expression)
    quantile = float(np.quantile(values, share, method="inverted_cdf"))
    beyond = quantile + np.maximum(values - quantile, 0.0) / (1 - share)
    return _with_error(float(np.mean(beyond)), standard_error(beyond))


def _sd(_: Expression, values: Array) -> Estimate:
    """Return the standard deviation, its error by the delta method; the interval is even in its logarithm."""
    if len(values) < 4:
        return UNDEFINED
    deviation = float(np.std(values, ddof=1))
    if deviation == 0.0:
        return Estimate(value=0.0, low=0.0, high=0.0, error=0.0)
    error = (standard_error(np.square(values - np.mean(values))) or 0.0) / (2 * deviation)
    reach = math.exp(Z95 * error / deviation)
    return Estimate(value=deviation, low=deviation / reach, high=deviation * reach, error=error)


def _with_error(value: float, error: float | None, z: float = Z95) -> Estimate:
    if error is None:
        return Estimate(value=value)
    return Estimate(value=value, low=value - z * error, high=value + z * error, error=error)


_AMOUNTS: dict[str, Callable[[Expression, Array], Estimate]] = {
    "mean": _mean,
    "median": _quantile,
    "quantile": _quantile,
    "cvar": _cvar,
    "sd": _sd,
}


def _of_flywheel(expression: Expression, flywheel: Flywheel | None) -> Estimate:
    """Return R or an end of its interval, which is known at 95% only."""
    reading = flywheel.counted if flywheel else None
    if reading is None:
        return UNDEFINED
    if expression.function in BOUNDS:
        return Estimate(value=reading.low if expression.function == "lower" else reading.high)
    if reading.low is None or reading.high is None:
        return Estimate(value=reading.R)
    error = (reading.high - reading.low) / (2 * Z95)
    return Estimate(value=reading.R, low=reading.low, high=reading.high, error=error)
