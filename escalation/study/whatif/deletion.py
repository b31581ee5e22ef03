"""What was attributed, held against what truly vanishes: one act deleted per replication, in the same world.

`K` of the flywheel counts the shares that acts have in the acts before them. Whether an act would really have
been missing without its cause is asked here: in each replication one hostile act is drawn, the replication is
played again without it, and the acts that follow within the window are counted again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.intervene import intervened
from escalation.model.world import World
from escalation.study.finished import Finished
from escalation.study.perform import Means
from escalation.study.stats import Z95, Interval
from escalation.study.whatif.drawn import Array, Deleted, Draw, Recount
from escalation.study.whatif.noting import Replayed, noting

SCHEMA_VERSION = 1


class Mean(NamedTuple):
    """A mean over acts with its 95% interval (None below two replications).

    One act of each replication stands for all that could have been drawn there, so that it weighs as many:
    a ratio of sums over replications, its interval from their residuals (Cochran 1977, section 6.4).
    """

    mean: float
    interval: Interval | None


class Row(NamedTuple):
    """Acts on one dyad that follow an act deleted: attributed as children and descendants, and vanished."""

    dyad: str
    label: str
    children: Mean
    descendants: Mean
    vanished: Mean


@dataclass(frozen=True)
class Deletion:
    """The check: per hostile act deleted, how many others were said to answer it and how many vanish.

    `asked` replications were played, in `deleted` of them an act could be followed for all of `window` days.
    `excess` is `vanished` less `descendants`, pair by pair. `rows` are the dyads on which most descendants
    are. By dyad of the act deleted (`sender * actors + target`): `weights` float64[d] is how much of the
    means rests on it, `vanished_by` float64[d, d] how many acts vanish on each dyad, NaN where none was
    deleted. `clean` is false when replications failed or were cut off; these are left out.
    """

    title: str
    seed: int
    window: float
    asked: int
    deleted: int
    R: float | None
    children: Mean
    descendants: Mean
    vanished: Mean
    excess: Mean
    rows: tuple[Row, ...]
    weights: Array
    vanished_by: Array
    clean: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return the check as plain JSON values: one document."""
        means = {
            name: _plain(getattr(self, name)) for name in ("children", "descendants", "vanished", "excess")
        }
        rows = [
            {"dyad": row.dyad, "label": row.label}
            | {name: _plain(getattr(row, name)) for name in ("children", "descendants", "vanished")}
            for row in self.rows
        ]
        return {
            "schema_version": SCHEMA_VERSION,
            "scenario": {"title": self.title},
            "seed": self.seed,
            "window_days": self.window,
            "replications": self.asked,
            "deleted": self.deleted,
            "R": self.R,
            **means,
            "dyads": rows,
        }


def deletion(source: Replayed, means: Means) -> Deletion:
    """Return what the check says of an ensemble, which is played twice.

    The window is that of the flywheel; an act can be drawn if its whole window lies before the end. Each of
    a replication's is drawn with equal chance, by a draw of its own that shifts no other.
    """
    what = source.plan
    window = what.reducer.plan.window
    before, drawn = noting(what, means, Draw(what.seed, window))
    found = {number: one for number, one in drawn.items() if one is not None}

    def alter(world: World) -> World:
        return intervened(world, [found[number].strike for number in sorted(found)])

    after, left = noting(what, means, Recount(found, window), alter)
    pairs = [(found[number], left[number]) for number in sorted(found) if left.get(number) is not None]
    return replace(_concluded(before, window, pairs), clean=before.summary.clean and after.summary.clean)


def _concluded(before: Finished, window: float, pairs: list[tuple[Deleted, Array]]) -> Deletion:
    dyads = before.world.tables.actors**2
    own = np.array([one.dyad for one, _ in pairs], np.int64)
    children, descendants = (
        np.array([getattr(one, name) for one, _ in pairs]).reshape(-1, dyads)
        for name in ("children", "descendants")
    )
    vanished = np.array([one.acts - after for one, after in pairs]).reshape(-1, dyads)
    vanished[np.arange(len(pairs)), own] -= 1.0  # the act deleted is no answer to itself
    weights = np.array([one.among for one, _ in pairs], np.float64)
    names, wheel = before.world.names, before.summary.flywheel
    return Deletion(
        title=before.header.title,
        seed=before.seed,
        window=window,
        asked=before.asked,
        deleted=len(pairs),
        R=wheel.counted.R if wheel else None,
        children=_mean(children.sum(axis=1), weights),
        descendants=_mean(descendants.sum(axis=1), weights),
        vanished=_mean(vanished.sum(axis=1), weights),
        excess=_mean((vanished - descendants).sum(axis=1), weights),
        rows=tuple(
            Row(
                ".".join(names.actors[i] for i in divmod(int(dyad), len(names.actors))),
                " → ".join(names.actor_labels[i] for i in divmod(int(dyad), len(names.actors))),
                *(_mean(values[:, dyad], weights) for values in (children, descendants, vanished)),
            )
            for dyad in np.argsort(-descendants.sum(axis=0), kind="stable")
            if descendants[:, dyad].any() or vanished[:, dyad].any()
        ),
        weights=np.bincount(own, weights, dyads) / max(1.0, weights.sum()),
        vanished_by=_by_deleted(own, vanished, weights, dyads),
    )


def _by_deleted(own: npt.NDArray[np.int64], vanished: Array, weights: Array, dyads: int) -> Array:
    by = np.full((dyads, dyads), np.nan)
    for dyad in np.unique(own):
        by[dyad] = np.average(vanished[own == dyad], axis=0, weights=weights[own == dyad])
    return by


def _mean(values: Array, weights: Array) -> Mean:
    if not len(values):
        return Mean(0.0, None)
    mean = float(np.average(values, weights=weights))
    if len(values) < 2:
        return Mean(mean, None)
    residuals = weights * (values - mean) / weights.mean()
    half = Z95 * float(residuals.std(ddof=1)) / sqrt(len(values))
    return Mean(mean, Interval(mean - half, mean + half))


def _plain(mean: Mean) -> dict[str, Any]:
    return {"mean": mean.mean, "interval_95": None if mean.interval is None else list(mean.interval)}
