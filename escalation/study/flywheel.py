"""The flywheel: how many further hostile acts each one calls forth, and whether that feeds itself.

Acts are a branching process whose types are directed dyads. `K[d, e]` is how many acts on dyad `e` answer one
act on dyad `d`, and its spectral radius `R` is what each act calls forth in the long run: above 1 the spiral
feeds itself (Hawkes 1971; Harris 1963, chapter II). The answers are those that the model attributed: an act
that answers several earlier ones is divided among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

import numpy as np
import numpy.typing as npt

from escalation.model.world import Names
from escalation.study.branching import (
    SINCE,
    SOURCES,
    Plan,
    Sums,
    add_batches,
    batch_sums,
    sums_by_batch,
)
from escalation.study.reading import COUNTED, WEIGHTED, active_dyads, late_share, read, table
from escalation.study.spectral import carried, core, loops, ratio
from escalation.study.wheel import Dyad, Flywheel, Link, Ring
from escalation.study.window import default_window, plan_for

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MOST_LINKS = 10


def estimate(batches: Sequence[Sums], names: Names) -> Flywheel:
    """Return the flywheel of the replications summed in `batches` (one plan, at least one batch).

    The batches are resampled for the intervals: give each replication, or equal groups of them, as one.
    Those in which every replication failed are left out.
    """
    batches = [batch for batch in batches if batch.replications] or batches[:1]
    whole = reduce(add, batches)
    active = active_dyads(whole)
    answers, parents = table(whole, 0, active)
    counted, weighted = (ratio(answers[..., n], parents[:, None, n]) for n in (COUNTED, WEIGHTED))
    readings = [read(batches, whole, span, active) for span in range(len(whole.plan.spans) + 1)]
    dyads = tuple(_dyad(int(number), names) for number in active)
    links, rings = _ways(counted, dyads)
    after = _after(counted, readings[0][COUNTED].R)
    return Flywheel(
        plan=whole.plan,
        replications=whole.replications,
        truncated=whole.truncated,
        dyads=dyads,
        K=counted,
        K_weighted=weighted,
        followed=parents[:, COUNTED],
        counted=readings[0][COUNTED],
        weighted=readings[0][WEIGHTED],
        spans=tuple((span, *pair) for span, pair in zip(whole.plan.spans, readings[1:], strict=True)),
        sources=_sources(whole, active),
        late=late_share(whole, active),
        per_shock=_per_shock(whole, active, after),
        per_outside=_per_outside(whole, active, after),
        links=links,
        rings=rings,
    )


def _dyad(number: int, names: Names) -> Dyad:
    sender, target = divmod(number, len(names.actors))
    return Dyad(
        f"{names.actors[sender]}.{names.actors[target]}",
        f"{names.actor_labels[sender]} → {names.actor_labels[target]}",
    )


def _ways(matrix: Array, dyads: Sequence[Dyad]) -> tuple[tuple[Link, ...], tuple[Ring, ...]]:
    """Return the links that carry most of R, and the loops with the largest gain."""
    inside = core(matrix)
    inner = matrix[np.ix_(inside, inside)]
    names, parts = [dyads[place].name for place in inside], carried(inner)
    cells = np.argwhere(inner > 0.0)
    links = [Link(names[d], names[e], float(inner[d, e]), float(parts[d, e])) for d, e in cells]
    links.sort(key=lambda link: (-link.carries, link.parent, link.child))
    rings = (Ring(tuple(names[place] for place in loop.types), loop.gain) for loop in loops(inner))
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
    row = np.array([whole.dyads])
    shocks = whole.parents.at(row)[0, COUNTED]
    if after is None or shocks == 0.0:
        return None
    first = whole.answers.at(row * whole.dyads + active)[:, COUNTED] / shocks
    return np.asarray(first @ after, np.float64)


def _per_outside(whole: Sums, active: Ints, after: Array | None) -> float | None:
    first = np.delete(_by_source(whole, active), SINCE, axis=0).sum(axis=0)
    if after is None or not first.sum() > 0.0:
        return None
    return float((first @ after).sum() / first.sum())


__all__ = [
    "Flywheel",
    "Plan",
    "Sums",
    "add_batches",
    "batch_sums",
    "default_window",
    "estimate",
    "plan_for",
    "sums_by_batch",
]
