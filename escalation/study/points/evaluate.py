"""Many variants of a scenario, each played the same number of times in the same worlds, as fast as it can be.

For those who build on it (sweep, sensitivity, tune):

    variants = Variants.of("belarus_2020", sets=())
    expressions = [parse("prob(concession.belarus)", variants.names), parse("R")]
    with Evaluator(variants, expressions, seed=1, workers=2) as evaluator:
        trial = evaluator({"actors.eu.policy.reciprocity": 0.8}, replications=1000)
        trial.estimates[0].value, trial.estimates[0].low, trial.columns["concession.belarus"]

Replication r of one point and replication r of another share their chance, so that differences between trials
are known far better than the trials themselves: pair `trial.columns`. `first` moves on to fresh replications.
A trial of one point alone gives the numbers that `escalation run` gives with the same `--set`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.clocks.choice import clock_for
from escalation.ensemble.engine import open_engine
from escalation.ensemble.executors import Job, Task
from escalation.ensemble.run import executor_for
from escalation.model.world import FAILED, TRUNCATED, World
from escalation.scenario.expression import Expression
from escalation.study.flywheel.gather import FlywheelReducer
from escalation.study.flywheel.wheel import Flywheel
from escalation.study.objective import estimate
from escalation.study.points.levers import Point
from escalation.study.points.playing import Part, dialled, flywheel_of, lean_reducer, place_of, played, sliced
from escalation.study.points.variants import Variants
from escalation.study.values import Estimate

Array = npt.NDArray[np.float64]

SLICE = 20
"""Replications that a thread plays before it looks for more."""
DIALLED = 500
"""Rows of settings that a thread plays with one set of dials."""
COMPILING = "Compiling the rules once for this machine; this takes about half a minute."


@dataclass(frozen=True)
class Trial:
    """What came out at one point.

    `estimates` stand in the order of the evaluator's expressions, `columns` hold their outcomes, float64[n],
    NaN where a replication failed, `statuses` (int8[n]) say which. `first` is the number of the first
    replication, `seconds` how long it took.
    """

    point: Point
    estimates: tuple[Estimate, ...]
    columns: Mapping[str, Array]
    statuses: npt.NDArray[np.int8]
    flywheel: Flywheel | None
    first: int
    seconds: float

    @property
    def failed(self) -> int:
        """How many replications failed; they are in no estimate."""
        return int((self.statuses == FAILED).sum())

    @property
    def truncated(self) -> int:
        """How many replications hit a limit of acts or events."""
        return int((self.statuses == TRUNCATED).sum())


class Evaluator:
    """Plays points; a context manager, because it keeps threads.

    `planned` is how many replications there will be in all, by which `clock` `auto` decides whether compiling
    pays; `say` is told when it compiles. Raises InputError or EnvironmentFault for a clock or an engine that
    is no good.
    """

    def __init__(
        self,
        variants: Variants,
        expressions: Sequence[Expression],
        seed: int = 1,
        workers: int = 1,
        clock: str = "auto",
        engine: str = "local",
        planned: int = 10_000,
        say: Callable[[str], Any] | None = None,
    ):
        self.variants = variants
        self.expressions = tuple(expressions)
        self.outcomes = tuple(dict.fromkeys(name for one in self.expressions for name in one.outcomes))
        self.seed = seed
        self._workers = workers
        self._clock, self._planned, self._say = clock, planned, say
        self._cluster = open_engine(engine)
        self._needs_flywheel = any(one.needs_flywheel for one in self.expressions)
        self._pool: ThreadPoolExecutor | None = None
        self._prepared = False

    def __enter__(self) -> Evaluator:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def __call__(self, point: Point, replications: int, first: int = 0) -> Trial:
        """Return what comes of `replications` replications at `point`, numbered from `first`.

        Raises ScenarioError for a point that the scenario does not allow. On KeyboardInterrupt it gives up.
        """
        return self.play(self.variants.world(point), replications, first, point)

    def play(self, world: World, replications: int, first: int = 0, point: Point | None = None) -> Trial:
        """Return the same for a world that is compiled already."""
        began = time.perf_counter()
        reducer = lean_reducer(world, replications) if self._needs_flywheel else None
        places = [place_of(world, name) for name in self.outcomes]
        playing = self._parts(world, places, Task(first, replications), reducer)
        parts = sorted(playing, key=lambda part: part.first)
        flywheel = flywheel_of(world, reducer, parts) if reducer else None
        return self._trial(parts, point or {}, flywheel, first, began)

    def _trial(
        self, parts: Sequence[Part], point: Point, flywheel: Flywheel | None, first: int, began: float
    ) -> Trial:
        outcomes = np.concatenate([part.outcomes for part in parts])
        statuses = np.concatenate([part.statuses for part in parts])
        columns = {name: outcomes[:, n] for n, name in enumerate(self.outcomes)}
        good = {name: values[statuses != FAILED] for name, values in columns.items()}
        found = tuple(estimate(one, good, flywheel) for one in self.expressions)
        return Trial(point, found, columns, statuses, flywheel, first, time.perf_counter() - began)

    def dialled(self, world: World, settings: Array, replications: npt.NDArray[np.int64]) -> Trial:
        """Return a trial of which row n is replication `replications[n]` with all uncertain numbers given.

        They are `settings[n]`, float64[n, cells], in the order of `uncertainties`. R cannot be had this way.
        """
        if self._needs_flywheel:
            raise ValueError("the flywheel needs replications of one world")
        began = time.perf_counter()
        places = [place_of(world, name) for name in self.outcomes]
        compiled = clock_for(world, self._clock, self._planned)[0] == "compiled"
        if compiled:
            self._prepare(world)
        rows = [range(n, min(n + DIALLED, len(settings))) for n in range(0, len(settings), DIALLED)]
        play = partial(dialled, world, self.seed, places, settings, replications, compiled)
        parts = list(self._threads(play, rows)) if compiled else [play(one) for one in rows]
        return self._trial(parts, {}, None, 0, began)

    def _parts(
        self, world: World, places: list[int], task: Task, reducer: FlywheelReducer | None
    ) -> Iterator[Part]:
        name, simulate = clock_for(world, self._clock, self._planned)
        if name == "compiled" and self._cluster is None:
            return self._threaded(world, places, task, reducer)
        return self._executed(Job(world, simulate, self.seed, "none", reducer), places, task)

    def _threaded(
        self, world: World, places: list[int], task: Task, reducer: FlywheelReducer | None
    ) -> Iterator[Part]:
        """Yield the parts of a task, played on the compiled clock in threads of this process."""
        self._prepare(world)
        return self._threads(partial(played, world, self.seed, places, reducer), list(sliced(task, SLICE)))

    def _threads(self, play: Callable[[Any], Part], pieces: Sequence[Any]) -> Iterator[Part]:
        self._pool = self._pool or ThreadPoolExecutor(self._workers)
        under_way: list[Future[Part]] = [self._pool.submit(play, piece) for piece in pieces]
        try:
            for future in under_way:
                yield future.result()
        finally:
            for future in under_way:
                future.cancel()

    def _prepare(self, world: World) -> None:
        if self._prepared:
            return
        from escalation.clocks.compiled_clock import prepare  # noqa: PLC0415  # Numba is slow to import

        prepare(world, lambda: self._say(COMPILING) if self._say else None)
        self._prepared = True

    def _executed(self, job: Job, places: list[int], task: Task) -> Iterator[Part]:
        """Yield the parts of a task, played by an executor: on another clock, or on a cluster."""
        tasks = list(sliced(task, SLICE))
        executor = self._cluster or executor_for(self._workers, len(tasks))
        with closing(executor.run(job, tasks)) as chunks:
            for chunk in chunks:
                yield Part(chunk.first, chunk.outcomes[:, places], chunk.statuses, chunk.part)


__all__ = ["Evaluator", "Trial"]
