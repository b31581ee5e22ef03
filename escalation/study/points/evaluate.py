"""Many variants of a scenario, each played the same number of times in the same worlds, as fast as it can be.

For those who build on it (sweep, sensitivity, tune):

    variants = Variants("belarus_2020", sets=())
    expressions = [parse("prob(concession.belarus)", variants.names), parse("R")]
    with Evaluator(variants, expressions, seed=1, execution=Execution(workers=2)) as evaluator:
        sample = evaluator({"actors.eu.policy.reciprocity": 0.8}, replications=1000)
        sample.estimates[0].value, sample.estimates[0].low, sample.columns["concession.belarus"]

Replication r of one point and replication r of another share their chance, so that differences between
samples are known far better than the samples themselves: pair `sample.columns`. `first` moves on to fresh
replications. A sample of one point alone gives the numbers that `escalation run` gives with the same
`--set`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.clocks import compiled_clock
from escalation.clocks.choice import clock_for
from escalation.ensemble.engine import open_engine
from escalation.ensemble.executors import processes
from escalation.ensemble.result import Reducer
from escalation.ensemble.work import Job, Task
from escalation.model.world import FAILED, TRUNCATED, World
from escalation.scenario.expression import Expression
from escalation.study.execution import Execution
from escalation.study.flywheel.gather import FlywheelReducer
from escalation.study.flywheel.log import MOST_BATCHES, MOST_IN_A_ROW
from escalation.study.flywheel.model import Flywheel
from escalation.study.flywheel.plan import Plan, plan_for
from escalation.study.objective import estimate
from escalation.study.points.levers import Point
from escalation.study.points.uncertain import Ints, map_dialled
from escalation.study.points.variants import Variants
from escalation.study.values import Estimate

Array = npt.NDArray[np.float64]

SLICE = 20
"""Replications that a thread plays before it looks for more."""
BATCHES = 50
"""Batches, about, that are resampled for the interval of R: a fifth of the cost of up to 1,000."""


@dataclass(frozen=True)
class Sample:
    """The replications of one point.

    `estimates` stand in the order of the evaluator's expressions, `columns` hold their outcomes, float64[n],
    NaN where a replication failed, `statuses` (int8[n]) say which.
    """

    estimates: tuple[Estimate, ...]
    columns: Mapping[str, Array]
    statuses: npt.NDArray[np.int8]
    flywheel: Flywheel | None

    @property
    def failed(self) -> int:
        """How many replications failed; they are in no estimate."""
        return int((self.statuses == FAILED).sum())

    @property
    def truncated(self) -> int:
        """How many replications hit a limit of acts or events."""
        return int((self.statuses == TRUNCATED).sum())


class Piece(NamedTuple):
    """Consecutive replications: their outcomes float64[n, k], statuses int8[n], and the reducer's part."""

    first: int
    outcomes: Array
    statuses: npt.NDArray[np.int8]
    reduced: Any


class Evaluator:
    """Plays points; a context manager, because it keeps threads.

    `planned` is how many replications there will be in all, by which the clock `auto` decides whether
    compiling pays. Raises InputError or EnvironmentFault for an engine that cannot be used.
    """

    def __init__(
        self,
        variants: Variants,
        expressions: Sequence[Expression],
        seed: int = 1,
        execution: Execution | None = None,
        planned: int = 10_000,
    ):
        self.variants = variants
        self.expressions = tuple(expressions)
        self.outcomes = tuple(
            dict.fromkeys(name for expression in self.expressions for name in expression.outcomes)
        )
        self.seed = seed
        self._execution = execution or Execution()
        self._planned = planned
        self._cluster = open_engine(self._execution.engine)
        self._needs_flywheel = any(expression.needs_flywheel for expression in self.expressions)
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Evaluator:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def __call__(self, point: Point, replications: int, first: int = 0) -> Sample:
        """Return `replications` replications at `point`, numbered from `first`.

        Raises ScenarioError for a point that the scenario does not allow. On KeyboardInterrupt it gives up.
        """
        return self.play(self.variants.world(point), replications, first)

    def play(self, world: World, replications: int, first: int = 0) -> Sample:
        """Return the same for a world that is compiled already."""
        task, columns = Task(first, replications), self._columns(world)
        in_a_row = min(MOST_IN_A_ROW, max(1, replications // BATCHES))
        reducer = reducer_of_R(world, in_a_row * MOST_BATCHES) if self._needs_flywheel else None
        pieces = sorted(self.pieces(world, task, reducer, columns), key=lambda piece: piece.first)
        if reducer is None:
            return self._sample(pieces, None)
        total = reduce(reducer.add, (piece.reduced for piece in pieces), None)
        return self._sample(pieces, reducer.flywheel(world, total))

    def dialled(self, world: World, settings: Array, replications: Ints) -> Sample:
        """Return a sample of which row n is replication `replications[n]` with all uncertain numbers set.

        They are `settings[n]`, float64[n, cells], in the order of `uncertainties`. R cannot be had this way.
        """
        if self._needs_flywheel:
            raise ValueError("the flywheel needs replications of one world")
        compiled = self._clock(world)[0] == "compiled"
        play = partial(_row, self.seed, self._columns(world), compiled)
        silent = replace(self._execution, on_progress=None)
        rows = map_dialled(play, world, settings, replications, silent, compiled)
        return self._sample([_piece(0, rows)], None)

    def _sample(self, pieces: Sequence[Piece], flywheel: Flywheel | None) -> Sample:
        outcomes = np.concatenate([piece.outcomes for piece in pieces])
        statuses = np.concatenate([piece.statuses for piece in pieces])
        columns = {name: outcomes[:, n] for n, name in enumerate(self.outcomes)}
        good = {name: values[statuses != FAILED] for name, values in columns.items()}
        estimates = tuple(estimate(expression, good, flywheel) for expression in self.expressions)
        return Sample(estimates, columns, statuses, flywheel)

    def _clock(self, world: World) -> tuple[str, Any]:
        return clock_for(world, self._execution.clock, self._planned)

    def _columns(self, world: World) -> list[int]:
        """Return the columns of the outcomes in the row of a world."""
        names = [outcome.name for outcome in world.outcomes]
        return [names.index(name) for name in self.outcomes]

    def pieces(
        self, world: World, task: Task, reducer: Reducer | None, columns: Sequence[int]
    ) -> Iterator[Piece]:
        """Return the replications of a task as they are finished, with the outcomes at `columns` of the row.

        Whoever stops iterating stops what is not begun.
        """
        name, simulate = self._clock(world)
        end = task.first + task.count
        tasks = [Task(first, min(SLICE, end - first)) for first in range(task.first, end, SLICE)]
        if name != "compiled" or self._cluster is not None:
            return self._executed(Job(world, self.seed, "none", simulate, reducer), columns, tasks)
        self._execution.compile_rules()
        return self._threads(partial(_played, world, self.seed, columns, reducer), tasks)

    def _threads(self, play: Callable[[Task], Piece], tasks: Sequence[Task]) -> Iterator[Piece]:
        """Yield pieces played on the compiled clock in threads of this process."""
        self._pool = self._pool or ThreadPoolExecutor(self._execution.workers)
        futures = [self._pool.submit(play, task) for task in tasks]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()

    def _executed(self, job: Job, columns: Sequence[int], tasks: Sequence[Task]) -> Iterator[Piece]:
        """Yield pieces played by an executor: on another clock, or on a cluster."""
        executor = self._cluster or processes(min(self._execution.workers, len(tasks)))
        with closing(executor.run(job, tasks)) as chunks:
            for chunk in chunks:
                yield Piece(chunk.first, chunk.outcomes[:, columns], chunk.statuses, chunk.part)


def reducer_of_R(world: World, replications: int) -> FlywheelReducer:
    """Return what sums up R of no span but the whole, in the batches of a run of so many replications."""
    plan = plan_for(world)
    return FlywheelReducer(replications, Plan(plan.window, cut=plan.cut))


def _played(world: World, seed: int, columns: Sequence[int], reducer: Reducer | None, task: Task) -> Piece:
    """Play replications; their acts are copied only where a flywheel is summed up from them."""
    if reducer is None:
        numbers = range(task.first, task.first + task.count)
        return _piece(task.first, [_row(seed, columns, True, world, number) for number in numbers])
    chunk = Job(world, seed, "none", compiled_clock.simulate, reducer).do(task)
    return Piece(task.first, chunk.outcomes[:, columns], chunk.statuses, chunk.part)


def _row(
    seed: int, columns: Sequence[int], compiled: bool, world: World, replication: int
) -> tuple[Array, int]:
    """Play one replication; return its outcomes at `columns`, and its status. Its acts are not copied."""
    if not compiled:
        done = Job(world, seed).replication(replication)
        return done.outcomes[columns], done.status
    try:
        state = compiled_clock.play(world, seed, replication).state
    except Exception:  # noqa: BLE001 - a failed replication is counted, whatever the error
        return np.full(len(columns), np.nan), FAILED
    return np.asarray(state.row, np.float64)[columns], int(state.tally.status)


def _piece(first: int, rows: Sequence[tuple[Array, int]]) -> Piece:
    outcomes, statuses = zip(*rows, strict=True)
    return Piece(first, np.array(outcomes), np.array(statuses, np.int8), None)
