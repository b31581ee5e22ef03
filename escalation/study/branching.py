"""Who answers whom, summed over replications: what the flywheel is estimated from.

An act counts when it is hostile and neither words nor a threat, and happens at or after the takeover: before
it nothing could answer. Its type is its directed dyad. Parents are followed for a window of days, and only
those whose whole window lies before the end of their replication are followed at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.world import FAILED, SHOCK, TRUNCATED, Replication, World

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

SOURCES = ("acts", "history", "shocks", "other", "unknown")
"""What an act can answer: counted acts, hostile acts before the takeover, shocks, the rest (words, threats,
concessions), nothing known."""
SINCE, BEFORE, FROM_SHOCK, OTHER, UNKNOWN = range(len(SOURCES))

MOST_BATCHES = 1000
"""Batches of replications that are resampled, at most."""
MOST_IN_A_ROW = 32
"""Consecutive replications of one batch, at most: those of a run cut short are then about equal too."""
EXACT = float(2**20)
"""Shares are rounded to 1 / EXACT, so that their sums are exact and their order cannot matter."""


class Span(NamedTuple):
    """A stretch of time [first, last), in days from the scenario's start."""

    label: str
    first: float
    last: float


class Plan(NamedTuple):
    """What is fixed before a run: the window in days, and stretches of time that are also looked at alone.

    The spans must not overlap; a parent belongs to the span that it happens in. `cut` is true when the run is
    too short for a window as long as the actors may take to answer.
    """

    window: float
    spans: tuple[Span, ...] = ()
    cut: bool = False


class Cells(NamedTuple):
    """A sparse table: `keys` int64[m], ascending and distinct, and `values` float64[m, 2].

    The first value counts, the second weights each act with its severity.
    """

    keys: Ints
    values: Array

    def merged(self, other: Cells) -> Cells:
        """Return the sum of two tables."""
        return gathered(np.concatenate([self.keys, other.keys]), np.concatenate([self.values, other.values]))

    def at(self, keys: Ints) -> Array:
        """Return the values at `keys`, float64[len(keys), 2]; 0 where the table has none."""
        if not len(self.keys):
            return np.zeros((len(keys), 2))
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where((self.keys[place] == keys)[:, None], self.values[place], 0.0)


@dataclass(frozen=True)
class Sums:
    """Sums over some replications (`truncated` of them cut off); in any order they add to the same bits.

    A dyad is `sender * actors + target`; as a parent, `dyads` itself stands for a shock. Span 0 is all the
    time, span n the plan's n-th. Keys: of `parents` (how many) `span * (dyads + 1) + parent`, of `answers`
    (shares) `(span * (dyads + 1) + parent) * dyads + child`, of `sources` (shares, of all counted acts)
    `source * dyads + child`. `late` sums the shares of answers to the same parents that came after the
    window, yet before the end.
    """

    plan: Plan
    actors: int
    replications: int
    truncated: int
    parents: Cells
    answers: Cells
    sources: Cells
    late: float

    @property
    def dyads(self) -> int:
        """How many dyads there are."""
        return self.actors**2

    def __add__(self, other: Sums) -> Sums:
        if (self.plan, self.actors) != (other.plan, other.actors):
            raise ValueError("sums of different plans cannot be added")
        return Sums(
            self.plan,
            self.actors,
            self.replications + other.replications,
            self.truncated + other.truncated,
            self.parents.merged(other.parents),
            self.answers.merged(other.answers),
            self.sources.merged(other.sources),
            self.late + other.late,
        )


class Log(NamedTuple):
    """The rows of some replications, one after another.

    `parent` is the row's dyad where it counts, `dyads` for a shock since the takeover, else -1; `source` is
    what an answer to the row answers; `end` is when its replication ended. `child`, `cause` (rows) and
    `share` are the links between them.
    """

    time: Array
    end: Array
    parent: Ints
    source: Ints
    severity: Array
    child: Ints
    cause: Ints
    share: Array


def gathered(keys: Ints, values: Array) -> Cells:
    """Return the sums of `values` (float64[n, 2]) by key."""
    distinct, place = np.unique(keys, return_inverse=True)
    sums = [np.bincount(place, values[:, n], len(distinct)) for n in range(values.shape[1])]
    return Cells(distinct, np.stack(sums, axis=1))


def batch_sums(world: World, replications: Iterable[Replication], plan: Plan) -> Sums:
    """Return the sums over some replications of a world; failed ones are left out."""
    good = [one for one in replications if one.status != FAILED]
    log, dyads = joined(world, good), world.tables.actors**2
    span = _span_of(plan, log.time)
    ripe = (log.parent >= 0) & (log.time < log.end - plan.window)
    counted = (log.parent[log.child] >= 0) & (log.parent[log.child] < dyads)
    lag = log.time[log.child] - log.time[log.cause]
    soon = counted & ripe[log.cause] & (lag <= plan.window)
    late = counted & ripe[log.cause] & (lag > plan.window)
    child, cause = log.child[soon], log.cause[soon]
    return Sums(
        plan=plan,
        actors=world.tables.actors,
        replications=len(good),
        truncated=sum(one.status == TRUNCATED for one in good),
        parents=_by_span(span[ripe], log.parent[ripe], dyads + 1, _weighed(np.ones(ripe.sum()), log, ripe)),
        answers=_by_span(
            span[cause],
            log.parent[cause] * dyads + log.parent[child],
            (dyads + 1) * dyads,
            _weighed(log.share[soon], log, child),
        ),
        sources=_sources(log, counted, dyads),
        late=float(_exact(log.share[late]).sum()),
    )


def batch_of(replication: int, asked: int) -> int:
    """Return the batch, below 1,000, of one of `asked` replications: these two numbers alone decide it."""
    in_a_row = min(-(-asked // MOST_BATCHES), MOST_IN_A_ROW)
    return replication // in_a_row % MOST_BATCHES


def sums_by_batch(
    world: World, first: int, replications: Iterable[Replication], asked: int, plan: Plan
) -> dict[int, Sums]:
    """Return the sums by batch over consecutive replications, of which the first has the number `first`.

    A batch may lie in several such chunks: `add_batches` puts them together.
    """
    batches: dict[int, list[Replication]] = {}
    for number, one in enumerate(replications, first):
        batches.setdefault(batch_of(number, asked), []).append(one)
    return {batch: batch_sums(world, some, plan) for batch, some in batches.items()}


def add_batches(total: dict[int, Sums], more: Mapping[int, Sums]) -> None:
    """Add the batches of one chunk to those of others, in place."""
    for batch, sums in more.items():
        total[batch] = total[batch] + sums if batch in total else sums


def joined(world: World, replications: Sequence[Replication]) -> Log:
    """Return the logs of some replications as one; a truncated one ends with its last row."""
    first = np.cumsum([0, *(len(one.acts["time"]) for one in replications)])[:-1]
    logs = [_rows(world, one, start) for one, start in zip(replications, first, strict=True)]
    whole, real = np.empty(0, np.int64), np.empty(0)
    empty = Log(real, real, whole, whole, real, whole, whole, real)
    return Log._make(np.concatenate(column) for column in zip(empty, *logs, strict=True))


def _rows(world: World, one: Replication, first: int) -> Log:
    """Return the log of one replication whose rows begin at `first`."""
    tables, acts, links = world.tables, one.acts, one.causes
    time, shock = acts["time"], acts["origin"] == SHOCK
    instrument = np.where(shock, 0, acts["instrument"])
    since, hostile = time >= tables.takeover, ~shock & (np.asarray(tables.counted)[instrument] == 1)
    dyad = np.where(hostile, acts["actor"] * tables.actors + acts["target"], tables.actors**2)
    last = float(time.max(initial=tables.takeover)) if one.status == TRUNCATED else tables.end
    return Log(
        time=time,
        end=np.full(len(time), last),
        parent=np.where((hostile | shock) & since, dyad, -1),
        source=np.select([hostile & since, hostile, shock], [SINCE, BEFORE, FROM_SHOCK], OTHER),
        severity=np.where(shock, 1.0, np.asarray(world.numbers.severity)[instrument]),
        child=links["act"] + first,
        cause=links["cause"] + first,
        share=links["share"],
    )


def _span_of(plan: Plan, time: Array) -> Ints:
    inside = [(span.first <= time) & (time < span.last) for span in plan.spans]
    return np.select(inside, range(1, len(inside) + 1), 0) if inside else np.zeros(len(time), np.int64)


def _by_span(span: Ints, keys: Ints, size: int, values: Array) -> Cells:
    alone = span > 0
    return gathered(
        np.concatenate([keys, span[alone] * size + keys[alone]]), np.concatenate([values, values[alone]])
    )


def _sources(log: Log, counted: Mask, dyads: int) -> Cells:
    child, share = log.child[counted], log.share[counted]
    acts = np.flatnonzero((log.parent >= 0) & (log.parent < dyads))
    unknown = 1.0 - np.bincount(child, share, len(log.time))[acts]
    return gathered(
        np.concatenate(
            [log.source[log.cause[counted]] * dyads + log.parent[child], UNKNOWN * dyads + log.parent[acts]]
        ),
        np.concatenate([_weighed(share, log, child), _weighed(unknown, log, acts)]),
    )


def _weighed(share: npt.NDArray[Any], log: Log, rows: Ints | Mask) -> Array:
    return _exact(np.stack([share, share * log.severity[rows]], axis=1))


def _exact(values: Array) -> Array:
    return np.rint(values * EXACT) / EXACT
