"""Giving up on a point early: when its first replications leave no doubt that another one is better."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from escalation.study.tuning.plan import TuningPlan
from escalation.study.tuning.reading import Verdict, combined, loss_difference, spread, violation

SHARE, FEWEST = 0.2, 100
"""Part of a trial's replications that are played first; at least so many."""
DOUBT = 3.0
"""Standard errors by which a point has to be worse: in the same worlds, by the same replications."""


def first_stage(plan: TuningPlan) -> int:
    """Return how many replications a point is first played; all where it is no use, or R is measured.

    R is one number of all replications and cannot be put together from two stages.
    """
    few = max(FEWEST, round(SHARE * plan.replications))
    races = plan.asked.racing and not any(one.needs_flywheel for one in plan.expressions)
    return few if races and 2 * few <= plan.replications else plan.replications


def hopeless(plan: TuningPlan, one: Verdict, rivals: Iterable[Verdict]) -> bool:
    """Return whether a rival, played in the same replications, is clearly better than `one`.

    It is where it keeps all limits and `one` clearly misses one; where both do as well by the limits and
    every goal is clearly worse; and where it too misses limits, but clearly by less.
    """
    return any(_clearly_better(plan, rival, one) for rival in rivals)


def _clearly_better(plan: TuningPlan, rival: Verdict, one: Verdict) -> bool:
    if not (rival.known and one.known):
        return rival.known
    if rival.feasible:
        if plan.limits and bool((one.gaps > DOUBT * one.gap_errors).any()):
            return True
        worse, error = loss_difference(rival, one)
        return bool((worse > DOUBT * error).all() and (worse > 0).all())
    return _misses_more(plan, rival, one)


def _misses_more(plan: TuningPlan, rival: Verdict, one: Verdict) -> bool:
    further = violation(plan, one.gaps) - violation(plan, rival.gaps)
    parts = np.array(
        [
            [violation(plan, mine) - violation(plan, theirs)]
            for mine, theirs in zip(one.gap_parts, rival.gap_parts, strict=True)
        ]
    )
    rough = [verdict.noise[len(verdict.losses) :] for verdict in (one, rival)]
    error = float(combined(spread(parts), *(np.array([np.max(noise, initial=0.0)]) for noise in rough))[0])
    return further > max(DOUBT * error, 0.0)
