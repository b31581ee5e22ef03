"""What a sweep shows: how an expression moves with the levers, and which of them moves it.

Two points differ when their estimates do by more than chance explains. Means and probabilities are compared
in pairs, world by world; all else as if the points had been played in different worlds, which errs on the
side of saying too little. Any two of the points being looked at, the level is divided by how many pairs there
are (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.scenario.expression import Expression
from escalation.study.points.levers import Lever, Value
from escalation.study.points.variants import PointResult
from escalation.study.stats import standard_error
from escalation.study.values import Count, Estimate, ResultPart, Share

Array = npt.NDArray[np.float64]

BINS = 5
"""Parts into which the range of a continuous lever is cut to see what it explains."""
LEAST_POINTS = 30
"""Scattered points, for each lever, from which on it is said what each of several levers explains."""


class Finding(ResultPart):
    """How one measure moves over the points of a sweep, in the order of the lever where it is one number.

    Points are given by their numbers.
    """

    trend: Literal["flat", "rises", "falls", "moves", "turns", "differs"]
    """`flat`: no more than chance; `rises`, `falls`: the ends differ, and no step goes the other way;
    `moves`: the ends differ, some step goes the other way; `turns`: both ends alike, not what is between;
    `differs`: not flat, and there is no order (several levers, or choices that are no numbers)."""
    first: Count
    """The first point, in the order of the lever."""
    last: Count
    """The last point, in the order of the lever."""
    lowest: Count
    """The point with the lowest value."""
    highest: Count
    """The point with the highest value."""
    peak: Count | None
    """The highest point where it lies inside and stands out from both ends."""
    dip: Count | None
    """The lowest point where it lies inside and stands out from both ends."""
    holding: tuple[Count, ...] | None
    """The points at which the measure keeps its limit; None without a limit."""
    explains: tuple[Share, ...]
    """For each lever the part of the differences between points that goes with it."""
    shared_out: bool
    """False where points are too few for these parts to be known, or where they add up to more than all, as
    they do when levers go up and down together."""
    known: Count
    """How many points have a value."""


class Played(ResultPart):
    """One point: its result, and of each mean or probability its values over parts of the replications.

    The parts are equal, and the same at every point, so that points are compared in pairs, world by world.
    """

    result: PointResult
    batches: tuple[tuple[float, ...], ...]


class Points(NamedTuple):
    """The points that were played; `balanced` when they are a whole grid."""

    levers: Sequence[Lever]
    played: Sequence[Played]
    balanced: bool


def finding(points: Points, which: int, expression: Expression) -> Finding | None:
    """Return what the measure of that number does over a sweep; None where fewer than two points tell."""
    levers = points.levers
    known = [point for point in points.played if point.result.estimates[which].value is not None]
    if len(known) < 2:
        return None
    in_order = len(levers) == 1 and levers[0].is_numeric
    if in_order:
        known.sort(key=lambda point: point.result.point[levers[0].path])
    ranked = sorted(known, key=lambda point: point.result.estimates[which].value or 0.0)
    lowest, highest, first, last = ranked[0], ranked[-1], known[0], known[-1]
    differ = _Differ(which, len(known))
    flat = not differ(lowest, highest)
    results = [point.result for point in known]
    explains = tuple(_explained(results, lever, which, points.balanced) for lever in levers)
    holding = tuple(result.number for result in results if expression.holds(result.estimates[which].value))
    peak, dip = (
        point.result.number if in_order and differ(point, first) and differ(point, last) else None
        for point in (highest, lowest)
    )
    return Finding(
        trend="flat" if flat else _trend(differ, known) if in_order else "differs",
        first=first.result.number, last=last.result.number,
        lowest=lowest.result.number, highest=highest.result.number,
        peak=peak, dip=dip,
        holding=None if expression.limit is None else holding,
        explains=explains,
        shared_out=points.balanced or (len(known) >= LEAST_POINTS * len(levers) and sum(explains) <= 1.0),
        known=len(known),
    )  # fmt: skip


class _Differ:
    """Whether two points differ by more than chance explains, any two of so many being looked at."""

    def __init__(self, which: int, points: int):
        self.which = which
        pairs = points * (points - 1) // 2
        self.z = NormalDist().inv_cdf(1 - 0.025 / pairs)

    def __call__(self, a: Played, b: Played) -> bool:
        n = self.which
        pairs = (a.batches[n], b.batches[n]) if a.batches and b.batches else ((), ())
        if pairs[0] and len(pairs[0]) == len(pairs[1]):
            return _paired_apart(*pairs, self.z)
        return _apart(a.result.estimates[n], b.result.estimates[n], self.z)


def _paired_apart(a: Sequence[float], b: Sequence[float], z: float) -> bool:
    """Return whether the mean difference of pairs lies more than `z` of its standard errors from 0."""
    differences = np.subtract(a, b)
    error = standard_error(differences)
    return bool(differences.any()) if error is None else abs(float(differences.mean())) > z * error


def _apart(a: Estimate, b: Estimate, z: float) -> bool:
    """Return whether two values lie more than `z` standard errors apart; where none is known, at all."""
    if a.value is None or b.value is None:
        return False
    return abs(a.value - b.value) > z * math.hypot(a.error or 0.0, b.error or 0.0)


def _trend(differ: _Differ, known: Sequence[Played]) -> Literal["rises", "falls", "moves", "turns"]:
    if not differ(known[0], known[-1]):
        return "turns"
    steps = np.diff([point.result.estimates[differ.which].value or 0.0 for point in known])
    return "rises" if (steps >= 0).all() else "falls" if (steps <= 0).all() else "moves"


def _explained(results: Sequence[PointResult], lever: Lever, which: int, balanced: bool) -> float:
    """Return the part of the variance between points that lies between the values of a lever, 0 to 1.

    The values of a continuous lever are cut into bins. On a grid the parts of all levers and of what they do
    together add up to 1 (eta squared); where points are scattered, the part that chance alone would tell
    apart is taken off (epsilon squared; Kelley 1935).
    """
    values = np.array([result.estimates[which].value for result in results], np.float64)
    distinct, groups = np.unique(
        [_group(lever, result.point[lever.path]) for result in results], return_inverse=True
    )
    total = float(np.square(values - values.mean()).sum())
    if total == 0.0 or len(distinct) < 2:
        return 0.0
    means = np.bincount(groups, values) / np.bincount(groups)
    within = float(np.square(values - means[groups]).sum())
    if not balanced and len(distinct) < len(values):
        within *= (len(values) - 1) / (len(values) - len(distinct))
    return min(1.0, max(0.0, 1.0 - within / total))


def _group(lever: Lever, value: Value) -> str:
    if not lever.is_continuous or isinstance(value, str):
        return str(value)
    low, high = lever.ends
    share = (value - low) / (high - low)
    return str(min(int(share * BINS), BINS - 1))
