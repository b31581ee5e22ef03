"""PRIM: boxes in which the cases of interest are dense, found by peeling.

Friedman and Fisher 1999 (Statistics and Computing 9:123); measures of scenario discovery: Bryant and Lempert
2010 (Technological Forecasting and Social Change 77:34). From the whole space a twentieth of what is left is
peeled off again and again, on the side where density gains most for each point that goes; at the end sides
are pasted back as long as that makes the box denser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtrc

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

PEEL = 0.05
"""Share of a box that one peel takes off, and of what lies beyond a side that one paste puts back."""


@dataclass(frozen=True, eq=False)
class Box:
    """Bounds of every dimension, float64[d], which belong to it; infinite where a side is open."""

    low: Array
    high: Array

    def contains(self, values: Array) -> Mask:
        """Return which points, float64[n, d], lie in it, bool[n]."""
        return np.asarray(((values >= self.low) & (values <= self.high)).all(axis=1), np.bool_)

    @property
    def restricted(self) -> tuple[int, ...]:
        """The dimensions that are bounded on either side."""
        bounded = np.isfinite(self.low) | np.isfinite(self.high)
        return tuple(np.flatnonzero(bounded).tolist())

    def without(self, dimension: int) -> Box:
        """Return the box with one dimension open on both sides."""
        low, high = self.low.copy(), self.high.copy()
        low[dimension], high[dimension] = -np.inf, np.inf
        return Box(low, high)


def peeled(values: Array, hits: Mask, least: int) -> list[Box]:
    """Return the boxes of a peeling trajectory and the pasting after it, the whole space first.

    `values` are the points, float64[n, d], `hits` those of interest, bool[n]; no box has fewer than `least`
    points, at least 1.
    """
    search = _Peeling(values, hits, max(1, least))
    boxes = [search.box]
    while search.peel():
        boxes.append(search.box)
    while search.paste():
        boxes.append(search.box)
    return boxes


def best_of(boxes: Sequence[Box], values: Array, hits: Mask) -> int:
    """Return which box is recommended: coverage times density above that of all points is largest."""
    gains = []
    for box in boxes:
        inside = box.contains(values)
        cases, points = int(np.count_nonzero(hits & inside)), int(np.count_nonzero(inside))
        gains.append(cases * (cases / max(points, 1) - hits.mean()))
    return int(np.argmax(gains))


def repeats(values: Array, hits: Mask, least: int, halves: Sequence[Ints]) -> Ints:
    """Return in how many halves of the points a bound of each dimension proves right, int64[d].

    `halves` are rows of `values`. Boxes are found on each; of the one that is best for the other points,
    those bounds prove right that make it denser there.
    """
    counts = np.zeros(values.shape[1], np.int64)
    for rows in halves:
        others = np.delete(np.arange(len(values)), rows)
        boxes = peeled(values[rows], hits[rows], least)
        elsewhere, cases = values[others], hits[others]
        box = boxes[best_of(boxes, elsewhere, cases)]
        density = _density(elsewhere, cases, box)
        for dimension in box.restricted:
            counts[dimension] += density > _density(elsewhere, cases, box.without(dimension))
    return counts


def _density(values: Array, hits: Mask, box: Box) -> float:
    inside = box.contains(values)
    return float(hits[inside].mean()) if inside.any() else 0.0


def quasi_p(values: Array, hits: Mask, box: Box, dimension: int) -> float:
    """Return how probably chance alone makes a box as dense as it is with a restriction.

    That is the binomial probability of at least as many hits among as many points, each as likely as in the
    box without that restriction. On the points that the box was found by it is too small: they chose it.
    """
    inside, wider = box.contains(values), box.without(dimension).contains(values)
    cases, points = int(np.count_nonzero(hits & inside)), int(np.count_nonzero(inside))
    if cases == 0:
        return 1.0
    share = np.count_nonzero(hits & wider) / np.count_nonzero(wider)
    return float(bdtrc(cases - 1, points, share))


class _Peeling:
    """A box under way. All bounds are lower: of a dimension's negative (its upper side), or of itself."""

    def __init__(self, values: Array, hits: Mask, least: int):
        self._sides = np.stack([-values, values], axis=2).reshape(len(values), -1)
        self._order = np.argsort(self._sides, axis=0, kind="stable").T
        self._hits, self._least = hits, least
        self._bounds = np.full(self._sides.shape[1], -np.inf)
        self._inside = np.ones(len(values), np.bool_)

    @property
    def box(self) -> Box:
        """The box as it is now."""
        return Box(self._bounds[1::2].copy(), -self._bounds[::2])

    def peel(self) -> bool:
        """Take off the best peel; False where none makes the box denser and leaves enough points."""
        points = int(np.count_nonzero(self._inside))
        if not self._bounds.size or points <= self._least:
            return False
        members = self._order[self._inside[self._order]].reshape(-1, points)
        ascending = np.take_along_axis(self._sides.T, members, axis=1)
        rank = int((points - 1) * PEEL)
        gone = np.count_nonzero(ascending <= ascending[:, rank : rank + 1], axis=1)
        lost = np.take_along_axis(np.cumsum(self._hits[members], axis=1), gone[:, None] - 1, axis=1)[:, 0]
        left = points - gone
        cases = int(np.count_nonzero(self._hits & self._inside))
        gain = ((cases - lost) / np.maximum(left, 1) - cases / points) / gone
        side = self._best(np.where(left >= self._least, gain, 0.0), np.arange(len(gain)))
        if side is None:
            return False
        self._cut(side, ascending[side], int(gone[side]))
        return True

    def paste(self) -> bool:
        """Put back the best paste; False where none makes the box denser."""
        misses = self._sides < self._bounds
        count = misses.sum(axis=1)
        sides = np.flatnonzero(np.isfinite(self._bounds))
        beyond = [np.sort(-self._sides[(count == 1) & misses[:, side], side]) for side in sides]
        cases, points = np.count_nonzero(self._hits & self._inside), np.count_nonzero(self._inside)
        bounds, gains = np.empty(len(sides)), np.zeros(len(sides))
        for n, (side, near) in enumerate(zip(sides.tolist(), beyond, strict=True)):
            if not len(near):
                continue
            back = np.count_nonzero(near <= near[int((len(near) - 1) * PEEL)])
            bounds[n] = -(near[back - 1] + near[back]) / 2 if back < len(near) else -np.inf
            added = (count == 1) & misses[:, side] & (self._sides[:, side] >= bounds[n])
            density = (cases + np.count_nonzero(self._hits & added)) / (points + back)
            gains[n] = (density - cases / points) / back
        best = self._best(gains, sides)
        if best is None:
            return False
        self._bounds[best] = bounds[sides == best][0]
        self._inside = np.asarray((self._sides >= self._bounds).all(axis=1), np.bool_)
        return True

    def _best(self, gains: Array, sides: Ints) -> int | None:
        """Return the side with the largest gain; of equal ones, one of a dimension that has a bound."""
        if not gains.size or gains.max() <= 0.0:
            return None
        bounded = np.isfinite(self._bounds).reshape(-1, 2).any(axis=1)
        best = sides[gains == gains.max()]
        return int(best[np.argmax(bounded[best // 2])])

    def _cut(self, side: int, ascending: Array, gone: int) -> None:
        """Bound a side halfway between the last point that goes and the first that stays."""
        last, first = ascending[gone - 1], ascending[gone]
        self._bounds[side] = max((last + first) / 2, np.nextafter(last, np.inf))
        self._inside &= self._sides[:, side] >= self._bounds[side]
