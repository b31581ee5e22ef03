"""Morris screening: how far each quantity moves an outcome, from few points, by SALib.

Morris 1991 (Technometrics 33:161), with the mean absolute effect of Campolongo, Cariboni and Saltelli 2007
(Environmental Modelling and Software 22:1509).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.errors import EnvironmentFault
from escalation.study.intervals import Z95

Array = npt.NDArray[np.float64]

LEVELS = 4
LOW, HIGH = 0.05, 0.95
"""The share of a quantity's way from which an effect is measured, and to which: ends may be infinite."""


@dataclass(frozen=True)
class Effect:
    """What a quantity does to an outcome on its way from its 5% to its 95% quantile, in the outcome's unit.

    `mean` has a sign; `size` is the mean of absolute effects; both are known to ± `mean_error` and `error`
    (95%). `spread` is their standard deviation, large where the effect depends on the other quantities or is
    no straight line. Chance alone would give a `size` of `noise`.
    """

    mean: float
    mean_error: float
    size: float
    error: float
    spread: float
    noise: float

    @property
    def direction(self) -> str:
        """`+` or `-` where effects go one way, for the most part; `±` where they do not."""
        if abs(self.mean) < self.size / 2:
            return "±"
        return "+" if self.mean > 0 else "-"

    @property
    def told(self) -> bool:
        """True when it surely does more than chance alone would (three standard errors)."""
        return abs(self.mean) > 1.5 * self.mean_error or self.size - 1.5 * self.error > self.noise

    @property
    def beyond(self) -> float:
        """How much more it does than chance alone would; at least 0."""
        return max(0.0, self.size - self.noise)


def morris_shares(quantities: int, trajectories: int, seed: int) -> Array:
    """Return the points of the design, float64[trajectories, quantities + 1, quantities], in the unit cube.

    From one point of a trajectory to the next, one quantity changes. Raises EnvironmentFault without SALib.
    """
    need_salib()
    from SALib.sample.morris import sample  # noqa: PLC0415

    flat = sample(_problem(quantities), trajectories, num_levels=LEVELS, seed=seed)
    cube = np.asarray(flat, np.float64).reshape(trajectories, quantities + 1, quantities)
    return LOW + (HIGH - LOW) * cube


def effects_of(shares: Array, values: Array, seed: int) -> tuple[Effect, ...]:
    """Return the effect of each quantity on one outcome.

    `shares` is the design; `values`, float64[trajectories, quantities + 1, s], holds s independent averages
    at each of its points. In one trajectory all points share their chance.
    """
    from SALib.analyze.morris import analyze  # noqa: PLC0415

    trajectories, points, s = values.shape
    cube = np.round((shares - LOW) / (HIGH - LOW) * (LEVELS - 1)) / (LEVELS - 1)
    flat, means = cube.reshape(trajectories * points, -1), values.mean(axis=-1).ravel()
    found = analyze(_problem(points - 1), flat, means, num_levels=LEVELS, seed=seed)
    noise = _noise(cube, values, s)
    mean_error = Z95 * np.asarray(found["sigma"]) / math.sqrt(trajectories)
    columns = (found["mu"], mean_error, found["mu_star"], found["mu_star_conf"], found["sigma"], noise)
    return tuple(Effect(*map(float, row)) for row in zip(*columns, strict=True))


def need_salib() -> Any:
    """Return SALib; EnvironmentFault tells how to install it."""
    try:
        import SALib  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise EnvironmentFault(
            "sensitivity needs SALib, which is not installed: pip install 'escalation[design]'"
        ) from error
    return SALib


def _problem(quantities: int) -> dict[str, Any]:
    names = [f"x{n}" for n in range(quantities)]
    return {"num_vars": quantities, "names": names, "bounds": [[0.0, 1.0]] * quantities}


def _noise(cube: Array, values: Array, s: int) -> Array:
    """Return the mean absolute effect of each quantity if it had none: that of a normal error, float64[k]."""
    steps = np.diff(cube, axis=1)
    moved = np.abs(steps).argmax(axis=2)
    width = np.abs(steps).max(axis=2)
    error = np.diff(values, axis=1).std(axis=2, ddof=1) / math.sqrt(s) / width
    expected = math.sqrt(2.0 / math.pi) * error
    return np.array([expected[moved == k].mean() for k in range(cube.shape[2])])
