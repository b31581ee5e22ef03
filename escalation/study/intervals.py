"""How sure a share or a mean over replications is."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Z95 = 1.959963984540054
"""Standard normal quantile of a two-sided 95% interval."""


class Interval(NamedTuple):
    """A lower and an upper end."""

    low: float
    high: float


def wilson(successes: int, trials: int, z: float = Z95) -> Interval:
    """Return the score interval of a share (Wilson 1927, JASA 22:209); 0 to 1 without trials."""
    if trials == 0:
        return Interval(0.0, 1.0)
    share, weight = successes / trials, z * z / trials
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * sqrt(share * (1 - share) / trials + weight / (4 * trials))
    # at the ends the formula is exact on paper and off by a rounding error here
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == trials else centre + half
    return Interval(max(low, 0.0), min(high, 1.0))


def standard_error(values: npt.NDArray[np.float64]) -> float | None:
    """Return the Monte Carlo standard error of the mean of independent replications; None below two."""
    if len(values) < 2:
        return None
    return float(np.std(values, ddof=1) / sqrt(len(values)))


def central(values: npt.NDArray[np.float64], share: float, whole: bool = False) -> Interval:
    """Return the band that holds the middle `share` of the values.

    Between two values it interpolates; with `whole` (counts, ranks, days) its ends are values that occurred,
    and it holds at least that share.
    """
    ends = [(1 - share) / 2, (1 + share) / 2]
    low, high = np.quantile(values, ends, method="inverted_cdf" if whole else "linear")
    return Interval(float(low), float(high))


def middle(values: npt.NDArray[np.float64], whole: bool = False) -> float:
    """Return the median; with `whole`, the first value that at least half of the values do not exceed."""
    return float(np.quantile(values, 0.5, method="inverted_cdf" if whole else "linear"))
