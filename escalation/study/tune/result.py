"""What a tuning found: the chosen policy, its rivals, and what it was chosen from."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Annotated, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from escalation.study.points.levers import Lever, Value
from escalation.study.points.variants import MeasuredExpression, PointResult
from escalation.study.tune.asked import Goal
from escalation.study.values import Count, Estimate, Replications, Result, ResultPart

Array = npt.NDArray[np.float64]
Values = tuple[tuple[float | None, ...], ...]
"""Values of the goals' and limits' expressions in each case; None where undefined."""

Kept = Literal["no", "unsure", "yes"]
"""Whether a limit is kept: its whole 95% interval lies beyond it, across it, or within it."""
VERDICTS: tuple[Kept, ...] = ("no", "unsure", "yes")
"""Verdicts on a limit, the worst first."""


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
        return np.array(self.values, np.float64)

    @property
    def known(self) -> bool:
        """True when every value is defined."""
        return bool(self.values) and bool(np.isfinite(self.array).all())

    @property
    def whole(self) -> bool:
        """True when all its replications were played, and every value is defined."""
        return self.known and not self.stopped


class Finalist(ResultPart):
    """A policy that came into the final choice. All but `tuned` is of held-out replications."""

    trial: Count | None
    """The number of its trial; None for the policy as it is in the scenario."""
    point: dict[str, Value]
    """Its levers, by path; empty for the untuned policy."""
    tuned: tuple[float | None, ...]
    """The goals in the trial, from the replications that it was tuned on."""
    goals: tuple[Estimate, ...]
    """The goals, all cases together; with the criterion `regret` they are regrets."""
    limits: tuple[Estimate, ...]
    """What is limited, all cases together."""
    kept: tuple[Kept, ...]
    """Of each limit, whether it is kept."""


class InCase(ResultPart):
    """How the chosen policy and the untuned one do in one case."""

    case: str
    """The case."""
    untuned: tuple[Estimate, ...]
    """The goals of the untuned policy."""
    tuned: tuple[Estimate, ...]
    """The goals of the chosen policy."""
    gains: tuple[Estimate, ...]
    """How the chosen policy's goals differ from the untuned one's."""
    limits: tuple[Estimate, ...]
    """What is limited, of the chosen policy."""
    kept: tuple[Kept, ...]
    """Of each limit, whether it is kept."""


class Deviation(ResultPart):
    """One lever set away from the chosen policy."""

    lever: str
    """Its path."""
    value: Value
    """What it is set to."""
    changes: tuple[Estimate, ...]
    """How the goals change by that."""
    broken: tuple[str, ...]
    """The limits that are missed then."""


class OutcomeChange(ResultPart):
    """An outcome of the scenario under the untuned and the tuned policy, as `compare` has it."""

    outcome: str
    """Its name."""
    measure: str
    """What of it is compared: `mean`, `probability`, `restricted_mean` (a date), `R`."""
    label: str
    """What it is called."""
    untuned: Estimate
    """Under the untuned policy."""
    tuned: Estimate
    """Under the tuned one."""
    difference: Estimate
    """By how much it differs."""
    is_sure: bool
    """Whether it differs after allowing for all outcomes that were looked at."""


class Importance(ResultPart):
    """How much a lever decides whether a trial is among the best."""

    lever: str
    """Its path."""
    shares: tuple[float | None, ...]
    """Its share for each goal; None with too few trials."""


class Tuned(Result):
    """What a tuning found. Figures are of held-out replications unless they are called tuned."""

    version: ClassVar[int] = 2

    kind: Literal["tune"] = "tune"
    schema_version: Literal[2] = 2
    actor: str | None
    """Whose levers they are."""
    levers: tuple[Lever, ...]
    """What was tuned."""
    goals: tuple[Goal, ...]
    """What was wanted."""
    limits: tuple[MeasuredExpression, ...]
    """What had to be kept."""
    cases: tuple[str, ...]
    """The cases, by name; empty for the scenario alone."""
    robust: str
    """How cases become one figure: `mean`, `worst`, `regret`, `quantile=SHARE`."""
    sampler: str
    """What proposed points: `cmaes`, `tpe`, `nsga2`, `random`, or `every point`."""
    replications: Replications
    """Replications of a trial, in each case."""
    held_out: Replications
    """Replications of the reported figures, in each case."""
    held_out_seed: Annotated[int, Field(ge=0)]
    """Their seed."""
    failed: Replications
    """Replications that failed, in trials and after them."""
    truncated: Replications
    """Replications that hit a limit of acts or events."""
    satisfied: bool
    """False when no policy that was tried keeps the limits: `chosen` is then the one nearest to them."""
    chosen: Finalist
    """The policy to take, chosen on replications other than those of its trial and of the figures."""
    untuned: Finalist
    """The policy as it is in the scenario."""
    gains: tuple[Estimate, ...]
    """How the chosen policy's goals differ from the untuned one's."""
    optimism: tuple[Estimate, ...]
    """How much better each goal looked on the replications that the policy was tuned on."""
    finalists: tuple[Finalist, ...]
    """All policies of the final choice."""
    in_cases: tuple[InCase, ...]
    """The chosen and the untuned policy in each case; empty for a single one."""
    deviations: tuple[Deviation, ...]
    """What it does to set one lever otherwise."""
    importance: tuple[Importance, ...]
    """How much levers matter for being among the best tenth of trials."""
    compared: tuple[OutcomeChange, ...]
    """How the scenario's outcomes differ under the chosen policy."""
    trials: tuple[Trial, ...]
    """All trials, in order."""

    @property
    def has_regret(self) -> bool:
        """Whether the goals over all cases are regrets."""
        return self.robust == "regret" and bool(self.cases)

    @property
    def stopped(self) -> int:
        """How many trials were stopped early."""
        return sum(trial.stopped for trial in self.trials)

    @property
    def unknown(self) -> int:
        """How many trials were played and could not be measured."""
        return sum(not trial.known and not trial.fault for trial in self.trials)

    @property
    def faults(self) -> tuple[str, ...]:
        """Why points could not be played."""
        return tuple(dict.fromkeys(trial.fault for trial in self.trials if trial.fault))

    @property
    def played(self) -> int:
        """How many replications were played in trials."""
        return sum(trial.replications for trial in self.trials) * max(1, len(self.cases))

    @property
    def signs(self) -> tuple[float, ...]:
        """What makes each goal a loss: -1 where more is better, else 1. A regret is a loss as it is."""
        return tuple(1.0 if self.has_regret else goal.sign for goal in self.goals)

    @property
    def gained(self) -> bool:
        """Whether the chosen policy is surely better than the untuned one in a goal, or keeps limits better.

        Surely: the whole 95% interval of the difference, in the same held-out replications, is on the good
        side.
        """
        keeps_better = any(
            VERDICTS.index(after) > VERDICTS.index(before)
            for after, before in zip(self.chosen.kept, self.untuned.kept, strict=True)
        )
        return keeps_better or any(_surely_less(*pair) for pair in zip(self.signs, self.gains, strict=True))

    @property
    def file(self) -> str:
        """The name of the chosen policy's file: `nearest.yaml` where none keeps the limits."""
        return "chosen.yaml" if self.satisfied else "nearest.yaml"

    @property
    def clean(self) -> bool:
        """True when no replication failed or was truncated."""
        return not (self.failed or self.truncated)

    def beaten(self, finalist: Finalist) -> bool:
        """Return whether another finalist, or the untuned policy, is no worse in any goal and better in one.

        By the values on held-out replications, whether or not their difference is sure. What surely misses a
        limit beats nothing.
        """
        rivals = [other for other in (self.untuned, *self.finalists) if "no" not in other.kept]
        own, *others = (_losses(self.signs, other) for other in (finalist, *rivals))
        return any(all(a <= b for a, b in zip(other, own, strict=True)) and other != own for other in others)


def _surely_less(sign: float, gain: Estimate) -> bool:
    ends = [sign * end for end in (gain.low, gain.high) if end is not None]
    return max(ends) < 0 if ends else gain.value is not None and sign * gain.value < 0


def _losses(signs: Sequence[float], finalist: Finalist) -> list[float]:
    return [
        sign * goal.value if goal.value is not None else inf
        for sign, goal in zip(signs, finalist.goals, strict=True)
    ]
