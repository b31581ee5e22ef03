"""The rival explanation: how much of the clustering of acts there is without any answers.

Acts come in clusters because they answer one another; but also because dated shocks, calendars and what
differs between replications move the rate of acts. Pairs of acts close in time are counted within
replications, and set beside an even rate, from acts of different replications (the inhomogeneous K function:
Baddeley, Møller and Waagepetersen 2000, Statistica Neerlandica 54:329). The parts of acts that answer no act
make such pairs too: so much goes without answers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from escalation.model.world import World
from escalation.study.flywheel.log import Grid
from escalation.study.flywheel.model import Rival
from escalation.study.flywheel.reading import FEWEST_ACTS, FEWEST_BATCHES, doubts
from escalation.study.flywheel.stacked import Stacked
from escalation.study.stats import jackknife_error, student_reach
from escalation.study.values import SHARE, Estimate

Array = npt.NDArray[np.float64]


def rival(stack: Stacked, world: World) -> Rival | None:
    """Return the rival explanation; None where there is not enough for an interval, or much was cut off."""
    grid = Grid(world)
    if stack.n < FEWEST_BATCHES or doubts(stack)[0] or stack.whole.acts < FEWEST_ACTS:
        return None
    n, acts, outside, pairs, pairs_outside = (
        np.array([getattr(batch, name) for batch in stack.batches], np.float64)
        for name in ("replications", "acts", "outside", "pairs", "pairs_outside")
    )
    crossed = _products(n)
    even, calm = (_products(counts) * grid.near / 2 / crossed for counts in (acts, outside))
    within, alone = (_sums(counts) / _sums(n) for counts in (pairs, pairs_outside))
    if not even.all():
        return Rival(days=grid.days, clustering=1.0)
    clustering = _estimate(within / even)
    assert clustering.value is not None
    if clustering.low is None or not clustering.low > 1.0:
        return Rival(days=grid.days, clustering=clustering.value)
    part = _estimate((alone - calm) / (within - even))
    return Rival(
        days=grid.days, clustering=clustering.value, unanswering=part.model_copy(update={"unit": SHARE})
    )


def _sums(of_each: Array) -> Array:
    """Return the sum over all batches, then without each of them, float64[batches + 1]."""
    return np.asarray(of_each.sum() - np.concatenate([[0.0], of_each]), np.float64)


def _products(of_each: Array) -> Array:
    """Return the sum of products of different batches, of all of them, then without each."""
    return np.asarray(np.square(_sums(of_each)) - _sums(np.square(of_each)), np.float64)


def _estimate(values: Array) -> Estimate:
    """Return an estimate, its interval by the jackknife: `values` is of all batches, then without each."""
    value, error = float(values[0]), float(jackknife_error(values[1:]))
    half = student_reach(len(values) - 1) * error
    return Estimate(value=value, low=value - half, high=value + half, error=error)
