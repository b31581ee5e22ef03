"""Which uncertain numbers and levers matter: screening, then how much of the variance comes from each.

First Morris trajectories over all quantities say how far each moves each outcome; those that move it most get
Sobol indices of their own, all others together one more (`OTHERS`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from pydantic import model_validator

from escalation.ensemble.engine import LOCAL
from escalation.ensemble.interrupts import interrupts_deferred
from escalation.ensemble.parquet import TidyTable, columns_of
from escalation.errors import InputError
from escalation.scenario.expression import Expression
from escalation.study.execution import Execution, require_whole
from escalation.study.journal import Journal
from escalation.study.points.evaluate import Evaluator
from escalation.study.points.variants import MeasuredExpression, VariedAsked, expressions_of, measures_of
from escalation.study.runner import Study
from escalation.study.sensitivity.morris import Effect, effects_of, morris_shares
from escalation.study.sensitivity.sobol import Indices, sobol_indices, sobol_shares
from escalation.study.sensitivity.space import DesignBlock, DesignRows, Quantity, Space
from escalation.study.values import Count, Estimate, Replications, Result, ResultPart

Array = npt.NDArray[np.float64]

OTHERS = "others"
"""Stands for all quantities without indices of their own."""
BLOCK = 3000
"""Replications, about, that are played before they are kept."""
RANGES = {
    "replications": (2, 100_000), "points": (16, 2**16), "trajectories": (4, 10_000), "top": (1, 1000)
}  # fmt: skip
ENDS = ("low", "high")


class SensitivityAsked(VariedAsked):
    """What an analysis is asked. Raises InputError (ScenarioError for levers the scenario cannot follow)."""

    replications: int = 32
    """How many replications each point has."""
    outcomes: tuple[str, ...] = ()
    """Means or probabilities, or names of objectives; else the scenario's objectives, else its answers."""
    points: int = 512
    """Rows of the Sobol design, a power of two."""
    trajectories: int = 20
    """Morris trajectories of the screening."""
    top: int = 8
    """How many quantities get indices of their own."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        for name, (low, high) in RANGES.items():
            require_whole(f"--{name}", getattr(self, name), low, high)
        below = 2 ** (self.points.bit_length() - 1)
        if self.points != below:
            raise InputError(
                f"--points: found {self.points:,}; allowed are powers of two, such as {below:,} and"
                f" {2 * below:,}"
            )
        _ = self.expressions, self.space
        return self

    @cached_property
    def space(self) -> Space:
        """All that is varied."""
        return Space(self.variants, self.levers)

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """What is looked at: averages, for only the variance of an average can be apportioned."""
        averages, refused = self._parsed
        if refused and (self.outcomes or not averages):
            first = refused[0]
            sweep = "; `escalation sweep` shows how R goes with a lever" if first.needs_flywheel else ""
            raise InputError(
                f"--outcome {first}: {first.measured} is no average over replications, and only the variance"
                f" of an average can be apportioned; write mean(OUTCOME) or prob(OUTCOME){sweep}"
            )
        if not averages:
            raise InputError(
                "--outcome: the scenario names no outcome as its answer; name one, as in prob(runaway)"
            )
        return tuple(dict.fromkeys(replace(average, relation="", limit=None) for average in averages))

    @property
    def played(self) -> tuple[Expression, ...]:
        """What is looked at, and what the levers cost."""
        return (*self.expressions, *self.costs)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Objectives of the scenario that are no averages."""
        return tuple(expression.measured for expression in self._parsed[1])

    @cached_property
    def _parsed(self) -> tuple[list[Expression], list[Expression]]:
        """The averages among what was asked for, and the rest."""
        parsed = expressions_of(self.variants, self.outcomes, self.scenario.outcomes.answered)
        averages = [expression for expression in parsed if expression.function in ("mean", "prob")]
        return averages, [expression for expression in parsed if expression not in averages]

    @property
    def planned(self) -> int:
        """How many points are played."""
        quantities = len(self.space.quantities)
        own = quantities if quantities <= self.top else self.top + 1
        return self.trajectories * (quantities + 1) + self.points * (own + 2)


class Index(ResultPart):
    """How much of what the quantities explain comes from one of them, or from all others together."""

    quantity: str
    """The quantity's path, or `others`."""
    first: Estimate
    """What it does alone (Sobol's first index)."""
    total: Estimate
    """What it does with all it does together with others (the total index)."""


class Dependence(ResultPart):
    """What one outcome depends on."""

    measure: MeasuredExpression
    """The outcome."""
    mean: float
    """Its mean over the design."""
    variance: float
    """The variance that the quantities explain; 0 where they do not surely explain any."""
    share: Estimate
    """How much of the variance between replications comes from the quantities; the rest is chance."""
    together: Estimate
    """How much of what they explain no quantity does alone."""
    effects: tuple[Effect, ...]
    """What the screening says of each quantity."""
    indices: tuple[Index, ...]
    """Of the quantities that move any outcome most; undefined where `share` may be 0."""

    @property
    def is_explained(self) -> bool:
        """True when the quantities surely explain more than nothing."""
        return self.share.low is not None and self.share.low > 0.0


class LeverCost(ResultPart):
    """What the levers do to something that stands beside any gain."""

    measure: MeasuredExpression
    """Its mean."""
    effects: tuple[Effect, ...]
    """What the screening says of each lever."""


class Sensitivity(Result):
    """What the outcomes of a scenario depend on."""

    version: ClassVar[int] = 2

    kind: Literal["sensitivity"] = "sensitivity"
    schema_version: Literal[2] = 2
    quantities: tuple[Quantity, ...]
    """What was varied: levers, then the uncertain numbers in the order of the file."""
    outcomes: tuple[Dependence, ...]
    """What was looked at."""
    costs: tuple[LeverCost, ...] = ()
    """What the levers cost, by the means that `tune` and `sweep` have beside any gain."""
    left_out: tuple[str, ...]
    """Objectives of the scenario that are no averages."""
    replications: Replications
    """Replications of each point."""
    points: Count
    """Rows of the Sobol design."""
    trajectories: Count
    """Morris trajectories."""
    played: Replications
    """Replications in all."""
    failed: Replications
    """Of these, how many failed: they are in no figure."""
    truncated: Replications
    """Of these, how many were ended by a limit of acts or events."""

    @property
    def ranked(self) -> tuple[str, ...]:
        """The quantities with indices: paths, the strongest first, and `others` where there are any."""
        return tuple(index.quantity for index in self.outcomes[0].indices)

    @property
    def clean(self) -> bool:
        """True when no replication failed and none was truncated."""
        return not (self.failed or self.truncated)


class Cost(NamedTuple):
    """What is to be played, reported before it is: points, replications, about how many seconds."""

    points: int
    replications: int
    seconds: float
    quantities: tuple[Quantity, ...]


class SensitivityStudy(Study[SensitivityAsked, Sensitivity]):
    """Screens all quantities, then apportions the variance to the strongest."""

    kind = "sensitivity"
    asked = SensitivityAsked
    result = Sensitivity
    libraries = ("scipy",)

    def work(self, asked: SensitivityAsked) -> int:
        """Return how many replications there are."""
        return asked.planned * asked.replications

    def play(self, asked: SensitivityAsked, execution: Execution, journal: Journal) -> Sensitivity:
        """Play the blocks that are not in the journal. Raises EscalationError when a whole point fails."""
        if execution.engine != LOCAL:
            raise InputError(f"--engine {execution.engine}: a sensitivity analysis runs on this machine")
        with Evaluator(asked.variants, asked.played, asked.seed, execution, self.work(asked)) as evaluator:
            return _Analysis(asked, execution, journal, evaluator).result()

    def tables(self, result: Sensitivity) -> dict[str, TidyTable]:
        """Return the tidy tables."""
        return {name: columns_of(rows) for name, rows in rows_of(result).items()}


SENSITIVITY = SensitivityStudy()


class _Analysis:
    """One analysis under way."""

    def __init__(self, asked: SensitivityAsked, execution: Execution, journal: Journal, evaluator: Evaluator):
        self._asked, self._execution, self._journal = asked, execution, journal
        self._rows = DesignRows(asked.space, evaluator, asked.played, asked.replications)
        self._paths = [quantity.path for quantity in asked.space.quantities]
        self._failed = self._truncated = self._played = 0

    def result(self) -> Sensitivity:
        """Return what the outcomes depend on."""
        asked = self._asked
        self._announce()
        measures, asked_for = measures_of(asked.scenario, asked.played), len(asked.expressions)
        screening = morris_shares(len(self._paths), asked.trajectories, asked.seed)
        screened = self._values("screening", screening, 0)
        effects = [
            effects_of(screening, screened[..., n], self._paths, measure.unit)
            for n, measure in enumerate(measures)
        ]
        strong = strongest(effects[:asked_for], asked.top)
        values = self._values("apportioning", self._design(strong), asked.trajectories)
        ranked = [self._paths[n] for n in strong]
        ranked += [OTHERS] if len(ranked) < len(self._paths) else []
        return Sensitivity(
            **asked.envelope, quantities=asked.space.quantities, left_out=asked.left_out,
            outcomes=tuple(
                _dependence(measure, effects[n], self._indices(values[..., n]), ranked)
                for n, measure in enumerate(measures[:asked_for])
            ),
            costs=tuple(
                LeverCost(measure=measure, effects=own[: len(asked.levers)])
                for measure, own in zip(measures[asked_for:], effects[asked_for:], strict=True)
            ),
            replications=asked.replications, points=asked.points, trajectories=asked.trajectories,
            played=self._played, failed=self._failed, truncated=self._truncated,
        )  # fmt: skip

    def _announce(self) -> None:
        if self._execution.on_event:
            points, replications = self._asked.planned, SENSITIVITY.work(self._asked)
            seconds = replications / self._rows.speed()
            self._execution.on_event(Cost(points, replications, seconds, self._asked.space.quantities))

    def _design(self, strong: Sequence[int]) -> Array:
        """Return the rows of the Sobol design, float64[n, 2 + d, quantities]: A, B, and A with parts of B."""
        k = len(self._paths)
        A, B = sobol_shares(k, self._asked.points, self._asked.seed)
        groups = [[n] for n in strong]
        if len(strong) < k:
            groups.append([n for n in range(k) if n not in strong])
        mixed = [A.copy() for _ in groups]
        for points, group in zip(mixed, groups, strict=True):
            points[:, group] = B[:, group]
        return np.stack([A, B, *mixed], axis=1)

    def _values(self, name: str, design: Array, first: int) -> Array:
        """Return the rows of a design, float64[rows, points, s, outcomes]; they are numbered from `first`."""
        points, values = design.shape[1] * self._asked.replications, []
        size = max(1, BLOCK // points)
        for start in range(0, len(design), size):
            rows = design[start : start + size]
            block = self._block(f"{name}-{start:05}", rows, first + start)
            values.append(block.values)
            self._failed += block.failed
            self._truncated += block.truncated
            self._played += len(rows) * points
            if self._execution.on_progress:
                self._execution.on_progress(len(rows) * points)
        return np.concatenate(values)

    def _block(self, name: str, shares: Array, first: int) -> DesignBlock:
        if (stored := self._journal.load(name)) and {"values", "wrong"} <= stored.keys():
            return DesignBlock(stored["values"], *stored["wrong"].tolist())
        block = self._rows.play(shares, first)
        with interrupts_deferred():
            self._journal.save(name, values=block.values, wrong=np.array([block.failed, block.truncated]))
        return block

    def _indices(self, values: Array) -> Indices:
        points = np.moveaxis(values, 0, -1)  # points of a row, s, rows
        return sobol_indices(points[0], points[1], points[2:], self._rows.size)


def strongest(effects: Sequence[Sequence[Effect]], top: int) -> tuple[int, ...]:
    """Return the numbers of the `top` quantities that move any outcome most, the strongest first.

    `effects` holds those of each outcome. Outcomes differ in unit: in each, an effect counts as its share of
    the largest, less what chance alone would give.
    """
    strength = np.zeros(len(effects[0]))
    for own in effects:
        beyond = np.array([effect.beyond for effect in own])
        if beyond.max() > 0.0:
            strength = np.maximum(strength, beyond / beyond.max())
    order = np.argsort(-strength, kind="stable")
    return tuple(order[:top].tolist())


def rows_of(result: Sensitivity) -> dict[str, list[dict[str, Any]]]:
    """Return the tidy rows of `morris` and `sobol`: one for each outcome and quantity."""
    ranges = {quantity.path: quantity.range for quantity in result.quantities}
    morris = [
        {"outcome": outcome.measure.expression, "quantity": effect.quantity,
         "range": ranges[effect.quantity], **_flat("mean", effect.mean), **_flat("size", effect.size),
         "spread": effect.spread, "noise": effect.noise}
        for outcome in result.outcomes
        for effect in outcome.effects
    ]  # fmt: skip
    sobol = [
        {"outcome": outcome.measure.expression, "quantity": index.quantity, **_flat("first", index.first),
         **_flat("total", index.total)}
        for outcome in result.outcomes
        for index in outcome.indices
    ]  # fmt: skip
    return {"morris": morris, "sobol": sobol}


def _dependence(
    measure: MeasuredExpression, effects: tuple[Effect, ...], indices: Indices, ranked: Sequence[str]
) -> Dependence:
    rows = zip(ranked, indices.first, indices.total, strict=True)
    return Dependence(
        measure=measure, mean=indices.mean, variance=indices.variance, share=indices.share,
        together=indices.together, effects=effects,
        indices=tuple(Index(quantity=name, first=first, total=total) for name, first, total in rows),
    )  # fmt: skip


def _flat(name: str, estimate: Estimate) -> dict[str, float | None]:
    return {name: estimate.value} | {f"{name}_{end}": getattr(estimate, end) for end in ENDS}
