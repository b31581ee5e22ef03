"""Bias-corrected and accelerated bootstrap intervals of means, of many outcomes at once.

Efron 1987 (JASA 82:171). All outcomes are resampled with one matrix of counts, so that a resample is one row
of one matrix product; the jackknife of a mean has a closed form.
"""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

RESAMPLES = 2000
"""Resamples of a bootstrap."""
MOST_BATCHES = 1000
"""Batches of consecutive replications that are resampled, at most."""
FEWEST = 10
"""Replications below which no interval of a mean is given."""
LEVEL = 0.95
_NORMAL = NormalDist()


def bca_means(values: Array, resamples: int = RESAMPLES, seed: int = 0) -> Array:
    """Return the 95% intervals of the means of columns, float64[k, 2]; `values` is float64[n, k].

    Beyond 1,000 rows, batches of neighbouring rows are resampled. A column whose rows are all equal has an
    interval of no width. NaN where there are fewer than 10 rows.
    """
    n, k = values.shape
    if n < FEWEST:
        return np.full((k, 2), np.nan)
    sums, sizes = batched(values)
    means = sums.sum(axis=0) / n
    draws = _draws(len(sizes), resamples, seed)
    samples = np.ascontiguousarray(((draws @ sums) / (draws @ sizes)[:, None]).T)
    samples.sort(axis=1)
    ends = _quantiles(samples, _levels(samples, means, _acceleration(sums, sizes)))
    flat = np.ptp(values, axis=0) == 0.0
    return np.where(flat[:, None], values[:1].T, ends)


def batched(values: Array) -> tuple[Array, Array]:
    """Return the sums of at most 1,000 batches of neighbouring rows, float64[b, k], and their sizes."""
    size = -(-len(values) // MOST_BATCHES)
    starts = np.arange(0, len(values), size)
    sums = values if size == 1 else np.add.reduceat(values, starts, axis=0)
    return sums, np.diff(np.append(starts, len(values))).astype(np.float64)


def errors_of_means(values: Array) -> Array:
    """Return the standard errors of the means of columns, float64[k], from the same batches."""
    sums, sizes = batched(values)
    b, n = len(sizes), len(values)
    residuals = sums - (sums.sum(axis=0) / n) * sizes[:, None]
    if b < 2:
        return np.full(values.shape[1], np.nan)
    return np.asarray(np.sqrt(np.square(residuals).sum(axis=0) * b / (b - 1)) / n, np.float64)


@lru_cache(maxsize=2)
def _draws(batches: int, resamples: int, seed: int) -> Array:
    """Return how often each batch is in each resample, float64[resamples, batches]; not to be written to."""
    shares = np.full(batches, 1 / batches)
    draws = np.random.default_rng(seed).multinomial(batches, shares, size=resamples).astype(np.float64)
    draws.flags.writeable = False
    return draws


def _acceleration(sums: Array, sizes: Array) -> Array:
    """Return the acceleration of each column, float64[k], from the means without each batch."""
    without = (sums.sum(axis=0) - sums) / (sizes.sum() - sizes)[:, None]
    apart = without.mean(axis=0) - without
    squares = np.square(apart).sum(axis=0)
    cubes, nothing = (apart**3).sum(axis=0), np.zeros(len(squares))
    return np.asarray(np.divide(cubes, 6.0 * squares**1.5, out=nothing, where=squares > 0.0), np.float64)


def _levels(samples: Array, means: Array, acceleration: Array) -> Array:
    """Return at which quantiles of the sorted resamples the ends lie, float64[k, 2]."""
    found = []
    for sample, mean, a in zip(samples, means, acceleration, strict=True):
        below, upto = (int(np.searchsorted(sample, mean, side=side)) for side in ("left", "right"))
        share = (below + upto) / (2 * len(sample))
        bias = _NORMAL.inv_cdf(min(max(share, 0.5 / len(sample)), 1 - 0.5 / len(sample)))
        found.append([_level(bias, float(a), tail) for tail in ((1 - LEVEL) / 2, (1 + LEVEL) / 2)])
    return np.array(found, np.float64).reshape(-1, 2)


def _level(bias: float, acceleration: float, tail: float) -> float:
    shifted = bias + _NORMAL.inv_cdf(tail)
    return _NORMAL.cdf(bias + shifted / (1.0 - acceleration * shifted))


def _quantiles(samples: Array, levels: Array) -> Array:
    """Return quantiles of each sorted row, float64[k, 2], interpolated between neighbours."""
    place = levels * (samples.shape[1] - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, samples.shape[1] - 1)
    rows = np.arange(len(samples))[:, None]
    return np.asarray(
        samples[rows, low] + (place - low) * (samples[rows, high] - samples[rows, low]), np.float64
    )
