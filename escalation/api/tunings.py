"""Tuning a policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escalation.api.given import given
from escalation.api.terms import require_whole, scenario_name

if TYPE_CHECKING:
    from escalation.scenario.document import Scenario
    from escalation.study.tuning.outcome import Tuned
    from escalation.study.tuning.perform import Tuning
    from escalation.study.tuning.plan import Asked, TuningPlan
    from escalation.study.tuning.record import Tried


def plan_tuning(
    scenario: Scenario | str | Path,
    asked: Asked,
    seed: int = 1,
    sets: Sequence[str] = (),
    until: date | None = None,
) -> TuningPlan:
    """Return the plan of a tuning for `tune`, everything about it checked.

    `asked` (escalation.study.tuning.plan.Asked) says what is varied, aimed at and kept to. Raises InputError,
    and ScenarioError for levers and cases that the scenario cannot follow.
    """
    from escalation.study.tuning.plan import plan_tuning as plan  # noqa: PLC0415

    what = given(scenario, seed, sets, until)
    return plan(what.scenario, asked, seed, what.name, what.overrides)


def tune(
    plan: TuningPlan,
    out: str | Path | None = None,
    source: str | None = None,
    workers: int = 1,
    engine: str = "local",
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
    on_trial: Callable[[Tried, bool], Any] | None = None,
    on_step: Callable[[int, int], Any] | None = None,
) -> Tuning:
    """Tune, and store it in the folder `out`, if that is named; `source` is the scenario's name.

    Raises InputError or EnvironmentFault for a folder or an engine that is no good, and EnvironmentFault
    without Optuna, before anything is played. Ctrl-C keeps the trials that are finished, in a folder for
    `resume_tuning`: the result's `tuned` is then None.
    """
    from escalation.present.tuning.tuning import files  # noqa: PLC0415
    from escalation.study.tuning.perform import begin  # noqa: PLC0415
    from escalation.study.tuning.tune import TuningMeans  # noqa: PLC0415

    require_whole("workers", workers, 1, 1024)
    means = TuningMeans(workers, engine, clock, say, on_trial, on_step)
    return begin(plan, means, None if out is None else Path(out), source, files)


def resume_tuning(
    folder: str | Path,
    workers: int = 1,
    engine: str = "local",
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
    on_trial: Callable[[Tried, bool], Any] | None = None,
    on_step: Callable[[int, int], Any] | None = None,
) -> Tuning:
    """Go on with a tuning that was interrupted, to what it would have come to. Raises InputError."""
    from escalation.present.tuning.tuning import files  # noqa: PLC0415
    from escalation.study.tuning.perform import go_on  # noqa: PLC0415
    from escalation.study.tuning.tune import TuningMeans  # noqa: PLC0415

    require_whole("workers", workers, 1, 1024)
    return go_on(Path(folder), TuningMeans(workers, engine, clock, say, on_trial, on_step), files)


def is_tuning(folder: str | Path) -> bool:
    """Return whether a folder's name is that of a tuning, finished or not."""
    from escalation.study.tuning.store import TUNING, is_unfinished  # noqa: PLC0415

    return is_unfinished(Path(folder)) or TUNING.is_one(Path(folder))


def asked_of_tuning(folder: str | Path) -> int | None:
    """Return how many trials an unfinished tuning was to have; None for one that is complete."""
    from escalation.study.tuning.store import asked_trials, is_unfinished  # noqa: PLC0415

    return asked_trials(Path(folder)) if is_unfinished(Path(folder)) else None


def open_tuning(folder: str | Path) -> Tuned:
    """Return the finding of the finished tuning stored in a folder. Raises InputError."""
    from escalation.study.tuning.store import open_tuning as open_folder  # noqa: PLC0415

    return open_folder(Path(folder))


def tuning_out(source: str, plan: TuningPlan) -> Path:
    """Return a new folder's name for a tuning below `results/`."""
    from escalation.study.tuning.store import new_folder  # noqa: PLC0415

    return new_folder(scenario_name(source), plan)
