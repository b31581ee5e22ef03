"""What a sweep shows: how an expression moves with the levers, and which of them moves it.

Two points differ when their estimates do by more than chance explains. Means and probabilities are compared
in pairs, world by world; all else as if the points had been played in different worlds, which errs on the
side of saying too little. Any two of the points being looked at, the level is divided by how many pairs there
are (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from escalation.study.intervals import standard_error
from escalation.study.points.levers import Lever, Value
from escalation.study.sweep.sweep import Sweep, Swept
from escalation.study.values import Estimate

Array = npt.NDArray[np.float64]

BINS = 5
"""Parts into which the way of a continuous lever is cut to see what it explains."""
LEAST_POINTS = 30
"""Scattered points, for each lever, from which on it is told what each of several levers explains."""


@dataclass(frozen=True)
class Finding:
    """How one expression moves over the points of a sweep, in the order of the lever where it is one number.

    `trend` is `flat` (no more than chance), `rises` or `falls` (the ends differ, and no step goes the other
    way), `moves` (the ends differ, some step goes the other way), `turns` (both ends alike, not what is
    between), or `differs` where there is no order: several levers, or choices that are no numbers. `peak`
    and `dip` are the highest and lowest point where they lie inside and stand out from both ends. `holding`
    are the points at which the expression keeps to its limit, None without a limit. `explains` is for each
    lever the part of the differences between points that goes with it; `shared_out` is false where points
    are too few for these parts to be told, or they add up to more than all, as they do when levers go up and
    down together.
    """

    first: Swept
    last: Swept
    lowest: Swept
    highest: Swept
    trend: str
    peak: Swept | None
    dip: Swept | None
    holding: tuple[Swept, ...] | None
    explains: tuple[float, ...]
    shared_out: bool
    ordered: tuple[Swept, ...]


def finding(sweep: Sweep, which: int) -> Finding | None:
    """Return what the expression of that number does over a sweep; None where fewer than two points tell."""
    expression, levers = sweep.plan.expressions[which], sweep.plan.levers
    told = [one for one in sweep.done if one.estimates[which].value is not None]
    if len(told) < 2:
        return None
    in_order = len(levers) == 1 and levers[0].is_numeric
    if in_order:
        told.sort(key=lambda one: one.point[levers[0].path])
    ranked = sorted(told, key=lambda one: one.estimates[which].value or 0.0)
    lowest, highest, first, last = ranked[0], ranked[-1], told[0], told[-1]
    differ = _Differ(which, len(told))
    trend = _trend(differ, told) if in_order else "differs"
    if not differ(lowest, highest):
        trend = "flat"
    balanced = sweep.plan.design == "grid" and len(told) == len(sweep.plan.points)
    explains = tuple(_explained(told, lever, which, balanced) for lever in levers)
    holding = tuple(one for one in told if expression.holds(one.estimates[which].value))
    return Finding(
        first=first,
        last=last,
        lowest=lowest,
        highest=highest,
        trend=trend,
        peak=highest if in_order and differ(highest, first) and differ(highest, last) else None,
        dip=lowest if in_order and differ(lowest, first) and differ(lowest, last) else None,
        holding=None if expression.limit is None else holding,
        explains=explains,
        shared_out=balanced or (len(told) >= LEAST_POINTS * len(levers) and sum(explains) <= 1.0),
        ordered=tuple(told),
    )


class _Differ:
    """Whether two points differ by more than chance explains, any two of so many being looked at."""

    def __init__(self, which: int, points: int):
        self.which = which
        pairs = points * (points - 1) // 2
        self.z = NormalDist().inv_cdf(1 - 0.025 / pairs)

    def __call__(self, one: Swept, other: Swept) -> bool:
        n = self.which
        pairs = (one.batches[n], other.batches[n]) if one.batches and other.batches else ((), ())
        if pairs[0] and len(pairs[0]) == len(pairs[1]):
            return paired_apart(*pairs, self.z)
        return apart(one.estimates[n], other.estimates[n], self.z)


def paired_apart(one: Sequence[float], other: Sequence[float], z: float) -> bool:
    """Return whether the mean difference of pairs lies more than `z` of its standard errors from nought."""
    differences = np.subtract(one, other)
    error = standard_error(differences)
    return bool(differences.any()) if error is None else abs(float(differences.mean())) > z * error


def apart(one: Estimate, other: Estimate, z: float) -> bool:
    """Return whether two values lie more than `z` standard errors apart; where none is known, at all."""
    if one.value is None or other.value is None:
        return False
    error = math.hypot(one.error or 0.0, other.error or 0.0)
    return abs(one.value - other.value) > z * error


def _trend(differ: _Differ, told: Sequence[Swept]) -> str:
    if not differ(told[0], told[-1]):
        return "turns"
    steps = np.diff([swept.estimates[differ.which].value or 0.0 for swept in told])
    return "rises" if (steps >= 0).all() else "falls" if (steps <= 0).all() else "moves"


def _explained(told: Sequence[Swept], lever: Lever, which: int, balanced: bool) -> float:
    """Return the part of the variance between points that lies between the values of a lever, 0 to 1.

    The values of a continuous lever are cut into bins. On a grid the parts of all levers and of what they do
    together add up to 1 (eta squared); where points are scattered, the part that chance alone would tell
    apart is taken off (epsilon squared; Kelley 1935).
    """
    values = np.array([one.estimates[which].value for one in told], np.float64)
    distinct, groups = np.unique([_group(lever, one.point[lever.path]) for one in told], return_inverse=True)
    total = float(np.square(values - values.mean()).sum())
    if total == 0.0 or len(distinct) < 2:
        return 0.0
    means = np.bincount(groups, values) / np.bincount(groups)
    within = float(np.square(values - means[groups]).sum())
    if balanced or len(distinct) == len(values):
        return 1.0 - within / total
    return max(0.0, 1.0 - within / (len(values) - len(distinct)) * (len(values) - 1) / total)


def _group(lever: Lever, value: Value) -> str:
    if not lever.is_continuous or isinstance(value, str):
        return str(value)
    share = (value - lever.low) / (lever.high - lever.low)
    return str(min(int(share * BINS), BINS - 1))
