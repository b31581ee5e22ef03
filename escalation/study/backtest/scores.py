"""Proper scores of samples, probabilities and intervals (Gneiting and Raftery 2007, JASA 102:359).

A forecast of a number is float64[m], its sample. Lower is better everywhere. Tests hold the formulas against
scoringrules.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

IMPOSSIBLE = 1e-9
"""Probability of a count that a sample never holds."""


def crps(sample: Array, value: float) -> float:
    """Return the fair continuous ranked probability score (Ferro 2014, QJRMS 140:1917), in the sample's unit.

    Unbiased in the size of the sample, so that forecasts of different sizes compare. Needs two draws.
    """
    ordered = np.sort(sample)
    m = len(ordered)
    spread = float(np.dot(2.0 * np.arange(1, m + 1) - m - 1, ordered)) / (m * (m - 1))
    return float(np.mean(np.abs(ordered - value))) - spread


def brier(probability: float, happened: bool) -> float:
    """Return the squared error of a probability, 0 to 1 (Brier 1950)."""
    return (probability - happened) ** 2


def log_score(sample: Array, value: float) -> float:
    """Return minus the logarithm of the probability of a whole number, in nats.

    The probability is the share of the sample with half a draw added to each number from 0 to one above the
    highest seen, so that what never came up is not impossible.
    """
    top = int(max(sample.max(initial=0.0), value)) + 1
    counts = np.bincount(sample.astype(np.int64), minlength=top + 1) + 0.5
    return -math.log(counts[int(value)] / counts.sum())


def interval(sample: Array, share: float) -> tuple[float, float]:
    """Return the central interval that holds at least `share` of a sample; its ends are draws."""
    tail = (1.0 - share) / 2.0
    ordered = np.sort(sample)
    below = math.floor(round(tail * len(ordered), 9))
    return float(ordered[below]), float(ordered[len(ordered) - 1 - below])


def interval_score(ends: tuple[float, float], share: float, value: float) -> float:
    """Return the interval score (Gneiting and Raftery 2007, equation 43): width, and a penalty for a miss."""
    low, high = ends
    missed = max(low - value, 0.0) + max(value - high, 0.0)
    return high - low + 2.0 / (1.0 - share) * missed


def is_held(ends: tuple[float, float], value: float) -> bool:
    """Return whether an interval holds the value."""
    return ends[0] <= value <= ends[1]


def expected_share(sample: Array, ends: tuple[float, float]) -> float:
    """Return how often an interval would hold what comes if the forecast were right.

    An interval of whole numbers holds more than its level: one of 50% that ends at 0 holds every 0.
    """
    return float(np.mean((sample >= ends[0]) & (sample <= ends[1])))


def pit(sample: Array, value: float, bins: int) -> Array:
    """Return how the probability integral transform of a count spreads over even bins, float64[bins].

    Not randomised (Czado, Gneiting and Held 2009, Biometrics 65:1254): it is spread evenly between the
    forecast's probability of less than what came and that of no more. It adds up to 1; over many forecasts
    that are calibrated the bins are even.
    """
    below, upto = float(np.mean(sample < value)), float(np.mean(sample <= value))
    width = max(upto - below, IMPOSSIBLE)
    start = min(below, 1.0 - width)
    return np.diff(np.clip((np.linspace(0.0, 1.0, bins + 1) - start) / width, 0.0, 1.0))


def moving_blocks(n: int, length: int, draws: int, generator: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the rows of `draws` series resampled in moving blocks (Kuensch 1989), int64[draws, n].

    Neighbouring origins share their windows, so that they are not independent. Blocks are circular.
    """
    starts = generator.integers(0, n, (draws, math.ceil(n / length)))
    rows = (starts[:, :, None] + np.arange(length)) % n
    return np.asarray(rows.reshape(draws, -1)[:, :n])
