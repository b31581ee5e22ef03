"""Futures of a scenario under settings that change by hand: played a few at a time, kept, compared in pairs.

For those who build on it (the live page):

    explorer = Explorer(open_scenario("belarus_2020", request), execution)
    futures = explorer.futures(Settings(sets=("actors.eu.policy.reciprocity=0.9",)))
    futures.extend(100, lambda: True)
    seen = futures.snapshot(100)
    seen.finished.summary.figures["package_days.eu"].mean

Replication r has the same chance under all settings, and is the one that `escalation run` plays with the same
`--set`. More of them go on from those that there are.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, reduce
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.ensemble.result import Ensemble, Reducer, Rows
from escalation.ensemble.work import Task
from escalation.model.compile import compile_scenario
from escalation.model.world import FAILED, World
from escalation.scenario.expression import parse
from escalation.scenario.outcomes import Outcome
from escalation.scenario.tree import Mapping
from escalation.study.assumptions import with_assumptions
from escalation.study.compare.compare import compare
from escalation.study.compare.model import Comparison, Difference
from escalation.study.compare.sides import side_of
from escalation.study.execution import Execution
from escalation.study.finished import Finished
from escalation.study.flywheel.model import Flywheel
from escalation.study.paths import Path, Paths, gathered, measured_on_grid, path_reducer
from escalation.study.points.evaluate import Evaluator, Piece, reducer_of_R
from escalation.study.points.variants import Variants
from escalation.study.source import Source
from escalation.study.stats import mcnemar, tango, wilson
from escalation.study.summary import AnswerPart, summarise, summarised
from escalation.study.values import SHARE, UNDEFINED, Estimate
from escalation.study.whatif.intervention import compiled

Array = npt.NDArray[np.float64]

LEVELS = (100, 300, 1000)
"""Replications of a first answer, a better one, and the best one."""
MOST_SETTINGS = 12
"""Settings of which the futures are kept: some 8 MB each."""
SHOWN = frozenset({"acts", "days", "first", "first_concession", "concession", "peak_rung", "runaway"})
"""Measures that are summed up beside the answers."""

Wanted = Callable[[], bool]
"""Whether what is being played is still asked for."""


class Settings(NamedTuple):
    """What is changed by hand: texts as of `--set`, `--without` and `--force`, in the order of the user."""

    sets: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    force: tuple[str, ...] = ()

    @property
    def intervenes(self) -> bool:
        """Whether acts are struck out or forced."""
        return bool(self.without or self.force)


class Explorer:
    """A scenario to be changed by hand, its settings, and the futures under the last few of them.

    `source` is a scenario with its own changes, seed and replications. A context manager, because it keeps
    threads. Futures are played by one thread at a time: whoever plays holds `lock`.
    """

    def __init__(self, source: Source, execution: Execution):
        self.source = source
        named = source.path or source.scenario
        self.variants = Variants(named, _as_sets(source.overrides), option="--set")
        self.evaluator = Evaluator(self.variants, (), source.seed, execution, LEVELS[-1])
        self.execution = execution
        self.lock = threading.RLock()
        self._recent: OrderedDict[Settings, Futures] = OrderedDict()

    def __enter__(self) -> Explorer:
        return self

    def __exit__(self, *_: object) -> None:
        self.evaluator.__exit__()

    def futures(self, settings: Settings) -> Futures:
        """Return the futures under settings, with what has been played of them.

        Raises ScenarioError or InputError for settings that the scenario does not allow.
        """
        with self.lock:
            futures = self._recent.pop(settings, None) or Futures(self, settings)
            self._recent[settings] = futures
            while len(self._recent) > MOST_SETTINGS:
                self._recent.popitem(last=False)
        return futures


def _as_sets(overrides: Sequence[str]) -> tuple[str, ...]:
    """Return changes as texts PATH=VALUE, the end among them, so that another end can follow."""
    return tuple(
        f"end={text.removeprefix('until=')}" if text.startswith("until=") else text
        for text in overrides
        if not text.startswith("assumptions=")
    )


class Futures:
    """The futures of one scenario under one group of settings, as far as they are played.

    `stated` is the scenario with the settings, `scenario` the same with its assumptions drawn where they are.
    """

    def __init__(self, explorer: Explorer, settings: Settings):
        self._explorer, self.settings = explorer, settings
        self.source, self.execution = explorer.source, explorer.execution
        self.stated = explorer.variants.changed(settings.sets)
        spread = self.source.assumptions
        self.scenario = self.stated if spread is None else with_assumptions(self.stated, spread)
        world = compile_scenario(measured_on_grid(self.scenario))
        self.alter: Callable[[World], World] | None = None
        if settings.intervenes:
            self.alter = compiled(self.scenario, world, settings.without, settings.force).alter
        self.world = world = self.alter(world) if self.alter else world
        self.reducer = path_reducer(world, self.scenario)
        own = {day.isoformat() for day in self.scenario.outcomes.tension_at}
        self._columns = [n for n, outcome in enumerate(world.outcomes) if outcome.date in ("", *own)]
        outcomes = tuple(world.outcomes[n] for n in self._columns)
        self.header = replace(world.header, title=self.scenario.title, outcomes=outcomes)
        self._pieces: list[Piece] = []
        self._sums: dict[int, Any] = {}

    @property
    def count(self) -> int:
        """How many replications are played."""
        return sum(len(piece.statuses) for piece in self._pieces)

    def extend(self, replications: int, wanted: Wanted) -> bool:
        """Play until there are so many; return False where that was no longer wanted before the end."""
        with self._explorer.lock:
            task = Task(self.count, replications - self.count)
            if task.count <= 0:
                return True
            return self._play(task, self.reducer, self._columns, wanted, self._pieces)

    def snapshot(self, replications: int, flywheel: Flywheel | None = None) -> Snapshot:
        """Return the first replications, of which there are so many, with the flywheel where it is known."""
        rows = np.concatenate([piece.outcomes for piece in self._pieces])[:replications]
        statuses = np.concatenate([piece.statuses for piece in self._pieces])[:replications]
        ensemble = Ensemble(
            header=self.header, seed=self.source.seed, asked=len(statuses), workers=self.execution.workers,
            acts_stored="none", finished=datetime.now(UTC), interrupted=False,
            replications=np.arange(len(statuses)), statuses=statuses,
            rows=Rows(self.header.columns, [rows]), failures={},
        )  # fmt: skip
        paths = (item for piece in self._pieces for item in piece.reduced.items())
        return Snapshot(self, ensemble, {n: path for n, path in paths if n < replications}, flywheel)

    def flywheel(self, replications: int, wanted: Wanted) -> Flywheel | None:
        """Return the flywheel of the first replications, played again for it; None where not wanted."""
        with self._explorer.lock:
            if replications not in self._sums:
                reducer, pieces = reducer_of_R(self.world, replications), list[Piece]()
                if not self._play(Task(0, replications), reducer, (), wanted, pieces):
                    return None
                total = reduce(reducer.add, (piece.reduced for piece in pieces), None)
                self._sums = {replications: (total, reducer.flywheel(self.world, total))}
            return self._sums[replications][1]  # type: ignore[no-any-return]

    def _play(
        self, task: Task, reducer: Reducer, columns: Sequence[int], wanted: Wanted, pieces: list[Piece]
    ) -> bool:
        """Add pieces while they are wanted; return whether all were."""
        for piece in self._explorer.evaluator.pieces(self.world, task, reducer, columns):
            pieces.append(piece)
            if not wanted():
                return False
        return True

    def sums(self, replications: int) -> Any:
        """Return the flywheel's sums of the first replications; None before they are known."""
        return self._sums.get(replications, (None, None))[0]

    @property
    def changes(self) -> Mapping:
        """What is changed in the scenario's file, as the layer that a file would lay on it."""
        return self._explorer.variants.layer(_as_sets(self.overrides))

    @property
    def overrides(self) -> tuple[str, ...]:
        """All that is changed in the scenario's file: what it was opened with, and the settings."""
        return (*_as_sets(self.source.overrides), *self.assumptions, *self.settings.sets)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """How far its assumptions are drawn apart, `assumptions=SPREAD`; empty where they are not."""
        spread = self.source.assumptions
        return () if spread is None else (f"assumptions={spread:g}",)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Some replications under one group of settings: their outcomes, their paths by number, the flywheel.

    Of what is asked for, everything is summed up as for a run.
    """

    of: Futures
    ensemble: Ensemble
    by_number: dict[int, Path]
    flywheel: Flywheel | None

    @property
    def count(self) -> int:
        """How many replications there are."""
        return self.ensemble.asked

    @cached_property
    def finished(self) -> Finished:
        """The replications as a run that was not stored; its summary has the outcomes that are shown."""
        header, of = self.ensemble.header, self.of
        objectives = map(parse, header.objectives.values())
        asked = {*header.answered, *(name for objective in objectives for name in objective.outcomes)}
        shown = tuple(
            outcome for outcome in header.outcomes if outcome.name in asked or outcome.measure in SHOWN
        )
        ensemble = replace(self.ensemble, header=replace(header, outcomes=shown), reduced=of.sums(self.count))
        summary = summarise(ensemble, self.flywheel, of.source.name, of.overrides)
        return Finished(
            of.scenario, of.world, ensemble, summary, overrides=of.overrides,
            reducer=reducer_of_R(of.world, self.count) if self.flywheel else None,
        )  # fmt: skip

    @cached_property
    def paths(self) -> Paths:
        """Tension, acts and rungs by date; of the replications that did not fail."""
        paths = [self.by_number[n] for n in sorted(self.by_number)]
        return gathered(self.of.world, self.of.reducer, paths, None)

    @property
    def dated(self) -> list[Outcome]:
        """The outcomes that are dates, those that answer the question first."""
        dates = [outcome for outcome in self.ensemble.header.outcomes if outcome.kind == "date"]
        order = {name: n for n, name in enumerate(self.ensemble.header.answered)}
        return sorted(dates, key=lambda outcome: order.get(outcome.name, len(order)))

    def by_when(self, name: str) -> list[Estimate]:
        """Return for each date of the grid the share of replications in which a date has come before it."""
        values = self.ensemble.columns([name])[name][self.ensemble.statuses != FAILED]
        return [_share(values < day) for day in self.paths.days]

    def climbed(self) -> dict[str, list[Estimate]]:
        """Return for each actor the share of replications in which it reached each rung, or a higher one."""
        return {
            actor: [_share(peaks >= rung) for rung in self.paths.rungs]
            for actor, peaks in self.paths.peaks.items()
        }


def _share(happened: npt.NDArray[np.bool_]) -> Estimate:
    """Return the share of replications in which something happens, bool[n]."""
    hits, n = int(np.count_nonzero(happened)), len(happened)
    low, high = wilson(hits, n)
    return Estimate(value=hits / n if n else None, low=low, high=high, unit=SHARE)


@dataclass(frozen=True, eq=False)
class Contrasted:
    """Two snapshots of one seed: `a`, and `b` less `a`, replication by replication."""

    a: Snapshot
    b: Snapshot

    @cached_property
    def comparison(self) -> Comparison:
        """How the answers, and R where it is known of both, differ."""
        return compare([side_of(_answers_of(self.a), "A", ""), side_of(_answers_of(self.b), "B", "")])

    @property
    def paired(self) -> bool:
        """Whether the same replications are compared, on the same dates."""
        return self.comparison.contrasts[0].paired and np.array_equal(self.a.paths.days, self.b.paths.days)

    def _columns(self, name: str) -> tuple[Array, Array]:
        """Return an outcome on both sides, of the replications that failed on neither, float64[n]."""
        good = (self.a.ensemble.statuses != FAILED) & (self.b.ensemble.statuses != FAILED)
        a, b = (side.ensemble.columns([name])[name][good] for side in (self.a, self.b))
        return a, b

    def _paths(self, take: Callable[[Path], npt.NDArray[Any]]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Return what is taken of each path on both sides, of the replications that both have, [n, ...]."""
        numbers = sorted(self.a.by_number.keys() & self.b.by_number.keys())
        a, b = (np.stack([take(side.by_number[n]) for n in numbers]) for side in (self.a, self.b))
        return a, b

    def tension(self) -> list[Estimate]:
        """Return the mean difference of tension at each date of the grid."""
        a, b = self._paths(lambda path: path.tension)
        return _means(b - a, "grievance")

    def acts(self) -> dict[str, list[Estimate]]:
        """Return the mean difference of hostile acts at each date of the grid, by actor."""
        a, b = self._paths(lambda path: path.acts)
        changes = (b - a).astype(np.float64)
        names = self.a.of.world.names.actors
        return {actor: _means(changes[:, i], "acts") for i, actor in enumerate(names)}

    def by_when(self, name: str) -> list[Estimate]:
        """Return the difference of the shares in which a date has come before each date of the grid."""
        a, b = self._columns(name)
        return [_difference(a < day, b < day) for day in self.a.paths.days]

    def by_dates(self) -> dict[str, Difference]:
        """Return how the answers that are chances by a date differ, by their expression.

        Each is sure by itself after allowing for as many tests as there are answers (Bonferroni).
        """
        answers = self.a.finished.summary.answers
        return {
            answer.expression: self._by_date(answer, len(answers))
            for answer in answers
            if answer.by is not None and answer.function == "prob"
        }

    def _by_date(self, answer: AnswerPart, tests: int) -> Difference:
        assert answer.by is not None
        header = self.a.ensemble.header
        outcome = next(outcome for outcome in header.outcomes if outcome.name == answer.outcome)
        a, b = (column < (answer.by - header.start).days + 1 for column in self._columns(answer.outcome))
        change = _difference(a, b)
        p = mcnemar(int(np.count_nonzero(b & ~a)), int(np.count_nonzero(a & ~b)))
        return Difference(
            outcome=outcome, statistic="probability", headline=True, n=len(a), difference=change,
            baseline=_share(a), other=_share(b), equal=bool((a == b).all()),
            p=p, p_adjusted=min(1.0, p * tests), tests=tests, sure=p * tests < 0.05 and change.excludes_zero,
        )  # fmt: skip

    def climbed(self) -> dict[str, list[Estimate]]:
        """Return the difference of the shares in which each actor reached each rung, or a higher one."""
        a, b = self._paths(_peaks)
        return {
            actor: [_difference(a[:, i] >= rung, b[:, i] >= rung) for rung in self.a.paths.rungs]
            for i, actor in enumerate(self.a.of.world.names.actors)
        }


def _answers_of(snapshot: Snapshot) -> Finished:
    finished = snapshot.finished
    header = finished.ensemble.header
    answers = tuple(outcome for outcome in header.outcomes if outcome.name in header.answered)
    ensemble = replace(finished.ensemble, header=replace(header, outcomes=answers))
    return replace(finished, ensemble=ensemble)


def _peaks(path: Path) -> npt.NDArray[np.int64]:
    """Return the highest rung of each actor in one replication, int64[actors], -1 for none."""
    return np.asarray((path.hits.any(axis=2) * np.arange(1, path.hits.shape[1] + 1)).max(axis=1) - 1)


def _means(changes: Array, unit: str) -> list[Estimate]:
    """Return the means of columns of differences, float64[n, k], as a summary gives them."""
    columns = [Outcome(f"{n}", "level", unit, "") for n in range(changes.shape[1])]
    return [part.mean or UNDEFINED for part in summarised(columns, np.ascontiguousarray(changes.T))]


def _difference(a: npt.NDArray[np.bool_], b: npt.NDArray[np.bool_]) -> Estimate:
    """Return the difference of two shares of the same replications with Tango's interval."""
    gained, lost, n = int(np.count_nonzero(b & ~a)), int(np.count_nonzero(a & ~b)), len(a)
    low, high = tango(gained, lost, n) if gained or lost else (0.0, 0.0)
    return Estimate(value=(gained - lost) / n if n else None, low=low, high=high, unit=SHARE)
