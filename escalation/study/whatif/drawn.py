"""The act that is deleted in each replication: which one, what answers it, and what follows without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.draws import stable_hash, uniform
from escalation.model.strike import Strike
from escalation.model.world import DONE, SIMULATED, Replication, World
from escalation.study.flywheel.log import Log, joined

WHICH, KEY = 1_000, stable_hash("which act to delete")
"""Purpose and cause of the one draw that is no part of the world: which act is deleted."""

Array = npt.NDArray[np.float64]


class Deleted(NamedTuple):
    """The act that is deleted in one replication, and what follows it where it is not.

    It is one of `among` hostile acts that could be drawn; `dyad` is its own. The rest is float64[dyads], over
    the hostile acts within the window after it: `children` are the shares in which they answer it,
    `descendants` those in which they answer it directly or by way of other hostile acts, `acts` are all of
    them.
    """

    strike: Strike
    time: float
    among: int
    dyad: int
    children: Array
    descendants: Array
    acts: Array


@dataclass(frozen=True)
class Draw:
    """Notes which act is to be deleted, and what is attributed to it; None where none can be followed."""

    seed: int
    window: float

    def __call__(self, world: World, number: int, one: Replication) -> Deleted | None:
        """Return what is noted of one replication."""
        if one.status != DONE:
            return None
        log, n = joined(world, [one]), int(world.tables.actors)
        eligible = np.flatnonzero(
            (log.parent >= 0)
            & (log.parent < n * n)
            & (one.acts["origin"] == SIMULATED)
            & (log.time < log.end - self.window)
        )
        if not len(eligible):
            return None
        stream = [self.seed & 0xFFFFFFFF, (self.seed >> 32) & 0xFFFFFFFF, number]
        row = int(eligible[int(uniform(stream, WHICH, 0, KEY) * len(eligible))])
        soon = _following(log, n, float(log.time[row]), self.window)
        first, whole = _shares(log, row)
        return Deleted(
            _strike(number, one, row),
            float(log.time[row]),
            len(eligible),
            int(log.parent[row]),
            *(_by_dyad(log, n, soon, values) for values in (first, whole, np.ones(len(log.time)))),
        )


@dataclass(frozen=True)
class Recount:
    """Notes how many acts there are on each dyad after the one that was deleted."""

    drawn: Mapping[int, Deleted]
    window: float

    def __call__(self, world: World, number: int, one: Replication) -> Array | None:
        """Return float64[dyads], None where no act was deleted or the replication was not played out."""
        drawn = self.drawn.get(number)
        if drawn is None or one.status != DONE:
            return None
        log, n = joined(world, [one]), int(world.tables.actors)
        soon = _following(log, n, drawn.time, self.window)
        return _by_dyad(log, n, soon, np.ones(len(log.time)))


def _strike(number: int, one: Replication, row: int) -> Strike:
    log = one.acts
    alike = log["origin"] == SIMULATED
    for name in ("actor", "target", "instrument"):
        alike &= log[name] == log[name][row]
    ordinal = int(alike[: row + 1].sum())
    who, whom, what = (int(log[name][row]) for name in ("actor", "target", "instrument"))
    return Strike(ordinal, who, whom, what, replication=number)


def _following(log: Log, actors: int, time: float, window: float) -> npt.NDArray[np.bool_]:
    """Return the hostile acts at or after `time` and at most `window` days later."""
    counted = (log.parent >= 0) & (log.parent < actors * actors)
    return np.asarray(counted & (log.time >= time) & (log.time <= time + window), np.bool_)


def _shares(log: Log, row: int) -> tuple[Array, Array]:
    """Return in which share each row answers `row`, directly, and directly or by way of hostile acts."""
    direct, whole = np.zeros(len(log.time)), np.zeros(len(log.time))
    dyads = log.parent.max(initial=0) + 1
    whole[row] = 1.0
    for child, cause, share in zip(log.child.tolist(), log.cause.tolist(), log.share.tolist(), strict=True):
        if cause == row:
            direct[child] += share
        if 0 <= log.parent[cause] < dyads and log.severity[cause] > 0.0:
            whole[child] += share * whole[cause]
    whole[row] = 0.0
    return direct, whole


def _by_dyad(log: Log, actors: int, rows: npt.NDArray[np.bool_], values: Array) -> Array:
    return np.bincount(log.parent[rows], values[rows], actors * actors).astype(np.float64)
