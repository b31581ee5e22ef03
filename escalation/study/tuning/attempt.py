"""Playing a point in every case, some replications first and more later."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from escalation.study.points.evaluate import Evaluator
from escalation.study.points.evaluate import Sample as Played
from escalation.study.points.levers import Point
from escalation.study.tuning.plan import TuningPlan
from escalation.study.tuning.reading import Reading, Sample, read


class Attempt:
    """A point that is being played, in the worlds of all cases; replications are numbered from `first`.

    Raises ScenarioError for a point that the scenario does not allow.
    """

    def __init__(self, plan: TuningPlan, evaluator: Evaluator, point: Point, first: int = 0):
        self._plan, self._evaluator, self.point, self._first = plan, evaluator, point, first
        self._worlds = [evaluator.variants.world({**case.point, **point}) for case in plan.cases]
        self._trials: list[list[Played]] = [[] for _ in plan.cases]
        self.played = 0

    def play(self, replications: int) -> Reading:
        """Play until there are so many replications in each case; return what all of them come to."""
        more = replications - self.played
        if more > 0:
            for world, trials in zip(self._worlds, self._trials, strict=True):
                trials.append(self._evaluator.play(world, more, self._first + self.played))
            self.played = replications
        return read([self._sample(trials) for trials in self._trials], self._plan.expressions)

    @property
    def failed(self) -> int:
        """How many replications failed."""
        return sum(trial.failed for trials in self._trials for trial in trials)

    @property
    def truncated(self) -> int:
        """How many replications hit a limit of acts or events."""
        return sum(trial.truncated for trials in self._trials for trial in trials)

    def _sample(self, trials: Sequence[Played]) -> Sample:
        names = trials[0].columns
        estimates = zip(self._evaluator.expressions, trials[-1].estimates, strict=True)
        return Sample(
            {name: np.concatenate([trial.columns[name] for trial in trials]) for name in names},
            np.concatenate([trial.statuses for trial in trials]),
            {one: found for one, found in estimates if one.needs_flywheel},
        )
