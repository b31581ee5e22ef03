"""The tuned policy held against the untuned one, outcome by outcome, by the means of `compare`."""

from __future__ import annotations

from escalation.scenario.document import Scenario
from escalation.study.comparing.compare import compare
from escalation.study.comparing.comparison import Comparison
from escalation.study.comparing.sides import data_of
from escalation.study.execution import Execution
from escalation.study.finished import Finished
from escalation.study.perform import begin, plan
from escalation.study.points.levers import Point
from escalation.study.tuning.outcome import Compared
from escalation.study.tuning.plan import TuningPlan
from escalation.study.tuning.tune import TuningMeans

MOST = 12
"""Outcomes that are kept: those that answer the question, then the largest differences that are sure."""


def compared_at(tuning: TuningPlan, means: TuningMeans, point: Point) -> tuple[Compared, ...]:
    """Return how outcomes differ at a point, in the scenario as it stands, on the held-out replications."""
    variants = tuning.variants
    sides = [
        data_of(_run(tuning, means, scenario), name, name)
        for name, scenario in (("untuned", variants.base), ("tuned", variants.scenario(point)))
    ]
    return _rows(compare(sides))


def _run(tuning: TuningPlan, means: TuningMeans, scenario: Scenario) -> Finished:
    what = plan(scenario, tuning.held_out_seed, tuning.held_out, "none")
    execution = Execution(workers=means.workers, engine=means.engine, clock=means.clock)
    finished = begin(what, execution, None, None, None)
    if finished.ensemble.interrupted:
        raise KeyboardInterrupt
    return finished


def _rows(comparison: Comparison) -> tuple[Compared, ...]:
    found = comparison.contrasts[0].differences
    chosen = [one for one in found if one.headline] + [one for one in found if one.sure and not one.headline]
    return tuple(
        Compared(
            outcome=one.name, measure=one.measure, label=one.label, untuned=one.baseline.estimate,
            tuned=one.other.estimate, difference=one.difference,
            interval=None if one.interval is None else tuple(one.interval), sure=one.sure,
        )
        for one in chosen[:MOST]
    )  # fmt: skip
