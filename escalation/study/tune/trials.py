"""Trials, and how they compare: as losses, gaps to the limits, and a front of several goals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from escalation.study.points.variants import PointResult
from escalation.study.tune.asked import TuneAsked
from escalation.study.tune.reading import gaps_of, losses_of, violation
from escalation.study.values import Estimate

Array = npt.NDArray[np.float64]
Values = tuple[tuple[float | None, ...], ...]
"""Values of the goals' and limits' expressions in each case; None where undefined."""


class Trial(PointResult):
    """One point that was tried; `replications` are those in each case."""

    estimates: tuple[Estimate, ...] = ()
    """The goals, then what is limited, over all cases; filled in at the end, for a regret moves till then."""
    values: Values
    """The same in each case."""
    stopped: bool = False
    """Whether it was stopped early, being clearly worse than another."""
    keeps: bool = False
    """Whether it keeps all limits, as far as it was played."""
    checked: Values | None = None
    """Of what was the best so far of a single goal: `values` on fresh replications."""
    fault: str = ""
    """Why the point could not be played."""

    @property
    def array(self) -> Array:
        """The values, float64[cases, expressions], NaN where undefined."""
        return np.array([[np.nan if one is None else one for one in row] for row in self.values])

    @property
    def known(self) -> bool:
        """True when every value is defined."""
        return bool(self.values) and bool(np.isfinite(self.array).all())

    @property
    def whole(self) -> bool:
        """True when all its replications were played, and every value is defined."""
        return self.known and not self.stopped


class Scores:
    """Trials as losses and gaps. A regret needs all of them: it moves when the best of a case does."""

    def __init__(self, asked: TuneAsked):
        self.asked = asked
        self.best: Array | None = None
        """Smallest losses in each case, float64[cases, goals]; None before the first whole trial."""
        self._whole: list[tuple[Array, bool]] = []
        self._scored: dict[int, tuple[Array, Array]] = {}

    def admit(self, trial: Trial) -> bool:
        """Take a trial into account; return whether losses of earlier ones have moved by that."""
        if not (self.asked.criterion.has_regret and trial.whole):
            return False
        self._whole.append((losses_of(self.asked, trial.array), not self.violation(trial)))
        before, self.best = self.best, smallest(self._whole)
        if before is None or (self.best == before).all():
            return False
        self._scored.clear()
        return True

    def losses(self, trial: Trial) -> Array:
        """Return the losses of a trial, float64[goals]."""
        return self._of(trial)[0]

    def gaps(self, trial: Trial) -> Array:
        """Return by how much a trial misses the limits, float64[limits]."""
        return self._of(trial)[1]

    def _of(self, trial: Trial) -> tuple[Array, Array]:
        if trial.number not in self._scored:
            criterion, losses = self.asked.criterion, losses_of(self.asked, trial.array)
            best = losses if criterion.has_regret and self.best is None else self.best
            gaps = criterion.of_gaps(gaps_of(self.asked, trial.array))
            self._scored[trial.number] = criterion.of_losses(losses, best), gaps
        return self._scored[trial.number]

    def violation(self, trial: Trial) -> float:
        """Return how far it misses limits in all."""
        return violation(self.asked, self.gaps(trial))

    def key(self, trial: Trial) -> tuple[float, float]:
        """Return what trials of a single goal are ordered by: limits first, then the loss (Deb 2000)."""
        return self.violation(trial), float(self.losses(trial)[0])

    def front(self, trials: Iterable[Trial]) -> list[Trial]:
        """Return the whole trials that keep the limits and that no other one beats in every goal.

        Of trials at one point the first counts.
        """
        able = distinct([trial for trial in trials if trial.whole and not self.violation(trial)])
        if not able:
            return []
        losses = np.array([self.losses(trial) for trial in able])
        return [trial for trial, lost in zip(able, beaten(losses), strict=True) if not lost]


def smallest(points: Sequence[tuple[Array, bool]]) -> Array:
    """Return the smallest losses in each case, float64[cases, goals], of points that keep the limits.

    `points` are losses, float64[cases, goals], and whether the limits are kept; where none keeps them, all
    count.
    """
    able = [losses for losses, keeps in points if keeps] or [losses for losses, _ in points]
    return np.asarray(np.min(able, axis=0))


def distinct(trials: Iterable[Trial]) -> list[Trial]:
    """Return the first trial of each point."""
    first: dict[tuple[object, ...], Trial] = {}
    for trial in trials:
        first.setdefault(tuple(trial.point.items()), trial)
    return list(first.values())


def beaten(losses: Array) -> npt.NDArray[np.bool_]:
    """Return which rows of float64[n, goals] another one beats: no worse in any goal, better in one."""
    no_worse = (losses[:, None] <= losses[None]).all(axis=2)
    better = (losses[:, None] < losses[None]).any(axis=2)
    return np.asarray((no_worse & better).any(axis=0))
