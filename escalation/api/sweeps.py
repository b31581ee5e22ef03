"""Sweeps over the levers of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escalation.api.given import given
from escalation.api.terms import MOST_REPLICATIONS, require_whole, scenario_name

if TYPE_CHECKING:
    from escalation.scenario.document import Scenario
    from escalation.study.sweep.sweep import Sweep, SweepPlan


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
) -> SweepPlan:
    """Return the plan of a sweep for `sweep`, everything about it checked (docs/objectives.md).

    `vary` are levers, PATH=low:high:steps, PATH=low:high or PATH=a|b|c; `outcomes` are expressions such as
    `prob(concession.eu)`, else the scenario's objectives, else its answers and `R`. `design` is `grid`, `lhs`
    or `sobol`, the last two with so many `points`. Raises InputError, ScenarioError, EnvironmentFault.
    """
    from escalation.study.points.levers import levers_of  # noqa: PLC0415
    from escalation.study.sweep.sweep import plan_sweep as plan  # noqa: PLC0415

    require_whole("replications", replications, 1, MOST_REPLICATIONS)
    what = given(scenario, seed, sets, until)
    levers = levers_of(vary)
    return plan(
        what.scenario, levers, outcomes, design, points, seed, replications, what.name, what.overrides
    )


def sweep(
    plan: SweepPlan,
    out: str | Path | None = None,
    source: str | None = None,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    engine: str = "local",
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
) -> Sweep:
    """Play a sweep, and store it in the folder `out`, if that is named; `source` is the scenario's name.

    Raises InputError or EnvironmentFault for a folder or an engine that is no good, before anything is
    played. Ctrl-C keeps the points that are finished, in a folder for `resume_sweep`.
    """
    from escalation.study.sweep.run import begin  # noqa: PLC0415
    from escalation.study.sweep.sweep import SweepMeans  # noqa: PLC0415

    require_whole("workers", workers, 1, 1024)
    means = SweepMeans(workers, engine, clock, on_progress, say)
    return begin(plan, means, None if out is None else Path(out), source)


def resume_sweep(
    folder: str | Path,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    engine: str = "local",
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
) -> Sweep:
    """Go on with a sweep that was interrupted. Raises InputError like `resume`."""
    from escalation.study.sweep.run import go_on  # noqa: PLC0415
    from escalation.study.sweep.sweep import SweepMeans  # noqa: PLC0415

    require_whole("workers", workers, 1, 1024)
    return go_on(Path(folder), SweepMeans(workers, engine, clock, on_progress, say))


def is_sweep(folder: str | Path) -> bool:
    """Return whether a folder's name is that of a sweep, finished or not."""
    from escalation.study.sweep.store import SWEEP  # noqa: PLC0415

    return SWEEP.is_one(Path(folder))


def asked_of_sweep(folder: str | Path) -> int | None:
    """Return how many replications an interrupted sweep was to have in all; None for a finished one."""
    from escalation.study.sweep.run import asked_of as asked  # noqa: PLC0415
    from escalation.study.sweep.store import SWEEP  # noqa: PLC0415

    return asked(Path(folder)) if SWEEP.is_unfinished(Path(folder)) else None


def open_sweep(folder: str | Path) -> Sweep:
    """Return the finished sweep stored in a folder. Raises InputError."""
    from escalation.study.sweep.store import open_sweep as open_folder  # noqa: PLC0415

    return open_folder(Path(folder))


def sweep_out(source: str, plan: SweepPlan) -> Path:
    """Return a new folder's name for a sweep below `results/`."""
    from escalation.study.sweep.store import new_folder  # noqa: PLC0415

    return new_folder(scenario_name(source), plan)
