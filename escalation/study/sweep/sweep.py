"""Sweeps: what some expressions come to at many points of a scenario's levers, all in the same worlds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from escalation.ensemble.interrupts import interrupts_deferred
from escalation.errors import InputError
from escalation.model.world import FAILED
from escalation.scenario.document import Scenario
from escalation.scenario.expression import Expression, parse
from escalation.study.objective import indicator
from escalation.study.points.designs import DESIGNS, design
from escalation.study.points.evaluate import Evaluator, Trial
from escalation.study.points.levers import Lever, Point
from escalation.study.points.variants import Variants
from escalation.study.values import Estimate

BATCHES = 100
"""Parts of the replications, at most, by which points are compared."""


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep is: every number of it follows from this. `name` is the scenario's, where it has one."""

    scenario: Scenario
    levers: tuple[Lever, ...]
    expressions: tuple[Expression, ...]
    design: str
    points: tuple[Point, ...]
    seed: int
    replications: int
    name: str | None = None
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Swept:
    """One point that was played: its number in the plan, and an estimate for each expression.

    `batches` are, for each expression that is a `mean` or a `prob`, its values over up to 100 equal parts of
    the replications, the same parts at every point: points are compared by them in pairs, world by world.
    Empty for the others.
    """

    number: int
    point: Point
    estimates: tuple[Estimate, ...]
    failed: int = 0
    truncated: int = 0
    batches: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class Sweep:
    """The points of a sweep that were played, in the order of the plan; `folder` is where it was stored."""

    plan: SweepPlan
    done: tuple[Swept, ...]
    seconds: float
    folder: Path | None = None

    @property
    def complete(self) -> bool:
        """True when every point of the plan was played."""
        return len(self.done) == len(self.plan.points)

    @property
    def failed(self) -> int:
        """How many replications failed, over all points."""
        return sum(one.failed for one in self.done)

    @property
    def truncated(self) -> int:
        """How many replications hit a limit, over all points."""
        return sum(one.truncated for one in self.done)


@dataclass(frozen=True)
class SweepMeans:
    """What a sweep is played with; nothing of it shows in the numbers."""

    workers: int = 1
    engine: str = "local"
    clock: str = "auto"
    on_progress: Callable[[int], Any] | None = None
    say: Callable[[str], Any] | None = field(default=None)


def plan_sweep(
    scenario: Scenario,
    levers: Sequence[Lever],
    outcomes: Sequence[str] = (),
    form: str = "grid",
    points: int | None = None,
    seed: int = 1,
    replications: int = 1000,
    name: str | None = None,
    overrides: Sequence[str] = (),
) -> SweepPlan:
    """Return the plan of a sweep, everything about it checked; `outcomes` are expressions or their names.

    Without `outcomes`, it looks at the scenario's objectives, else at what answers its question and at `R`.
    Raises InputError (ScenarioError for levers that the scenario cannot follow) and EnvironmentFault.
    """
    if not levers:
        raise InputError(
            "--vary: nothing to vary; write PATH=low:high:steps, as in actors.eu.policy.reciprocity=0.2:1.4:7"
        )
    if form not in DESIGNS:
        raise InputError(f"--design: found {form!r}; allowed are {', '.join(DESIGNS)}")
    variants = Variants.of(scenario)
    variants.require(levers)
    expressions = expressions_of(variants, outcomes)
    chosen = design(form, levers, points, seed)
    return SweepPlan(
        scenario, tuple(levers), expressions, form, chosen, seed, replications, name, tuple(overrides)
    )


def expressions_of(
    variants: Variants, texts: Sequence[str], where: str = "--outcome"
) -> tuple[Expression, ...]:
    """Return expressions from texts or names of the scenario's objectives; without any, its own.

    Those are its objectives, else the outcomes that answer its question and `R`. Raises ExpressionError.
    """
    asked = variants.base.outcomes
    own = tuple(asked.objectives.values()) or (*asked.answer, "R")
    wanted = [asked.objectives.get(text, text) for text in texts] or own
    return tuple(dict.fromkeys(parse(text, variants.names, where) for text in wanted))


def perform(
    plan: SweepPlan,
    means: SweepMeans,
    done: Iterable[Swept] = (),
    on_point: Callable[[Swept], Any] | None = None,
) -> Sweep:
    """Play the points of a plan that are not `done` and return all of them; Ctrl-C ends it early.

    `on_point` is told of each as it is finished. Raises ScenarioError at a point at which levers that are
    fine alone do not go together.
    """
    began, known = time.perf_counter(), {one.number: one for one in done}
    tell = means.on_progress or (lambda _: None)
    tell(0)
    if known:
        tell(len(known) * plan.replications)
    try:
        with _evaluator(plan, means) as evaluator:
            for number, point in enumerate(plan.points):
                if number not in known:
                    trial = evaluator(point, plan.replications)
                    swept = _swept(number, trial, plan.expressions)
                    with interrupts_deferred():
                        known[number] = swept
                        if on_point:
                            on_point(swept)
                    tell(plan.replications)
    except KeyboardInterrupt:
        pass
    return Sweep(plan, tuple(known[number] for number in sorted(known)), time.perf_counter() - began)


def _swept(number: int, trial: Trial, expressions: Sequence[Expression]) -> Swept:
    batches = tuple(_batches(trial, one) for one in expressions)
    return Swept(number, trial.point, trial.estimates, trial.failed, trial.truncated, batches)


def _batches(trial: Trial, expression: Expression) -> tuple[float, ...]:
    if expression.function not in ("mean", "prob"):
        return ()
    values = indicator(expression.outcome, trial.columns[expression.outcome])
    parts = np.array_split(np.arange(len(values)), min(BATCHES, len(values)))
    good = trial.statuses != FAILED
    kept = [values[part][good[part]] for part in parts]
    return tuple(float(part.mean()) for part in kept) if all(map(len, kept)) else ()


def _evaluator(plan: SweepPlan, means: SweepMeans) -> Evaluator:
    return Evaluator(
        Variants.of(plan.scenario), plan.expressions, plan.seed, means.workers, means.clock, means.engine,
        len(plan.points) * plan.replications, means.say,
    )  # fmt: skip
