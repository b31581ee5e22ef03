"""The uncertain numbers of a scenario: what replications drew for them, and replications with them set.

For those who build on it: `uncertainties(world)` lists them in the order of the world's cells;
`quantities[k].at(0.95)` is the value that quantity k exceeds in 5% of replications; and `play_dialled` plays
replications with every quantity set by hand, anew for each: a parameter of a world is a number in its tables,
so that nothing is compiled or built again. To set one for a whole trial, give `Evaluator` a point with its
`path`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from escalation.clocks.choice import clock_for
from escalation.clocks.simpy_clock import interpreted
from escalation.ensemble.work import Job
from escalation.model.build import parameters
from escalation.model.draws import HALF, MASK32, UNCERTAIN, UNIFORM, quantile, uniform_pair
from escalation.model.handle import value_at
from escalation.model.world import Replication, World
from escalation.scenario.base import DISTRIBUTIONS, Number
from escalation.study.execution import Execution

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Seen = TypeVar("Seen")

ROWS = 250
"""Rows of settings that a thread plays with one set of dials."""
_LEAST = 1e-12


@dataclass(frozen=True)
class Uncertainty:
    """A number that each replication draws anew: its path, and what it is drawn from.

    `low` and `high` are what it is kept within: its allowed range.
    """

    path: str
    number: Number
    low: float
    high: float

    @property
    def distribution(self) -> str:
        """The distribution as the file writes it: `uniform [0.3, 0.9]`."""
        name = next(name for name in DISTRIBUTIONS if getattr(self.number, name))
        return f"{name} [{', '.join(f'{value:g}' for value in getattr(self.number, name))}]"

    def at(self, share: float) -> float:
        """Return the value below which it lies with probability `share`, in [0, 1]."""
        return float(min(self.high, max(self.low, self._at(share))))

    def _at(self, share: float) -> float:
        number, score = self.number, NormalDist().inv_cdf(min(1 - _LEAST, max(_LEAST, share)))
        kind, (a, b, c) = parameters(number)
        value = quantile(kind, a, b, c, share, score)
        return value if number.choice is None else number.choice[int(value)]


def uncertainties(world: World) -> tuple[Uncertainty, ...]:
    """Return the uncertain numbers of a world's scenario, in the order of its cells."""
    return tuple(Uncertainty(*cell) for cell in world.cells)


def drawn_values(world: World, seed: int, replications: Ints) -> Array:
    """Return what replications drew for all uncertain numbers, float64[n, cells], without playing them.

    A draw depends on the seed, the replication's number and the number's path alone.
    """
    tables = interpreted(world.tables)
    stream = [seed & MASK32, seed >> HALF, replications.astype(np.uint64)]
    values = np.empty((len(replications), len(world.cells)))
    for n in range(len(world.cells)):
        first, second = uniform_pair(stream, UNCERTAIN, 0, tables.cell[n].key)  # type: ignore[arg-type]  # arrays
        pairs = zip(np.asarray(first).tolist(), np.asarray(second).tolist(), strict=True)
        values[:, n] = [value_at(tables, n, *pair) for pair in pairs]
    return values


class Dials:
    """A world of its own whose uncertain numbers are set by hand before each replication.

    One thread may play it at a time: each thread needs its own.
    """

    def __init__(self, world: World):
        self._cells = world.tables.cell.copy()
        self._cells["kind"] = UNIFORM
        self.world = replace(world, tables=replace(world.tables, cell=self._cells))

    def set(self, values: Sequence[float] | Array) -> None:
        """Set all uncertain numbers, in the order of the cells: from here on every draw gives these."""
        # a uniform distribution without width is its only value, whatever is drawn
        self._cells["a"] = self._cells["b"] = values


def play_dialled(
    world: World,
    seed: int,
    settings: Array,
    replications: Ints,
    look: Callable[[Replication], Seen],
    execution: Execution,
) -> list[Seen]:
    """Return what `look` takes from replication `replications[n]` with all uncertain numbers set, for each n.

    They are `settings[n]`, float64[n, cells], in the order of the world's cells. A failed replication is one
    of the status FAILED.
    """
    name, simulate = clock_for(world, execution.clock, len(settings))

    def play(dialled: World, replication: int) -> Seen:
        return look(Job(dialled, seed, "none", simulate).replication(replication))

    return map_dialled(play, world, settings, replications, execution, name == "compiled")


def map_dialled(
    play: Callable[[World, int], Seen],
    world: World,
    settings: Array,
    replications: Ints,
    execution: Execution,
    compiled: bool,
) -> list[Seen]:
    """Return what `play` makes of a world and replication `replications[n]`, with `settings[n]`, for each n.

    Progress is counted; on KeyboardInterrupt it gives up. On the compiled clock threads share the rows.
    """

    def rows_from(first: int) -> list[Seen]:
        dials, seen = Dials(world), []
        for n in range(first, min(first + ROWS, len(settings))):
            # the SimPy clock reads a world once
            dials = dials if compiled else Dials(world)
            dials.set(settings[n])
            seen.append(play(dials.world, int(replications[n])))
        return seen

    starts = range(0, len(settings), ROWS)
    if not compiled:
        return [row for first in starts for row in _counted(rows_from(first), execution)]
    execution.compile_rules()
    with ThreadPoolExecutor(execution.workers) as pool:
        futures = [pool.submit(rows_from, first) for first in starts]
        try:
            return [row for future in futures for row in _counted(future.result(), execution)]
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _counted(rows: list[Seen], execution: Execution) -> list[Seen]:
    if execution.on_progress:
        execution.on_progress(len(rows))
    return rows
