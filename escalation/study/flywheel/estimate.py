"""The flywheel: how many further hostile acts each one calls forth, and whether that feeds itself.

Acts are a branching process whose types are directed dyads. `K[d, e]` is how many acts on dyad `e` answer one
act on dyad `d`, and its spectral radius `R` is what each act calls forth in the long run: above 1 the spiral
feeds itself (Hawkes 1971; Harris 1963, chapter II). The answers are those that the model attributed: an act
that answers several earlier ones is divided among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from escalation.model.world import Names, World
from escalation.study.flywheel.branching import batch_sums, sums_by_batch
from escalation.study.flywheel.chains import Loops
from escalation.study.flywheel.clustering import rival
from escalation.study.flywheel.log import SINCE, SOURCES
from escalation.study.flywheel.plan import Plan
from escalation.study.flywheel.reading import COUNTED, WEIGHTED, cell_ends, cohorts, late_share, read
from escalation.study.flywheel.spectral import carried, core, ratio
from escalation.study.flywheel.spectral import loops as gains
from escalation.study.flywheel.stacked import Stacked
from escalation.study.flywheel.sums import Sums, Total
from escalation.study.flywheel.wheel import Dyad, Flywheel, Link, Ring
from escalation.study.flywheel.window import default_window, plan_for

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
    readings = [read(stacked, span) for span in (None, *whole.plan.spans)]
    dyads = tuple(_dyad(int(number), names) for number in active)
    loops = Loops(total.ways, names, whole.replications)
    links, rings = _ways(counted, dyads, active, loops)
    after = _after(counted, readings[0][COUNTED].R)
    return Flywheel(
        plan=whole.plan,
        replications=whole.replications,
        truncated=whole.truncated,
        dyads=dyads,
        K=counted,
        K_weighted=weighted,
        K_ends=cell_ends(stacked, COUNTED),
        K_weighted_ends=cell_ends(stacked, WEIGHTED),
        followed=parents[:, COUNTED],
        counted=readings[0][COUNTED],
        weighted=readings[0][WEIGHTED],
        spans=tuple((span, *pair) for span, pair in zip(whole.plan.spans, readings[1:], strict=True)),
        through_time=tuple(cohorts(stacked)),
        sources=_sources(whole, active),
        late=late_share(stacked),
        per_shock=_per_shock(whole, active, after),
        per_outside=_per_outside(whole, active, after),
        links=links,
        rings=rings,
        chains=loops.chains(),
        rival=rival(stacked, world),
    )


def _dyad(number: int, names: Names) -> Dyad:
    sender, target = divmod(number, len(names.actors))
    return Dyad(
        f"{names.actors[sender]}.{names.actors[target]}",
        f"{names.actor_labels[sender]} → {names.actor_labels[target]}",
    )


def _ways(
    matrix: Array, dyads: Sequence[Dyad], numbers: Ints, loops: Loops
) -> tuple[tuple[Link, ...], tuple[Ring, ...]]:
    """Return the links that carry most of R, and the rings with the largest gain."""
    inside = core(matrix)
    inner = matrix[np.ix_(inside, inside)]
    names, parts = [dyads[place].name for place in inside], carried(inner)
    cells = np.argwhere(inner > 0.0)
    links = [Link(names[d], names[e], float(inner[d, e]), float(parts[d, e])) for d, e in cells]
    links.sort(key=lambda link: (-link.carries, link.parent, link.child))
    rings = (
        Ring(
            tuple(names[place] for place in ring.types),
            ring.gain,
            loops.most_frequent(numbers[inside[list(ring.types)]].tolist()),
        )
        for ring in gains(inner)
    )
    return tuple(links[:MOST_LINKS]), tuple(rings)


def _after(matrix: Array, R: float | None) -> Array | None:
    """Return how many acts follow one act, itself included, float64[d, d]; None unless R is below 1."""
    if R is None or R >= 1.0:
        return None
    return np.asarray(np.linalg.inv(np.eye(len(matrix)) - matrix), np.float64)


def _by_source(whole: Sums, dyads: Ints) -> Array:
    """Return the shares by source of all acts on these dyads, float64[sources, d]."""
    keys = np.add.outer(np.arange(len(SOURCES)) * whole.dyads, dyads)
    return whole.sources.at(keys.ravel())[:, COUNTED].reshape(keys.shape)


def _sources(whole: Sums, dyads: Ints) -> dict[str, float]:
    shares = _by_source(whole, dyads).sum(axis=1)
    total = float(shares.sum())
    return {name: float(share) / total for name, share in zip(SOURCES, shares, strict=True)} if total else {}


def _per_shock(whole: Sums, active: Ints, after: Array | None) -> Array | None:
    rows = np.arange(len(whole.plan.bounds) + 1) * (whole.dyads + 1) + whole.dyads
    shocks = whole.parents.at(rows)[:, COUNTED].sum()
    if after is None or shocks == 0.0:
        return None
    keys = np.add.outer(rows * whole.dyads, active)
    answers = whole.answers.at(keys.ravel())[:, COUNTED].reshape(keys.shape).sum(axis=0)
    return np.asarray(answers / shocks @ after, np.float64)


def _per_outside(whole: Sums, active: Ints, after: Array | None) -> float | None:
    first = np.delete(_by_source(whole, active), SINCE, axis=0).sum(axis=0)
    if after is None or not first.sum() > 0.0:
        return None
    return float((first @ after).sum() / first.sum())


__all__ = [
    "Flywheel",
    "Plan",
    "Sums",
    "Total",
    "batch_sums",
    "default_window",
    "estimate",
    "plan_for",
    "stack",
    "sums_by_batch",
]
