"""Which point to try next: where a tuning begins, then Optuna's samplers, without any storage of theirs.

Points follow from the seed and from the feedback, so a search that gets the same again asks for the same
again: that is how a tuning is resumed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Any

from escalation.errors import require_extra
from escalation.scenario.base import Number
from escalation.scenario.document import Scenario
from escalation.scenario.policy import PRESETS, Policy
from escalation.study.points.levers import Lever, Point, Value
from escalation.study.tune.asked import TuneAsked

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial
    from optuna.trial import Trial as OptunaTrial

DIGITS = 4
"""Digits of a lever's way that are trial: a policy is not known better."""
ENOUGH = 20
"""Trials below which no lever is said to matter."""


@dataclass(frozen=True)
class Feedback:
    """What came of a point: a loss for each goal, a gap for each limit (at most 0 where kept)."""

    losses: Sequence[float]
    gaps: Sequence[float]


class Search:
    """Proposes points for a tuning, those of `starts` first. Raises EnvironmentFault without Optuna."""

    def __init__(self, asked: TuneAsked, starts: Sequence[Point]):
        self._asked, self._starts = asked, list(starts)
        self._spaces = {lever.path: _Space(lever) for lever in asked.levers}
        self._sampler = _sampler(asked)
        self._study = self._new()
        self._open: OptunaTrial | None = None

    def ask(self) -> Point:
        """Return the next point to try."""
        number = len(self._study.trials)
        if number == len(self._starts) and self._asked.method == "cmaes":
            self._study.sampler = _cmaes(self._asked, self._best_start())
        if number < len(self._starts):
            start = self._starts[number]
            self._study.enqueue_trial({path: self._spaces[path].code(start[path]) for path in self._spaces})
        with _quiet():
            self._open = self._study.ask({path: space.distribution for path, space in self._spaces.items()})
        return {path: space.value(self._open.params[path]) for path, space in self._spaces.items()}

    def tell(self, feedback: Feedback | None) -> None:
        """Say what came of the point that was asked for last; None where it is undefined."""
        assert self._open is not None
        with _quiet():
            if feedback is None:
                self._study.tell(self._open, state=_states().FAIL)
                return
            for n, gap in enumerate(feedback.gaps):
                self._open.set_constraint(str(n), float(gap))
            self._study.tell(self._open, [float(loss) for loss in feedback.losses])

    def retell(self, feedback: Sequence[Feedback | None]) -> None:
        """Say anew what came of all points so far: a regret has moved. Only for samplers without a state."""
        earlier, self._study = self._study.trials, self._new()
        with _quiet():
            for trial, new in zip(earlier, feedback, strict=True):
                self._study.add_trial(_again(trial, new))

    def importance(self, goal: int) -> Mapping[str, float] | None:
        """Return how much each lever decides whether a trial is among the best tenth in a goal, shares of 1.

        PED-ANOVA (Watanabe, Bansal and Hutter 2023, IJCAI), which is made for trials that crowd where it is
        good. None with too few trials.
        """
        from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances  # noqa: PLC0415

        done = self._study.get_trials(deepcopy=False, states=[_states().COMPLETE])
        if len(done) < ENOUGH or len(self._spaces) < 2:
            return None
        with _quiet():
            shares = get_param_importances(
                self._study, evaluator=PedAnovaImportanceEvaluator(), params=list(self._spaces),
                target=lambda trial: trial.values[goal],
            )  # fmt: skip
        total = sum(shares.values())
        return {path: shares.get(path, 0.0) for path in self._spaces} if 0 < total < float("inf") else None

    def _best_start(self) -> dict[str, Any] | None:
        """Return the best point so far, from which CMA-ES sets out; None where none is known."""
        known = [trial for trial in self._study.trials if trial.values]
        return min(known, key=lambda trial: trial.values[0]).params if known else None

    def _new(self) -> Study:
        from optuna import create_study  # noqa: PLC0415

        with _quiet():
            return create_study(directions=["minimize"] * len(self._asked.goals), sampler=self._sampler)


class _Space:
    """A lever as Optuna knows it: a range as numbers, steps as whole numbers, choices by their place."""

    def __init__(self, lever: Lever):
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution  # noqa: PLC0415

        self._values = () if lever.is_continuous else lever.values()
        self._digits = DIGITS - floor(log10(lever.ends[1] - lever.ends[0])) if lever.is_continuous else 0
        self.distribution: BaseDistribution
        if lever.is_continuous:
            self.distribution = FloatDistribution(*lever.ends)
        elif lever.is_range:
            self.distribution = IntDistribution(0, len(self._values) - 1)
        else:
            self.distribution = CategoricalDistribution(tuple(range(len(self._values))))
        self._lever = lever

    def value(self, code: Any) -> Value:
        if self._values:
            return self._values[int(code)]
        low, high = self._lever.ends
        return min(high, max(low, round(float(code), self._digits)))

    def code(self, value: Value) -> float | int:
        return self._values.index(value) if self._values else float(value)


def need_optuna() -> None:
    """Raise EnvironmentFault, with how to install it, unless the optimiser is there."""
    require_extra("tune", "tuning needs")
    import optuna  # noqa: PLC0415 - an extra, and slow to import

    optuna.logging.set_verbosity(optuna.logging.ERROR)


def _sampler(asked: TuneAsked) -> BaseSampler:
    need_optuna()
    from optuna import samplers  # noqa: PLC0415

    seed = asked.seed % 2**32
    with _quiet():
        if asked.method == "cmaes":
            return _cmaes(asked, None)
        if asked.method == "nsga2":
            return samplers.NSGAIISampler(seed=seed, population_size=max(10, min(50, asked.planned // 8)))
        if asked.method == "tpe":
            return samplers.TPESampler(
                seed=seed, multivariate=True, n_startup_trials=max(10, asked.planned // 10)
            )
        return samplers.RandomSampler(seed=seed)


def _cmaes(asked: TuneAsked, begin: dict[str, Any] | None) -> BaseSampler:
    """Return CMA-ES whose learning rate follows the noise (Nomura, Akimoto and Ono 2023, GECCO)."""
    from optuna.samplers import CmaEsSampler  # noqa: PLC0415

    with _quiet():
        return CmaEsSampler(x0=begin, seed=asked.seed % 2**32, lr_adapt=True, warn_independent_sampling=False)


def _again(trial: FrozenTrial, feedback: Feedback | None) -> FrozenTrial:
    from optuna.trial import create_trial  # noqa: PLC0415

    common = {"params": trial.params, "distributions": trial.distributions}
    if feedback is None:
        return create_trial(state=_states().FAIL, **common)  # type: ignore[arg-type]
    gaps = {str(n): float(gap) for n, gap in enumerate(feedback.gaps)}
    return create_trial(values=list(feedback.losses), constraints=gaps or None, **common)  # type: ignore[arg-type]


def _states() -> Any:
    from optuna.trial import TrialState  # noqa: PLC0415

    return TrialState


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


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna's warnings of its experimental parts, and of targets, from the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
