"""Sobol's indices of what a stochastic model gives on average, free of what chance adds to them.

Sobol 2001 (Mathematics and Computers in Simulation 55:271), in the estimators of Saltelli and others 2010
(Computer Physics Communications 181:259, table 2 b and f), the first with control variates. There a square of
what a point gives is taken; with an average over few replications it is too large by the variance of that
average. Here each point has several averages over replications of their own, and only products of different
ones are taken: their mean is what the products of exact values would be. In one row of the design
all points share their chance, so that what is between two points is seen with less noise.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.study.points.levers import unit_cube
from escalation.study.stats import batched, bca, resample_counts
from escalation.study.values import SHARE, Estimate

Array = npt.NDArray[np.float64]

FEWEST = 10
"""Rows of the design, of those in which an outcome is not as in most others, that are too few to say
anything."""


class Indices(NamedTuple):
    """Where the variance of an outcome comes from.

    `share` is how much of the variance between replications comes from the quantities; the rest is chance.
    Of what the quantities explain, `first` comes from each alone and `total` from each with all it does
    together with others; `together` is what no quantity does alone. Where the quantities do not surely
    explain more than nothing, these are undefined.
    """

    mean: float
    variance: float
    share: Estimate
    first: tuple[Estimate, ...]
    total: tuple[Estimate, ...]
    together: Estimate


def sobol_shares(quantities: int, points: int, seed: int) -> tuple[Array, Array]:
    """Return the two independent halves of the design, float64[points, quantities] each, in the unit cube.

    `points` is a power of two.
    """
    both = unit_cube("sobol", 2 * quantities, points, seed)
    return both[:, :quantities], both[:, quantities:]


def sobol_indices(A: Array, B: Array, AB: Array, size: int) -> Indices:
    """Return the indices of one outcome, with BCa intervals from a bootstrap over rows of the design.

    `A` and `B` are float64[s, n]: s independent averages over `size` replications each, at n points; `AB`,
    float64[d, s, n], those at the points of A with one quantity (or a group of them) as in B.
    """
    mean, d = float(np.mean([A, B])), len(AB)
    if all((values == A.flat[0]).all() for values in (A, B, AB)):
        return _undefined(mean, Estimate(value=0.0, unit=SHARE), d)
    rows = _rows(A - mean, B - mean, AB - mean, size)
    sums, sizes = batched(rows)
    draws = resample_counts(len(sizes))
    points = _indices(rows.mean(axis=0))
    samples = _indices((draws @ sums) / (draws @ sizes)[:, None])
    without = _indices((sums.sum(axis=0) - sums) / (len(rows) - sizes)[:, None])
    ends = bca(points, np.ascontiguousarray(samples.T), without)
    usual = np.median(np.stack([A, B]))
    if np.count_nonzero(((A != usual) | (B != usual)).any(axis=0)) < FEWEST:
        ends[0, 0] = min(ends[0, 0], 0.0)
    share, together, *others = (
        Estimate(value=float(value), low=float(low), high=float(high), unit=SHARE)
        for value, (low, high) in zip(points, ends, strict=True)
    )
    if not (share.low and share.low > 0.0):
        return _undefined(mean, share, d)
    return Indices(mean, float(rows[:, 0].mean()), share, tuple(others[:d]), tuple(others[d:]), together)


def _rows(A: Array, B: Array, AB: Array, size: int) -> Array:
    """Return what the indices are means of, for each row of the design, float64[n, 2 + 2d].

    The product of two averages of one point, the variance of one replication at a point, and the products
    for first and for total indices.
    """
    explained = (_product(A, A) + _product(B, B)) / 2
    within = size * (A.var(axis=-2, ddof=1) + B.var(axis=-2, ddof=1)) / 2
    alone = _controlled(_product(B, AB), A, B, AB)
    return np.vstack([explained, within, alone, _product(A - AB, A - AB) / 2]).T


def _indices(means: Array) -> Array:
    """Return indices from means of rows, float64[..., 2 + 2d] both.

    They are the share of the quantities, what they do together, the first and the total indices. Where
    nothing is explained, as in a resample in which nothing varies, they are 0.
    """
    explained, within = means[..., :1], means[..., 1:2]
    share, indices = _ratio(explained, explained + within), _ratio(means[..., 2:], explained)
    together = 1.0 - indices[..., : indices.shape[-1] // 2].sum(axis=-1, keepdims=True)
    return np.concatenate([share, together, indices], axis=-1)


def _ratio(above: Array, below: Array) -> Array:
    below = np.broadcast_to(below, above.shape)
    return np.divide(above, below, out=np.zeros(above.shape), where=below != 0.0)


def _controlled(products: Array, A: Array, B: Array, AB: Array) -> Array:
    """Return products, float64[d, n], less what is 0 on average but goes along with them.

    A and B are independent, and all points have one distribution: three control variates (Glasserman 2004,
    section 4.1). With the first alone, at a coefficient of 1, this is the estimator of Saltelli and others.
    """
    square = _product(A, A)
    controls = np.broadcast_arrays(_product(A, B), _product(AB, AB) - square, _product(B, B) - square)
    return np.stack([
        target - _fitted(target, np.stack(columns, axis=1))
        for target, *columns in zip(products, *controls, strict=True)
    ])  # fmt: skip


def _fitted(target: Array, controls: Array) -> Array:
    """Return how much of the target, float64[n], goes along with the controls, float64[n, 3]."""
    centred = controls - controls.mean(axis=0)
    coefficients = np.linalg.lstsq(centred, target - target.mean(), rcond=None)[0]
    return np.asarray(controls @ coefficients, np.float64)


def _product(x: Array, y: Array) -> Array:
    """Return the mean product of different averages, float64[..., n], of float64[..., s, n]."""
    s = x.shape[-2]
    every = x.sum(axis=-2) * y.sum(axis=-2) - (x * y).sum(axis=-2)
    return np.asarray(every / (s * (s - 1)), np.float64)


def _undefined(mean: float, share: Estimate, quantities: int) -> Indices:
    unknown = Estimate(value=None, unit=SHARE)
    return Indices(mean, 0.0, share, (unknown,) * quantities, (unknown,) * quantities, unknown)
