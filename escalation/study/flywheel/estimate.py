"""The flywheel: how many further hostile acts are attributed to each one, and whether that feeds itself.

Acts are a branching process whose types are directed dyads. `K[d, e]` is how many acts on dyad `e` answer one
act on dyad `d`, and its spectral radius `R` is how many each act leads to in the long run: above 1 the spiral
feeds itself (Hawkes 1971; Harris 1963, chapter II). The answers are those that the model attributed: an act
that answers several earlier ones is divided among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from escalation.model.world import Names, World
from escalation.study.flywheel.chains import Loops
from escalation.study.flywheel.log import SINCE, Grid
from escalation.study.flywheel.model import (
    SOURCES,
    Ends,
    Exchange,
    Flywheel,
    FlywheelDyad,
    Link,
    Loop,
    Matrix,
    Reading,
    Rival,
    Source,
    SpanReading,
    rows_of,
)
from escalation.study.flywheel.reading import (
    COUNTED,
    FEWEST_ACTS,
    FEWEST_BATCHES,
    WEIGHTED,
    cell_ends,
    cohorts,
    doubts,
    late_share,
    pooled,
    read,
)
from escalation.study.flywheel.spectral import carried, core, ratio
from escalation.study.flywheel.spectral import loops as gains
from escalation.study.flywheel.stacked import Stacked
from escalation.study.flywheel.sums import Sums, Total
from escalation.study.stats import jackknife_error, student_reach
from escalation.study.values import SHARE, Estimate

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_LINKS = 10


def stack(total: Mapping[int, Sums]) -> Stacked:
    """Return batches one below the other; those in which every replication failed are left out."""
    batches = [total[number] for number in sorted(total)]
    return Stacked([batch for batch in batches if batch.replications] or batches[:1])


def estimate(total: Total, world: World) -> Flywheel:
    """Return the flywheel of the replications of `world` summed in `total` (at least one batch).

    The batches are resampled for the intervals.
    """
    stacked, names = stack(total), world.names
    whole, active = stacked.whole, stacked.dyads
    answers, parents = stacked.table(None)
    counted, weighted = (ratio(answers[..., n], parents[:, None, n]) for n in (COUNTED, WEIGHTED))
    low, high = _ends(stacked, COUNTED)
    severity_low, severity_high = _ends(stacked, WEIGHTED)
    readings = [read(stacked, span) for span in (None, *whole.plan.spans)]
    dyads = tuple(_dyad(int(number), names) for number in active)
    chains, late = Loops(total.ways, names, whole.replications), late_share(stacked)
    links, loops = _ways(counted, dyads, active, chains)
    after = _after(counted, readings[0][COUNTED], late or 0.0)
    return Flywheel(
        window=whole.plan.window,
        window_cut=whole.plan.cut,
        replications=whole.replications,
        truncated=whole.truncated,
        counted=readings[0][COUNTED],
        weighted=readings[0][WEIGHTED],
        spans=tuple(
            SpanReading(span=span, counted=pair[COUNTED], weighted=pair[WEIGHTED])
            for span, pair in zip(whole.plan.spans, readings[1:], strict=True)
        ),
        through_time=tuple(cohorts(stacked)),
        sources=_sources(whole, active),
        late=late,
        dyads=dyads,
        followed=tuple(parents[:, COUNTED].tolist()),
        answers=_filled(counted),
        answers_low=low,
        answers_high=high,
        exchanges=tuple(_exchanges(stacked, names)),
        severity=_filled(weighted),
        severity_low=severity_low,
        severity_high=severity_high,
        acts_per_shock=_per_shock(whole, active, after),
        acts_per_outside_act=_per_outside(whole, active, after),
        links=links,
        loops=loops,
        chains=chains.chains(),
        rival=rival(stacked, world),
    )


def _filled(matrix: Array) -> Matrix:
    return tuple(map(tuple, matrix.tolist()))


def _ends(stacked: Stacked, column: int) -> tuple[Ends, Ends] | tuple[None, None]:
    ends = cell_ends(stacked, column)
    return (None, None) if ends is None else (rows_of(ends[0]), rows_of(ends[1]))


def _exchanges(stacked: Stacked, names: Names) -> Iterator[Exchange]:
    """Yield how each actor answers each other one and, of no target, all of them together."""
    senders, targets = np.divmod(stacked.dyads, len(names.actors))
    parents, children = np.nonzero(targets[:, None] == senders)
    group_of = np.concatenate([np.arange(len(targets)), len(targets) + targets])  # each dyad, then each actor
    members = group_of.reshape(2, -1)[..., None] == np.arange(len(targets) + len(names.actors))
    groups = members.any(axis=0).astype(np.float64)
    tops = stacked.answers(None, COUNTED, (parents, children)) @ groups[parents]
    estimates = pooled(stacked, tops, stacked.parents(None, COUNTED) @ groups)
    who = [(targets[n], names.actors[senders[n]]) for n in range(len(targets))]
    who += [(actor, "") for actor in range(len(names.actors))]
    for (actor, target), answers in zip(who, estimates, strict=True):
        if answers is not None:
            yield Exchange(actor=names.actors[actor], target=target, answers=answers)


def _dyad(number: int, names: Names) -> FlywheelDyad:
    sender, target = divmod(number, len(names.actors))
    return FlywheelDyad(
        name=f"{names.actors[sender]}.{names.actors[target]}",
        label=f"{names.actor_labels[sender]} → {names.actor_labels[target]}",
    )


def _ways(
    matrix: Array, dyads: Sequence[FlywheelDyad], numbers: Ints, chains: Loops
) -> tuple[tuple[Link, ...], tuple[Loop, ...]]:
    """Return the links that carry most of R, and the loops with the largest gain."""
    inside = core(matrix)
    inner = matrix[np.ix_(inside, inside)]
    names, parts = [dyads[dyad].name for dyad in inside], carried(inner)
    cells = np.argwhere(inner > 0.0)
    links = [
        Link(parent=names[d], child=names[e], answers=float(inner[d, e]), carries=float(parts[d, e]))
        for d, e in cells
    ]
    links.sort(key=lambda link: (-link.carries, link.parent, link.child))
    loops = (
        Loop(
            dyads=tuple(names[dyad] for dyad in cycle.types),
            gain=cycle.gain,
            chain=chains.most_frequent(numbers[inside[list(cycle.types)]].tolist()),
        )
        for cycle in gains(inner)
    )
    return tuple(links[:MOST_LINKS]), tuple(loops)


def _after(matrix: Array, whole: Reading, late: float) -> Array | None:
    """Return how many acts follow one act, itself and late answers included, float64[d, d].

    None unless R / (1 - late) is below 1.
    """
    if whole.eventual.value is None or whole.eventual.value >= 1.0:
        return None
    return np.asarray(np.linalg.inv(np.eye(len(matrix)) - matrix / (1.0 - late)), np.float64)


def _by_source(whole: Sums, dyads: Ints) -> Array:
    """Return the shares by source of all acts on these dyads, float64[sources, d]."""
    keys = np.add.outer(np.arange(len(SOURCES)) * whole.dyads, dyads)
    return whole.sources.at(keys.ravel())[:, COUNTED].reshape(keys.shape)


def _sources(whole: Sums, dyads: Ints) -> dict[Source, float]:
    shares = _by_source(whole, dyads).sum(axis=1)
    total = float(shares.sum())
    return {name: float(share) / total for name, share in zip(SOURCES, shares, strict=True)} if total else {}


def _per_shock(whole: Sums, active: Ints, after: Array | None) -> tuple[float, ...] | None:
    rows = np.arange(len(whole.plan.bounds) + 1) * (whole.dyads + 1) + whole.dyads
    shocks = whole.parents.at(rows)[:, COUNTED].sum()
    if after is None or shocks == 0.0:
        return None
    keys = np.add.outer(rows * whole.dyads, active)
    answers = whole.answers.at(keys.ravel())[:, COUNTED].reshape(keys.shape).sum(axis=0)
    seen = answers.sum()
    late = 1.0 + whole.late_shocks / seen if seen else 1.0
    return tuple((answers * late / shocks @ after).tolist())


def _per_outside(whole: Sums, active: Ints, after: Array | None) -> float | None:
    first = np.delete(_by_source(whole, active), SINCE, axis=0).sum(axis=0)
    if after is None or not first.sum() > 0.0:
        return None
    return float((first @ after).sum() / first.sum())


def rival(stack: Stacked, world: World) -> Rival | None:
    """Return how much of the clustering of acts there is without any answers.

    Acts come in clusters because they answer one another; but also because dated shocks, calendars and what
    differs between replications move the rate of acts. Pairs of acts close in time are counted within
    replications, and set beside an even rate, from acts of different replications (the inhomogeneous K
    function: Baddeley, Møller and Waagepetersen 2000, Statistica Neerlandica 54:329). The parts of acts that
    answer no act make such pairs too: so much goes without answers. None where there is not enough for an
    interval, or much was cut off.
    """
    grid = Grid(world)
    if stack.n < FEWEST_BATCHES or doubts(stack)[0] or stack.whole.acts < FEWEST_ACTS:
        return None
    n, acts, outside, pairs, pairs_outside = (
        np.array([getattr(batch, name) for batch in stack.batches], np.float64)
        for name in ("replications", "acts", "outside", "pairs", "pairs_outside")
    )
    crossed = _products(n)
    even, calm = (_products(counts) * grid.near / 2 / crossed for counts in (acts, outside))
    within, alone = (_sums(counts) / _sums(n) for counts in (pairs, pairs_outside))
    if not even.all():
        return Rival(days=grid.days, clustering=1.0)
    clustering = _estimate(within / even)
    assert clustering.value is not None
    if clustering.low is None or not clustering.low > 1.0:
        return Rival(days=grid.days, clustering=clustering.value)
    part = _estimate((alone - calm) / (within - even))
    return Rival(
        days=grid.days, clustering=clustering.value, unanswering=part.model_copy(update={"unit": SHARE})
    )


def _sums(of_each: Array) -> Array:
    """Return the sum over all batches, then without each of them, float64[batches + 1]."""
    return np.asarray(of_each.sum() - np.concatenate([[0.0], of_each]), np.float64)


def _products(of_each: Array) -> Array:
    """Return the sum of products of different batches, of all of them, then without each."""
    return np.asarray(np.square(_sums(of_each)) - _sums(np.square(of_each)), np.float64)


def _estimate(values: Array) -> Estimate:
    """Return an estimate, its interval by the jackknife: `values` is of all batches, then without each."""
    value, error = float(values[0]), float(jackknife_error(values[1:]))
    half = student_reach(len(values) - 1) * error
    return Estimate(value=value, low=value - half, high=value + half, error=error)
