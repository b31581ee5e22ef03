"""Sensitivity analyses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escalation.api.given import given
from escalation.api.terms import require_whole, scenario_name

if TYPE_CHECKING:
    from escalation.scenario.document import Scenario
    from escalation.study.sensitivity.plan import SensitivityPlan
    from escalation.study.sensitivity.quantities import Quantity
    from escalation.study.sensitivity.sensitivity import Cost, Sensitivity


def plan_sensitivity(
    scenario: Scenario | str | Path,
    outcomes: Sequence[str] = (),
    vary: Sequence[str] = (),
    replications: int = 32,
    points: int = 512,
    trajectories: int = 20,
    top: int = 8,
    seed: int = 1,
    sets: Sequence[str] = (),
    until: date | None = None,
) -> SensitivityPlan:
    """Return the plan of a sensitivity analysis for `sensitivity`, everything about it checked.

    `outcomes` are means or probabilities, such as `prob(concession.eu)`, else the scenario's objectives, else
    its answers. `vary` are levers beside the uncertain numbers, PATH=low:high or PATH=a|b|c. Each point is
    played `replications` times; the `top` quantities of `trajectories` of Morris's method get indices from
    `points` rows (docs/sensitivity.md). Raises InputError, ScenarioError, EnvironmentFault.
    """
    from escalation.study.points.levers import levers_of  # noqa: PLC0415
    from escalation.study.sensitivity.plan import plan_sensitivity as plan  # noqa: PLC0415

    what = given(scenario, seed, sets, until)
    return plan(
        what.scenario, levers_of(vary), outcomes, replications=replications, points=points,
        trajectories=trajectories, top=top, seed=seed, overrides=what.overrides, name=what.name,
    )  # fmt: skip


def sensitivity(
    plan: SensitivityPlan,
    out: str | Path | None = None,
    source: str | None = None,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
    on_cost: Callable[[Cost, Sequence[Quantity]], Any] | None = None,
) -> Sensitivity:
    """Play a sensitivity analysis, and store it in the folder `out`, if that is named.

    `source` is the scenario's name; `on_cost` is told beforehand what it will cost. Raises InputError or
    EnvironmentFault for a folder that is no good, before anything is played; on Ctrl-C Interrupted, and what
    is finished is kept for `resume_sensitivity`.
    """
    from escalation.present.charts.sensitivity import sensitivity_files  # noqa: PLC0415
    from escalation.study.sensitivity.run import begin  # noqa: PLC0415
    from escalation.study.sensitivity.sensitivity import SensitivityMeans  # noqa: PLC0415

    require_whole("workers", workers, 1, 1024)
    means = SensitivityMeans(workers, clock, on_progress, say, on_cost)
    return begin(plan, means, None if out is None else Path(out), source, sensitivity_files)


def resume_sensitivity(
    folder: str | Path,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
) -> Sensitivity:
    """Go on with a sensitivity analysis that was interrupted. Raises InputError like `resume`."""
    from escalation.present.charts.sensitivity import sensitivity_files  # noqa: PLC0415
    from escalation.study.sensitivity.run import go_on  # noqa: PLC0415
    from escalation.study.sensitivity.sensitivity import SensitivityMeans  # noqa: PLC0415

    require_whole("workers", workers, 1, 1024)
    return go_on(Path(folder), SensitivityMeans(workers, clock, on_progress, say), sensitivity_files)


def is_sensitivity(folder: str | Path) -> bool:
    """Return whether a folder's name is that of a sensitivity analysis, finished or not."""
    from escalation.study.sensitivity.store import SENSITIVITY  # noqa: PLC0415

    return SENSITIVITY.is_one(Path(folder))


def asked_of_sensitivity(folder: str | Path) -> int | None:
    """Return how many replications an interrupted analysis was to have in all; None for a finished one."""
    from escalation.study.sensitivity.run import asked_of as asked  # noqa: PLC0415
    from escalation.study.sensitivity.store import SENSITIVITY  # noqa: PLC0415

    return asked(Path(folder)) if SENSITIVITY.is_unfinished(Path(folder)) else None


def open_sensitivity(folder: str | Path) -> Sensitivity:
    """Return the finished sensitivity analysis stored in a folder. Raises InputError."""
    from escalation.study.sensitivity.store import open_sensitivity as open_folder  # noqa: PLC0415

    return open_folder(Path(folder))


def sensitivity_out(source: str, plan: SensitivityPlan) -> Path:
    """Return a new folder's name for a sensitivity analysis below `results/`."""
    from escalation.study.sensitivity.store import new_folder  # noqa: PLC0415

    return new_folder(scenario_name(source), plan)
