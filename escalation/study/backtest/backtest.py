"""Rolling origins: the record up to a day is the past, the model forecasts, the record says what came.

At each origin a scenario is built that holds nothing of what the record knows later (`with_past`), played,
and scored beside rivals that are fitted on the same past. Scores are pooled over actors and origins;
differences from a rival are resampled in blocks of half a year, since neighbouring origins share most
of their windows. Parameters can be learned anew at each origin (`Refit`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.ensemble.parquet import TidyTable, columns_of
from escalation.errors import EscalationError
from escalation.model.compile import compile_scenario
from escalation.model.world import FAILED, SIMULATED, TRUNCATED, Replication, World
from escalation.scenario.load import with_past
from escalation.study.backtest.asked import BacktestAsked, PlayedOrigin, top_rungs
from escalation.study.backtest.result import Backtest
from escalation.study.backtest.rivals import Days
from escalation.study.backtest.scoring import CUT, scored
from escalation.study.calibrate.parameters import Freed, scores_of
from escalation.study.calibrate.study import posterior_at, simulated
from escalation.study.calibrate.summaries import spans_of, summaries_of, window_at
from escalation.study.execution import Execution
from escalation.study.journal import Journal
from escalation.study.points.uncertain import play_dialled
from escalation.study.run import reduced_ensemble
from escalation.study.runner import Study

Array = npt.NDArray[np.float64]
Span = tuple[Date, int]

NO_RUNG = -1
DRAWS = 4000
"""Draws of the prior, each of which is simulated in every quarter."""
SPREAD = 0.3
"""Prior of a free number without a distribution: standard deviation of a logarithm."""
LEVELS = ("target.policy.reciprocity", "senders.policy.reciprocity")
"""What is free: one level for each side. With all that a calibration frees, forecasts get worse."""


class BacktestStudy(Study[BacktestAsked, Backtest]):
    """Plays every origin, and scores the model and its rivals."""

    kind = "backtest"
    asked = BacktestAsked
    result = Backtest
    libraries = ("scipy",)

    def work(self, asked: BacktestAsked) -> int:
        """Return how many replications are played in all."""
        learning = Refit(asked).work(asked.origins) if asked.refit else 0
        return asked.replications * len(asked.origins) + learning

    def play(self, asked: BacktestAsked, execution: Execution, journal: Journal) -> Backtest:
        """Return the scores; origins that the journal holds are not played again."""
        done = journal.read("origins", lambda _, piece: PlayedOrigin.model_validate_json(piece))
        if execution.on_progress:
            execution.on_progress(asked.replications * len(done))
        refit = Refit(asked) if asked.refit else None
        for day in asked.origins[len(done) :]:
            origin = play_origin(asked, day, execution, refit)
            journal.append("origins", origin.model_dump_json())
            done.append(origin)
        return scored(asked, done)

    def tables(self, result: Backtest) -> Mapping[str, TidyTable]:
        """Return the scores and the forecasts as tidy tables."""
        parts = {"scores": result.scores, "forecasts": result.forecasts}
        return {
            name: columns_of([row.model_dump(mode="json") for row in rows])
            for name, rows in parts.items()
            if rows
        }


BACKTEST = BacktestStudy()


def play_origin(
    asked: BacktestAsked, day: Date, execution: Execution, refit: Refit | None = None
) -> PlayedOrigin:
    """Return the model's forecasts from one day on; with `refit`, at parameters learned from what was before.

    Raises EscalationError where every replication failed.
    """
    longest = max(*asked.horizons, CUT)
    scenario = refit.freed.scenario if refit else asked.scenario
    past = with_past(scenario, asked.parsed, day, longest, asked.shocks == "known")
    world = compile_scenario(past.scenario)
    rungs = np.array(
        [int(past.scenario.instruments[name].rung.nominal) for name in world.names.instruments], np.int64
    )
    reducer = DayReducer(rungs)
    learned: dict[str, float] = {}
    if refit:
        scores, learned = refit.sample(day, asked.replications, execution)
        settings = refit.freed.settings(world, refit.names, scores, asked.seed)
        played, statuses, failure = _at_settings(asked, world, settings, reducer, execution)
    else:
        ensemble = reduced_ensemble(world, asked.seed, asked.replications, reducer, execution)
        played, statuses = ensemble.reduced or {}, ensemble.statuses
        failure = next(iter(ensemble.failures.values()), "")
    if not played:
        raise EscalationError(f"{day}: every replication failed: {failure}")
    days, rungs_reached = zip(*(played[n] for n in sorted(played)), strict=True)
    numbers = {actor: world.names.actors.index(actor) for actor in asked.forecast}
    tops = top_rungs(asked, day)
    return PlayedOrigin(
        day=day,
        days={actor: tuple(tuple(by_actor[i].tolist()) for by_actor in days) for actor, i in numbers.items()},
        new_rung={
            actor: float(np.mean([by_actor[i] > tops[actor] for by_actor in rungs_reached]))
            for actor, i in numbers.items()
        },
        left_out=dict(past.left_out),
        failed=int((statuses == FAILED).sum()),
        truncated=int((statuses == TRUNCATED).sum()),
        learned=learned,
    )


def _at_settings(
    asked: BacktestAsked, world: World, settings: Array, reducer: DayReducer, execution: Execution
) -> tuple[dict[int, Any], npt.NDArray[np.int8], str]:
    """Return what a reducer takes of replications at settings of their own, their statuses, and a failure."""

    def look(done: Replication) -> tuple[dict[int, Any], int, str]:
        return reducer(world, 0, [done]), done.status, done.message

    rows = play_dialled(world, asked.seed, settings, np.arange(len(settings)), look, execution)
    played = {n: part[0] for n, (part, _, _) in enumerate(rows) if part}
    failure = next((message for _, _, message in rows if message), "")
    return played, np.array([status for _, status, _ in rows], np.int8), failure


@dataclass(frozen=True)
class DayReducer:
    """Takes the package days of every replication where it is simulated, counted from the takeover.

    A package day is a day with a hostile act, excluding words and threats: the same as in a record. Of a
    replication it keeps, for each actor, the days (int64[k]) and the highest rung.
    """

    rungs: npt.NDArray[np.int64]
    """Rung of each instrument."""

    def __call__(
        self, world: World, first: int, replications: Sequence[Replication]
    ) -> dict[int, tuple[tuple[Days, ...], tuple[int, ...]]]:
        """Return days and highest rungs of consecutive replications; failed ones are left out."""
        return {
            first + n: self._days(world, done) for n, done in enumerate(replications) if done.status != FAILED
        }

    def add(self, total: dict[int, object] | None, part: dict[int, object]) -> dict[int, object]:
        """Return the total with the days of one more chunk."""
        return (total or {}) | part

    def _days(self, world: World, done: Replication) -> tuple[tuple[Days, ...], tuple[int, ...]]:
        acts = done.acts
        counted = np.asarray(world.tables.instrument["counted"])[acts["instrument"]] == 1
        counted &= acts["origin"] == SIMULATED
        days = np.floor(acts["time"][counted]).astype(np.int64) - int(world.tables.takeover)
        actors, rungs = acts["actor"][counted], self.rungs[acts["instrument"][counted]]
        own = [actors == i for i in range(len(world.names.actors))]
        return (
            tuple(np.unique(days[is_own]) for is_own in own),
            tuple(int(rungs[is_own].max(initial=NO_RUNG)) for is_own in own),
        )


class Refit:
    """A scenario whose free parameters are learned from a record up to any day, and from nothing after it.

    The posterior is that of a calibration, from the record's quarters before the day. A quarter is simulated
    once and serves every later origin at which it is one: its draws of the prior, its past and what it holds
    stay the same.
    """

    def __init__(self, asked: BacktestAsked):
        self.freed = Freed(asked.scenario, asked.target_name, LEVELS, SPREAD)
        self.names = tuple(name for name in LEVELS if self.freed.moved[name])
        self._asked = asked
        self._done: dict[Span, tuple[Array, Array]] = {}

    @cached_property
    def scores(self) -> Array:
        """Draws of the prior, float64[draws, parameters]."""
        return scores_of(self.names, DRAWS, self._asked.seed)

    def work(self, days: Sequence[Date]) -> int:
        """Return how many replications are played for all these origins."""
        return DRAWS * len({span for day in days for span in self._spans(day)})

    def sample(self, day: Date, n: int, execution: Execution) -> tuple[Array, dict[str, float]]:
        """Return `n` draws of the posterior on a day, float64[n, parameters], and the mean of each parameter.

        They are of the prior where too little of the record lies before that day, and in random order.
        """
        seed, spans = self._asked.seed, self._spans(day)
        if not spans or not self.names:
            return scores_of(self.names, n, seed) if self.names else np.empty((n, 0)), {}
        blocks = [self._window(span, execution) for span in spans]
        summaries, seen = (np.concatenate(parts, axis=-1) for parts in zip(*blocks, strict=True))
        _, _, posterior = posterior_at(self.scores, summaries, seen)
        means = dict(zip(self.names, posterior.moments()[0].tolist(), strict=True))
        return np.random.default_rng(seed).permutation(posterior.sample(n)), means

    def _spans(self, day: Date) -> list[Span]:
        return spans_of(self.freed.scenario, self._asked.parsed, day)

    def _window(self, span: Span, execution: Execution) -> tuple[Array, Array]:
        """Return the summaries of a window at each draw of the prior, and those of the record."""
        if span not in self._done:
            asked, scenario = self._asked, self.freed.scenario
            known = asked.shocks == "known"
            window = window_at(scenario, asked.parsed, asked.target_name, *span, known)
            summaries = simulated(self.freed, window, self.names, self.scores, asked.seed, execution)
            self._done[span] = summaries, summaries_of(window, [window.seen])[0]
        return self._done[span]
