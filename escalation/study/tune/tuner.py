"""A tuning under way: from where it begins, ask for a point, play it, give the feedback, again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from escalation.ensemble.interrupts import interrupts_deferred
from escalation.errors import InputError, ScenarioError
from escalation.scenario.base import Number
from escalation.scenario.document import Scenario
from escalation.scenario.policy import PRESETS, Policy
from escalation.study.execution import Execution
from escalation.study.journal import Journal
from escalation.study.points.evaluate import Evaluator, Sample
from escalation.study.points.levers import Lever, Point, Value, grid
from escalation.study.stats import jackknife_error
from escalation.study.tune.asked import MOST_REPLICATIONS, TuneAsked
from escalation.study.tune.reading import (
    CaseOutcomes,
    GoalEstimates,
    Scores,
    Verdict,
    combined,
    judge,
    loss_difference,
    read,
    violation,
)
from escalation.study.tune.result import Trial, Values

FRESH = 2 * MOST_REPLICATIONS
"""Number of the first replication of those on which finalists are chosen; trials never come so far."""
RIVALS = 20
"""Members of the front, at most, that a new point races against."""
TRIALS = "trials"
SHARE, FEWEST = 0.2, 100
"""Part of a trial's replications that are played first; at least so many."""
DOUBT = 3.0
"""Standard errors by which a point has to be worse: in the same worlds, by the same replications."""


def evaluator_for(asked: TuneAsked, execution: Execution, seed: int) -> Evaluator:
    """Return what plays the points of a tuning; a context manager."""
    each = asked.planned * first_stage(asked) + 10 * asked.held_out_replications
    return Evaluator(asked.variants, asked.expressions, seed, execution, len(asked.cases) * each)


class Attempt:
    """A point that is being played, in the worlds of all cases; replications are numbered from `first`.

    Raises ScenarioError for a point that the scenario does not allow.
    """

    def __init__(self, asked: TuneAsked, evaluator: Evaluator, point: Point, first: int = 0):
        self._asked, self._evaluator, self._first = asked, evaluator, first
        self._worlds = [evaluator.variants.world({**case.point, **point}) for case in asked.cases]
        self._samples: list[list[Sample]] = [[] for _ in asked.cases]
        self.played = 0

    def play(self, replications: int) -> GoalEstimates:
        """Play until there are so many replications in each case; return what all of them come to."""
        more = replications - self.played
        if more > 0:
            for world, samples in zip(self._worlds, self._samples, strict=True):
                samples.append(self._evaluator.play(world, more, self._first + self.played))
            self.played = replications
        return read([self._outcomes(samples) for samples in self._samples], self._asked.expressions)

    @property
    def failed(self) -> int:
        """How many replications failed."""
        return sum(sample.failed for samples in self._samples for sample in samples)

    @property
    def truncated(self) -> int:
        """How many replications hit a limit of acts or events."""
        return sum(sample.truncated for samples in self._samples for sample in samples)

    def _outcomes(self, samples: Sequence[Sample]) -> CaseOutcomes:
        estimates = zip(self._evaluator.expressions, samples[-1].estimates, strict=True)
        return CaseOutcomes(
            {
                name: np.concatenate([sample.columns[name] for sample in samples])
                for name in samples[0].columns
            },
            np.concatenate([sample.statuses for sample in samples]),
            {expression: estimate for expression, estimate in estimates if expression.needs_flywheel},
        )


def first_stage(asked: TuneAsked) -> int:
    """Return how many replications a point is first played; all where it is no use, or R is measured.

    R is one number of all replications and cannot be put together from two stages.
    """
    few = max(FEWEST, round(SHARE * asked.replications))
    races = asked.racing and not any(expression.needs_flywheel for expression in asked.expressions)
    return few if races and 2 * few <= asked.replications else asked.replications


def is_clearly_better(asked: TuneAsked, rival: Verdict, verdict: Verdict) -> bool:
    """Return whether a rival, played in the same replications, is clearly better.

    It is where it keeps all limits and the other clearly misses one; where both do as well by the limits and
    every goal of the other is clearly worse; and where it too misses limits, but clearly by less.
    """
    if not (rival.known and verdict.known):
        return rival.known
    if not rival.feasible:
        return _misses_more(asked, rival, verdict)
    if asked.limits and bool((verdict.gaps > DOUBT * verdict.gap_errors).any()):
        return True
    worse, error = loss_difference(rival, verdict)
    return bool((worse > DOUBT * error).all() and (worse > 0).all())


def _misses_more(asked: TuneAsked, rival: Verdict, verdict: Verdict) -> bool:
    """Return whether a verdict misses limits clearly by more than a rival that misses some too."""
    further = violation(asked, verdict.gaps) - violation(asked, rival.gaps)
    pairs = zip(verdict.gap_parts, rival.gap_parts, strict=True)
    parts = np.array([violation(asked, own) - violation(asked, other) for own, other in pairs])
    noise = [np.array(np.max(side.noise[len(side.losses) :], initial=0.0)) for side in (verdict, rival)]
    return further > DOUBT * float(combined(jackknife_error(parts), *noise))


class Tuner:
    """A tuning under way: `trials` are those finished, in order."""

    def __init__(self, asked: TuneAsked, evaluator: Evaluator):
        from escalation.study.tune.search import Search  # noqa: PLC0415 - Optuna is an extra, and slow to import

        self.asked, self.trials = asked, list[Trial]()
        self.search = Search(asked, grid(asked.levers) if asked.exhaustive else starts(asked))
        self.scores = Scores(asked)
        self._evaluator = evaluator
        self._first = first_stage(asked)
        self._early: dict[int, GoalEstimates] = {}

    def run(self, execution: Execution, journal: Journal) -> None:
        """Do all trials but those in the journal, which keeps the others as they are finished.

        On KeyboardInterrupt what is finished stays. Raises InputError when the journal's are not what this
        search would have asked for.
        """
        known = journal.read(TRIALS, _read)
        for number in range(self.asked.planned):
            point = self.search.ask()
            trial = known[number] if number < len(known) else self._try(number, point)
            if trial.point != dict(point):
                raise InputError(
                    f"trial {number} was of another point than this version asks for; resume it with the"
                    " versions of escalation, optuna and cmaes that began it, or tune anew"
                )
            with interrupts_deferred():
                if number >= len(known):
                    journal.append(TRIALS, trial.model_dump(mode="json"))
                self._add(trial)
                if execution.on_progress:
                    execution.on_progress(len(self.asked.cases) * self.asked.replications)
            if execution.on_event and number >= len(known):
                execution.on_event(trial)

    def best(self) -> Trial | None:
        """Return the best trial so far of a single goal: the nearest to the limits where none keeps them."""
        whole = [trial for trial in self.trials if trial.whole]
        return min(whole, key=self.scores.key) if whole else None

    def _add(self, trial: Trial) -> None:
        self.trials.append(trial)
        moved = self.scores.admit(trial)
        self.search.tell(self.scores.feedback(trial))
        if moved:
            self.search.retell([self.scores.feedback(earlier) for earlier in self.trials])

    def _try(self, number: int, point: Point) -> Trial:
        same = next((trial for trial in self.trials if trial.point == dict(point)), None)
        if same:
            again = {"number": number, "replications": 0, "failed": 0, "truncated": 0, "checked": None}
            return same.model_copy(update=again)
        try:
            return self._played(number, point)
        except ScenarioError as error:
            fault = str(error.problems[0])
            return Trial(number=number, point=dict(point), replications=0, values=(), fault=fault)

    def _played(self, number: int, point: Point) -> Trial:
        attempt = Attempt(self.asked, self._evaluator, point)
        reading = attempt.play(self._first)
        stopped = self._first < self.asked.replications and self._is_hopeless(reading)
        if not stopped:
            self._early[number] = reading
            reading = attempt.play(self.asked.replications)
        trial = Trial(
            number=number, point=dict(point), replications=attempt.played, values=values_of(reading),
            stopped=stopped, failed=attempt.failed, truncated=attempt.truncated,
        )  # fmt: skip
        return trial.model_copy(update={"checked": self._checked(trial)}) if self._leads(trial) else trial

    def _leads(self, trial: Trial) -> bool:
        """True for the best so far of a single goal."""
        if len(self.asked.goals) > 1 or not trial.whole:
            return False
        best = self.best()
        return best is None or self.scores.key(trial) < self.scores.key(best)

    def _checked(self, trial: Trial) -> Values:
        """Return what the best so far comes to on fresh replications."""
        again = Attempt(self.asked, self._evaluator, trial.point, FRESH)
        return values_of(again.play(self.asked.replications))

    def _is_hopeless(self, reading: GoalEstimates) -> bool:
        """Return whether the best so far, or one of several goals' front, is clearly better than a reading.

        All are of the first replications.
        """
        rivals = self.scores.front(self.trials) if len(self.asked.goals) > 1 else []
        if not rivals and (best := self.best()):
            rivals = [best]
        verdict = judge(self.asked, reading, self.scores.best)
        others = (
            judge(self.asked, self._first_reading(trial), self.scores.best) for trial in rivals[-RIVALS:]
        )
        return any(is_clearly_better(self.asked, other, verdict) for other in others)

    def _first_reading(self, trial: Trial) -> GoalEstimates:
        if trial.number not in self._early:
            attempt = Attempt(self.asked, self._evaluator, trial.point)
            self._early[trial.number] = attempt.play(self._first)
        return self._early[trial.number]


def values_of(reading: GoalEstimates) -> Values:
    """Return the estimates' values by case and expression."""
    return tuple(tuple(estimate.value for estimate in row) for row in reading.estimates)


def _read(number: int, plain: object) -> Trial:
    trial = Trial.model_validate(plain)
    if trial.number != number:
        raise ValueError(f"trial {trial.number} stands in the place of trial {number}")
    return trial


# ---- where a tuning begins


def starts(asked: TuneAsked) -> list[Point]:
    """Return the first points to try: the scenario as it is, presets, the middle of all ranges.

    What lies outside a range begins at its end.
    """
    points: list[Point] = []
    for point in _points(asked):
        if point not in points:
            points.append(point)
    return points[: max(1, asked.planned // 4)]


def _points(asked: TuneAsked) -> Iterator[Point]:
    middle = {lever.path: lever.at(0.5) for lever in asked.levers}
    yield {lever.path: _within(lever, value_at(asked.scenario, lever.path), middle) for lever in asked.levers}
    yield middle
    if any(_parameter(lever.path) for lever in asked.levers):
        for name in PRESETS:
            yield {lever.path: _preset(asked, lever, name, middle) for lever in asked.levers}


def _preset(asked: TuneAsked, lever: Lever, preset: str, middle: Point) -> Value:
    if lever.path.endswith(".preset") or (lever.path.endswith(".policy") and not lever.is_range):
        now = value_at(asked.scenario, lever.path)
        return preset if preset in lever.choices else _within(lever, now, middle)
    parameter = _parameter(lever.path)
    if parameter is None:
        return _within(lever, value_at(asked.scenario, lever.path), middle)
    policy = Policy.model_validate({"preset": preset})
    return _within(lever, getattr(policy, parameter), middle)


def _parameter(path: str) -> str | None:
    """Return the parameter of a policy that a path is, None for any other path."""
    parts = path.split(".")
    is_policy = len(parts) == 4 and (parts[0], parts[2]) == ("actors", "policy")
    if not is_policy or parts[3] in ("preset", "kind", "last_resort"):
        return None
    return parts[3] if parts[3] in Policy.model_fields else None


def value_at(scenario: Scenario, path: str) -> object:
    """Return the value at a path of the scenario; None for nothing."""
    here: object = scenario
    for part in path.split("."):
        here = here.get(part) if isinstance(here, dict) else getattr(here, part, None)
    return here


def _within(lever: Lever, now: object, middle: Point) -> Value:
    value = now.nominal if isinstance(now, Number) else now
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value if isinstance(value, str) and value in lever.choices else middle[lever.path]
    if lever.is_continuous:
        low, high = lever.ends
        return min(high, max(low, float(value)))
    numbers = [number for number in lever.values() if isinstance(number, float)]
    return min(numbers, key=lambda number: abs(number - value)) if numbers else middle[lever.path]
