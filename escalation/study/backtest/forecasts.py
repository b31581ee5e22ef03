"""Futures of package days, of the model and of rivals, and the targets that are read from them alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.model.world import FAILED, SIMULATED, Replication, World
from escalation.study.backtest.rivals import Days, Futures

Array = npt.NDArray[np.float64]

CUT = 180
"""Days at which the wait for the next package is cut off."""
ANSWER = 60
"""Days within which a package is answered."""
NO_RUNG = -1


@dataclass(frozen=True)
class DayReducer:
    """Takes the package days of every replication where it is simulated, counted from the takeover.

    A package day is a day with a hostile act, excluding words and threats: the same as in a record. Of a
    replication it keeps, for each actor, the days (int64[k]) and the highest rung.
    """

    rungs: npt.NDArray[np.int64]
    """Rung of each instrument."""

    def __call__(
        self, world: World, first: int, replications: Sequence[Replication]
    ) -> dict[int, tuple[tuple[Days, ...], tuple[int, ...]]]:
        """Return days and highest rungs of consecutive replications; failed ones are left out."""
        return {
            first + place: self._days(world, done)
            for place, done in enumerate(replications)
            if done.status != FAILED
        }

    def add(self, total: dict[int, object] | None, part: dict[int, object]) -> dict[int, object]:
        """Return the total with the days of one more chunk."""
        return (total or {}) | part

    def _days(self, world: World, done: Replication) -> tuple[tuple[Days, ...], tuple[int, ...]]:
        acts = done.acts
        counted = np.asarray(world.tables.instrument["counted"])[acts["instrument"]] == 1
        counted &= acts["origin"] == SIMULATED
        days = np.floor(acts["time"][counted]).astype(np.int64) - int(world.tables.takeover)
        actors, rungs = acts["actor"][counted], self.rungs[acts["instrument"][counted]]
        own = [actors == i for i in range(len(world.names.actors))]
        return (
            tuple(np.unique(days[mine]) for mine in own),
            tuple(int(rungs[mine].max(initial=NO_RUNG)) for mine in own),
        )


class Targets(NamedTuple):
    """What is read from sets of package days, one value for each draw; of a record there is one draw.

    `counts` (float64[draws] by actor and horizon) are package days; `waits` (float64[draws] by actor) the
    days to the next one, cut at `CUT`; `answered` (float64[draws]) says whether the first package of the
    others within CUT - ANSWER days is answered by the target within ANSWER days, NaN without such a package.
    """

    counts: dict[tuple[str, int], Array]
    waits: dict[str, Array]
    answered: Array


def targets_of(futures: Futures, target: str, horizons: Sequence[int]) -> Targets:
    """Return the targets of futures; days in them count from the origin."""
    counts = {
        (actor, horizon): np.array([float(np.count_nonzero(days < horizon)) for days in draws])
        for actor, draws in futures.items()
        for horizon in horizons
    }
    waits = {
        actor: np.array([float(min(days.min(initial=CUT), CUT)) for days in draws])
        for actor, draws in futures.items()
    }
    return Targets(counts, waits, np.array([_answered(futures, target, n) for n in range(_draws(futures))]))


def _draws(futures: Futures) -> int:
    return len(next(iter(futures.values())))


def _answered(futures: Futures, target: str, draw: int) -> float:
    others = [days[draw] for actor, days in futures.items() if actor != target]
    first = min((int(days[0]) for days in others if len(days)), default=CUT)
    if first >= CUT - ANSWER:
        return float("nan")
    answers = futures[target][draw]
    return float(((answers > first) & (answers <= first + ANSWER)).any())


def observed(days: Mapping[str, Days], origin: int) -> Futures:
    """Return what a record holds from the origin on, as futures with one draw."""
    return {actor: [own[own >= origin] - origin] for actor, own in days.items()}
