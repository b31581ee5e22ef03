"""Rolling origins: the record up to a day is the past, the model forecasts, the record says what came.

At each origin a scenario is built that holds nothing of what the record knows later (`with_past`), played,
and scored beside rivals that are fitted on the same past. Scores are pooled over actors and origins;
differences from a rival are resampled in blocks of half a year, since neighbouring origins share most
of their windows. Parameters can be learned anew at each origin (`refit`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date as Date
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.ensemble.parquet import TidyTable
from escalation.errors import EscalationError
from escalation.model.compile import compile_scenario
from escalation.model.world import FAILED, TRUNCATED, Replication, World
from escalation.scenario.load import with_past
from escalation.study.backtest.asked import BacktestAsked, PlayedOrigin, top_rungs
from escalation.study.backtest.forecasts import CUT, DayReducer
from escalation.study.backtest.refit import Refit
from escalation.study.backtest.result import Backtest, Forecast
from escalation.study.backtest.scoring import scored
from escalation.study.execution import Execution
from escalation.study.journal import Journal
from escalation.study.points.uncertain import play_dialled
from escalation.study.run import reduced_ensemble
from escalation.study.runner import Study

Array = npt.NDArray[np.float64]


class BacktestStudy(Study[BacktestAsked, Backtest]):
    """Plays every origin, and scores the model and its rivals."""

    kind = "backtest"
    asked = BacktestAsked
    result = Backtest
    libraries = ("scipy",)

    def work(self, asked: BacktestAsked) -> int:
        """Return how many replications are played in all."""
        learning = Refit.of(asked).work(asked.origins) if asked.refit else 0
        return asked.replications * len(asked.origins) + learning

    def play(self, asked: BacktestAsked, execution: Execution, journal: Journal) -> Backtest:
        """Return the scores; origins that the journal holds are not played again."""
        done = journal.read("origins", lambda _, piece: PlayedOrigin.model_validate_json(piece))
        if execution.on_progress:
            execution.on_progress(asked.replications * len(done))
        refit = Refit.of(asked) if asked.refit else None
        for day in asked.origins[len(done) :]:
            origin = play_origin(asked, day, execution, refit)
            journal.append("origins", origin.model_dump_json())
            done.append(origin)
        return scored(asked, done)

    def tables(self, result: Backtest) -> Mapping[str, TidyTable]:
        """Return the scores and the forecasts as tidy tables."""
        return {
            name: {field: [getattr(row, field) for row in rows] for field in type(rows[0]).model_fields}
            for name, rows in (("scores", result.scores), ("forecasts", _dated(result.forecasts)))
            if rows
        }


def _dated(forecasts: Sequence[Forecast]) -> Sequence[Any]:
    """Return forecasts with their origins as texts."""
    return [forecast.model_copy(update={"origin": forecast.origin.isoformat()}) for forecast in forecasts]


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
        settings, learned = refit.settings(world, day, asked.replications, execution)
        played, statuses, failure = _at_settings(asked, world, settings, reducer, execution)
    else:
        ensemble = reduced_ensemble(world, asked.seed, asked.replications, reducer, execution)
        played, statuses = ensemble.reduced or {}, ensemble.statuses
        failure = next(iter(ensemble.failures.values()), "")
    if not played:
        raise EscalationError(f"{day}: every replication failed: {failure}")
    place = {actor: world.names.actors.index(actor) for actor in asked.forecast}
    tops = top_rungs(asked, day)
    return PlayedOrigin(
        day=day,
        days={
            actor: tuple(tuple(played[n][0][i].tolist()) for n in sorted(played))
            for actor, i in place.items()
        },
        new_rung={
            actor: float(np.mean([played[n][1][i] > tops[actor] for n in sorted(played)]))
            for actor, i in place.items()
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
