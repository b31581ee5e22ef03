"""Sweeps: what some expressions come to at many points of a scenario's levers, all in the same worlds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from escalation.ensemble.interrupts import interrupts_deferred
from escalation.ensemble.parquet import TidyTable
from escalation.errors import InputError
from escalation.model.world import FAILED
from escalation.scenario.expression import Expression
from escalation.study.execution import Execution, require_choice
from escalation.study.journal import Journal
from escalation.study.objective import indicator
from escalation.study.points.evaluate import Evaluator, Sample
from escalation.study.points.levers import DESIGNS, Lever, Point, design
from escalation.study.points.variants import (
    MeasuredExpression,
    PointResult,
    VariedAsked,
    expressions_of,
    measures_of,
)
from escalation.study.runner import INTERRUPTED, Study
from escalation.study.sweep.findings import Finding, Played, Points, finding
from escalation.study.values import Count, Replications, Result

BATCHES = 100
"""Parts of the replications, at most, by which points are compared."""
ESTIMATE = ("value", "low", "high", "error")
POINTS = "points"


class SweepAsked(VariedAsked):
    """What a sweep is asked. Raises InputError (ScenarioError for levers that the scenario cannot follow)."""

    outcomes: tuple[str, ...] = ()
    """Expressions, or names of objectives; else the scenario's objectives, else its answers and `R`."""
    design: str = "grid"
    """`grid`, `lhs` (Latin hypercube) or `sobol`."""
    points: int | None = None
    """How many points a design has that is no grid."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if not self.vary:
            raise InputError(
                "--vary: nothing to vary; write PATH=low:high:steps, as in"
                " actors.eu.policy.reciprocity=0.2:1.4:7"
            )
        require_choice("--design", self.design, DESIGNS)
        self.variants.require(self.levers)
        _ = self.expressions, self.designed
        return self

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """What is looked at."""
        return expressions_of(self.variants, self.outcomes, (*self.scenario.outcomes.answered, "R"))

    @cached_property
    def measures(self) -> tuple[MeasuredExpression, ...]:
        """The expressions, with what they are of."""
        return measures_of(self.scenario, self.expressions)

    @cached_property
    def beside(self) -> tuple[MeasuredExpression, ...]:
        """What the levers cost."""
        return measures_of(self.scenario, self.costs)

    @cached_property
    def designed(self) -> tuple[Point, ...]:
        """The points."""
        return design(self.design, self.levers, self.points, self.seed)


class Sweep(Result):
    """What expressions come to at the points of a sweep, and what that shows."""

    version: ClassVar[int] = 2

    kind: Literal["sweep"] = "sweep"
    schema_version: Literal[2] = 2
    levers: tuple[Lever, ...]
    """What was varied."""
    measures: tuple[MeasuredExpression, ...]
    """What was looked at."""
    costs: tuple[MeasuredExpression, ...] = ()
    """What stands beside: means of what the levers cost."""
    design: Literal["grid", "lhs", "sobol"]
    """How the points lie."""
    replications: Replications
    """Replications of each point; replication r happens in the same world at all of them."""
    planned: Count
    """How many points there are in all."""
    points: tuple[PointResult, ...]
    """Those that were played, in the order of the design."""
    findings: tuple[Finding | None, ...]
    """What each measure does; None where fewer than two points tell."""

    @property
    def complete(self) -> bool:
        """True when every point was played."""
        return len(self.points) == self.planned

    @property
    def failed(self) -> int:
        """How many replications failed, over all points."""
        return sum(point.failed for point in self.points)

    @property
    def clean(self) -> bool:
        """True when no replication failed and none was truncated."""
        return not (self.failed or self.truncated)

    @property
    def truncated(self) -> int:
        """How many replications hit a limit, over all points."""
        return sum(point.truncated for point in self.points)


class SweepStudy(Study[SweepAsked, Sweep]):
    """Plays every point of a design."""

    kind = "sweep"
    asked = SweepAsked
    result = Sweep
    libraries = ("scipy",)

    def work(self, asked: SweepAsked) -> int:
        """Return how many replications there are."""
        return len(asked.designed) * asked.replications

    def play(self, asked: SweepAsked, execution: Execution, journal: Journal) -> Sweep:
        """Play the points not in the journal. Raises ScenarioError where levers do not go together."""
        count = execution.on_progress or (lambda _: None)
        stored = journal.read(POINTS, lambda _, plain: Played.model_validate(plain))
        known = {played.result.number: played for played in stored}
        count(len(known) * asked.replications)
        try:
            expressions = (*asked.expressions, *asked.costs)
            with Evaluator(asked.variants, expressions, asked.seed, execution, self.work(asked)) as evaluator:
                for number, point in enumerate(asked.designed):
                    if number not in known:
                        played = _played(number, point, evaluator(point, asked.replications), asked)
                        with interrupts_deferred():
                            journal.append(POINTS, played.model_dump(mode="json"))
                            known[number] = played
                            count(asked.replications)
        except KeyboardInterrupt:
            pass
        return sweep_of(asked, [known[number] for number in sorted(known)])

    def tables(self, result: Sweep) -> dict[str, TidyTable]:
        """Return the tidy table."""
        return {"sweep": table(result)}


SWEEP = SweepStudy()


def sweep_of(asked: SweepAsked, played: Sequence[Played]) -> Sweep:
    """Return the result of the points that were played."""
    whole = len(played) == len(asked.designed)
    points = Points(asked.levers, played, balanced=whole and asked.design == "grid")
    return Sweep(
        **asked.envelope, levers=asked.levers, measures=asked.measures, costs=asked.beside,
        design=asked.design, replications=asked.replications, planned=len(asked.designed),
        points=tuple(point.result for point in played),
        findings=tuple(finding(points, n, expression) for n, expression in enumerate(asked.expressions)),
        run=None if whole else INTERRUPTED,
    )  # fmt: skip


def table(sweep: Sweep) -> TidyTable:
    """Return a sweep as tidy columns, one row for each point and measure; None where undefined."""
    rows = [
        {
            "point": result.number, **result.point, "expression": measure.expression,
            **estimate.model_dump(include=set(ESTIMATE)), "holds": measure.parsed.holds(estimate.value),
            "replications": result.replications, "failed": result.failed, "truncated": result.truncated,
        }
        for result in sweep.points
        for measure, estimate in zip(
            (*sweep.measures, *sweep.costs), (*result.estimates, *result.costs), strict=True
        )
    ]  # fmt: skip
    return {name: [row[name] for row in rows] for name in columns(sweep.levers)}


def columns(levers: Sequence[Lever]) -> tuple[str, ...]:
    """Return the headings of the table: one column for each lever, with its path as its name."""
    counts = ("replications", "failed", "truncated")
    return ("point", *(lever.path for lever in levers), "expression", *ESTIMATE, "holds", *counts)


def _played(number: int, point: Point, sample: Sample, asked: SweepAsked) -> Played:
    measures, asked_for = (*asked.measures, *asked.beside), len(asked.measures)
    estimates = tuple(map(MeasuredExpression.of, measures, sample.estimates))
    result = PointResult(
        number=number, point=dict(point), estimates=estimates[:asked_for], costs=estimates[asked_for:],
        replications=len(sample.statuses), failed=sample.failed, truncated=sample.truncated,
    )  # fmt: skip
    batches = tuple(_batches(sample, expression) for expression in asked.expressions)
    return Played(result=result, batches=batches)


def _batches(sample: Sample, expression: Expression) -> tuple[float, ...]:
    if expression.function not in ("mean", "prob"):
        return ()
    values = indicator(expression.outcome, sample.columns[expression.outcome])
    parts = np.array_split(np.arange(len(values)), min(BATCHES, len(values)))
    good = sample.statuses != FAILED
    batches = [values[part][good[part]] for part in parts]
    return tuple(float(batch.mean()) for batch in batches) if all(map(len, batches)) else ()
