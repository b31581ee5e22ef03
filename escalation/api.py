"""The Python face: load a scenario, run it, summarise what came out, open what was stored.

Imports are made where they are used, so that asking for the version costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escalation.errors import EnvironmentFault, InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from escalation.ensemble.header import Header
    from escalation.ensemble.read import Run
    from escalation.ensemble.result import Ensemble, Keep, Results
    from escalation.ensemble.store import Store
    from escalation.scenario.document import Scenario
    from escalation.study.story import Story
    from escalation.study.summary import Summary

MOST_REPLICATIONS = 10_000_000
LARGEST_SEED = 2**64 - 1


@dataclass(frozen=True)
class Finished:
    """An ensemble that has been run, with its summary.

    `folder` is where it was stored, if it was asked for and went well; `fault` is why it could not be.
    """

    scenario: Scenario
    ensemble: Ensemble
    summary: Summary
    folder: Path | None = None
    fault: EnvironmentFault | None = None

    @property
    def header(self) -> Header:
        """What the columns mean."""
        return self.ensemble.header

    @property
    def seed(self) -> int:
        """The seed of the ensemble."""
        return self.ensemble.seed

    @property
    def asked(self) -> int:
        """How many replications were asked for."""
        return self.ensemble.asked

    @property
    def statuses(self) -> npt.NDArray[np.int8]:
        """0 done, 1 truncated, 2 failed for each finished replication, int8[n]."""
        return self.ensemble.statuses

    @property
    def failures(self) -> Mapping[int, str]:
        """What stopped each failed replication, by its number."""
        return self.ensemble.failures

    def columns(self, names: Sequence[str]) -> Mapping[str, npt.NDArray[np.float64]]:
        """Return outcomes of every finished replication, float64[n] each; KeyError for an unknown name."""
        return self.ensemble.columns(names)


def load(source: str | Path, sets: Sequence[str] = (), until: date | None = None) -> Scenario:
    """Return the scenario in a file or of a shipped name; `sets` are PATH=VALUE. Raises ScenarioError."""
    from escalation.scenario.load import load as load_scenario  # noqa: PLC0415

    return load_scenario(source, sets, until)


def run(
    scenario: Scenario | str | Path,
    replications: int = 200,
    seed: int = 1,
    workers: int = 1,
    acts: Keep = "sample",
    sets: Sequence[str] = (),
    until: date | None = None,
    out: str | Path | Callable[[Scenario], Path] | None = None,
    on_progress: Callable[[int], Any] | None = None,
) -> Finished:
    """Run an ensemble and return it with its summary; `out` names the folder to store it in.

    More than one worker needs the usual `if __name__ == "__main__":` around the script. Raises ScenarioError
    or InputError for what is asked wrongly (including a folder that is taken) and EnvironmentFault for a
    folder that cannot be made, all before anything is simulated. Ctrl-C keeps what is finished.
    """
    from escalation.ensemble.header import header_of  # noqa: PLC0415
    from escalation.ensemble.run import run_ensemble  # noqa: PLC0415
    from escalation.ensemble.store import Store  # noqa: PLC0415
    from escalation.model.compile import compile_scenario  # noqa: PLC0415
    from escalation.scenario.document import Scenario  # noqa: PLC0415
    from escalation.scenario.write import dump  # noqa: PLC0415
    from escalation.study.gather import reducer_for  # noqa: PLC0415
    from escalation.study.summary import summarise  # noqa: PLC0415

    require_whole("replications", replications, 1, MOST_REPLICATIONS)
    require_whole("seed", seed, 0, LARGEST_SEED)
    require_whole("workers", workers, 1, 1024)
    if acts not in ("none", "sample", "all"):
        raise InputError(f"acts: found {acts!r}; allowed are none, sample, all")
    source = None if isinstance(scenario, Scenario) else str(scenario)
    loaded = scenario if isinstance(scenario, Scenario) else load(scenario, sets, until)
    world = compile_scenario(loaded)
    folder = out(loaded) if callable(out) else Path(out) if out is not None else None
    reducer = reducer_for(world, replications)
    store = Store(folder, header_of(loaded, world), dump(loaded)) if folder is not None else None
    try:
        ensemble = run_ensemble(
            loaded, world, seed, replications, workers, acts, on_progress, store.shard if store else None,
            reducer=reducer,
        )  # fmt: skip
        summary = summarise(ensemble, reducer.flywheel(world, ensemble.reduced))
        finished = Finished(loaded, ensemble, summary)
        return _stored(store, finished, source, reducer.plan_document()) if store else finished
    except BaseException:
        if store:
            store.discard()
        raise


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


def _stored(store: Store, finished: Finished, source: str | None, plan: dict[str, Any]) -> Finished:
    from dataclasses import replace  # noqa: PLC0415

    from escalation.ensemble.interrupts import interrupts_deferred  # noqa: PLC0415
    from escalation.present.table import as_json  # noqa: PLC0415
    from escalation.scenario.write import content_hash  # noqa: PLC0415

    scenario = {
        "name": scenario_name(source) if source else None,
        "source": source,
        "title": finished.scenario.title,
        "sha256": content_hash(finished.scenario),
    }
    described = {"scenario": scenario, "clock": "simpy", "engine": "local", "plan": plan}
    try:
        with interrupts_deferred():
            folder = store.finish(
                finished.ensemble, described, {"summary.json": as_json(finished.summary.to_json())}
            )
    except EnvironmentFault as fault:
        return replace(finished, fault=fault)
    return replace(finished, folder=folder)
