"""What a sensitivity analysis is asked, checked before anything is played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from escalation.errors import InputError
from escalation.scenario.document import Scenario
from escalation.scenario.expression import Expression, parse
from escalation.study.points.levers import Lever
from escalation.study.points.variants import Variants
from escalation.study.sensitivity.morris import need_salib
from escalation.study.sensitivity.quantities import Space
from escalation.study.sensitivity.sobol import need_scipy

REPLICATIONS, POINTS, TRAJECTORIES, TOP = 32, 512, 20, 8
"""Replications of a point, rows of the Sobol design, Morris trajectories, quantities with own indices."""
MOST_POINTS, MOST_REPLICATIONS, MOST_TRAJECTORIES, MOST_TOP = 2**16, 100_000, 10_000, 1000
FEWEST_POINTS, FEWEST_TRAJECTORIES = 16, 4


@dataclass(frozen=True)
class SensitivityPlan:
    """What a sensitivity analysis is: every number of it follows from this.

    Each point has `replications`. `points` are the rows of the Sobol design, a power of two. `name` is the
    scenario's, where it has one; `left_out` are objectives of its own that are no mean.
    """

    scenario: Scenario
    levers: tuple[Lever, ...]
    expressions: tuple[Expression, ...]
    seed: int = 1
    replications: int = REPLICATIONS
    points: int = POINTS
    trajectories: int = TRAJECTORIES
    top: int = TOP
    name: str | None = None
    overrides: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def plan_sensitivity(
    scenario: Scenario,
    levers: Sequence[Lever] = (),
    outcomes: Sequence[str] = (),
    **numbers: Any,
) -> SensitivityPlan:
    """Return the plan of an analysis, everything about it checked.

    `outcomes` are means or probabilities, or names of the scenario's objectives; without any it takes those
    objectives that are such, else the outcomes that answer the question. `numbers` are further fields of
    `SensitivityPlan`. Raises InputError (ScenarioError for levers that the scenario cannot follow), and
    EnvironmentFault without SciPy or SALib.
    """
    need_scipy()
    need_salib()
    variants = Variants.of(scenario)
    expressions, left_out = _expressions(variants, outcomes)
    plan = SensitivityPlan(scenario, tuple(levers), expressions, left_out=left_out, **numbers)
    _check(plan)
    Space(variants, levers)
    return plan


def _expressions(variants: Variants, texts: Sequence[str]) -> tuple[tuple[Expression, ...], tuple[str, ...]]:
    asked = variants.base.outcomes
    wanted = [asked.objectives.get(text, text) for text in texts]
    own = tuple(asked.objectives.values()) or asked.answer
    found = [parse(text, variants.names, "--outcome") for text in (wanted or own)]
    refused = [one for one in found if one.function not in ("mean", "prob")]
    if refused and (texts or len(refused) == len(found)):
        one = refused[0]
        raise InputError(
            f"--outcome {one}: {one.measured} is no average over replications, and only the variance of an"
            " average can be apportioned; write mean(OUTCOME) or prob(OUTCOME)"
            + ("; `escalation sweep` shows how R goes with a lever" if one.needs_flywheel else "")
        )
    if not found:
        raise InputError(
            "--outcome: the scenario names no outcome as its answer; name one, as in prob(runaway)"
        )
    kept = (replace(one, relation="", limit=None) for one in found if one not in refused)
    return tuple(dict.fromkeys(kept)), tuple(one.measured for one in refused)


def _check(plan: SensitivityPlan) -> None:
    for option, found, low, high in (
        ("--replications", plan.replications, 2, MOST_REPLICATIONS),
        ("--points", plan.points, FEWEST_POINTS, MOST_POINTS),
        ("--trajectories", plan.trajectories, FEWEST_TRAJECTORIES, MOST_TRAJECTORIES),
        ("--top", plan.top, 1, MOST_TOP),
    ):
        if not low <= found <= high:
            raise InputError(f"{option}: found {found:,}; allowed is {low} to {high:,}")
    below = 2 ** (plan.points.bit_length() - 1)
    if plan.points != below:
        raise InputError(
            f"--points: found {plan.points:,}; allowed are powers of two, such as {below:,} and {2 * below:,}"
        )
