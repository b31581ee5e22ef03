"""Many outcomes of two runs at once: levels, differences, intervals, p-values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from escalation.study.stats import (
    FEWEST,
    Interval,
    apart,
    bca_means,
    errors_of_means,
    mcnemar,
    student,
    tango,
    two_shares,
    welch,
    wilson,
)

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Estimates:
    """Columns of numbers, one entry per outcome (intervals float64[k, 2]); NaN for what cannot be said.

    The names are those of `escalation.study.comparing.comparison.Difference`.
    """

    n: int
    baseline: Array
    baseline_interval: Array
    other: Array
    other_interval: Array
    difference: Array
    interval: Array
    p: Array
    equal: Mask
    p_exceeds: Array
    p_equal: Array
    variance_ratio: Array
    standardised: Array


def paired(x: Array, y: Array, shares: Mask) -> Estimates:
    """Compare columns of the same replications, float64[n, k]; `shares` (bool[k]) are those of 0 and 1.

    Means have BCa intervals of the differences and Student's t; shares have Tango's score interval and
    McNemar's test, which is the same score. What is equal in all pairs has the difference 0, exactly.
    """
    n, apart_by = len(x), y - x
    # one matrix product for all three: rounding then cannot tell equal columns apart
    intervals = bca_means(np.hstack([x, y, apart_by]))
    first, second, between = np.split(intervals, 3)
    more, less = (y > x).sum(axis=0), (y < x).sum(axis=0)
    difference, errors = _means(apart_by), errors_of_means(apart_by)
    p = np.array([_student(d, e, n) for d, e in zip(difference, errors, strict=True)])
    for column in np.flatnonzero(shares):
        gained, lost = int(more[column]), int(less[column])
        first[column], second[column] = _wilson(x[:, column]), _wilson(y[:, column])
        between[column], p[column] = tango(gained, lost, n), mcnemar(gained, lost)
    equal = (more == 0) & (less == 0)
    between[equal], p[equal] = 0.0, 1.0
    saved = _ratio(_variances(x) + _variances(y), _variances(apart_by))
    return Estimates(
        n, _means(x), first, _means(y), second, difference, between, p, equal,
        more / n, 1.0 - (more + less) / n, saved, _standard(x, y, difference),
    )  # fmt: skip


def unpaired(x: Array, y: Array, shares: Mask) -> Estimates:
    """Compare columns of replications that have nothing to do with one another, float64[n, k] and [m, k].

    Each level has its own interval, BCa or Wilson's, and the difference the one that follows from both; means
    are tested by Welch's t, shares by the pooled variance. The probabilities compare any of one with any of
    the other.
    """
    n, m = len(x), len(y)
    first, second = bca_means(x), bca_means(y)
    a, b, errors = _means(x), _means(y), np.stack([errors_of_means(x), errors_of_means(y)], axis=1)
    p = np.array([_welch(d, e, n, m) for d, e in zip(b - a, errors, strict=True)])
    for column in np.flatnonzero(shares):
        first[column], second[column] = _wilson(x[:, column]), _wilson(y[:, column])
        p[column] = two_shares((int(x[:, column].sum()), int(y[:, column].sum())), (n, m))
    between = [
        apart((float(a[k]), Interval(*first[k])), (float(b[k]), Interval(*second[k]))) for k in range(len(a))
    ]
    exceeds, same = _any_with_any(x, y)
    equal = (np.ptp(x, axis=0) == 0.0) & (np.ptp(y, axis=0) == 0.0) & (x[0] == y[0])
    return Estimates(
        min(n, m), a, first, b, second, b - a, np.array(between).reshape(-1, 2), p,
        equal, exceeds, same, np.full(len(a), np.nan), _standard(x, y, b - a),
    )  # fmt: skip


def _means(values: Array) -> Array:
    return np.asarray(values.mean(axis=0), np.float64)


def _variances(values: Array) -> Array:
    if len(values) < 2:
        return np.full(values.shape[1], np.nan)
    # what is constant has no variance, whatever the rounding of its mean says
    return np.where(np.ptp(values, axis=0) == 0.0, 0.0, values.var(axis=0, ddof=1))


def _ratio(above: Array, below: Array) -> Array:
    unknown = np.full(len(above), np.nan)
    return np.asarray(np.divide(above, below, out=unknown, where=below > 0.0), np.float64)


def _standard(x: Array, y: Array, difference: Array) -> Array:
    return _ratio(difference, np.sqrt((_variances(x) + _variances(y)) / 2))


def _wilson(values: Array) -> Interval:
    return wilson(int(values.sum()), len(values))


def _student(difference: float, error: float, n: int) -> float:
    return student(difference, error, n - 1) if n >= FEWEST else np.nan


def _welch(difference: float, errors: Array, n: int, m: int) -> float:
    if min(n, m) < FEWEST:
        return np.nan
    pair = float(errors[0]), float(errors[1])
    return student(difference, float(np.hypot(*pair)), welch(pair, (n, m)))


def _any_with_any(x: Array, y: Array) -> tuple[Array, Array]:
    """Return how probable it is that any row of `y` is above any row of `x`, and that they are equal."""
    exceeds, same = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for column in range(x.shape[1]):
        ordered = np.sort(x[:, column])
        below = np.searchsorted(ordered, y[:, column], "left")
        exceeds[column] = below.mean() / len(x)
        same[column] = (np.searchsorted(ordered, y[:, column], "right") - below).mean() / len(x)
    return exceeds, same
