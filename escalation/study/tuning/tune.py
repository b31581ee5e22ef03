"""The tuning itself: ask for a point, play it, tell what came of it, until the trials are used up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from escalation.ensemble.interrupts import interrupts_deferred
from escalation.errors import InputError, ScenarioError
from escalation.study.execution import Execution
from escalation.study.points.designs import grid
from escalation.study.points.evaluate import Evaluator
from escalation.study.points.levers import Point
from escalation.study.tuning.attempt import Attempt
from escalation.study.tuning.plan import MOST_REPLICATIONS, TuningPlan
from escalation.study.tuning.racing import first_stage, hopeless
from escalation.study.tuning.reading import Reading, Verdict, judge
from escalation.study.tuning.record import Scores, Tried
from escalation.study.tuning.search import Search, Told
from escalation.study.tuning.starts import starts

FRESH = 2 * MOST_REPLICATIONS
"""Number of the first replication of those on which finalists are chosen; trials never come so far."""
RIVALS = 20
"""Members of the front, at most, that a new point races against."""


@dataclass(frozen=True)
class TuningMeans:
    """What a tuning is done with; nothing of it shows in the numbers.

    `on_trial` is told of each trial, and whether it was known before; `on_step` of each point that is played
    at the end, and of how many there are.
    """

    workers: int = 1
    engine: str = "local"
    clock: str = "auto"
    say: Callable[[str], Any] | None = None
    on_trial: Callable[[Tried, bool], Any] | None = None
    on_step: Callable[[int, int], Any] | None = None


def evaluator_for(plan: TuningPlan, means: TuningMeans, seed: int) -> Evaluator:
    """Return what plays points of a plan; a context manager."""
    planned = len(plan.cases) * (plan.trials * first_stage(plan) + 10 * plan.held_out)
    return Evaluator(
        plan.variants, plan.expressions, seed,
        Execution(workers=means.workers, clock=means.clock, engine=means.engine, say=means.say), planned,
    )  # fmt: skip


class Tuner:
    """A tuning under way: `trials` are those finished, in order."""

    def __init__(self, plan: TuningPlan, evaluator: Evaluator):
        self.plan, self.trials = plan, list[Tried]()
        self.search = Search(plan, list(grid(plan.levers)) if plan.exhaustive else starts(plan))
        self.scores = Scores(plan)
        self._evaluator = evaluator
        self._first = first_stage(plan)
        self._early: dict[int, Reading] = {}

    def go(
        self, means: TuningMeans, known: Sequence[Tried] = (), keep: Callable[[Tried], Any] | None = None
    ) -> None:
        """Do all trials, of which `known` are done already; `keep` gets each of the others as it is finished.

        On KeyboardInterrupt what is finished stays. Raises InputError when `known` are not what this search
        would have asked for.
        """
        for number in range(len(self.trials), self.plan.trials):
            point = self.search.ask()
            old = known[number] if number < len(known) else None
            if old and dict(old.point) != dict(point):
                raise InputError(
                    f"trial {number} was of another point than this version asks for; go on with the versions"
                    " of escalation, optuna and cmaes that began it, or tune anew"
                )
            tried = old or self._try(number, point)
            with interrupts_deferred():
                if keep and not old:
                    keep(tried)
                self._tell(tried)
                if means.on_trial:
                    means.on_trial(tried, old is not None)

    def best(self) -> Tried | None:
        """Return the best trial so far of a single goal: the nearest to the limits where none keeps them."""
        whole = [tried for tried in self.trials if tried.whole]
        return min(whole, key=self.scores.key) if whole else None

    def _tell(self, tried: Tried) -> None:
        self.trials.append(tried)
        moved = self.scores.admit(tried)
        self.search.tell(self._told(tried))
        if moved:
            self.search.retell([self._told(one) for one in self.trials])

    def _told(self, tried: Tried) -> Told | None:
        if not tried.known:
            return None
        return Told(self.scores.losses(tried).tolist(), self.scores.gaps(tried).tolist())

    def _try(self, number: int, point: Point) -> Tried:
        same = next((one for one in self.trials if dict(one.point) == dict(point)), None)
        if same:
            return replace(same, number=number, replications=0, failed=0, truncated=0, checked=None)
        try:
            return self._played(number, point)
        except ScenarioError as error:
            return Tried(number, point, 0, (), fault=str(error.problems[0]))

    def _played(self, number: int, point: Point) -> Tried:
        attempt = Attempt(self.plan, self._evaluator, point)
        reading = attempt.play(self._first)
        stopped = self._first < self.plan.replications and hopeless(
            self.plan, judge(self.plan, reading, self.scores.best), self._rivals()
        )
        if not stopped:
            self._early[number] = reading
            reading = attempt.play(self.plan.replications)
        tried = Tried(
            number,
            point,
            attempt.played,
            values_of(reading),
            stopped,
            None,
            attempt.failed,
            attempt.truncated,
        )
        return replace(tried, checked=self._checked(tried)) if self._leads(tried) else tried

    def _leads(self, tried: Tried) -> bool:
        """True for the best so far of a single goal."""
        if len(self.plan.goals) > 1 or not tried.whole:
            return False
        best = self.best()
        return best is None or self.scores.key(tried) < self.scores.key(best)

    def _checked(self, tried: Tried) -> tuple[tuple[float | None, ...], ...]:
        """Return what the best so far comes to on fresh replications."""
        again = Attempt(self.plan, self._evaluator, tried.point, FRESH)
        return values_of(again.play(self.plan.replications))

    def _rivals(self) -> list[Verdict]:
        """Return what the best so far came to in the first replications: one, or several goals' front."""
        rivals = self.scores.front(self.trials) if len(self.plan.goals) > 1 else []
        if not rivals:
            best = self.best()
            rivals = [best] if best else []
        return [judge(self.plan, self._first_reading(one), self.scores.best) for one in rivals[-RIVALS:]]

    def _first_reading(self, tried: Tried) -> Reading:
        if tried.number not in self._early:
            self._early[tried.number] = Attempt(self.plan, self._evaluator, tried.point).play(self._first)
        return self._early[tried.number]


def values_of(reading: Reading) -> tuple[tuple[float | None, ...], ...]:
    """Return the estimates' values by case and expression."""
    return tuple(tuple(one.value for one in row) for row in reading.estimates)
