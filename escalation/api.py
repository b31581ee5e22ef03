"""The Python face: load a scenario, run it, summarise what came out, open what was stored.

Imports are made where they are used, so that asking for the version costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escalation.errors import InputError
from escalation.study.finished import Finished

if TYPE_CHECKING:
    from escalation.ensemble.read import Run
    from escalation.ensemble.result import Keep, Results
    from escalation.scenario.document import Scenario
    from escalation.study.average import Average
    from escalation.study.comparison import Adjustment, Comparison
    from escalation.study.contest import Contest, Source
    from escalation.study.deletion import Deletion
    from escalation.study.exhibit import Exhibit
    from escalation.study.parting import Parting
    from escalation.study.quantities import Quantity
    from escalation.study.sensitivity import Cost, Sensitivity
    from escalation.study.sensitivity_plan import SensitivityPlan
    from escalation.study.story import Story
    from escalation.study.summary import Summary
    from escalation.study.sweep import Sweep, SweepPlan
    from escalation.study.tuning.outcome import Tuned
    from escalation.study.tuning.perform import Tuning
    from escalation.study.tuning.plan import Asked, TuningPlan
    from escalation.study.tuning.record import Tried
    from escalation.study.whatif import WhatIf

REPLICATIONS, LIMIT = 200, 100_000
"""Replications unless a number is given: of a plain run, and at most where a precision ends it."""
MOST_REPLICATIONS = 10_000_000
LARGEST_SEED = 2**64 - 1


def load(source: str | Path, sets: Sequence[str] = (), until: date | None = None) -> Scenario:
    """Return the scenario in a file or of a shipped name; `sets` are PATH=VALUE. Raises ScenarioError."""
    from escalation.scenario.load import load as load_scenario  # noqa: PLC0415

    return load_scenario(source, sets, until)


def run(
    scenario: Scenario | str | Path,
    replications: int | None = None,
    seed: int = 1,
    workers: int = 1,
    acts: Keep = "sample",
    sets: Sequence[str] = (),
    until: date | None = None,
    out: str | Path | Callable[[Scenario], Path] | None = None,
    on_progress: Callable[[int], Any] | None = None,
    engine: str = "local",
    precision: float | None = None,
    outcome: str | None = None,
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
) -> Finished:
    """Run an ensemble and return it with its summary; `out` names the folder to store it in.

    It has `replications` (200 unless given). With `precision`, half the width of the 95% interval that is
    wanted for `outcome` (`concession.eu`, `prob(concession.eu)`, `mean(package_days.eu)`) in its own unit, it
    ends as soon as that is reached at one of the counts 256, 512, 1,024, 2,048 and the multiples of 4,096;
    `replications`, then 100,000 unless given, are the limit.

    `clock` is `auto`, `compiled` or `simpy`: the same numbers at another speed (`auto` compiles for a
    thousand replications or more, and says so through `say`). On the SimPy clock more than one worker needs
    the usual `if __name__ == "__main__":` around the script. `engine` is `local` or `dask://HOST:PORT`, a
    cluster whose workers are used instead of `workers` processes here. Raises
    ScenarioError or InputError for what is asked wrongly (including a folder that is taken) and
    EnvironmentFault for a folder that cannot be made or a cluster that does not answer, all before anything
    is simulated. Ctrl-C keeps what is finished; without a folder, all outcomes are held in memory.
    """
    from escalation.ensemble.engine import address_of  # noqa: PLC0415
    from escalation.scenario.document import Scenario  # noqa: PLC0415
    from escalation.study.perform import Means, begin, plan  # noqa: PLC0415

    wanted = _precision(precision, outcome)
    count = replications if replications is not None else LIMIT if wanted else REPLICATIONS
    require_whole("replications", count, 1, MOST_REPLICATIONS)
    require_whole("seed", seed, 0, LARGEST_SEED)
    require_whole("workers", workers, 1, 1024)
    if acts not in ("none", "sample", "all"):
        raise InputError(f"acts: found {acts!r}; allowed are none, sample, all")
    address_of(engine)
    source = None if isinstance(scenario, Scenario) else str(scenario)
    loaded = scenario if isinstance(scenario, Scenario) else load(scenario, sets, until)
    overrides = () if source is None else (*sets, *([f"until={until}"] if until else []))
    what = plan(loaded, seed, count, acts, wanted, overrides)
    folder = out(loaded) if callable(out) else Path(out) if out is not None else None
    name = scenario_name(source) if source else None
    means = Means(workers, engine, on_progress, clock, say)
    return begin(what, means, folder, source, name)


def resume(
    folder: str | Path,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    engine: str = "local",
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
) -> Finished:
    """Go on with a run that was interrupted or killed, to the bytes it would have had without that.

    `folder` is the name that the run was to have, or the hidden folder beside it. Finished files are kept;
    what was under way in an unfinished one is simulated again; `workers`, `engine` and `clock` may be others
    than before, as in `run`. Raises InputError when there is no such run,
    when another process is at work on it, or when it was begun by other code or with another scenario.
    """
    from escalation.study.perform import Means, go_on  # noqa: PLC0415

    require_whole("workers", workers, 1, 1024)
    return go_on(Path(folder), Means(workers, engine, on_progress, clock, say))


def asked_of(folder: str | Path) -> int:
    """Return how many replications an interrupted run was to have. Raises InputError like `resume`."""
    from escalation.ensemble.reopen import look  # noqa: PLC0415

    return int(look(Path(folder))["replications"])


def failure_trace(finished: Finished) -> str | None:
    """Return the traceback of the first failed replication, which is played again; None without one."""
    from escalation.ensemble.work import DIED, traced  # noqa: PLC0415

    first = next((number for number, text in finished.failures.items() if text != DIED), None)
    return None if first is None else traced(finished.world, finished.seed, first)


def summarise(results: Results) -> Summary:
    """Return the summary of what `run` or `open_run` gave; InputError when a stored run is damaged.

    The flywheel is the one of the run: it cannot be told from the outcomes.
    """
    from escalation.ensemble.read import Run  # noqa: PLC0415
    from escalation.study.gather import stored_flywheel  # noqa: PLC0415
    from escalation.study.summary import summarise as summarise_results  # noqa: PLC0415

    if isinstance(results, Finished):
        return summarise_results(results, results.summary.flywheel)
    return summarise_results(results, stored_flywheel(results) if isinstance(results, Run) else None)


def open_run(folder: str | Path) -> Run:
    """Return the run stored in a folder; its columns are read when they are asked for. Raises InputError."""
    from escalation.ensemble.read import open_run as open_folder  # noqa: PLC0415

    return open_folder(Path(folder))


def explain(
    source: str | Path,
    replication: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
) -> Story:
    """Return the story of one replication of a run's folder, or of a scenario (a file or a shipped name).

    Without `replication` it is the most typical one of a run, and number 0 of a scenario; `seed` (1 unless
    given), `sets` and `until` are for a scenario only. Raises InputError, ScenarioError, or EscalationError
    when that replication fails.
    """
    from escalation.study.retell import explain as retell  # noqa: PLC0415

    return retell(source, replication, seed, sets, until)


def export(
    run: Run,
    file: str | Path,
    what: str = "outcomes",
    form: str | None = None,
    outcomes: Sequence[str] = (),
    replications: Sequence[tuple[int, int]] = (),
) -> None:
    """Write a stored run to a new file as one tidy table, with names and dates.

    `what` is `outcomes`, `acts`, `causes` or `summary`; `form` is `csv`, `json` or `parquet`, told by the
    ending of `file` unless given. `outcomes` are names or patterns (`package_days.*`), `replications` the
    first and the last of each range; all unless given. Raises InputError when the file exists or the run
    does not hold what is wanted, EnvironmentFault when the file cannot be written.
    """
    from escalation.present.export import export as write  # noqa: PLC0415
    from escalation.present.exported import Wanted, form_of, what_of  # noqa: PLC0415

    table = what_of(what)
    wanted = Wanted(table, form_of(form, Path(file)), tuple(outcomes), tuple(replications))
    write(run, summarise(run) if table == "summary" else None, wanted, Path(file))


def compare(
    sources: Sequence[Source],
    replications: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
    workers: int = 1,
    clock: str = "auto",
    engine: str = "local",
    out: str | Path | None = None,
    adjust: Adjustment = "holm",
) -> Comparison:
    """Return what differs between runs or scenarios and the first of them, and how sure that is.

    `sources` are folders of runs, what `run` or `open_run` gave, and scenarios (files or shipped names).
    Scenarios are run for it, with the seed and the replications of the first run among the sources (else 1
    and 200), and stored below `out` where that is given. Replication r of one is compared with replication r
    of the other wherever these are the same world; where not, the comparison says why. A single source is
    compared with itself as changed by `sets` and `until`. Raises InputError or ScenarioError for what is
    asked wrongly, before anything is simulated, and KeyboardInterrupt on Ctrl-C.
    """
    return hold(
        contest(sources, replications, seed, sets, until, out), workers, None, engine, clock, None, adjust
    )


def contest(
    sources: Sequence[Source],
    replications: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
    out: str | Path | None = None,
) -> Contest:
    """Return a comparison that has been checked and not simulated yet, for `hold`; see `compare`."""
    from escalation.study.contest import Terms  # noqa: PLC0415
    from escalation.study.contest import contest as made  # noqa: PLC0415

    if replications is not None:
        require_whole("replications", replications, 1, MOST_REPLICATIONS)
    if seed is not None:
        require_whole("seed", seed, 0, LARGEST_SEED)
    return made(sources, Terms(replications, seed, tuple(sets), until, Path(out) if out else None))


def hold(
    contest: Contest,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    engine: str = "local",
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
    adjust: Adjustment = "holm",
) -> Comparison:
    """Return the comparison that `contest` prepared, its scenarios run with these means; see `run`."""
    from escalation.ensemble.engine import address_of  # noqa: PLC0415
    from escalation.study.perform import Means  # noqa: PLC0415

    require_whole("workers", workers, 1, 1024)
    if adjust not in ("holm", "none"):
        raise InputError(f"adjust: found {adjust!r}; allowed are holm, none")
    address_of(engine)
    return contest.hold(Means(workers, engine, on_progress, clock, say), adjust)


def exhibit(
    source: str | Path,
    replications: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    say: Callable[[str], Any] | None = None,
) -> Exhibit:
    """Return all that can be drawn of a run's folder, or of a scenario, which is played for it.

    `replications` (200 unless given), `seed` (1), `sets` and `until` are for a scenario only. A run is played
    again where a picture needs more than was stored. Raises ScenarioError, or InputError for what is asked
    wrongly and when every replication failed.
    """
    from escalation.study.exhibit import exhibit_run, exhibit_scenario, is_run  # noqa: PLC0415
    from escalation.study.perform import Means  # noqa: PLC0415

    means = Means(workers, "local", on_progress, "auto", say)
    if is_run(source):
        given = {"replications": replications, "seed": seed, "set": sets or None, "until": until}
        for name in (name for name, value in given.items() if value is not None):
            raise InputError(f"{name}: {source} is a run and has its own; give it only with a scenario")
        return exhibit_run(source, means)
    count = REPLICATIONS if replications is None else replications
    require_whole("replications", count, 1, MOST_REPLICATIONS)
    overrides = (*sets, *([f"until={until}"] if until else []))
    loaded = load(source, sets, until)
    return exhibit_scenario(loaded, str(source), 1 if seed is None else seed, count, overrides, means)


def report(exhibits: Sequence[Exhibit], on_picture: Callable[[int], Any] | None = None) -> str:
    """Return a report about one run, or several compared with the first, as one HTML page.

    The page holds no script and needs no other file. `on_picture` is told of each picture that is drawn.
    Raises EnvironmentFault without the extra `report`.
    """
    from escalation.present.report.page import report_page  # noqa: PLC0415
    from escalation.study.exhibit import compared  # noqa: PLC0415

    return report_page(exhibits, compared(exhibits), on_picture)


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
    from escalation.scenario.document import Scenario  # noqa: PLC0415
    from escalation.study.levers import levers_of  # noqa: PLC0415
    from escalation.study.sweep import plan_sweep as plan  # noqa: PLC0415

    require_whole("replications", replications, 1, MOST_REPLICATIONS)
    require_whole("seed", seed, 0, LARGEST_SEED)
    given = isinstance(scenario, Scenario)
    loaded = scenario if isinstance(scenario, Scenario) else load(scenario, sets, until)
    name = None if given else scenario_name(str(scenario))
    overrides = () if given else (*sets, *([f"until={until}"] if until else []))
    levers = levers_of(vary)
    return plan(loaded, levers, outcomes, design, points, seed, replications, name, overrides)


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
    from escalation.study.sweep import SweepMeans  # noqa: PLC0415
    from escalation.study.sweep_run import begin  # noqa: PLC0415

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
    from escalation.study.sweep import SweepMeans  # noqa: PLC0415
    from escalation.study.sweep_run import go_on  # noqa: PLC0415

    require_whole("workers", workers, 1, 1024)
    return go_on(Path(folder), SweepMeans(workers, engine, clock, on_progress, say))


def is_sweep(folder: str | Path) -> bool:
    """Return whether a folder's name is that of a sweep, finished or not."""
    from escalation.study.sweep_store import is_sweep as looks_like_one  # noqa: PLC0415

    return looks_like_one(Path(folder))


def asked_of_sweep(folder: str | Path) -> int | None:
    """Return how many replications an interrupted sweep was to have in all; None for a finished one."""
    from escalation.study.sweep_run import asked_of as asked  # noqa: PLC0415
    from escalation.study.sweep_store import is_unfinished  # noqa: PLC0415

    return asked(Path(folder)) if is_unfinished(Path(folder)) else None


def open_sweep(folder: str | Path) -> Sweep:
    """Return the finished sweep stored in a folder. Raises InputError."""
    from escalation.study.sweep_store import open_sweep as open_folder  # noqa: PLC0415

    return open_folder(Path(folder))


def sweep_out(source: str, plan: SweepPlan) -> Path:
    """Return a new folder's name for a sweep below `results/`."""
    from escalation.ensemble.identity import run_identity  # noqa: PLC0415
    from escalation.ensemble.place import default_folder  # noqa: PLC0415
    from escalation.scenario.write import content_hash  # noqa: PLC0415

    levers = " ".join(lever.text for lever in plan.levers)
    identity = run_identity(f"{content_hash(plan.scenario)} {levers}", plan.seed, plan.replications)
    return default_folder(f"{scenario_name(source)}-sweep", identity, datetime.now(UTC))


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
    from escalation.scenario.document import Scenario  # noqa: PLC0415
    from escalation.study.levers import levers_of  # noqa: PLC0415
    from escalation.study.sensitivity_plan import plan_sensitivity as plan  # noqa: PLC0415

    require_whole("seed", seed, 0, LARGEST_SEED)
    given = isinstance(scenario, Scenario)
    loaded = scenario if isinstance(scenario, Scenario) else load(scenario, sets, until)
    overrides = () if given else (*sets, *([f"until={until}"] if until else []))
    return plan(
        loaded, levers_of(vary), outcomes, replications=replications, points=points,
        trajectories=trajectories, top=top, seed=seed, overrides=overrides,
        name=None if given else scenario_name(str(scenario)),
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
    from escalation.study.sensitivity import SensitivityMeans  # noqa: PLC0415
    from escalation.study.sensitivity_run import begin  # noqa: PLC0415

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
    from escalation.study.sensitivity import SensitivityMeans  # noqa: PLC0415
    from escalation.study.sensitivity_run import go_on  # noqa: PLC0415

    require_whole("workers", workers, 1, 1024)
    return go_on(Path(folder), SensitivityMeans(workers, clock, on_progress, say), sensitivity_files)


def open_sensitivity(folder: str | Path) -> Sensitivity:
    """Return the finished sensitivity analysis stored in a folder. Raises InputError."""
    from escalation.study.sensitivity_store import open_sensitivity as open_folder  # noqa: PLC0415

    return open_folder(Path(folder))


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
    from escalation.scenario.document import Scenario  # noqa: PLC0415
    from escalation.study.tuning.plan import plan_tuning as plan  # noqa: PLC0415

    require_whole("seed", seed, 0, LARGEST_SEED)
    if isinstance(scenario, Scenario):
        return plan(scenario, asked, seed)
    overrides = (*sets, *([f"until={until}"] if until else []))
    return plan(load(scenario, sets, until), asked, seed, scenario_name(str(scenario)), overrides)


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
    from escalation.present.tuning import files  # noqa: PLC0415
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
    from escalation.present.tuning import files  # noqa: PLC0415
    from escalation.study.tuning.perform import go_on  # noqa: PLC0415
    from escalation.study.tuning.tune import TuningMeans  # noqa: PLC0415

    require_whole("workers", workers, 1, 1024)
    return go_on(Path(folder), TuningMeans(workers, engine, clock, say, on_trial, on_step), files)


def is_tuning(folder: str | Path) -> bool:
    """Return whether a folder's name is that of a tuning, finished or not."""
    from escalation.study.tuning.store import is_tuning as is_one  # noqa: PLC0415

    return is_one(Path(folder))


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
    from escalation.ensemble.identity import run_identity  # noqa: PLC0415
    from escalation.ensemble.place import default_folder  # noqa: PLC0415
    from escalation.scenario.write import content_hash  # noqa: PLC0415

    identity = run_identity(f"{content_hash(plan.scenario)} {plan.asked}", plan.seed, plan.replications)
    return default_folder(f"{scenario_name(source)}-tuning", identity, datetime.now(UTC))


def parting(
    first: str | Path,
    second: str | Path,
    replication: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
) -> Parting:
    """Return where the stories of one replication of two runs or scenarios part, and what made them.

    Without `replication` it is the most typical one of the first, if that is a run, else number 0; a scenario
    takes the seed of the run that it is held against. `sets` and `until` are for scenarios. Raises InputError
    where the two have another seed or first day.
    """
    from escalation.study.parting import parting as find  # noqa: PLC0415

    return find(first, second, replication, seed, sets, until)


def whatif(
    source: str | Path,
    replication: int,
    without: Sequence[str] = (),
    force: Sequence[str] = (),
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
) -> WhatIf:
    """Return what becomes of one replication of a run or scenario without some acts, and with others.

    `without` are patterns (`first eu hostile`) or numbers of acts, `force` acts to put in (`2020-11-02 eu
    trade_ban belarus`); `seed`, `sets` and `until` are for a scenario only. Raises InputError or
    ScenarioError for what is asked wrongly.
    """
    from escalation.study.whatif import whatif as play_both  # noqa: PLC0415

    return play_both(source, replication, without, force, seed=seed, sets=sets, until=until)


def average_whatif(
    source: str | Path,
    without: Sequence[str] = (),
    force: Sequence[str] = (),
    replications: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    engine: str = "local",
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
) -> Average:
    """Return the mean effect of taking acts out of a run or scenario, or of putting acts in.

    Every replication is played twice, with the same draws: `replications` of them, else those of the run, or
    200. `without` are patterns, the rest is as in `whatif` and `run`. Raises InputError or ScenarioError for
    what is asked wrongly, before anything is simulated.
    """
    from escalation.study.average import average  # noqa: PLC0415
    from escalation.study.noting import ensemble_of  # noqa: PLC0415
    from escalation.study.perform import Means  # noqa: PLC0415

    means = Means(workers, engine, on_progress, clock, say)
    return average(ensemble_of(source, replications, seed, sets, until), means, without, force)


def check_attribution(
    source: str | Path,
    replications: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    engine: str = "local",
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
) -> Deletion:
    """Return how many acts vanish with one that is deleted, and how many were said to answer it.

    One hostile act is drawn in each replication of a run or scenario, which is played again without it. The
    rest is as in `average_whatif`.
    """
    from escalation.study.deletion import deletion  # noqa: PLC0415
    from escalation.study.noting import ensemble_of  # noqa: PLC0415
    from escalation.study.perform import Means  # noqa: PLC0415

    means = Means(workers, engine, on_progress, clock, say)
    return deletion(ensemble_of(source, replications, seed, sets, until), means)


def replications_of(source: str | Path, replications: int | None = None) -> int:
    """Return how many replications a study of a run or scenario plays. Raises InputError for a bad run."""
    if replications is not None:
        return replications
    return open_run(source).asked if Path(source).is_dir() else REPLICATIONS


def default_out(source: str, seed: int, replications: int) -> Callable[[Scenario], Path]:
    """Return the rule for a run's folder below `results/`, named after the scenario, the time and a hash."""

    def folder(scenario: Scenario) -> Path:
        from escalation.ensemble.identity import run_identity  # noqa: PLC0415
        from escalation.ensemble.place import default_folder  # noqa: PLC0415
        from escalation.scenario.write import content_hash  # noqa: PLC0415

        identity = run_identity(content_hash(scenario), seed, replications)
        return default_folder(scenario_name(source), identity, datetime.now(UTC))

    return folder


def scenario_name(source: str) -> str:
    """Return the name of a scenario: that of its file without ending, or its shipped name."""
    return Path(source.removeprefix("shipped:")).stem


def require_whole(name: str, found: int, low: int, high: int) -> None:
    """Raise InputError unless `found` lies between `low` and `high`."""
    if not low <= found <= high:
        raise InputError(f"{name}: found {found}; allowed is {low} to {high}")


def _precision(precision: float | None, outcome: str | None) -> tuple[float, str] | None:
    if precision is None and outcome is None:
        return None
    if precision is None or outcome is None:
        raise InputError("precision and outcome: found one of them; allowed are both or neither")
    return precision, outcome
