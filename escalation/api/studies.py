"""Sweeps and sensitivity analyses, and the stored results of any study."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escalation.api.given import given

if TYPE_CHECKING:
    from escalation.scenario.document import Scenario
    from escalation.study.sensitivity.sensitivity import Sensitivity, SensitivityAsked
    from escalation.study.sweep.sweep import Sweep, SweepAsked
    from escalation.study.values import Result


def plan_sweep(
    scenario: Scenario | str | Path,
    vary: Sequence[str],
    outcomes: Sequence[str] = (),
    design: str = "grid",
    points: int | None = None,
    replications: int = 1000,
    seed: int = 1,
    sets: Sequence[str] = (),
    until: date | None = None,
) -> SweepAsked:
    """Return what a sweep is asked, checked (docs/objectives.md).

    `vary` are levers, PATH=low:high:steps, PATH=low:high or PATH=a|b|c; `outcomes` are expressions such as
    `prob(concession.eu)`, else the scenario's objectives, else its answers and `R`. `design` is `grid`, `lhs`
    or `sobol`, the last two with so many `points`. Raises InputError, ScenarioError.
    """
    from escalation.study.sweep.sweep import SweepAsked  # noqa: PLC0415

    what = given(scenario, seed, sets, until)
    return SweepAsked(
        scenario=what.scenario, name=what.name, overrides=what.overrides, seed=seed,
        replications=replications, vary=tuple(vary), outcomes=tuple(outcomes), design=design, points=points,
    )  # fmt: skip


def sweep(
    scenario: Scenario | str | Path,
    vary: Sequence[str],
    outcomes: Sequence[str] = (),
    design: str = "grid",
    points: int | None = None,
    replications: int = 1000,
    seed: int = 1,
    sets: Sequence[str] = (),
    until: date | None = None,
    out: str | Path | None = None,
    **work: Any,
) -> Sweep:
    """Play a sweep, and store it in the folder `out`, if that is named (see `plan_sweep`).

    `work` are fields of `Execution`: workers, engine, clock, on_progress, say. Raises InputError or
    EnvironmentFault for what cannot be done, before anything is played. Ctrl-C keeps the points that are
    finished, in a folder for `resume`; they are in the result.
    """
    from escalation.study.execution import Execution  # noqa: PLC0415
    from escalation.study.runner import begin  # noqa: PLC0415
    from escalation.study.sweep.sweep import SWEEP  # noqa: PLC0415

    asked = plan_sweep(scenario, vary, outcomes, design, points, replications, seed, sets, until)
    return begin(SWEEP, asked, Execution(**work), None if out is None else Path(out))


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
) -> SensitivityAsked:
    """Return what a sensitivity analysis is asked, checked.

    `outcomes` are means or probabilities, such as `prob(concession.eu)`, else the scenario's objectives, else
    its answers. `vary` are levers beside the uncertain numbers, PATH=low:high or PATH=a|b|c. Each point is
    played `replications` times; the `top` quantities of `trajectories` of Morris's method get indices from
    `points` rows (docs/sensitivity.md). Raises InputError, ScenarioError.
    """
    from escalation.study.sensitivity.sensitivity import SensitivityAsked  # noqa: PLC0415

    what = given(scenario, seed, sets, until)
    return SensitivityAsked(
        scenario=what.scenario, name=what.name, overrides=what.overrides, seed=seed,
        replications=replications, outcomes=tuple(outcomes), vary=tuple(vary), points=points,
        trajectories=trajectories, top=top,
    )  # fmt: skip


def sensitivity(
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
    out: str | Path | None = None,
    **work: Any,
) -> Sensitivity:
    """Find out what outcomes depend on, and store it in the folder `out`, if that is named.

    See `plan_sensitivity`; `work` are fields of `Execution`. Raises InputError or EnvironmentFault for what
    cannot be done, before anything is played; on Ctrl-C Interrupted, and what is finished is kept for
    `resume_study`.
    """
    from escalation.study.execution import Execution  # noqa: PLC0415
    from escalation.study.runner import begin  # noqa: PLC0415
    from escalation.study.sensitivity.sensitivity import SENSITIVITY  # noqa: PLC0415

    asked = plan_sensitivity(
        scenario, outcomes, vary, replications, points, trajectories, top, seed, sets, until
    )
    return begin(SENSITIVITY, asked, Execution(**work), None if out is None else Path(out))


def open_study(folder: str | Path) -> Result:
    """Return the result of a finished study. Raises InputError."""
    from escalation.study.studies import open_result  # noqa: PLC0415

    return open_result(Path(folder))


def resume_study(folder: str | Path, **work: Any) -> Result:
    """Finish a study that was interrupted; return the result of one that is complete. Raises InputError."""
    from escalation.study.execution import Execution  # noqa: PLC0415
    from escalation.study.studies import resume  # noqa: PLC0415

    return resume(Path(folder), Execution(**work))
