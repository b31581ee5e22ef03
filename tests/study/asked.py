"""What sweeps and sensitivity analyses are asked, without playing them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from escalation.api import asked_of
from escalation.scenario.document import Scenario
from escalation.study.execution import split
from escalation.study.sensitivity.sensitivity import SENSITIVITY, SensitivityAsked
from escalation.study.sweep.sweep import SWEEP, SweepAsked


def plan_sweep(
    scenario: Scenario | str | Path,
    vary: Sequence[str],
    outcomes: Sequence[str] = (),
    design: str = "grid",
    points: int | None = None,
    replications: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | str | None = None,
) -> SweepAsked:
    """Return what a sweep is asked, checked; see `sweep`."""
    request, _ = split({"sets": sets, "until": until}, replications=replications, seed=seed)
    fields = {"vary": vary, "outcomes": outcomes, "design": design, "points": points}
    return asked_of(SWEEP, scenario, request, **fields)


def plan_sensitivity(
    scenario: Scenario | str | Path,
    outcomes: Sequence[str] = (),
    vary: Sequence[str] = (),
    replications: int | None = None,
    points: int = 512,
    trajectories: int = 20,
    top: int = 8,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | str | None = None,
) -> SensitivityAsked:
    """Return what a sensitivity analysis is asked, checked; see `sensitivity`."""
    request, _ = split({"sets": sets, "until": until}, replications=replications, seed=seed)
    return asked_of(
        SENSITIVITY, scenario, request, outcomes=outcomes, vary=vary, points=points,
        trajectories=trajectories, top=top,
    )  # fmt: skip
