"""What a tuning is asked: levers, goals, limits, and the cases in which a policy has to do well.

Cases are opponents' policies and values of uncertain numbers. A criterion makes one figure of them: the
mean, the worst, a quantile, the regret.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, Self

import numpy as np
import numpy.typing as npt
from pydantic import model_validator

from escalation.errors import InputError, did_you_mean
from escalation.scenario.document import Scenario
from escalation.scenario.expression import Expression, parse
from escalation.study.execution import require_choice, require_whole
from escalation.study.points.levers import (
    Lever,
    Point,
    lever_of,
    levers_of,
    overlap_of,
    repeated,
    short_names,
    split,
    value_text,
)
from escalation.study.points.variants import MeasuredExpression, VariedAsked, measures_of
from escalation.study.values import ResultPart

Array = npt.NDArray[np.float64]

SAMPLERS = ("auto", "cmaes", "tpe", "nsga2", "random")
EXHAUSTIVE = "every point"
"""What proposes points where all of them are played."""
MANY = 1000
HELD_OUT = 2
"""Replications of the held-out figures, unless given: so many times those of a trial."""
MOST_REPLICATIONS = 500_000
"""Beyond these, numbered on, lie the fresh replications on which finalists are chosen."""
MOST_CASES = 64
OWN = "own"
"""Stands for the policy that an actor has in the scenario."""
CRITERIA = ("mean", "worst", "regret", "quantile")
_CHOOSERS = ("preset", "kind", "policy")
_AGAINST = "write ACTOR=POLICY,POLICY, as in belarus=hardline,grit,own"
_ROBUST = "allowed are mean, worst, regret and quantile=SHARE, such as quantile=0.9"


class Goal(ResultPart):
    """What is wanted, and how much of it."""

    measure: MeasuredExpression
    """What is wanted."""
    direction: Literal["maximise", "minimise"]
    """As much of it as can be, or as little."""

    @property
    def expression(self) -> Expression:
        """What is wanted, as an expression."""
        return self.measure.parsed

    @property
    def sign(self) -> float:
        """What its value is multiplied by to become a loss."""
        return -1.0 if self.direction == "maximise" else 1.0


class Case(NamedTuple):
    """One case: its name, and what differs in it from the scenario."""

    name: str
    point: Point


@dataclass(frozen=True)
class Criterion:
    """How losses in several cases become one; `share` is that of `quantile`.

    `worst` is Wald's criterion (1950), `regret` Savage's (1951): in each case the loss beyond the smallest of
    the policies that keep the limits, and of these the largest. Limits have no regret: they are kept in the
    worst case.
    """

    kind: str = "mean"
    share: float | None = None

    def __str__(self) -> str:
        return self.kind if self.share is None else f"{self.kind}={self.share:g}"

    @property
    def has_regret(self) -> bool:
        """True when the best of each case is subtracted first."""
        return self.kind == "regret"

    def of_losses(self, losses: Array, best: Array | None = None) -> Array:
        """Return one loss for float64[..., cases, k]: float64[..., k]; `best` is float64[cases, k]."""
        if self.has_regret:
            losses = losses - (np.min(losses, axis=-2, keepdims=True) if best is None else best)
        return self.over_cases(losses)

    def over_cases(self, values: Array) -> Array:
        """Return the mean, the worst or a quantile over cases, float64[..., k] of float64[..., cases, k]."""
        if self.kind == "mean":
            return np.asarray(np.mean(values, axis=-2))
        if self.share is not None:
            return np.asarray(np.quantile(values, self.share, axis=-2))
        return np.asarray(np.max(values, axis=-2))


def criterion_of(text: str) -> Criterion:
    """Return what `mean`, `worst`, `regret` or `quantile=0.9` says. Raises InputError."""
    kind, equals, rest = text.strip().partition("=")
    if kind not in CRITERIA:
        raise InputError(f"--robust: found {text!r}; {_ROBUST}{did_you_mean(kind, CRITERIA)}")
    if kind != "quantile":
        if equals:
            raise InputError(f"--robust: found {text!r}; {kind} takes no number; {_ROBUST}")
        return Criterion(kind)
    try:
        share = float(rest)
    except ValueError:
        share = -1.0
    if not 0 < share < 1:
        raise InputError(f"--robust: found {text!r}; the share lies above 0 and below 1, as in quantile=0.9")
    return Criterion(kind, share)


class TuneAsked(VariedAsked):
    """What a tuning is asked. Raises InputError (ScenarioError for levers and cases) for mistakes.

    A trial plays `replications` in each case.
    """

    maximise: tuple[str, ...] = ()
    """Goals, as expressions or names of objectives."""
    minimise: tuple[str, ...] = ()
    """Further goals."""
    subject_to: tuple[str, ...] = ()
    """Limits: expressions with `<=` or `>=`."""
    actor: str | None = None
    """Whose levers they are: their paths may start below it."""
    against: tuple[str, ...] = ()
    """Opponents' policies: ACTOR=POLICY,POLICY; `own` is the scenario's."""
    uncertain: tuple[str, ...] = ()
    """What nobody chooses: PATH=low:high:steps or PATH=a|b|c."""
    robust: str | None = None
    """How cases become one figure: `mean`, `worst`, `regret` or `quantile=SHARE`; None for the mean."""
    trials: int = 200
    """Points to try, at most."""
    held_out: int | None = None
    """Replications of the figures that are reported; None for twice those of a trial."""
    sampler: str = "auto"
    """What proposes points."""
    racing: bool = True
    """Whether trials are stopped early that are clearly worse than another."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        _ = self.levers, self.goals, self.limits
        if self.robust is not None and not self._case_levers:
            raise InputError("--robust needs cases to be robust in: give --against or --uncertain as well")
        _require_apart(self.levers, self._case_levers)
        self.variants.require(self.levers)
        for case in self.cases:
            self.variants.world(case.point)
        _ = self.criterion
        require_whole("--trials", self.trials, 1, 100_000)
        require_whole("--replications", self.replications, 20, MOST_REPLICATIONS)
        if self.held_out is not None:
            require_whole("--held-out", self.held_out, 20, MOST_REPLICATIONS)
        require_choice("--sampler", self.sampler, SAMPLERS)
        return self

    @cached_property
    def levers(self) -> tuple[Lever, ...]:
        """What is varied, paths that start below the actor made whole, those that choose a policy first."""
        if not self.vary:
            raise InputError(
                "nothing to vary: give --vary PATH=low:high, as in --vary policy.reciprocity=0.1:1.5"
            )
        if self.actor is not None:
            _require_actor("--actor", self.actor, self.scenario)
        levers = levers_of(_whole(text, self.actor) for text in self.vary)
        if self.sampler == "cmaes":
            goals = len(self.maximise) + len(self.minimise)
            if goals > 1 or self.subject_to or any(not lever.is_range for lever in levers):
                raise InputError("--sampler cmaes: it takes one goal, ranges of numbers, and no --subject-to")
        return tuple(sorted(levers, key=lambda lever: lever.path.split(".")[-1] not in _CHOOSERS))

    @cached_property
    def goals(self) -> tuple[Goal, ...]:
        """What is wanted."""
        wanted = [(self._goal(text, "--maximize"), "maximise") for text in self.maximise]
        wanted += [(self._goal(text, "--minimize"), "minimise") for text in self.minimise]
        if not wanted:
            raise InputError(
                'nothing to aim at: give --maximize or --minimize, as in --maximize "prob(runaway)"'
            )
        expressions = [expression for expression, _ in wanted]
        if (twice := repeated(expressions)) is not None:
            raise InputError(f"{twice} is a goal twice; name each once")
        measures = measures_of(self.scenario, expressions)
        return tuple(
            Goal.model_validate({"measure": measure, "direction": direction})
            for measure, (_, direction) in zip(measures, wanted, strict=True)
        )

    @cached_property
    def limits(self) -> tuple[Expression, ...]:
        """What has to be kept."""
        return tuple(map(self._limit, self.subject_to))

    @cached_property
    def measures(self) -> tuple[MeasuredExpression, ...]:
        """The goals' measures, then the limits'."""
        return (*(goal.measure for goal in self.goals), *measures_of(self.scenario, self.limits))

    @cached_property
    def expressions(self) -> tuple[Expression, ...]:
        """The goals' expressions, then the limits'."""
        return (*(goal.expression for goal in self.goals), *self.limits)

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """Every combination of opponents' policies and uncertain values; one, the scenario, without any."""
        levers = self._case_levers
        names = short_names(levers)
        combinations = itertools.product(*(lever.values() for lever in levers))
        return tuple(_case(levers, names, values) for values in combinations)

    @cached_property
    def criterion(self) -> Criterion:
        """How cases become one figure."""
        return criterion_of(self.robust or "mean")

    @cached_property
    def _case_levers(self) -> tuple[Lever, ...]:
        levers = (
            *(_opponent(text, self.scenario) for text in self.against),
            *(lever_of(text, "--uncertain") for text in self.uncertain),
        )
        levers_of([f"{lever.path}=0|1" for lever in levers], "--against or --uncertain")
        count = math.prod(len(lever.values()) for lever in levers)
        if count > MOST_CASES:
            raise InputError(
                f"--against and --uncertain: {count:,} cases; allowed are {MOST_CASES}; name fewer policies,"
                " or fewer steps, as in PATH=low:high:2"
            )
        return levers

    @property
    def held_out_replications(self) -> int:
        """Replications, in each case, of what is reported."""
        return self.held_out or HELD_OUT * self.replications

    @property
    def held_out_seed(self) -> int:
        """The seed of what is reported: six digits from a hash, so that one can type them."""
        digest = hashlib.sha256(f"held out {self.seed}".encode()).digest()
        seed = int.from_bytes(digest[:8], "big") % 1_000_000
        return seed if seed != self.seed else seed + 1

    @property
    def size(self) -> float:
        """How many points there are: infinity where a lever is continuous."""
        return math.prod(math.inf if lever.is_continuous else len(lever.values()) for lever in self.levers)

    @property
    def exhaustive(self) -> bool:
        """True when every point is played."""
        return self.size <= self.trials

    @property
    def planned(self) -> int:
        """How many trials there are: as many as asked for, or as there are points."""
        return int(min(self.size, self.trials))

    @property
    def method(self) -> str:
        """What proposes points: `cmaes` for one goal and numbers alone, `tpe` for anything else.

        Of several goals `tpe` covers in 80 trials more of a known front than `nsga2` in 300
        (benchmarks/samplers.py); but its time grows with their number: from MANY on it is `nsga2`.
        """
        if self.exhaustive:
            return EXHAUSTIVE
        if self.sampler != "auto":
            return self.sampler
        if len(self.goals) > 1:
            return "nsga2" if self.planned >= MANY and not self.criterion.has_regret else "tpe"
        numbers = all(lever.is_range for lever in self.levers) and len(self.levers) > 1
        return "cmaes" if numbers and not self.limits and not self.criterion.has_regret else "tpe"

    def _parsed(self, text: str, option: str) -> Expression:
        objectives = self.scenario.outcomes.objectives
        return parse(objectives.get(text, text), self.variants.names, option)

    def _goal(self, text: str, option: str) -> Expression:
        expression = self._parsed(text, option)
        if expression.limit is not None:
            limit = f"write --subject-to {str(expression)!r}"
            raise InputError(f"{option} {text}: a limit does not belong here; {limit}")
        return expression

    def _limit(self, text: str) -> Expression:
        expression = self._parsed(text, "--subject-to")
        if expression.limit is None:
            limit = f'write "{expression} <= NUMBER", or >='
            raise InputError(f"--subject-to {text}: the limit is missing; {limit}")
        return expression


def _require_actor(where: str, name: str, scenario: Scenario) -> None:
    if name not in scenario.actors:
        known, hint = ", ".join(scenario.actors), did_you_mean(name, list(scenario.actors))
        raise InputError(f"{where}: no actor {name!r}; one of {known}{hint}")


def _whole(text: str, actor: str | None) -> str:
    if actor is None or text.strip().split("=")[0].split(".")[0].strip() in Scenario.model_fields:
        return text
    return f"actors.{actor}.{text.strip()}"


def _require_apart(levers: Sequence[Lever], case_levers: Sequence[Lever]) -> None:
    for lever in levers:
        for other in case_levers:
            if overlap := overlap_of(lever.path, other.path):
                inner, outer = overlap
                raise InputError(
                    f"{inner} is both tuned and part of a case ({outer}); a lever is one or the other"
                )


def _opponent(text: str, scenario: Scenario) -> Lever:
    actor, equals, rest = (part.strip() for part in text.partition("="))
    policies = split(rest, ",")
    if not equals or not actor or "" in policies:
        raise InputError(f"--against {text}: this is not ACTOR=POLICIES; {_AGAINST}")
    _require_actor(f"--against {text}", actor, scenario)
    if (twice := repeated(policies)) is not None:
        raise InputError(f"--against {text}: the policy {twice} stands twice; name each once")
    path = f"actors.{actor}.policy"
    return Lever(path=path, text=f"{path}={rest}", choices=tuple(policies))


def _case(levers: Sequence[Lever], names: Sequence[str], values: Sequence[float | str]) -> Case:
    rows = list(zip(levers, names, values, strict=True))
    point = {lever.path: value for lever, _, value in rows if not _is_own(lever, value)}
    return Case(", ".join(_name(*row) for row in rows), point)


def _is_own(lever: Lever, value: float | str) -> bool:
    """Return whether a value stands for the policy that an actor has in the scenario."""
    parts = lever.path.split(".")
    return value == OWN and len(parts) == 3 and (parts[0], parts[2]) == ("actors", "policy")


def _name(lever: Lever, name: str, value: float | str) -> str:
    """Return what a value is of, and the value: `belarus grit`, `belarus reciprocity 0.5`, `magnitude 3`."""
    actors, actor, *rest = lever.path.split(".")
    if actors == "actors" and rest[:1] == ["policy"]:
        name = " ".join([actor, *rest[1:]])
    return f"{name} {value_text(value)}"
