"""Which point to try next, by Optuna's samplers, without any storage of theirs. Optuna is an extra.

Points follow from the seed and from the feedback, so a search that gets the same again asks for the same
again: that is how a tuning is resumed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import floor, log10
from typing import Any

import optuna
from optuna import samplers
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import TrialState

from escalation.study.points.levers import Lever, Point, Value
from escalation.study.tune.asked import TuneAsked
from escalation.study.tune.reading import Feedback

DIGITS = 4
"""Digits of a lever's way that are trial: a policy is not known better."""
ENOUGH = 20
"""Trials below which no lever is said to matter."""


class Search:
    """Proposes points for a tuning, those of `starts` first."""

    def __init__(self, asked: TuneAsked, starts: Sequence[Point]):
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._asked, self._starts = asked, list(starts)
        self._spaces = {lever.path: _Space(lever) for lever in asked.levers}
        self._sampler = _sampler(asked)
        self._study = self._new()
        self._open: optuna.Trial | None = None

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
                self._study.tell(self._open, state=TrialState.FAIL)
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
        done = self._study.get_trials(deepcopy=False, states=[TrialState.COMPLETE])
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

    def _new(self) -> optuna.Study:
        goals = len(self._asked.goals)
        with _quiet():
            return optuna.create_study(directions=["minimize"] * goals, sampler=self._sampler)


class _Space:
    """A lever as Optuna knows it: a range as numbers, steps as whole numbers, choices by their place."""

    def __init__(self, lever: Lever):
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


def _sampler(asked: TuneAsked) -> samplers.BaseSampler:
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


def _cmaes(asked: TuneAsked, begin: dict[str, Any] | None) -> samplers.BaseSampler:
    """Return CMA-ES whose learning rate follows the noise (Nomura, Akimoto and Ono 2023, GECCO)."""
    with _quiet():
        return samplers.CmaEsSampler(
            x0=begin, seed=asked.seed % 2**32, lr_adapt=True, warn_independent_sampling=False
        )


def _again(trial: optuna.trial.FrozenTrial, feedback: Feedback | None) -> optuna.trial.FrozenTrial:
    common = {"params": trial.params, "distributions": trial.distributions}
    if feedback is None:
        return optuna.trial.create_trial(state=TrialState.FAIL, **common)  # type: ignore[arg-type]
    gaps = {str(n): float(gap) for n, gap in enumerate(feedback.gaps)}
    return optuna.trial.create_trial(
        values=list(feedback.losses),
        constraints=gaps or None,
        **common,  # type: ignore[arg-type]
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna's warnings of its experimental parts, and of targets, from the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
