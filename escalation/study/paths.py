"""How an ensemble goes through time: tension, acts and rungs by date, from its replications played again.

A run keeps outcomes, and the acts of a few replications only. The rest is simulated once more: the draws are
keyed, so that every act falls on the same day again. Tension is measured on more dates than the run did,
which changes no rule; what comes out for the run's own outcomes is compared with what was stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.ensemble.result import Results
from escalation.errors import EscalationError
from escalation.model.compile import compile_scenario
from escalation.model.world import FAILED, SIMULATED, Replication, World
from escalation.scenario.document import Scenario
from escalation.study.calendar import grid, stretches
from escalation.study.execution import Execution
from escalation.study.run import reduced_ensemble
from escalation.study.stats import bands, quantiles
from escalation.study.story.replay import compared_outcomes, same_outcomes

MOST, MOST_INTERPRETED = 1000, 200
"""Replications that are played again at most: on the compiled clock, and on SimPy's for Python policies."""

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


Ends = dict[str, npt.NDArray[np.float64]]
"""The edges of bands by date, each float64[dates]: `low_95`, `low_50`, `middle`, `high_50`, `high_95`."""


@dataclass(frozen=True, eq=False)
class Paths:
    """`replications` of an ensemble by date; the first ones, without those that failed.

    `days` (int64[m]) is a grid from the takeover to the end, in days from the scenario's start; `tension` is
    float64[replications, m], `acts` the hostile acts of each actor since the takeover that were adopted
    before that day, excluding words and threats, int64[replications, m], and `by_stretch` the mean of those
    in each stretch of time, float64[stretches]. `ladder` (float64[actors, rungs,
    stretches]) is the share of replications in which an actor did something hostile (words and threats too)
    on that rung in that stretch of time, `peaks` the highest rung of each actor, int64[replications], -1
    where it did nothing hostile; `rungs` ascend, a stretch lasts until the next one begins or until
    `end`. `differing` counts the replications that came out otherwise when the run was stored; None where
    there is nothing to compare with.
    """

    replications: int
    start: date
    end: date
    days: Counts
    tension: Floats
    acts: Mapping[str, Counts]
    by_stretch: Mapping[str, Floats]
    actors: Mapping[str, str]
    rungs: tuple[int, ...]
    stretches: tuple[date, ...]
    ladder: Floats
    peaks: Mapping[str, Counts]
    differing: int | None = None

    @property
    def dates(self) -> tuple[date, ...]:
        """The dates of the grid."""
        return tuple(self.start + timedelta(days=int(day)) for day in self.days)

    @property
    def spans(self) -> list[tuple[date, date]]:
        """The first day of each stretch of time, and the day after its last."""
        return list(pairwise([*self.stretches, self.end]))

    @property
    def stretch(self) -> str:
        """What the longest stretch is: a month, a quarter, a half-year or a year."""
        days = max((end - first).days for first, end in self.spans)
        limits = ((31, "month"), (92, "quarter"), (184, "half-year"))
        return next((name for limit, name in limits if days <= limit), "year")


def bands_of(values: npt.NDArray[np.floating | np.integer]) -> Ends:
    """Return the edges of the bands by date; `values` is [replications, dates], whole numbers or levels."""
    whole = bool(np.issubdtype(values.dtype, np.integer))
    ordered = np.sort(np.asarray(values, np.float64), axis=0).T
    (low_95, high_95), (low_50, high_50) = bands(ordered, 0.95, whole), bands(ordered, 0.5, whole)
    return {
        "low_95": low_95, "low_50": low_50, "middle": quantiles(ordered, 0.5, whole),
        "high_50": high_50, "high_95": high_95,
    }  # fmt: skip


class Path(NamedTuple):
    """One replication: `tension` float64[m], `acts` int64[actors, m], `by_stretch` int64[actors, s], `hits`
    bool[actors, rungs, s]."""

    tension: Floats
    acts: Counts
    by_stretch: Counts
    hits: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class PathReducer:
    """Takes the path of every replication where it is simulated; the total is the paths by number.

    `days` is the grid, `places` where the tension at each of its dates stands in the outcome row, `bounds`
    the first days of the stretches, `rungs` the rungs of the ladder and `rung_of` (int64[instruments]) the
    place of each instrument among them, -1 for what is not hostile.
    """

    days: Counts
    places: Counts
    bounds: Counts
    rungs: tuple[int, ...]
    rung_of: Counts

    def __call__(self, world: World, first: int, replications: Sequence[Replication]) -> dict[int, Path]:
        """Return the paths of consecutive replications; failed ones are left out."""
        numbered = enumerate(replications, first)
        return {number: self.path(world, done) for number, done in numbered if done.status != FAILED}

    def add(self, total: dict[int, Path] | None, part: dict[int, Path]) -> dict[int, Path]:
        """Return the total with the paths of one more chunk."""
        return (total or {}) | part

    def path(self, world: World, done: Replication) -> Path:
        """Return the path of one replication."""
        log, actors = done.acts, len(world.names.actors)
        hostile = (log["origin"] == SIMULATED) & (self.rung_of[log["instrument"]] >= 0)
        time, actor, instrument = (log[name][hostile] for name in ("time", "actor", "instrument"))
        counted = np.asarray(world.tables.instrument["counted"])[instrument] == 1
        acts = np.stack([np.searchsorted(time[counted & (actor == i)], self.days) for i in range(actors)])
        hits = np.zeros((actors, len(self.rungs), len(self.bounds)), bool)
        stretch = np.searchsorted(self.bounds, np.floor(time), side="right") - 1
        hits[actor, self.rung_of[instrument], stretch] = True
        by_stretch = np.zeros((actors, len(self.bounds)), np.int64)
        np.add.at(by_stretch, (actor[counted], stretch[counted]), 1)
        return Path(done.outcomes[self.places], acts.astype(np.int64), by_stretch, hits)


def paths_of(scenario: Scenario, results: Results, execution: Execution) -> Paths:
    """Return the paths of an ensemble of `scenario`, of at most its first 1,000 replications.

    They are played again. Raises EscalationError when every one of them failed, KeyboardInterrupt
    when the work is interrupted.
    """
    measured = measured_on_grid(scenario)
    world = compile_scenario(measured)
    count = min(len(results.statuses), MOST_INTERPRETED if world.names.python else MOST)
    reducer = path_reducer(world, scenario)
    ensemble = reduced_ensemble(world, results.seed, count, reducer, replace(execution, clock="auto"))
    played: dict[int, Path] = ensemble.reduced or {}
    if not played:
        raise EscalationError("no replication was finished without failing: there is nothing to draw")
    return gathered(world, reducer, [played[n] for n in sorted(played)], _differing(results, ensemble))


def measured_on_grid(scenario: Scenario) -> Scenario:
    """Return the scenario with tension measured on the dates of the grid as well.

    The copy is not validated: these dates may be more than a file may ask for.
    """
    dates = {*scenario.outcomes.tension_at, *grid(scenario.takeover, scenario.end)[:-1]}
    outcomes = scenario.outcomes.model_copy(update={"tension_at": tuple(sorted(dates))})
    return scenario.model_copy(update={"outcomes": outcomes})


def path_reducer(world: World, scenario: Scenario) -> PathReducer:
    """Return what takes the paths in a world of `scenario` measured on the grid."""
    dates = grid(world.takeover, world.end)
    columns = [outcome.name for outcome in world.outcomes]
    names = [*(f"tension.{day}" for day in dates[:-1]), "tension.end"]
    rung = [int(scenario.instruments[name].rung.nominal) for name in world.names.instruments]
    hostile = [scenario.instruments[name].severity.nominal > 0 for name in world.names.instruments]
    rungs = tuple(range(max((r for r, is_one in zip(rung, hostile, strict=True) if is_one), default=0) + 1))
    return PathReducer(
        days=np.array([(day - world.start).days for day in dates], np.int64),
        places=np.array([columns.index(name) for name in names], np.int64),
        bounds=np.array([(day - world.start).days for day in stretches(world.takeover, world.end)], np.int64),
        rungs=rungs,
        rung_of=np.where(hostile, rung, -1).astype(np.int64),
    )


def gathered(world: World, reducer: PathReducer, paths: Sequence[Path], differing: int | None) -> Paths:
    """Return the paths of replications, one at least, as those of their ensemble."""
    acts = np.stack([path.acts for path in paths], axis=1)
    hits = np.stack([path.hits for path in paths])
    by_stretch = np.mean([path.by_stretch for path in paths], axis=0)
    reached = hits.any(axis=3) * (np.array(reducer.rungs) + 1)
    return Paths(
        replications=len(paths),
        start=world.start,
        end=world.end,
        days=reducer.days,
        tension=np.stack([path.tension for path in paths]),
        acts=dict(zip(world.names.actors, acts, strict=True)),
        by_stretch=dict(zip(world.names.actors, by_stretch, strict=True)),
        actors=dict(zip(world.names.actors, world.names.actor_labels, strict=True)),
        rungs=reducer.rungs,
        stretches=tuple(stretches(world.takeover, world.end)),
        ladder=hits.mean(axis=0),
        peaks=dict(zip(world.names.actors, reached.max(axis=2).T - 1, strict=True)),
        differing=differing,
    )


def _differing(results: Results, again: Results) -> int | None:
    """Return how many of the replications differ in what tells replications apart."""
    if len(results.statuses) < results.asked:
        return None
    names, count = compared_outcomes(results.header), len(again.statuses)
    stored, played = results.columns(names), again.columns(names)
    same = np.all([same_outcomes(stored[name][:count], played[name]) for name in names], axis=0)
    return int(np.count_nonzero(~same & (results.statuses[:count] != FAILED)))
