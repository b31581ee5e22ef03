"""Morris screening: how far each quantity moves an outcome, from few points.

Morris 1991 (Technometrics 33:161), with the mean absolute effect of Campolongo, Cariboni and Saltelli 2007
(Environmental Modelling and Software 22:1509).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from escalation.study.stats import Z95
from escalation.study.values import Estimate, ResultPart

Array = npt.NDArray[np.float64]

STEP = 2 / 3
"""How far a quantity goes in one step, of its range: from level 0 or 1 of 4 to two levels higher, or back."""
LOW, HIGH = 0.05, 0.95
"""Quantiles of a quantity from which an effect is measured, and to which: the ends may be infinite."""
SURE = 3.0
"""Standard errors by which an effect differs from chance."""


class Effect(ResultPart):
    """What a quantity does to an outcome from its 5% to its 95% quantile, in the outcome's unit."""

    quantity: str
    """The quantity's path."""
    mean: Estimate
    """The mean effect, with its sign."""
    size: Estimate
    """The mean absolute effect."""
    spread: float
    """Standard deviation of effects: large where they depend on other quantities or are no straight line."""
    noise: float
    """The mean absolute effect that chance alone would give."""

    @property
    def direction(self) -> Literal["+", "-", "±"]:
        """`+` or `-` where effects go one way, for the most part; `±` where they do not."""
        mean = self.mean.value or 0.0
        if abs(mean) < (self.size.value or 0.0) / 2:
            return "±"
        return "+" if mean > 0 else "-"

    @property
    def is_sure(self) -> bool:
        """True when it surely does more than chance alone would."""
        mean, size = self.mean, self.size
        return (
            abs(mean.value or 0.0) > SURE * (mean.error or 0.0)
            or (size.value or 0.0) - SURE * (size.error or 0.0) > self.noise
        )

    @property
    def beyond(self) -> float:
        """How much more it does than chance alone would; at least 0."""
        return max(0.0, (self.size.value or 0.0) - self.noise)


def morris_shares(quantities: int, trajectories: int, seed: int) -> Array:
    """Return the points of the design, float64[trajectories, quantities + 1, quantities], in the unit cube.

    From one point of a trajectory to the next, one quantity changes, each once and in random order.
    """
    random = np.random.default_rng(seed)
    shape = trajectories, quantities
    low, upwards = random.integers(2, size=shape) / 3, random.random(shape) < 0.5
    turn = random.permuted(np.tile(np.arange(quantities), (trajectories, 1)), axis=1)
    start, end = np.where(upwards, low, low + STEP), np.where(upwards, low + STEP, low)
    has_moved = turn[:, None, :] < np.arange(quantities + 1)[:, None]
    return LOW + (HIGH - LOW) * np.where(has_moved, end[:, None, :], start[:, None, :])


def effects_of(shares: Array, values: Array, paths: Sequence[str], unit: str = "") -> tuple[Effect, ...]:
    """Return the effect of each quantity on one outcome, in its unit.

    `shares` is the design; `values`, float64[trajectories, quantities + 1, s], holds s independent averages
    at each of its points. In one trajectory all points share their chance.
    """
    trajectories, _, s = values.shape
    steps = np.diff((shares - LOW) / (HIGH - LOW), axis=1)
    moved = np.abs(steps).argmax(axis=2)
    widths = np.take_along_axis(steps, moved[..., None], axis=2)[..., 0]
    differences = np.diff(values, axis=1)
    effects = differences.mean(axis=2) / widths
    noise = math.sqrt(2 / math.pi / s) * differences.std(axis=2, ddof=1) / np.abs(widths)
    rows = np.arange(trajectories)[:, None], np.argsort(moved, axis=1)
    return tuple(
        Effect(
            quantity=path, mean=_mean(column, unit), size=_mean(np.abs(column), unit),
            spread=float(column.std(ddof=1)), noise=float(chance.mean()),
        )
        for path, column, chance in zip(paths, effects[rows].T, noise[rows].T, strict=True)
    )  # fmt: skip


def _mean(values: Array, unit: str) -> Estimate:
    mean, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(len(values))
    return Estimate(value=mean, low=mean - Z95 * error, high=mean + Z95 * error, error=error, unit=unit)
