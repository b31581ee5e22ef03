"""Figures of the finding: values with their intervals, from readings and verdicts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from escalation.study.tuning.outcome import Figure, Kept
from escalation.study.tuning.plan import TuningPlan
from escalation.study.tuning.reading import Reading, Verdict, half_width, loss_difference
from escalation.study.values import Estimate

Array = npt.NDArray[np.float64]


def _plain(plan: TuningPlan) -> bool:
    """True when a figure is that of one case, whose own interval is the better one."""
    return len(plan.cases) == 1 and not plan.robust.has_regret


def goal_figures(plan: TuningPlan, reading: Reading, verdict: Verdict) -> tuple[Figure, ...]:
    """Return the goals of a point, all cases together."""
    if _plain(plan):
        return tuple(map(own, reading.estimates[0][: len(plan.goals)]))
    return tuple(map(around, values(plan, verdict.losses), verdict.loss_errors.tolist()))


def limit_figures(plan: TuningPlan, reading: Reading, verdict: Verdict) -> tuple[Figure, ...]:
    """Return what limits are set to, all cases together."""
    if _plain(plan):
        return tuple(map(own, reading.estimates[0][len(plan.goals) :]))
    return tuple(
        around((limit.limit or 0.0) + gap * (1.0 if limit.relation == "<=" else -1.0), error)
        for limit, gap, error in zip(
            plan.limits, verdict.gaps.tolist(), verdict.gap_errors.tolist(), strict=True
        )
    )


def kept(plan: TuningPlan, figures: Sequence[Figure]) -> tuple[Kept, ...]:
    """Return of each limit whether it is kept by the figure it is set to."""
    return tuple(
        _holds(figure, limit.relation, limit.limit or 0.0)
        for figure, limit in zip(figures, plan.limits, strict=True)
    )


def _holds(figure: Figure, relation: str, limit: float) -> Kept:
    """Return whether a whole interval, or a value that has none, keeps to a limit."""
    ends: list[float | None] = [one for one in (figure.low, figure.high) if one is not None]
    ends = ends or [figure.value]
    held = [one is not None and (one <= limit if relation == "<=" else one >= limit) for one in ends]
    return "yes" if all(held) else "unsure" if any(held) else "no"


def values(plan: TuningPlan, losses: Array) -> list[float]:
    """Return goals from losses; a regret stays a loss, whatever its goal."""
    signs = [1.0 if plan.robust.has_regret else goal.sign for goal in plan.goals]
    return [sign * loss + 0.0 for sign, loss in zip(signs, losses.tolist(), strict=True)]


def changes(plan: TuningPlan, one: Verdict, other: Verdict) -> tuple[Figure, ...]:
    """Return how the goals of `other` differ from those of `one`, in the goals' own direction."""
    losses, errors = loss_difference(one, other)
    return tuple(map(around, values(plan, losses), errors.tolist()))


def own(found: Estimate) -> Figure:
    """Return an estimate as a figure."""
    return Figure(value=found.value, low=found.low, high=found.high)


def around(value: float, error: float) -> Figure:
    """Return a value with the interval that its standard error makes."""
    if not np.isfinite(value):
        return Figure(value=None)
    half = half_width(error)
    if not np.isfinite(half):
        return Figure(value=value)
    return Figure(value=value, low=value - half, high=value + half)
