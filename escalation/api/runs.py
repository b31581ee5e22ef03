"""Loading, running and looking at one ensemble."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escalation.api.terms import (
    LARGEST_SEED,
    LIMIT,
    MOST_REPLICATIONS,
    REPLICATIONS,
    require_whole,
    scenario_name,
)
from escalation.errors import InputError
from escalation.study.finished import Finished

if TYPE_CHECKING:
    from escalation.ensemble.read import Run
    from escalation.ensemble.result import Keep, Results
    from escalation.scenario.document import Scenario
    from escalation.study.story.story import Story
    from escalation.study.summary.summary import Summary


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
    from escalation.study.flywheel.gather import stored_flywheel  # noqa: PLC0415
    from escalation.study.summary.summary import summarise as summarise_results  # noqa: PLC0415

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
    from escalation.study.story.retell import explain as retell  # noqa: PLC0415

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
    from escalation.present.export.export import export as write  # noqa: PLC0415
    from escalation.present.export.exported import Wanted, form_of, what_of  # noqa: PLC0415

    table = what_of(what)
    wanted = Wanted(table, form_of(form, Path(file)), tuple(outcomes), tuple(replications))
    write(run, summarise(run) if table == "summary" else None, wanted, Path(file))


def default_out(source: str, seed: int, replications: int) -> Callable[[Scenario], Path]:
    """Return the rule for a run's folder below `results/`, named after the scenario, the time and a hash."""

    def folder(scenario: Scenario) -> Path:
        from escalation.ensemble.identity import run_identity  # noqa: PLC0415
        from escalation.ensemble.place import default_folder  # noqa: PLC0415
        from escalation.scenario.write import content_hash  # noqa: PLC0415

        identity = run_identity(content_hash(scenario), seed, replications)
        return default_folder(scenario_name(source), identity, datetime.now(UTC))

    return folder


def _precision(precision: float | None, outcome: str | None) -> tuple[float, str] | None:
    if precision is None and outcome is None:
        return None
    if precision is None or outcome is None:
        raise InputError("precision and outcome: found one of them; allowed are both or neither")
    return precision, outcome
