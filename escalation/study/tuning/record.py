"""What is kept of each trial, and the best of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.study.points.levers import Point
from escalation.study.tuning.plan import TuningPlan
from escalation.study.tuning.reading import gaps_of, losses_of, violation

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tried:
    """One trial. `values` are those of the expressions in each case, None for what cannot be said.

    `stopped` says that it was given up after the first `replications`, being clearly worse than another;
    `checked` holds the values on fresh replications of what was the best so far. `fault` is why a point
    could not be played.
    """

    number: int
    point: Point
    replications: int
    values: tuple[tuple[float | None, ...], ...]
    stopped: bool = False
    checked: tuple[tuple[float | None, ...], ...] | None = None
    failed: int = 0
    truncated: int = 0
    fault: str = ""

    @property
    def array(self) -> Array:
        """The values, float64[cases, expressions], NaN for what cannot be said."""
        return np.array([[np.nan if one is None else one for one in row] for row in self.values])

    @property
    def known(self) -> bool:
        """True when every value could be said."""
        return bool(self.values) and bool(np.isfinite(self.array).all())

    @property
    def whole(self) -> bool:
        """True when all its replications were played, and every value could be said."""
        return self.known and not self.stopped

    def to_json(self) -> dict[str, Any]:
        """Return the trial as plain JSON values."""
        return {
            "trial": self.number, "point": dict(self.point), "replications": self.replications,
            "values": self.values, "stopped": self.stopped, "checked": self.checked,
            "failed": self.failed, "truncated": self.truncated, "fault": self.fault,
        }  # fmt: skip

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Tried:
        """Return the trial of `to_json`. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            int(plain["trial"]), dict(plain["point"]), int(plain["replications"]),
            _rows(plain["values"]), bool(plain["stopped"]),
            None if plain["checked"] is None else _rows(plain["checked"]),
            int(plain["failed"]), int(plain["truncated"]), str(plain["fault"]),
        )  # fmt: skip


def _rows(plain: Sequence[Sequence[float | None]]) -> tuple[tuple[float | None, ...], ...]:
    return tuple(tuple(None if one is None else float(one) for one in row) for row in plain)


class Scores:
    """Trials as losses and gaps, of which a regret needs all: it moves when the best of a case does."""

    def __init__(self, plan: TuningPlan):
        self.plan = plan
        self.best: Array | None = None
        self._kept: dict[int, tuple[Array, Array]] = {}

    def admit(self, tried: Tried) -> bool:
        """Take a trial into account; return whether losses of earlier ones have moved by that."""
        if not (self.plan.robust.has_regret and tried.whole):
            return False
        losses, before = losses_of(self.plan, tried.array), self.best
        self.best = losses if before is None else np.minimum(before, losses)
        if before is None or not (self.best < before).any():
            return False
        self._kept.clear()
        return True

    def losses(self, tried: Tried) -> Array:
        """Return the losses of a trial, float64[goals]."""
        return self._scored(tried)[0]

    def gaps(self, tried: Tried) -> Array:
        """Return by how much a trial misses the limits, float64[limits]."""
        return self._scored(tried)[1]

    def _scored(self, tried: Tried) -> tuple[Array, Array]:
        if tried.number not in self._kept:
            robust, values = self.plan.robust, tried.array
            losses = losses_of(self.plan, values)
            best = losses if robust.has_regret and self.best is None else self.best
            gaps = robust.of_gaps(gaps_of(self.plan, values))
            self._kept[tried.number] = robust.of_losses(losses, best), gaps
        return self._kept[tried.number]

    def violation(self, tried: Tried) -> float:
        """Return how far it misses limits in all."""
        return violation(self.plan, self.gaps(tried))

    def key(self, tried: Tried) -> tuple[float, float]:
        """Return what trials of a single goal are ordered by: limits first, then the loss (Deb 2000)."""
        return self.violation(tried), float(self.losses(tried)[0])

    def front(self, trials: Iterable[Tried]) -> list[Tried]:
        """Return the whole trials that keep the limits and that no other one beats in every goal.

        Of trials at one point the first counts.
        """
        kept, seen = [], set()
        for tried in trials:
            where = tuple(tried.point.items())
            if tried.whole and where not in seen and not self.violation(tried):
                seen.add(where)
                kept.append(tried)
        if not kept:
            return []
        losses = np.array([self.losses(tried) for tried in kept])
        return [tried for tried, lost in zip(kept, beaten(losses), strict=True) if not lost]


def beaten(losses: Array) -> npt.NDArray[np.bool_]:
    """Return which rows of float64[n, goals] another one beats: no worse in any goal, better in one."""
    no_worse = (losses[:, None] <= losses[None]).all(axis=2)
    better = (losses[:, None] < losses[None]).any(axis=2)
    return np.asarray((no_worse & better).any(axis=0))
