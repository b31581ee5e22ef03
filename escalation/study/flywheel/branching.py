"""Who answers whom, summed over replications by batch: what the flywheel is estimated from.

Acts are typed by their directed dyad. Parents are followed for a window of days, and only those whose whole
window lies before the end of their replication are followed at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.world import FAILED, TRUNCATED, Replication, World
from escalation.study.flywheel.cells import Cells, binned, exact, gathered
from escalation.study.flywheel.log import SOURCES, UNKNOWN, Log, joined
from escalation.study.flywheel.pairs import days_of, pairs_of
from escalation.study.flywheel.plan import Plan
from escalation.study.flywheel.sums import Sums, Total, Ways

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_BATCHES = 1000
"""Batches of replications that are resampled, at most."""
MOST_IN_A_ROW = 32
"""Consecutive replications of one batch, at most: those of a run cut short are then about equal too."""


def batch_of(replication: int, asked: int) -> int:
    """Return the batch, below 1,000, of one of `asked` replications: these two numbers alone decide it."""
    in_a_row = min(-(-asked // MOST_BATCHES), MOST_IN_A_ROW)
    return replication // in_a_row % MOST_BATCHES


def sums_by_batch(
    world: World, first: int, replications: Iterable[Replication], asked: int, plan: Plan
) -> Total:
    """Return the sums by batch over consecutive replications, of which the first has the number `first`.

    Failed replications are left out. A batch may lie in several such chunks: `Total.add` puts them together.
    """
    every = list(replications)
    batch = np.array([batch_of(number, asked) for number in range(first, first + len(every))], np.int64)
    return _sums(world, every, batch, plan)


def batch_sums(world: World, replications: Iterable[Replication], plan: Plan) -> Sums:
    """Return the sums over some replications of a world; failed ones are left out."""
    every = list(replications)
    return _sums(world, every, np.zeros(len(every), np.int64), plan, np.zeros(1, np.int64))[0]


def nothing(world: World, plan: Plan) -> Total:
    """Return the sums over no replication: one batch of none."""
    return _sums(world, [], np.zeros(0, np.int64), plan, np.zeros(1, np.int64))


def _sums(
    world: World, replications: Sequence[Replication], batch: Ints, plan: Plan, numbers: Ints | None = None
) -> Total:
    """Return the sums of replications whose batches are `batch`; `numbers` are all that there should be."""
    numbers = np.unique(batch) if numbers is None else numbers
    status = np.array([one.status for one in replications], np.int64)
    good = np.flatnonzero(status != FAILED)
    group = np.searchsorted(numbers, batch[good])
    log, n = joined(world, [replications[place] for place in good.tolist()]), len(numbers)
    followed = _followed(log, plan)
    tables = [table.parted(n, size) for table, size in _tables(world, log, plan, group, followed)]
    sums = zip(
        np.bincount(group, minlength=n).tolist(),
        np.bincount(group[status[good] == TRUNCATED], minlength=n).tolist(),
        *tables,
        binned(group[log.row_of[log.child[followed.late]]], log.share[followed.late], n).tolist(),
        np.bincount(group, pairs_of(world, log, len(good)), n).astype(np.int64).tolist(),
        strict=True,
    )
    batches = {
        number: Sums(plan, world.tables.actors, *one)
        for number, one in zip(numbers.tolist(), sums, strict=True)
    }
    return Total(batches, _ways(world, log, followed))


class Followed(NamedTuple):
    """Which rows are followed, and which links are answers to them: those in time, and the late ones."""

    rows: Ints
    soon: Ints
    late: Ints


def _followed(log: Log, plan: Plan) -> Followed:
    rows = (log.parent >= 0) & (log.time < log.end - plan.window)
    answers = np.flatnonzero(rows[log.cause])
    within = log.time[log.child[answers]] - log.time[log.cause[answers]] <= plan.window
    return Followed(np.flatnonzero(rows), answers[within], answers[~within])


def _tables(
    world: World, log: Log, plan: Plan, group: Ints, followed: Followed
) -> Iterator[tuple[Cells, int]]:
    """Yield the four tables of `Sums`, with the batch put before the key, and how many keys a batch has."""
    dyads, cells = world.tables.actors**2, len(plan.bounds) + 1
    batch = group[log.row_of]
    key = (batch * cells + np.searchsorted(plan.bounds, log.time, "right")) * (dyads + 1) + log.parent
    rows, soon = followed.rows, followed.soon
    yield gathered(key[rows], _weighed(np.ones(len(rows)), log.severity[rows])), cells * (dyads + 1)
    child, cause = log.child[soon], log.cause[soon]
    answers = _weighed(log.share[soon], log.severity[child])
    yield gathered(key[cause] * dyads + log.parent[child], answers), cells * (dyads + 1) * dyads
    yield _sources(log, batch, dyads), len(SOURCES) * dyads
    yield days_of(world, log, batch)


def _sources(log: Log, batch: Ints, dyads: int) -> Cells:
    """Return the shares of counted acts by batch, source and dyad, and what is unknown of them."""
    acts = np.flatnonzero(log.counted)
    place, source = batch * (len(SOURCES) * dyads) + log.parent, log.source * dyads
    keys = np.concatenate([place[log.child] + source[log.cause], place[acts] + UNKNOWN * dyads])
    return gathered(keys, np.concatenate([log.share, exact(1.0 - log.known[acts])])[:, None])


def _weighed(values: Array, severity: Array) -> Array:
    return np.stack([values, exact(values * severity)], axis=1)


def _ways(world: World, log: Log, followed: Followed) -> Ways:
    instruments = len(world.names.instruments)
    types, kind = world.tables.actors**2 * instruments, log.parent * instruments + log.instrument
    rows = followed.rows[log.counted[followed.rows]]
    links = followed.soon[log.counted[log.cause[followed.soon]]]
    return Ways(
        gathered(kind[rows], np.ones((len(rows), 1))),
        gathered(kind[log.cause[links]] * types + kind[log.child[links]], log.share[links, None]),
    )


__all__ = ["Plan", "Sums", "Total", "Ways", "batch_of", "batch_sums", "nothing", "sums_by_batch"]
