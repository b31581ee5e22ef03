"""Acts close to one another in time: pairs within a replication, and how many acts there are when.

What a moving baseline gives without any answers is told from pairs of acts of different replications: these
share the dated shocks and the calendar, and nothing else.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from escalation.model.world import World
from escalation.study.flywheel.cells import Cells, binned, gathered
from escalation.study.flywheel.log import Log

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CLOSE = 30.0
"""Days within which two acts make a pair, about."""
MOST_BINS = 1000


class Grid:
    """Time since the takeover in bins of whole days; a pair is at most `reach` bins apart."""

    def __init__(self, world: World):
        days: int = math.ceil(world.tables.end - world.tables.takeover)
        self.first = float(world.tables.takeover)
        self.width = max(1, math.ceil(days / MOST_BINS))
        self.bins = max(1, math.ceil(days / self.width))
        self.reach = min(self.bins - 1, max(1, round(CLOSE / self.width)))

    @property
    def days(self) -> float:
        """Days within which two acts make a pair."""
        return float(self.reach * self.width)

    @property
    def near(self) -> float:
        """The part of all pairs of bins that are close, a bin and itself included."""
        apart = range(1, self.reach + 1)
        return (self.bins + 2 * sum(self.bins - n for n in apart)) / self.bins**2

    def around(self, counts: Array) -> Array:
        """Return the sum of `counts` (float64[..., bins]) over the bins close to each, that bin included."""
        sums = np.concatenate([np.zeros((*counts.shape[:-1], 1)), np.cumsum(counts, axis=-1)], axis=-1)
        places = np.arange(self.bins)
        last = np.minimum(places + self.reach + 1, self.bins)
        return np.asarray(sums[..., last] - sums[..., np.maximum(places - self.reach, 0)], np.float64)

    def of(self, time: Array) -> Ints:
        """Return the bins of times at or after the takeover, int64[n]."""
        return np.asarray((time - self.first) // self.width, np.int64).clip(0, self.bins - 1)


def days_of(world: World, log: Log, batch: Ints) -> tuple[Cells, int]:
    """Return by batch and bin how many counted acts there are, and which part of them answers no such act.

    The second value is how many bins a batch has.
    """
    grid, acts = Grid(world), np.flatnonzero(log.counted)
    outside = 1.0 - binned(log.child, log.share * log.counted[log.cause], len(log.time))[acts]
    keys = batch[acts] * grid.bins + grid.of(log.time[acts])
    return gathered(keys, np.stack([np.ones(len(acts)), outside], axis=1)), grid.bins


def pairs_of(world: World, log: Log, replications: int) -> Ints:
    """Return how many pairs of counted acts are close, by replication, int64[replications].

    Acts of one package are one deliberation's and make no pair.
    """
    grid, acts = Grid(world), np.flatnonzero(log.counted)
    of, length = log.row_of[acts], grid.bins + grid.reach
    place = np.sort(of * length + grid.of(log.time[acts]))
    after = np.searchsorted(place, place + grid.reach, "right") - np.arange(len(place)) - 1
    close = binned(place // length, after.astype(np.float64), replications)
    within = np.flatnonzero(log.package[acts] >= 0)
    packages = int(log.package.max(initial=0)) + 1
    keys, size = np.unique(of[within] * packages + log.package[acts[within]], return_counts=True)
    return np.asarray(close - binned(keys // packages, size * (size - 1) / 2, replications), np.int64)
