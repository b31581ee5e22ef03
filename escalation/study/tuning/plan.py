"""What a tuning is: every number of it follows from its plan."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from escalation.errors import InputError, nearest
from escalation.scenario.document import Scenario
from escalation.scenario.expression import Expression, parse
from escalation.study.points.levers import Lever, levers_of
from escalation.study.points.variants import Variants
from escalation.study.tuning.cases import Case, cases_of
from escalation.study.tuning.robust import Robust, robust_of

SAMPLERS = ("auto", "cmaes", "tpe", "nsga2", "random")
TRIALS, REPLICATIONS = 200, 1000
MANY = 1000
HELD_OUT = 2
"""Replications of the held-out figures, unless given: so many times those of a trial."""
MOST_REPLICATIONS = 500_000
"""Beyond these, numbered on, lie the fresh replications on which finalists are chosen."""
_CHOOSERS = ("preset", "kind", "policy")


@dataclass(frozen=True)
class Goal:
    """What is wanted most, or least, of."""

    expression: Expression
    maximise: bool

    @property
    def sign(self) -> float:
        """What its value is multiplied by to become a loss."""
        return -1.0 if self.maximise else 1.0

    def __str__(self) -> str:
        return f"{'maximise' if self.maximise else 'minimise'} {self.expression}"


@dataclass(frozen=True)
class Asked:
    """What is asked for, as texts: the words of the command line, without what simulating needs."""

    vary: Sequence[str]
    maximise: Sequence[str] = ()
    minimise: Sequence[str] = ()
    limits: Sequence[str] = ()
    against: Sequence[str] = ()
    uncertain: Sequence[str] = ()
    robust: str | None = None
    actor: str | None = None
    trials: int = TRIALS
    replications: int = REPLICATIONS
    held_out: int | None = None
    sampler: str = "auto"
    racing: bool = True


@dataclass(frozen=True)
class TuningPlan:
    """Levers and goals of a scenario, checked.

    A trial plays `replications` in each case; figures are reported on `held_out` replications of another
    seed, `held_out_seed`. `name` is the scenario's, `overrides` what of its file was changed.
    """

    scenario: Scenario
    asked: Asked
    levers: tuple[Lever, ...]
    goals: tuple[Goal, ...]
    limits: tuple[Expression, ...]
    cases: tuple[Case, ...]
    robust: Robust
    seed: int
    variants: Variants
    name: str | None = None
    overrides: tuple[str, ...] = ()

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The goals' expressions, then the limits'."""
        return (*(goal.expression for goal in self.goals), *self.limits)

    @property
    def replications(self) -> int:
        """Replications of a trial, in each case."""
        return self.asked.replications

    @property
    def held_out(self) -> int:
        """Replications, in each case, of what is reported."""
        return self.asked.held_out or HELD_OUT * self.replications

    @property
    def held_out_seed(self) -> int:
        """The seed of what is reported: six digits from a hash, so that one can type them."""
        digest = hashlib.sha256(f"held out {self.seed}".encode()).digest()
        found = int.from_bytes(digest[:8], "big") % 1_000_000
        return found if found != self.seed else found + 1

    @property
    def points(self) -> float:
        """How many points there are: infinity where a lever is continuous."""
        return math.prod(math.inf if one.is_continuous else len(one.values()) for one in self.levers)

    @property
    def exhaustive(self) -> bool:
        """True when every point is played."""
        return self.points <= self.asked.trials

    @property
    def trials(self) -> int:
        """How many trials there are: as many as asked for, or as there are points."""
        return int(min(self.points, self.asked.trials))

    @property
    def sampler(self) -> str:
        """What proposes points: `cmaes` for one goal and numbers alone, `tpe` for anything else.

        Of several goals `tpe` covers in 80 trials more of a known front than `nsga2` in 300
        (benchmarks/samplers.py); but its time grows with their number: from MANY on it is `nsga2`.
        """
        if self.exhaustive:
            return "every point"
        if self.asked.sampler != "auto":
            return self.asked.sampler
        if len(self.goals) > 1:
            return "nsga2" if self.trials >= MANY and not self.robust.has_regret else "tpe"
        numbers = all(lever.is_range for lever in self.levers) and len(self.levers) > 1
        return "cmaes" if numbers and not self.limits and not self.robust.has_regret else "tpe"


def plan_tuning(
    scenario: Scenario, asked: Asked, seed: int, name: str | None = None, overrides: Sequence[str] = ()
) -> TuningPlan:
    """Return the plan of a tuning. Raises InputError (ScenarioError for levers and cases) for mistakes."""
    variants = Variants.of(scenario)
    levers = _levers(scenario, asked)
    goals = tuple(
        Goal(_goal(variants, text, option), option == "--maximize")
        for option, texts in (("--maximize", asked.maximise), ("--minimize", asked.minimise))
        for text in texts
    )
    if not goals:
        raise InputError('nothing to aim at: give --maximize or --minimize, as in --maximize "prob(runaway)"')
    for n, goal in enumerate(goals):
        if goal.expression in [other.expression for other in goals[:n]]:
            raise InputError(f"{goal.expression} is a goal twice; name each once")
    limits = tuple(_limit(variants, text) for text in asked.limits)
    cases, turning = cases_of(asked.against, asked.uncertain, scenario.actors)
    if asked.robust is not None and not turning:
        raise InputError("--robust needs cases to be robust in: give --against or --uncertain as well")
    _check_apart(levers, turning)
    variants.require(levers)
    for case in cases:
        variants.world(case.point)
    robust = robust_of(asked.robust or "mean")
    _check_numbers(asked)
    return TuningPlan(
        scenario, asked, levers, goals, limits, cases, robust, seed, variants, name, tuple(overrides)
    )


def _check_numbers(asked: Asked) -> None:
    held_out = asked.held_out if asked.held_out is not None else 100
    for option, found, low, high in (
        ("--trials", asked.trials, 1, 100_000),
        ("--replications", asked.replications, 20, MOST_REPLICATIONS),
        ("--held-out", held_out, 20, MOST_REPLICATIONS),
    ):
        if not low <= found <= high:
            raise InputError(f"{option}: found {found}; allowed is {low} to {high:,}")
    if asked.sampler not in SAMPLERS:
        near = nearest(asked.sampler, SAMPLERS)
        hint = f" (did you mean {near}?)" if near else ""
        raise InputError(f"--sampler: found {asked.sampler!r}; allowed are {', '.join(SAMPLERS)}{hint}")


def _levers(scenario: Scenario, asked: Asked) -> tuple[Lever, ...]:
    """Return the levers, paths that start below the actor made whole, those that choose a policy first."""
    if not asked.vary:
        raise InputError(
            "nothing to vary: give --vary PATH=low:high, as in --vary policy.reciprocity=0.1:1.5"
        )
    actor = asked.actor
    if actor is not None and actor not in scenario.actors:
        near = nearest(actor, list(scenario.actors))
        hint = f" (did you mean {near}?)" if near else ""
        raise InputError(f"--actor: no actor {actor!r}; one of {', '.join(scenario.actors)}{hint}")
    levers = levers_of(_whole(text, actor) for text in asked.vary)
    _check_sampler(levers, asked)
    return tuple(sorted(levers, key=lambda lever: lever.path.split(".")[-1] not in _CHOOSERS))


def _check_sampler(levers: Sequence[Lever], asked: Asked) -> None:
    if asked.sampler == "cmaes":
        goals = len(asked.maximise) + len(asked.minimise)
        if goals > 1 or asked.limits or any(not lever.is_range for lever in levers):
            raise InputError("--sampler cmaes: it takes one goal, ranges of numbers, and no --subject-to")


def _whole(text: str, actor: str | None) -> str:
    if actor is None or text.strip().split("=")[0].split(".")[0].strip() in Scenario.model_fields:
        return text
    return f"actors.{actor}.{text.strip()}"


def _parsed(variants: Variants, text: str, option: str) -> Expression:
    return parse(variants.base.outcomes.objectives.get(text, text), variants.names, option)


def _goal(variants: Variants, text: str, option: str) -> Expression:
    found = _parsed(variants, text, option)
    if found.limit is not None:
        raise InputError(f"{option} {text}: a limit does not belong here; write --subject-to {str(found)!r}")
    return found


def _limit(variants: Variants, text: str) -> Expression:
    found = _parsed(variants, text, "--subject-to")
    if found.limit is None:
        raise InputError(f'--subject-to {text}: the limit is missing; write "{found} <= NUMBER", or >=')
    return found


def _check_apart(levers: Sequence[Lever], turning: Sequence[Lever]) -> None:
    for lever in levers:
        for other in turning:
            inner, outer = sorted((lever.path, other.path), key=len, reverse=True)
            if f"{inner}.".startswith(f"{outer}."):
                raise InputError(
                    f"{inner} is both tuned and part of a case ({outer}); a lever is one or the other"
                )
