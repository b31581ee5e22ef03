"""What it costs to deviate: the chosen policy with one lever turned at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.study.points.levers import Lever, Point, Value
from escalation.study.tuning.figures import changes
from escalation.study.tuning.outcome import Deviation
from escalation.study.tuning.plan import TuningPlan
from escalation.study.tuning.reading import Reading, Verdict, judge

Array = npt.NDArray[np.float64]

STEP = 0.1
"""Part of a lever's range by which the chosen policy is turned."""
MOST_TURNS = 8
"""Other choices of a lever, at most, that are tried."""


class Turn(NamedTuple):
    """One lever turned away from the chosen policy."""

    lever: Lever
    value: Value
    point: Point


def turns(plan: TuningPlan, point: Point) -> Iterator[Turn]:
    """Yield the points around the chosen one."""
    for lever in plan.levers:
        for value in _others(lever, point[lever.path]):
            yield Turn(lever, value, {**point, lever.path: value})


def _others(lever: Lever, value: Value) -> list[Value]:
    """Return where a lever is turned to: a tenth of its range either way, the next steps, other choices."""
    if isinstance(value, float) and lever.is_continuous:
        low, high = lever.ends
        step = STEP * (high - low)
        ends = max(low, value - step), min(high, value + step)
        return [float(f"{end:.6g}") for end in ends if end != value]
    values = lever.values()
    if lever.is_range:
        place = values.index(value)
        return [values[n] for n in (place - 1, place + 1) if 0 <= n < len(values)]
    return [one for one in values if one != value][:MOST_TURNS]


def deviation(plan: TuningPlan, turn: Turn, reading: Reading, chosen: Verdict, best: Array) -> Deviation:
    """Return what a turn changes; both were played in the same replications."""
    verdict = judge(plan, reading, best)
    broken = [str(limit) for limit, gap in zip(plan.limits, verdict.gaps, strict=True) if gap > 0]
    return Deviation(
        lever=turn.lever.path, value=turn.value, changes=changes(plan, chosen, verdict), broken=tuple(broken)
    )
