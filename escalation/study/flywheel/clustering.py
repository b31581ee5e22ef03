"""The rival explanation: how much of the clustering of acts a moving baseline gives without any answers.

Acts come in clusters because they answer one another; but also because dated shocks and calendars move the
rate of acts, in all futures alike. Acts of one future feel both; acts of two futures share the moving rate
alone. Pairs of acts close in time are counted in both, and set beside an even rate: the inhomogeneous K
function (Baddeley, Møller and Waagepetersen 2000, Statistica Neerlandica 54:329) with the ensemble's rate.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.world import World
from escalation.study.flywheel.pairs import Grid
from escalation.study.flywheel.reading import FEWEST_ACTS, FEWEST_BATCHES, doubts
from escalation.study.flywheel.stacked import Stacked
from escalation.study.stats import Z95

Array = npt.NDArray[np.float64]


class Part(NamedTuple):
    """A part of the clustering, with its 95% interval (jackknife over the batches: Efron and Stein 1981)."""

    share: float
    low: float
    high: float


class Rival(NamedTuple):
    """How acts cluster in time, and how much of that is not answers.

    `clustering` is how often two acts of one future come within `days` of each other, per time that they
    would at an even rate. Of its excess over 1, `shocks` is the part that acts which answer no other act
    would make alone: at least this is no answering. `baseline` is the part that a rate moving alike in all
    futures gives, average answers to what all of them share included: at most this is no answering. Both are
    None where it cannot be told that acts cluster.
    """

    days: float
    clustering: float
    shocks: Part | None = None
    baseline: Part | None = None


def rival(stack: Stacked, world: World) -> Rival | None:
    """Return the rival explanation; None where there is not enough for an interval, or much was cut off."""
    grid = Grid(world)
    if stack.n < FEWEST_BATCHES or doubts(stack)[0]:
        return None
    acts, outside = (stack.days(grid.bins, column) for column in (0, 1))
    if acts.sum() < FEWEST_ACTS:
        return None
    n = stack.replications.astype(np.float64)
    close = np.array([one.pairs for one in stack.batches], np.float64)
    within = _left(close.sum(), close) / _left(n.sum(), n)
    (moving, even), (alone, calm) = (_crossed(days, n, grid) for days in (acts, outside))
    if even[0] == 0.0 or not _part(within / even).low > 1.0:
        return Rival(grid.days, float(within[0] / even[0]) if even[0] else 1.0)
    shocks, baseline = ((rate - flat) / (within - even) for rate, flat in ((alone, calm), (moving, even)))
    return Rival(grid.days, float(within[0] / even[0]), _part(shocks), _part(baseline))


def _left(of_all: float, of_each: Array) -> Array:
    """Return a sum over all batches, then without each of them, float64[batches + 1]."""
    return of_all - np.concatenate([[0.0], of_each])


def _part(values: Array) -> Part:
    """Return an estimate with its interval: `values` is that of all batches, then without each of them."""
    without = values[1:]
    half = Z95 * float(np.sqrt((len(without) - 1) * without.var()))
    return Part(float(values[0]), float(values[0]) - half, float(values[0]) + half)


def _crossed(days: Array, n: Array, grid: Grid) -> tuple[Array, Array]:
    """Return the close pairs per future that acts at the rate of all futures make, and at an even one.

    Each is float64[batches + 1]: of all batches, then without each of them. Of `days` (float64[batches,
    bins]) only acts of different batches are paired, so that a rate is never multiplied with itself.
    """
    acts = days.sum(axis=1)
    own = (days * grid.around(days)).sum(axis=1)
    mixed = (days * grid.around(days.sum(axis=0))).sum(axis=1)
    moving = _left(mixed.sum() - own.sum(), 2.0 * (mixed - own))
    even = _left(acts.sum() ** 2 - (acts**2).sum(), 2.0 * acts * (acts.sum() - acts)) * grid.near
    pairs = 2.0 * _left(n.sum() ** 2 - (n**2).sum(), 2.0 * n * (n.sum() - n))
    return moving / pairs, even / pairs
