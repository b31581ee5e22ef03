"""Statistics as functions of arrays: intervals, order statistics, resampling, tests.

An interval is one of 95% unless a level is given. Nothing here knows what the numbers mean.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import ceil, inf, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, ndtr, ndtri, stdtr, stdtrit

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LEVEL = 0.95
"""Level of an interval unless another is given."""
Z95 = 1.959963984540054
"""Standard normal quantile of a two-sided 95% interval."""
FEWEST = 10
"""Replications below which the interval of a mean is not to be trusted."""
FEWEST_CONSTANT = 100
"""Replications below which a column that never varies may still vary in one replication of 30."""
SKEWED = 10.0
"""An interval of a mean is not to be trusted where n - 5 is below this times the squared skewness."""
RESAMPLES = 2000
"""Resamples of a bootstrap."""
MOST_BATCHES = 1000
"""Batches of consecutive replications that are resampled, at most."""


class Interval(NamedTuple):
    """A lower and an upper end."""

    low: float
    high: float


# Intervals


def deviate(level: float) -> float:
    """Return the standard normal quantile of a two-sided interval."""
    return Z95 if level == LEVEL else float(ndtri((1 + level) / 2))


def wilson(successes: float, trials: float, level: float = LEVEL) -> Interval:
    """Return the score interval of a share (Wilson 1927, JASA 22:209); 0 to 1 without trials."""
    if trials == 0:
        return Interval(0.0, 1.0)
    z = deviate(level)
    share, weight = successes / trials, z * z / trials
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * sqrt(share * (1 - share) / trials + weight / (4 * trials))
    # at the ends the formula is exact on paper and off by a rounding error here
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == trials else centre + half
    return Interval(max(low, 0.0), min(high, 1.0))


def student_reach(n: int, level: float = LEVEL) -> float:
    """Return half the width of Student's interval of a mean of n >= 2 values, in standard errors."""
    return float(stdtrit(n - 1, (1 + level) / 2))


def standard_error(values: Array) -> float | None:
    """Return the standard error of the mean of independent values, float64[n]; None below two."""
    if len(values) < 2:
        return None
    return 0.0 if values.min() == values.max() else float(np.std(values, ddof=1) / sqrt(len(values)))


def too_few(values: Array) -> Mask:
    """Return where the values, float64[..., n], are too few to trust an interval of their mean.

    Below 10 values; where the squared skewness is above (n - 5) / 10 (after Cochran 1977, section 2.15, with
    n / 25 for a miss of at most 6%); below 100 values that are all the same. What misses unmarked
    is at most 8% in simulations of counts, costs and rare events (tests/study/test_stats.py).
    """
    n = values.shape[-1]
    if n < FEWEST:
        return np.ones(values.shape[:-1], np.bool_)
    apart = values - values.mean(axis=-1, keepdims=True)
    squares = np.square(apart)
    variance, third = squares.mean(axis=-1), (squares * apart).mean(axis=-1)
    constant = np.ptp(values, axis=-1) == 0.0
    skewed = SKEWED * np.square(third) > (n - FEWEST / 2) * variance**3
    return np.asarray(np.where(constant, n < FEWEST_CONSTANT, skewed), np.bool_)


# Order statistics


@lru_cache(maxsize=4096)
def rank(n: int, share: float) -> int:
    """Return which of n ascending values, counted from 1, is the first that `share` of them do not exceed.

    In whole numbers: (1 - 0.95) / 2 is a little more than 0.025 in floating point.
    """
    return max(1, ceil(n * Fraction(share).limit_denominator(1_000_000)))


def quantiles(ordered: Array, share: float, whole: bool = False) -> Array:
    """Return a quantile of ascending values, float64[...] of float64[..., n].

    Between two values it interpolates; with `whole` (counts, ranks, days) it is a value that occurred.
    """
    n = ordered.shape[-1]
    if whole:
        return np.asarray(ordered[..., rank(n, share) - 1], np.float64)
    position = share * (n - 1)
    low = min(int(position), n - 1)
    first, second = ordered[..., low], ordered[..., min(low + 1, n - 1)]
    return np.asarray(first + (position - low) * (second - first), np.float64)


def bands(ordered: Array, share: float, whole: bool = False) -> Array:
    """Return what holds the middle `share` of ascending values, float64[2, ...] of float64[..., n]."""
    tail = round((1 - share) / 2, 12)
    return np.stack([quantiles(ordered, tail, whole), quantiles(ordered, 1 - tail, whole)])


def central(values: Array, share: float, whole: bool = False) -> Interval:
    """Return the band that holds the middle `share` of float64[n]; see `bands`."""
    low, high = bands(np.sort(values), share, whole)
    return Interval(float(low), float(high))


def middle(values: Array, whole: bool = False) -> float:
    """Return the median of float64[n]; with `whole`, the first value that at least half do not exceed."""
    return float(quantiles(np.sort(values), 0.5, whole))


@lru_cache(maxsize=4096)
def quantile_ranks(n: int, share: float) -> tuple[int, int] | None:
    """Return which two of n ascending values, from 1, hold a quantile at 95%; None for none.

    From the binomial distribution, so that whatever is measured they hold it at least so often (David and
    Nagaraja 2003, section 7.1).
    """
    tail, reach = (1 - LEVEL) / 2 + 1e-12, 8 * sqrt(n * share * (1 - share)) + 8
    first = max(0, int(n * share - reach))
    below = bdtr(np.arange(first, min(n, int(n * share + reach) + 1)), n, share)
    # below[k - first] is the chance that at most k of the values are below the quantile
    lower = first + int(np.searchsorted(below, tail, side="right"))
    upper = first + int(np.searchsorted(below, 1 - tail, side="left")) + 1
    return (lower, upper) if lower >= 1 and upper <= n else None


def quantile_intervals(ordered: Array, share: float) -> Array:
    """Return intervals of a quantile of ascending float64[..., n], float64[2, ...]; NaN for none."""
    ranks = quantile_ranks(ordered.shape[-1], share)
    if ranks is None:
        return np.full((2, *ordered.shape[:-1]), np.nan)
    return np.stack([ordered[..., number - 1] for number in ranks])


# Resampling


def batched(values: Array) -> tuple[Array, Array]:
    """Return the sums of at most 1,000 batches of neighbouring rows, float64[b, k], and their sizes."""
    size = -(-len(values) // MOST_BATCHES)
    starts = np.arange(0, len(values), size)
    sums = values if size == 1 else np.add.reduceat(values, starts, axis=0)
    return sums, np.diff(np.append(starts, len(values))).astype(np.float64)


@lru_cache(maxsize=4)
def resample_counts(batches: int, resamples: int = RESAMPLES) -> Array:
    """Return how often each batch is in each resample, float64[resamples, batches]; read-only.

    With as many batches every call resamples alike.
    """
    draws, generator = np.empty((resamples, batches)), np.random.default_rng(0)
    for row in draws:
        row[:] = np.bincount(generator.integers(batches, size=batches), minlength=batches)
    draws.flags.writeable = False
    return draws


def bca(points: Array, samples: Array, without: Array) -> Array:
    """Return bias-corrected and accelerated bootstrap intervals (Efron 1987, JASA 82:171), float64[k, 2].

    `points` (float64[k]) are the estimates, `samples` (float64[k, resamples]) those of resamples, `without`
    (float64[b, k]) those that leave out one batch each.
    """
    samples = np.sort(samples, axis=1)
    r = samples.shape[1]
    below = (samples < points[:, None]).sum(axis=1) + (samples <= points[:, None]).sum(axis=1)
    bias = ndtri(np.clip(below / (2 * r), 0.5 / r, 1 - 0.5 / r))
    shifted = bias[:, None] + ndtri(np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    levels = ndtr(bias[:, None] + shifted / (1.0 - _acceleration(without)[:, None] * shifted))
    position = levels * (r - 1)
    low = np.floor(position).astype(np.int64)
    rows = np.arange(len(samples))[:, None]
    first, second = samples[rows, low], samples[rows, np.minimum(low + 1, r - 1)]
    return np.asarray(first + (position - low) * (second - first), np.float64)


def _acceleration(without: Array) -> Array:
    """Return the acceleration of each column, float64[k]; 0 where nothing varies."""
    apart = without.mean(axis=0) - without
    squares, cubes = np.square(apart).sum(axis=0), (apart**3).sum(axis=0)
    flat = np.zeros(len(squares))
    return np.asarray(np.divide(cubes, 6.0 * squares**1.5, out=flat, where=squares > 0.0), np.float64)


def bca_means(values: Array, resamples: int = RESAMPLES) -> Array:
    """Return the 95% intervals of the means of columns, float64[k, 2]; `values` is float64[n, k].

    Beyond 1,000 rows, batches of neighbouring rows are resampled. A column whose rows are all equal has an
    interval of no width. NaN where there are fewer than 10 rows.
    """
    n, k = values.shape
    if n < FEWEST:
        return np.full((k, 2), np.nan)
    sums, sizes = batched(values)
    draws = resample_counts(len(sizes), resamples)
    samples = np.ascontiguousarray(((draws @ sums) / (draws @ sizes)[:, None]).T)
    without = (sums.sum(axis=0) - sums) / (n - sizes)[:, None]
    ends = bca(sums.sum(axis=0) / n, samples, without)
    flat = np.ptp(values, axis=0) == 0.0
    return np.where(flat[:, None], values[:1].T, ends)


def errors_of_means(values: Array) -> Array:
    """Return the standard errors of the means of columns, float64[k], from the batches of `batched`."""
    sums, sizes = batched(values)
    b, n = len(sizes), len(values)
    residuals = sums - (sums.sum(axis=0) / n) * sizes[:, None]
    if b < 2:
        return np.full(values.shape[1], np.nan)
    return np.asarray(np.sqrt(np.square(residuals).sum(axis=0) * b / (b - 1)) / n, np.float64)


def jackknife_error(without: Array) -> Array:
    """Return standard errors, float64[...], of estimates that leave out one batch each, float64[b, ...].

    Miller 1974 (Biometrika 61:1), Efron and Stein 1981 (Annals of Statistics 9:586).
    """
    centred = without - without.mean(axis=0)
    return np.asarray(np.sqrt((len(without) - 1) / len(without) * np.square(centred).sum(axis=0)), np.float64)


# Tests


def two_sided(z: float) -> float:
    """Return the probability of a standard normal deviate at least so far from 0."""
    return float(2.0 * ndtr(-abs(z)))


def student(difference: Array, error: Array, degrees: Array | float) -> Array:
    """Return p-values of differences by Student's t, float64[k]; 1 where both difference and error are 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2.0 * stdtr(degrees, -np.abs(np.divide(difference, error)))
    return np.where(error == 0.0, np.equal(difference, 0.0), p)


def welch(errors: tuple[Array, Array], sizes: tuple[int, int]) -> Array:
    """Return the degrees of freedom of two independent means, float64[k] (Welch 1947, Biometrika 34:28)."""
    a, b = np.square(errors)
    below = a * a / (sizes[0] - 1) + b * b / (sizes[1] - 1)
    neither = np.full(below.shape, float(sum(sizes) - 2))
    return np.asarray(np.divide((a + b) ** 2, below, out=neither, where=below > 0.0), np.float64)


def mcnemar(only_other: int, only_baseline: int) -> float:
    """Return the p-value of equal shares in the same pairs (McNemar 1947), the score test of `tango`."""
    discordant = only_other + only_baseline
    return two_sided((only_other - only_baseline) / sqrt(discordant)) if discordant else 1.0


def two_shares(hits: tuple[int, int], trials: tuple[int, int]) -> float:
    """Return the p-value of equal shares in two independent samples, from their pooled variance."""
    (a, b), (m, n) = hits, trials
    pooled = (a + b) / (m + n)
    variance = pooled * (1.0 - pooled) * (1 / m + 1 / n)
    return two_sided((b / n - a / m) / sqrt(variance)) if variance else 1.0


def tango(only_other: int, only_baseline: int, pairs: int, level: float = LEVEL) -> Interval:
    """Return the score interval of a difference of shares in the same pairs (Tango 1998, Stat Med 17:891).

    `only_other` and `only_baseline` are the pairs in which only that one is a success.
    """
    if pairs == 0:
        return Interval(-1.0, 1.0)
    z = deviate(level)
    low = _tango_end(only_other, only_baseline, pairs, z)
    return Interval(low, -_tango_end(only_baseline, only_other, pairs, z))


def _tango_end(b: int, c: int, n: int, z: float) -> float:
    """Return the lower end: the difference whose score is `z`, by 60 bisections."""
    low, high = -1.0, (b - c) / n
    for _ in range(60):
        centre = (low + high) / 2
        low, high = (centre, high) if _tango_score(b, c, n, centre) > z else (low, centre)
    return high


def _tango_score(b: int, c: int, n: int, difference: float) -> float:
    """Return how many standard errors the observed difference lies above this one (Tango's equation 8)."""
    linear = -b - c + (2 * n - b + c) * difference
    constant = -c * difference * (1.0 - difference)
    c_only = (sqrt(max(0.0, linear * linear - 8 * n * constant)) - linear) / (4 * n)
    variance = n * (2.0 * c_only + difference * (1.0 - difference))
    above = b - c - n * difference
    if variance <= 0.0:
        return inf if above > 0.0 else 0.0
    return above / sqrt(variance)


def apart(baseline: tuple[float, Interval], other: tuple[float, Interval]) -> Interval:
    """Return the interval of the difference of two independent estimates, each with its own.

    The method of variance estimates recovery (Zou and Donner 2008, Stat Med 27:1693); of two Wilson intervals
    it is the tenth method of Newcombe (1998, Stat Med 17:873).
    """
    (a, (a_low, a_high)), (b, (b_low, b_high)) = baseline, other
    down, up = sqrt((b - b_low) ** 2 + (a_high - a) ** 2), sqrt((b_high - b) ** 2 + (a - a_low) ** 2)
    return Interval(b - a - down, b - a + up)


def holm(p: Array) -> Array:
    """Return p-values adjusted for their number (Holm 1979, Scandinavian Journal of Statistics 6:65).

    The probability that any true hypothesis falls below a bound is then at most that bound, however the
    outcomes depend on one another. NaN is not counted and stays.
    """
    adjusted = np.full(len(p), np.nan)
    order = np.argsort(p)[: np.count_nonzero(~np.isnan(p))]
    scaled = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(scaled)) if len(order) else scaled
    return adjusted
