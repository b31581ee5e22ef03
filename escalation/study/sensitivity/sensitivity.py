"""Which uncertain numbers and levers matter: screening, then how much of the variance comes from each.

`perform` plays what `escalation.study.sensitivity.plan` has checked. First Morris trajectories over all
quantities say how far each moves each outcome; those that move it most get Sobol indices of their own, all
others together one more (`REST`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.ensemble.interrupts import interrupts_deferred
from escalation.errors import EscalationError
from escalation.scenario.expression import Expression
from escalation.study.execution import Execution
from escalation.study.points.evaluate import Evaluator
from escalation.study.points.variants import Variants
from escalation.study.sensitivity.morris import Effect, effects_of, morris_shares
from escalation.study.sensitivity.plan import SensitivityPlan
from escalation.study.sensitivity.quantities import Quantity, Space
from escalation.study.sensitivity.rows import Played, Rows
from escalation.study.sensitivity.sobol import Indices, sobol_indices, sobol_shares

Array = npt.NDArray[np.float64]

REST = "the others together"
"""Stands for all quantities without indices of their own."""
BLOCK = 3000
"""Replications, about, that are played before they are kept."""

Blocks = MutableMapping[str, Played]
"""The finished pieces of a design by name; one on the disk keeps what is put into it."""


@dataclass(frozen=True)
class Sensitive:
    """What one outcome depends on: `effects` by quantity, `indices` in the order of `Sensitivity.ranked`.

    `is_share` is true for a probability.
    """

    expression: str
    label: str
    unit: str
    is_share: bool
    effects: tuple[Effect, ...]
    indices: Indices


@dataclass(frozen=True)
class Sensitivity:
    """What the outcomes of a scenario depend on.

    `kept` are the places of the quantities that have indices of their own; when these are not all, one more
    index stands for the rest. `replications` are those of each point, `points` the rows of the design.
    """

    title: str
    quantities: tuple[Quantity, ...]
    kept: tuple[int, ...]
    outcomes: tuple[Sensitive, ...]
    seed: int
    replications: int
    points: int
    trajectories: int
    played: int
    failed: int
    truncated: int
    seconds: float
    overrides: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    folder: Path | None = None

    @property
    def ranked(self) -> tuple[str, ...]:
        """The names behind the indices: paths, and `REST` where there are others."""
        paths = tuple(self.quantities[place].path for place in self.kept)
        return paths if len(paths) == len(self.quantities) else (*paths, REST)


class Cost(NamedTuple):
    """What is to be played: points, replications, and about how many seconds that takes."""

    points: int
    replications: int
    seconds: float


@dataclass(frozen=True)
class SensitivityMeans:
    """What an analysis is played with; nothing of it shows in the numbers."""

    workers: int = 1
    clock: str = "auto"
    on_progress: Callable[[int], Any] | None = None
    say: Callable[[str], Any] | None = None
    on_cost: Callable[[Cost, Sequence[Quantity]], Any] | None = None


class Interrupted(EscalationError):
    """Ctrl-C came; what was finished is kept where the message says."""

    exit_status = 130


def perform(plan: SensitivityPlan, means: SensitivityMeans, blocks: Blocks | None = None) -> Sensitivity:
    """Play what is not yet in `blocks`, and return what the outcomes depend on.

    Raises EscalationError when every replication of a point fails, KeyboardInterrupt on Ctrl-C: what
    was finished by then is in `blocks`.
    """
    with Analysis(plan, means, {} if blocks is None else blocks) as analysis:
        return analysis.result()


class Analysis:
    """One analysis under way; a context manager, because it keeps threads."""

    def __init__(self, plan: SensitivityPlan, means: SensitivityMeans, blocks: Blocks):
        self._began = time.perf_counter()
        self.plan, self._means, self._blocks = plan, means, blocks
        variants = Variants.of(plan.scenario)
        self.space = Space(variants, plan.levers)
        self.cost = _cost(plan, self.space)
        self._evaluator = Evaluator(
            variants, plan.expressions, plan.seed,
            Execution(workers=means.workers, clock=means.clock, say=means.say), self.cost.replications,
        )  # fmt: skip
        self._rows = Rows(self.space, self._evaluator, plan.expressions, plan.replications)
        self._played: list[Played] = []

    def __enter__(self) -> Analysis:
        return self

    def __exit__(self, *_: object) -> None:
        self._evaluator.__exit__()

    def result(self) -> Sensitivity:
        """Return what the outcomes depend on."""
        plan = self.plan
        self._announce()
        screening = morris_shares(len(self.space.quantities), plan.trajectories, plan.seed)
        screened = self._values("screening", screening, 0)
        effects = [effects_of(screening, screened[..., n], plan.seed) for n in self._each]
        kept = strongest(effects, plan.top)
        design = self._design(kept)
        values = self._values("apportioning", design, plan.trajectories)
        indices = [self._indices(values[..., n]) for n in self._each]
        found = zip(plan.expressions, effects, indices, strict=True)
        return self._sensitivity(kept, tuple(self._sensitive(*one) for one in found))

    @property
    def _each(self) -> range:
        return range(len(self.plan.expressions))

    def _announce(self) -> None:
        speed = self._rows.speed()
        if self._means.on_cost:
            cost = self.cost._replace(seconds=self.cost.replications / speed)
            self._means.on_cost(cost, self.space.quantities)
        self._tell(0)

    def _tell(self, count: int) -> None:
        if self._means.on_progress:
            self._means.on_progress(count)

    def _design(self, kept: Sequence[int]) -> Array:
        """Return the rows of the Sobol design, float64[n, 2 + d, quantities]: A, B, and A with parts of B."""
        k = len(self.space.quantities)
        A, B = sobol_shares(k, self.plan.points, self.plan.seed)
        groups = [[place] for place in kept]
        if len(kept) < k:
            groups.append([place for place in range(k) if place not in kept])
        mixed = [A.copy() for _ in groups]
        for points, group in zip(mixed, groups, strict=True):
            points[:, group] = B[:, group]
        return np.stack([A, B, *mixed], axis=1)

    def _values(self, name: str, design: Array, first: int) -> Array:
        """Return what came of a design, float64[rows, points, s, outcomes]; its rows count from `first`."""
        points = design.shape[1] * self.plan.replications
        for rows in _pieces(len(design), max(1, BLOCK // points)):
            key = f"{name}-{rows.start:05}"
            if key not in self._blocks:
                played = self._rows.play(design[rows.start : rows.stop], first + rows.start)
                with interrupts_deferred():
                    self._blocks[key] = played
            self._played.append(self._blocks[key])
            self._tell(len(rows) * points)
        count = -(-len(design) // max(1, BLOCK // points))
        return np.concatenate([played.values for played in self._played[-count:]])

    def _indices(self, values: Array) -> Indices:
        points = np.moveaxis(values, 0, -1)  # points of a row, s, rows
        return sobol_indices(points[0], points[1], points[2:], self._rows.size, self.plan.seed)

    def _sensitive(self, expression: Expression, effects: tuple[Effect, ...], indices: Indices) -> Sensitive:
        world = self.space.worlds[0]
        about = next(one for one in world.outcomes if one.name == expression.outcome)
        return Sensitive(expression.measured, about.label, about.unit, expression.is_share, effects, indices)

    def _sensitivity(self, kept: tuple[int, ...], outcomes: tuple[Sensitive, ...]) -> Sensitivity:
        plan = self.plan
        return Sensitivity(
            plan.scenario.title, self.space.quantities, kept, outcomes, plan.seed, plan.replications,
            plan.points, plan.trajectories, self.cost.replications,
            sum(one.failed for one in self._played), sum(one.truncated for one in self._played),
            time.perf_counter() - self._began, plan.overrides, plan.left_out,
        )  # fmt: skip


def strongest(effects: Sequence[Sequence[Effect]], top: int) -> tuple[int, ...]:
    """Return the places of the `top` quantities that move any outcome most, the strongest first.

    `effects` holds those of each outcome. Outcomes differ in unit: in each, an effect counts as its share of
    the largest, less what chance alone would give.
    """
    strength = np.zeros(len(effects[0]))
    for one in effects:
        beyond = np.array([effect.beyond for effect in one])
        if beyond.max() > 0.0:
            strength = np.maximum(strength, beyond / beyond.max())
    order = np.argsort(-strength, kind="stable")
    return tuple(int(place) for place in order[:top])


def cost_of(plan: SensitivityPlan) -> Cost:
    """Return what a plan costs, but for the time."""
    return _cost(plan, Space(Variants.of(plan.scenario), plan.levers))


def _cost(plan: SensitivityPlan, space: Space) -> Cost:
    quantities = len(space.quantities)
    own = quantities if quantities <= plan.top else plan.top + 1
    points = plan.trajectories * (quantities + 1) + plan.points * (own + 2)
    return Cost(points, points * plan.replications, 0.0)


def _pieces(count: int, size: int) -> Iterator[range]:
    return (range(first, min(first + size, count)) for first in range(0, count, size))
