"""Which point to try next: Optuna's samplers, asked and told; no storage of theirs.

Points follow from the seed and from what was told, so a search that is told the same again asks the same
again: that is how a tuning is gone on with.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import floor, log10
from time import perf_counter
from typing import TYPE_CHECKING, Any

from escalation.errors import EnvironmentFault
from escalation.study.points.levers import Lever, Point, Value
from escalation.study.tuning.plan import TuningPlan

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial, Trial

DIGITS = 4
"""Digits of a lever's way that are tried: a policy is not known better."""
ENOUGH = 20
"""Trials below which no lever is said to matter."""


@dataclass(frozen=True)
class Told:
    """What a search is told of a point: a loss for each goal, a gap for each limit (at most 0 where kept)."""

    losses: Sequence[float]
    gaps: Sequence[float]


class Search:
    """Proposes points for a plan, those of `starts` first. Raises EnvironmentFault without Optuna.

    `seconds` is how long the optimiser itself took so far.
    """

    def __init__(self, plan: TuningPlan, starts: Sequence[Point]):
        self._plan, self._starts = plan, list(starts)
        self._spaces = {lever.path: _Space(lever) for lever in plan.levers}
        self._sampler = _sampler(plan)
        self._study = self._new()
        self._asked: Trial | None = None
        self.seconds = 0.0

    def ask(self) -> Point:
        """Return the next point to try."""
        number = len(self._study.trials)
        if number == len(self._starts) and self._plan.sampler == "cmaes":
            self._study.sampler = _cmaes(self._plan, self._best_start())
        if number < len(self._starts):
            start = self._starts[number]
            self._study.enqueue_trial({path: self._spaces[path].code(start[path]) for path in self._spaces})
        with _quiet(), _timed(self):
            self._asked = self._study.ask({path: one.distribution for path, one in self._spaces.items()})
        return {path: space.value(self._asked.params[path]) for path, space in self._spaces.items()}

    def tell(self, told: Told | None) -> None:
        """Say what came of the point that was asked for last; None where nothing can be said of it."""
        assert self._asked is not None
        with _quiet(), _timed(self):
            if told is None:
                self._study.tell(self._asked, state=_states().FAIL)
                return
            for n, gap in enumerate(told.gaps):
                self._asked.set_constraint(str(n), float(gap))
            self._study.tell(self._asked, [float(loss) for loss in told.losses])

    def retell(self, told: Sequence[Told | None]) -> None:
        """Say anew what came of all points so far: a regret has moved. Only for samplers without a state."""
        earlier, self._study = self._study.trials, self._new()
        with _quiet(), _timed(self):
            for trial, one in zip(earlier, told, strict=True):
                self._study.add_trial(_again(trial, one))

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
        """Return the best point so far, from which CMA-ES sets out; None where none could be told."""
        told = [trial for trial in self._study.trials if trial.values]
        return min(told, key=lambda trial: trial.values[0]).params if told else None

    def _new(self) -> Study:
        from optuna import create_study  # noqa: PLC0415

        with _quiet():
            return create_study(directions=["minimize"] * len(self._plan.goals), sampler=self._sampler)


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
    try:
        import cmaes  # noqa: PLC0415, F401 - an extra
        import optuna  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise EnvironmentFault(
            f"tuning needs {error.name}, which is not installed; pip install 'escalation[tune]'"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def _sampler(plan: TuningPlan) -> BaseSampler:
    need_optuna()
    from optuna import samplers  # noqa: PLC0415

    seed = plan.seed % 2**32
    with _quiet():
        if plan.sampler == "cmaes":
            return _cmaes(plan, None)
        if plan.sampler == "nsga2":
            return samplers.NSGAIISampler(seed=seed, population_size=max(10, min(50, plan.trials // 8)))
        if plan.sampler == "tpe":
            return samplers.TPESampler(
                seed=seed, multivariate=True, n_startup_trials=max(10, plan.trials // 10)
            )
        return samplers.RandomSampler(seed=seed)


def _cmaes(plan: TuningPlan, begin: dict[str, Any] | None) -> BaseSampler:
    """Return CMA-ES whose learning rate follows the noise (Nomura, Akimoto and Ono 2023, GECCO)."""
    from optuna.samplers import CmaEsSampler  # noqa: PLC0415

    with _quiet():
        return CmaEsSampler(x0=begin, seed=plan.seed % 2**32, lr_adapt=True, warn_independent_sampling=False)


def _again(trial: FrozenTrial, told: Told | None) -> FrozenTrial:
    from optuna.trial import create_trial  # noqa: PLC0415

    common = {"params": trial.params, "distributions": trial.distributions}
    if told is None:
        return create_trial(state=_states().FAIL, **common)  # type: ignore[arg-type]
    gaps = {str(n): float(gap) for n, gap in enumerate(told.gaps)}
    return create_trial(values=list(told.losses), constraints=gaps or None, **common)  # type: ignore[arg-type]


def _states() -> Any:
    from optuna.trial import TrialState  # noqa: PLC0415

    return TrialState


@contextmanager
def _timed(search: Search) -> Iterator[None]:
    """Add to the seconds that the optimiser itself has taken."""
    began = perf_counter()
    try:
        yield
    finally:
        search.seconds += perf_counter() - began


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna's warnings of its experimental parts, and of targets, from the user."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
