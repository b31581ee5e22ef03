"""Where the points of a study lie: on a grid, or spread over the space of the levers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from escalation.errors import InputError
from escalation.study.execution import require_whole
from escalation.study.points.levers import Lever, Point

Array = npt.NDArray[np.float64]

DESIGNS = ("grid", "lhs", "sobol")
MOST_POINTS = 100_000
POINTS = 64
"""Points of a design that is no grid, unless a number is given."""


def design(name: str, levers: Sequence[Lever], points: int | None, seed: int) -> tuple[Point, ...]:
    """Return the points of the design `grid`, `lhs` (Latin hypercube) or `sobol`; the seed is of these two.

    A grid has as many points as its levers' values make. Raises InputError for a number of points that the
    design cannot have.
    """
    if name == "grid":
        if points is not None:
            raise InputError(
                "--points: a grid has the points that its levers make; give them as low:high:steps"
            )
        return grid(levers)
    return tuple(scattered(levers, unit_cube(name, len(levers), POINTS if points is None else points, seed)))


def grid(levers: Sequence[Lever]) -> tuple[Point, ...]:
    """Return every combination of the levers' values, the last lever turning fastest. Raises InputError."""
    count = math.prod(len(lever.values()) for lever in levers)
    if count > MOST_POINTS:
        raise InputError(
            f"--vary: a grid of {count:,} points; allowed are {MOST_POINTS:,}; take fewer, or --design lhs"
        )
    paths = [lever.path for lever in levers]
    return tuple(
        dict(zip(paths, values, strict=True))
        for values in itertools.product(*(lever.values() for lever in levers))
    )


def scattered(levers: Sequence[Lever], shares: Array) -> list[Point]:
    """Return the points whose levers stand at `shares` of their ways, float64[points, levers]."""
    return [
        {lever.path: lever.at(share) for lever, share in zip(levers, row, strict=True)}
        for row in shares.tolist()
    ]


def unit_cube(name: str, dimensions: int, points: int, seed: int) -> Array:
    """Return `points` points of a Latin hypercube or a scrambled Sobol sequence, float64[points, dimensions].

    Raises InputError for a number of points that the design cannot have.
    """
    from scipy.stats import qmc  # noqa: PLC0415 - slow to import, and a grid needs none of it

    require_whole("--points", points, 1, MOST_POINTS)
    generator = np.random.default_rng(seed)
    if name == "lhs":
        return np.asarray(qmc.LatinHypercube(dimensions, seed=generator).random(points), np.float64)
    power = points.bit_length() - 1
    if points != 2**power:
        found = f"a Sobol sequence of {points:,} points is out of balance"
        raise InputError(
            f"--points: {found}; allowed are powers of two, such as {2**power:,} and {2 ** (power + 1):,}"
        )
    return np.asarray(qmc.Sobol(dimensions, seed=generator).random_base2(power), np.float64)
