"""Intervals and p-values of differences: paired shares, two samples, and many outcomes at once."""

from __future__ import annotations

from math import erfc, inf, log1p, sqrt

import numpy as np
import numpy.typing as npt

from escalation.study.intervals import Z95, Interval

Array = npt.NDArray[np.float64]

HALVINGS = 60
"""Halvings of an interval of width 1 until its ends are as near as numbers can be."""


def tango(only_other: int, only_baseline: int, pairs: int, z: float = Z95) -> Interval:
    """Return the score interval of a difference of shares in the same pairs (Tango 1998, Stat Med 17:891).

    `only_other` and `only_baseline` are the pairs in which just the one of them is a hit.
    """
    if pairs == 0:
        return Interval(-1.0, 1.0)
    low = _end(only_other, only_baseline, pairs, z)
    high = -_end(only_baseline, only_other, pairs, z)
    return Interval(low, high)


def _end(b: int, c: int, n: int, z: float) -> float:
    """Return the lower end: the difference whose score is `z`, found by halving."""
    low, high = -1.0, (b - c) / n
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _score(b, c, n, middle) > z:
            low = middle
        else:
            high = middle
    return high


def _score(b: int, c: int, n: int, difference: float) -> float:
    """Return Tango's score of a difference: how many standard errors the one observed lies above it."""
    linear = -b - c + (2 * n - b + c) * difference
    constant = -c * difference * (1.0 - difference)
    c_only = (sqrt(max(0.0, linear * linear - 8 * n * constant)) - linear) / (4 * n)
    variance = n * (2.0 * c_only + difference * (1.0 - difference))
    above = b - c - n * difference
    if variance <= 0.0:
        return inf if above > 0.0 else 0.0
    return above / sqrt(variance)


def mcnemar(only_other: int, only_baseline: int) -> float:
    """Return the p-value of equal shares in the same pairs (McNemar 1947), the score test of `tango`."""
    discordant = only_other + only_baseline
    return two_sided((only_other - only_baseline) / sqrt(discordant)) if discordant else 1.0


def two_shares(hits: tuple[int, int], trials: tuple[int, int]) -> float:
    """Return the p-value of equal shares in two independent samples, from their pooled variance."""
    (one, other), (m, n) = hits, trials
    pooled = (one + other) / (m + n)
    variance = pooled * (1.0 - pooled) * (1 / m + 1 / n)
    return two_sided((other / n - one / m) / sqrt(variance)) if variance else 1.0


def student(difference: float, error: float, degrees: float) -> float:
    """Return the p-value of a difference by Student's t; 1 where both difference and error are 0.

    By the normal approximation of Wallace (1959, Annals of Mathematical Statistics 30:1124), which is within
    0.2% of the deviate from 9 degrees of freedom on.
    """
    if error == 0.0:
        return 1.0 if difference == 0.0 else 0.0
    t = difference / error
    return two_sided((8 * degrees + 1) / (8 * degrees + 3) * sqrt(degrees * log1p(t * t / degrees)))


def welch(errors: tuple[float, float], sizes: tuple[int, int]) -> float:
    """Return the degrees of freedom of two independent means (Welch 1947, Biometrika 34:28)."""
    parts = [error * error for error in errors]
    below = sum(part * part / (size - 1) for part, size in zip(parts, sizes, strict=True))
    return sum(parts) ** 2 / below if below else float(sum(sizes) - 2)


def two_sided(deviate: float) -> float:
    """Return the probability of a standard normal deviate at least so far from 0."""
    return erfc(abs(deviate) / sqrt(2.0))


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
