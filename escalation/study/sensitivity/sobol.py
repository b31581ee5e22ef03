"""Sobol's indices of what a stochastic model gives on average, free of what chance adds to them.

Sobol 2001 (Mathematics and Computers in Simulation 55:271), in the estimators of Saltelli and others 2010
(Computer Physics Communications 181:259, table 2 b and f), the first with control variates. There a square of
what a point gives is taken; with an average over few replications it is too large by the variance of that
average. Here each point has several averages over replications of their own, and only products of different
ones are taken: their mean is what the products of exact values would be. In one row of the design
all points share their chance, so that what is between two points is seen with less noise.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.study.points.designs import unit_cube
from escalation.study.values import SHARE, Estimate

Array = npt.NDArray[np.float64]

RESAMPLES = 1000
LEVEL = 0.95


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


@dataclass(frozen=True)
class Rows:
    """What the indices are means of, for each row of the design, float64[n] or float64[d, n].

    `explained` is the product of two averages of one point, `within` the variance of one replication at a
    point, `alone` and `apart` the products for first and total indices.
    """

    explained: Array
    within: Array
    alone: Array
    apart: Array

    def indices(self, picked: Any = slice(None)) -> tuple[Array, Array]:
        """Return first and total indices, and behind them the share of the quantities and what is together.

        `picked` are rows, int64[..., n]; the results are float64[d + 1, ...].
        """
        explained = self.explained[picked].mean(axis=-1)
        within = self.within[picked].mean(axis=-1)
        first = self.alone[..., picked].mean(axis=-1) / explained
        total = self.apart[..., picked].mean(axis=-1) / explained
        share = explained / (explained + within)
        rest = 1.0 - first.sum(axis=0)
        return np.concatenate([first, [share]]), np.concatenate([total, [rest]])


def sobol_shares(quantities: int, points: int, seed: int) -> tuple[Array, Array]:
    """Return the two independent halves of the design, float64[points, quantities] each, in the unit cube.

    `points` is a power of two.
    """
    both = unit_cube("sobol", 2 * quantities, points, seed)
    return both[:, :quantities], both[:, quantities:]


def sobol_indices(A: Array, B: Array, AB: Array, size: int, seed: int) -> Indices:
    """Return the indices of one outcome.

    `A` and `B` are float64[s, n]: s independent averages over `size` replications each, at n points; `AB`,
    float64[d, s, n], those at the points of A with one quantity (or a group of them) as in B. n is a power of
    two.
    """
    mean = float(np.mean([A, B]))
    if _is_constant(A, B, AB):
        return _undefined(mean, Estimate(value=0.0, unit=SHARE), len(AB))
    rows = _rows(A - mean, B - mean, AB - mean, size)
    ends = _intervals(rows, A.shape[1], seed)
    (*first, share), (*total, together) = (
        [_index(*one) for one in zip(values, low, high, strict=True)]
        for values, low, high in zip(rows.indices(), *ends, strict=True)
    )
    if not (share.low and share.low > 0.0):
        return _undefined(mean, share, len(AB))
    return Indices(mean, float(rows.explained.mean()), share, tuple(first), tuple(total), together)


def _rows(A: Array, B: Array, AB: Array, size: int) -> Rows:
    return Rows(
        explained=(_product(A, A) + _product(B, B)) / 2,
        within=size * (A.var(axis=-2, ddof=1) + B.var(axis=-2, ddof=1)) / 2,
        alone=_controlled(_product(B, AB), A, B, AB),
        apart=_product(A - AB, A - AB) / 2,
    )


def _controlled(products: Array, A: Array, B: Array, AB: Array) -> Array:
    """Return products, float64[d, n], less what is known to be nothing on average but goes along with them.

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


def _product(one: Array, other: Array) -> Array:
    """Return the mean product of different averages, float64[..., n], of float64[..., s, n]."""
    s = one.shape[-2]
    every = one.sum(axis=-2) * other.sum(axis=-2) - (one * other).sum(axis=-2)
    return np.asarray(every / (s * (s - 1)), np.float64)


def _intervals(rows: Rows, n: int, seed: int) -> tuple[Array, Array]:
    """Return the ends of the intervals, float64[2, d + 1] each, from a bootstrap over rows of the design."""

    from scipy.stats import bootstrap  # noqa: PLC0415 - slow to import

    def statistic(picked: npt.NDArray[np.int64]) -> Array:
        return np.stack(rows.indices(picked))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what has no spread has no BCa interval, and needs none
        found = bootstrap(
            [np.arange(n)], statistic, method="BCa", n_resamples=RESAMPLES, confidence_level=LEVEL,
            vectorized=False, random_state=np.random.default_rng(seed),
        )  # fmt: skip
    flat = np.ptp(found.bootstrap_distribution, axis=-1) == 0.0
    point = found.bootstrap_distribution[..., 0]
    low, high = (np.where(flat, point, ends) for ends in found.confidence_interval)
    return low, high


def _is_constant(A: Array, B: Array, AB: Array) -> bool:
    first = A.flat[0]
    return bool((first == A).all() and (first == B).all() and (first == AB).all())


def _undefined(mean: float, share: Estimate, quantities: int) -> Indices:
    unknown = Estimate(value=None, unit=SHARE)
    return Indices(mean, 0.0, share, (unknown,) * quantities, (unknown,) * quantities, unknown)


def _index(value: float, low: float, high: float) -> Estimate:
    ends = [None if np.isnan(end) else float(end) for end in (low, high)]
    return Estimate(value=float(value), low=ends[0], high=ends[1], unit=SHARE)
