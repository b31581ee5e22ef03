"""The end of a tuning: finalists on fresh replications, the choice, and all that is reported on others still.

Finalists are chosen on replications of the tuning's seed that no trial was played on, and everything that is
reported comes from another seed: the choice is no more flattered by chance than the tuning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from escalation.errors import InputError, ScenarioError
from escalation.study.points.evaluate import Evaluator
from escalation.study.points.levers import Point
from escalation.study.tuning.attempt import Attempt
from escalation.study.tuning.choice import choose, finalists
from escalation.study.tuning.plan import TuningPlan
from escalation.study.tuning.reading import Reading, judge, smallest_losses
from escalation.study.tuning.record import Tried
from escalation.study.tuning.tune import FRESH, Tuner, TuningMeans, evaluator_for
from escalation.study.tuning.turns import Turn, turns


class Held(NamedTuple):
    """A point and what it came to on replications that it was not tuned on."""

    point: Point
    reading: Reading
    failed: int
    truncated: int


@dataclass(frozen=True)
class Final:
    """All that was played after the last trial.

    `chosen` is the place of the one taken among the `entrants`, of which `second` are the readings it was
    chosen by; `held`, `untuned` and `turned` are of the held-out seed. `satisfied` says that it keeps the
    limits by `second`.
    """

    entrants: tuple[Tried, ...]
    second: tuple[Held, ...]
    chosen: int
    satisfied: bool
    untuned: Held
    held: tuple[Held, ...]
    turned: tuple[tuple[Turn, Held], ...]

    @property
    def everything(self) -> tuple[Held, ...]:
        """Every point that was played."""
        return (*self.second, self.untuned, *self.held, *(held for _, held in self.turned))


def play_final(tuner: Tuner, means: TuningMeans) -> Final:
    """Play what comes after the last trial. Raises InputError when no trial could be measured."""
    plan = tuner.plan
    entrants = finalists(tuner.scores, tuner.trials)
    if not entrants:
        raise InputError(_nothing(tuner))
    counter = _Counter(means, 2 * len(entrants) + 1)
    with evaluator_for(plan, means, plan.seed) as fresh:
        second = tuple(_held(plan, fresh, one.point, counter, FRESH) for one in entrants)
    best = smallest_losses(plan, [one.reading for one in second])
    verdicts = [judge(plan, one.reading, best) for one in second]
    chosen = choose(plan, verdicts)
    around = list(turns(plan, entrants[chosen].point))
    counter.total += len(around)
    with evaluator_for(plan, means, plan.held_out_seed) as unseen:
        untuned = _held(plan, unseen, {}, counter)
        held = tuple(_held(plan, unseen, one.point, counter) for one in entrants)
        turned = tuple(_turned(plan, unseen, around, counter))
    return Final(tuple(entrants), second, chosen, verdicts[chosen].feasible, untuned, held, turned)


class _Counter:
    """Counts the points that were played for whoever watches."""

    def __init__(self, means: TuningMeans, total: int):
        self._tell, self.total, self._done = means.on_step, total, 0

    def one_more(self) -> None:
        self._done += 1
        if self._tell:
            self._tell(self._done, self.total)


def _held(plan: TuningPlan, evaluator: Evaluator, point: Point, counter: _Counter, first: int = 0) -> Held:
    attempt = Attempt(plan, evaluator, point, first)
    reading = attempt.play(plan.held_out)
    counter.one_more()
    return Held(point, reading, attempt.failed, attempt.truncated)


def _turned(
    plan: TuningPlan, evaluator: Evaluator, around: Sequence[Turn], counter: _Counter
) -> list[tuple[Turn, Held]]:
    """Return the points around the chosen one that the scenario allows."""
    found = []
    for turn in around:
        try:
            found.append((turn, _held(plan, evaluator, turn.point, counter)))
        except ScenarioError:
            counter.one_more()
    return found


def _nothing(tuner: Tuner) -> str:
    fault = next((one.fault for one in tuner.trials if one.fault), "")
    reason = f"; the first one: {fault}" if fault else "; what is aimed at could not be measured in any"
    return f"none of {len(tuner.trials)} trials could be played to its end{reason}"
