"""Who answers whom, summed over replications by batch: what the flywheel is estimated from.

Acts are typed by their directed dyad. An act counts when it is hostile and neither words nor a threat, and
happens at or after the takeover: before it nothing could answer. Parents are followed for a window of days,
and only those whose whole window lies before the end of their replication are followed at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from escalation.model.world import FAILED, SHOCK, TRUNCATED, Replication, World
from escalation.study.flywheel.model import SOURCES
from escalation.study.flywheel.plan import Plan
from escalation.study.flywheel.sums import SparseSums, Sums, Total, Ways, binned, exact, gathered

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SINCE, BEFORE, FROM_SHOCK, OTHER, UNKNOWN = range(len(SOURCES))


class ActLog(NamedTuple):
    """The rows of some replications, one after another.

    `row_of` is the replication of a row (0 for the first), `end` when that ended. `parent` is the row's dyad
    where it counts, the number of dyads for a shock since the takeover, else -1. `counted` is true for acts
    that count, and `known` is the part of such an act of which it is known what it answers. `source` is what
    an answer to the row answers. `child`, `cause` (rows) and `share` (exact) are the links from acts that
    count to what they answer.
    """

    row_of: Ints
    time: Array
    end: Array
    parent: Ints
    counted: Mask
    known: Array
    source: Ints
    instrument: Ints
    severity: Array
    package: Ints
    child: Ints
    cause: Ints
    share: Array


def joined(world: World, replications: Sequence[Replication]) -> ActLog:
    """Return the logs of some replications as one; a truncated one ends with its last row."""
    tables, rows = world.tables, [len(done.acts["time"]) for done in replications]
    acts = {name: _below([done.acts[name] for done in replications], kind) for name, kind in ACTS.items()}
    row_of = np.repeat(np.arange(len(rows)), rows)
    time, shock = acts["time"], acts["origin"] == SHOCK
    instrument = np.where(shock, 0, acts["instrument"])
    since, hostile = time >= tables.takeover, ~shock & (tables.instrument["counted"][instrument] == 1)
    dyad = np.where(hostile, acts["actor"] * tables.actors + acts["target"], tables.actors**2)
    counted = hostile & since
    child, cause, share = _links(replications, rows, counted)
    ends = np.array([_end(world, done) for done in replications], np.float64)
    return ActLog(
        row_of=row_of,
        time=time,
        end=ends[row_of],
        parent=np.where((hostile | shock) & since, dyad, -1),
        counted=counted,
        known=binned(child, share, len(time)),
        source=np.where(hostile, np.where(since, SINCE, BEFORE), np.where(shock, FROM_SHOCK, OTHER)),
        instrument=instrument,
        severity=np.where(shock, 1.0, tables.instrument["severity"][instrument]),
        package=acts["package"],
        child=child,
        cause=cause,
        share=exact(share),
    )


ACTS = {
    "time": np.float64, "origin": np.int64, "actor": np.int64, "target": np.int64, "instrument": np.int64,
    "package": np.int64,
}  # fmt: skip


def _links(
    replications: Sequence[Replication], rows: Sequence[int], counted: Mask
) -> tuple[Ints, Ints, Array]:
    """Return the links from acts that count: child, cause and share."""
    parts, first = [], 0
    for done, length in zip(replications, rows, strict=True):
        links = done.causes
        here = np.flatnonzero(counted[first : first + length][links["act"]])
        parts.append((links["act"][here] + first, links["cause"][here] + first, links["share"][here]))
        first += length
    child, cause, share = zip(*parts, strict=True) if parts else ((), (), ())
    return _below(child, np.int64), _below(cause, np.int64), _below(share, np.float64)


def _below(columns: Sequence[npt.NDArray[Any]], kind: type) -> npt.NDArray[Any]:
    return np.concatenate([np.empty(0, kind), *columns])


def _end(world: World, done: Replication) -> float:
    if done.status != TRUNCATED:
        return float(world.tables.end)
    return float(done.acts["time"].max(initial=world.tables.takeover))


MOST_BATCHES = 1000
"""Batches of replications that are resampled, at most."""
MOST_IN_A_ROW = 32
"""Consecutive replications of one batch, at most: those of a run cut short are then about equal too."""


Number = TypeVar("Number", int, Ints)


def batch_of(replication: Number, asked: int) -> Number:
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
    batch = batch_of(np.arange(first, first + len(every)), asked)
    return _sums(world, every, batch, plan, np.unique(batch))


def nothing(world: World, plan: Plan) -> Total:
    """Return the sums over no replication: one batch of none."""
    return _sums(world, [], np.zeros(0, np.int64), plan, np.zeros(1, np.int64))


def _sums(world: World, replications: Sequence[Replication], batch: Ints, plan: Plan, numbers: Ints) -> Total:
    """Return the sums of replications whose batches are `batch`; `numbers` are all that there should be."""
    status = np.array([done.status for done in replications], np.int64)
    good = np.flatnonzero(status != FAILED)
    group = np.searchsorted(numbers, batch[good])
    log, n = joined(world, [replications[index] for index in good.tolist()]), len(numbers)
    followed = _followed(log, plan)
    tables = [table.parted(n, size) for table, size in _tables(world, log, plan, group, followed)]
    of_acts = log.counted[log.cause[followed.late]]
    sums = zip(
        np.bincount(group, minlength=n).tolist(),
        np.bincount(group[status[good] == TRUNCATED], minlength=n).tolist(),
        *tables,
        *(_late(log, group, followed.late[of], n) for of in (of_acts, ~of_acts)),
        *(by_batch.tolist() for by_batch in _closeness(world, log, group, n)),
        strict=True,
    )
    batches = {
        number: Sums(plan, world.tables.actors, *fields)
        for number, fields in zip(numbers.tolist(), sums, strict=True)
    }
    return Total(batches, _ways(world, log, followed))


def _late(log: ActLog, group: Ints, links: Ints, n: int) -> list[float]:
    return list(binned(group[log.row_of[log.child[links]]], log.share[links], n).tolist())


class Followed(NamedTuple):
    """Which rows are followed, and which links are answers to them: those in time, and the late ones."""

    rows: Ints
    soon: Ints
    late: Ints


def _followed(log: ActLog, plan: Plan) -> Followed:
    rows = (log.parent >= 0) & (log.time < log.end - plan.window)
    answers = np.flatnonzero(rows[log.cause])
    within = log.time[log.child[answers]] - log.time[log.cause[answers]] <= plan.window
    return Followed(np.flatnonzero(rows), answers[within], answers[~within])


def _tables(
    world: World, log: ActLog, plan: Plan, group: Ints, followed: Followed
) -> Iterator[tuple[SparseSums, int]]:
    """Yield the three tables of `Sums`, with the batch put before the key, and how many keys a batch has."""
    dyads, cells = world.tables.actors**2, len(plan.bounds) + 1
    batch = group[log.row_of]
    key = (batch * cells + np.searchsorted(plan.bounds, log.time, "right")) * (dyads + 1) + log.parent
    rows, soon = followed.rows, followed.soon
    yield gathered(key[rows], _weighed(np.ones(len(rows)), log.severity[rows])), cells * (dyads + 1)
    child, cause = log.child[soon], log.cause[soon]
    answers = _weighed(log.share[soon], log.severity[child])
    yield gathered(key[cause] * dyads + log.parent[child], answers), cells * (dyads + 1) * dyads
    yield _sources(log, batch, dyads), len(SOURCES) * dyads


def _sources(log: ActLog, batch: Ints, dyads: int) -> SparseSums:
    """Return the shares of counted acts by batch, source and dyad, and what is unknown of them."""
    acts = np.flatnonzero(log.counted)
    key, source = batch * (len(SOURCES) * dyads) + log.parent, log.source * dyads
    keys = np.concatenate([key[log.child] + source[log.cause], key[acts] + UNKNOWN * dyads])
    return gathered(keys, np.concatenate([log.share, exact(1.0 - log.known[acts])])[:, None])


def _weighed(values: Array, severity: Array) -> Array:
    return np.stack([values, exact(values * severity)], axis=1)


def _ways(world: World, log: ActLog, followed: Followed) -> Ways:
    instruments = len(world.names.instruments)
    types, kind = world.tables.actors**2 * instruments, log.parent * instruments + log.instrument
    rows = followed.rows[log.counted[followed.rows]]
    links = followed.soon[log.counted[log.cause[followed.soon]]]
    return Ways(
        gathered(kind[rows], np.ones((len(rows), 1))),
        gathered(kind[log.cause[links]] * types + kind[log.child[links]], log.share[links, None]),
    )


CLOSE = 30.0
"""Days within which two acts make a pair, about."""
MOST_BINS = 1000


class Grid:
    """Time since the takeover in bins of whole days; a pair is at most `reach` bins apart."""

    def __init__(self, world: World):
        days: int = math.ceil(world.tables.end - world.tables.takeover)
        self.first = float(world.tables.takeover)
        self.width = max(1, math.ceil(days / MOST_BINS))
        self.bins = max(1, math.ceil(days / self.width))
        self.reach = min(self.bins - 1, max(1, round(CLOSE / self.width)))

    @property
    def days(self) -> float:
        """Days within which two acts make a pair."""
        return float(self.reach * self.width)

    @property
    def near(self) -> float:
        """The part of all pairs of bins that are close, a bin and itself included."""
        apart = range(1, self.reach + 1)
        return (self.bins + 2 * sum(self.bins - n for n in apart)) / self.bins**2

    def of(self, time: Array) -> Ints:
        """Return the bins of times at or after the takeover, int64[n]."""
        return np.asarray((time - self.first) // self.width, np.int64).clip(0, self.bins - 1)


def _closeness(world: World, log: ActLog, group: Ints, n: int) -> tuple[Ints, Array, Ints, Array]:
    """Return by batch how many acts count, their parts that answer none, and the close pairs of either.

    Acts of one package are one deliberation's and make no pair.
    """
    acts, grid = np.flatnonzero(log.counted), Grid(world)
    inside = binned(log.child, log.share * log.counted[log.cause], len(log.time))[acts]
    weights = np.ones(len(acts)), 1.0 - inside
    count, outside = (binned(group[log.row_of[acts]], weight, n) for weight in weights)
    pairs, pairs_outside = (
        binned(group, _pairs(grid, log, acts, weight, len(group)), n) for weight in weights
    )
    return count.astype(np.int64), outside, pairs.astype(np.int64), pairs_outside


def _pairs(grid: Grid, log: ActLog, acts: Ints, weights: Array, replications: int) -> Array:
    """Return by replication the sum of products of weights over close pairs, float64[replications]."""
    bins = log.row_of[acts] * (grid.bins + grid.reach) + grid.of(log.time[acts])
    order = np.argsort(bins, kind="stable")
    bins, ordered, of = bins[order], weights[order], log.row_of[acts][order]
    sums = np.concatenate([[0.0], np.cumsum(ordered)])  # exact, and so the same after any other replications
    after = sums[np.searchsorted(bins, bins + grid.reach, "right")] - sums[1:]
    close = binned(of, ordered * after, replications)
    within = np.flatnonzero(log.package[acts] >= 0)
    packages, part = int(log.package.max(initial=0)) + 1, weights[within]
    keys, number = np.unique(
        log.row_of[acts[within]] * packages + log.package[acts[within]], return_inverse=True
    )
    whole, squares = (binned(number, values, len(keys)) for values in (part, np.square(part)))
    return exact(close - binned(keys // packages, (np.square(whole) - squares) / 2, replications))
