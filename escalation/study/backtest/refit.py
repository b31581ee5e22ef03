"""Parameters from the record, anew at each origin of a backtest: on what lies before it, and nothing else.

The posterior is that of a calibration, from the record's quarters before the origin. A quarter is simulated
once and serves every later origin at which it is one: its draws of the prior, its past and what it holds stay
the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from escalation.model.world import World
from escalation.scenario.document import Scenario
from escalation.scenario.record import Record
from escalation.study.backtest.asked import BacktestAsked
from escalation.study.calibrate.parameters import Freed, scores_of
from escalation.study.calibrate.posterior import Posterior
from escalation.study.calibrate.study import posterior_at, simulated
from escalation.study.calibrate.summaries import spans_of, summaries_of, window_at
from escalation.study.execution import Execution

Array = npt.NDArray[np.float64]
Span = tuple[Date, int]

DRAWS = 4000
"""Draws of the prior, each of which is simulated in every quarter."""
SPREAD = 0.3
"""Prior of a free number without a distribution: standard deviation of a logarithm."""
LEVELS = ("target.policy.reciprocity", "senders.policy.reciprocity")
"""What is free: one level for each side. With all that a calibration frees, forecasts get worse."""


class Refit:
    """A scenario whose free parameters are learned from a record up to any day."""

    @classmethod
    def of(cls, asked: BacktestAsked) -> Refit:
        """Return what a backtest learns by."""
        known = asked.shocks == "known"
        return cls(asked.scenario, asked.parsed, asked.target_name, asked.seed, known)

    def __init__(self, scenario: Scenario, record: Record, target: str, seed: int, shocks_known: bool):
        self.freed = Freed(scenario, target, LEVELS, SPREAD)
        self.names = tuple(name for name in LEVELS if self.freed.moved[name])
        self._record, self._target, self._seed, self._known = record, target, seed, shocks_known
        self._done: dict[Span, tuple[Array, Array]] = {}

    @cached_property
    def scores(self) -> Array:
        """Draws of the prior, float64[draws, parameters]."""
        return scores_of(self.names, DRAWS, self._seed)

    def work(self, days: Sequence[Date]) -> int:
        """Return how many replications are played for all these origins."""
        return DRAWS * len({span for day in days for span in self._spans(day)})

    def sample(self, day: Date, n: int, execution: Execution) -> tuple[Array, dict[str, float]]:
        """Return `n` draws of the posterior on a day, float64[n, parameters], and the mean of each parameter.

        They are of the prior where too little of the record lies before that day.
        """
        spans = self._spans(day)
        if not spans or not self.names:
            return scores_of(self.names, n, self._seed) if self.names else np.empty((n, 0)), {}
        blocks = [self._window(span, execution) for span in spans]
        summaries, seen = (np.concatenate(parts, axis=-1) for parts in zip(*blocks, strict=True))
        _, _, posterior = posterior_at(self.scores, summaries, seen)
        means = dict(zip(self.names, posterior.moments()[0].tolist(), strict=True))
        return shuffled(posterior, n, self._seed), means

    def settings(
        self, world: World, day: Date, n: int, execution: Execution
    ) -> tuple[Array, dict[str, float]]:
        """Return settings of the uncertain numbers of a world, float64[n, cells], and what was learned."""
        scores, means = self.sample(day, n, execution)
        return self.freed.settings(world, self.names, scores, self._seed), means

    def _spans(self, day: Date) -> list[Span]:
        return spans_of(self.freed.scenario, self._record, day)

    def _window(self, span: Span, execution: Execution) -> tuple[Array, Array]:
        if span not in self._done:
            window = window_at(self.freed.scenario, self._record, self._target, *span, self._known)
            found = simulated(self.freed, window, self.names, self.scores, self._seed, execution)
            self._done[span] = found, summaries_of(window, [window.seen])[0]
        return self._done[span]


def shuffled(posterior: Posterior, n: int, seed: int) -> Array:
    """Return equally likely draws of a posterior in random order, so that no replication knows its place."""
    return np.random.default_rng(seed).permutation(posterior.sample(n))
