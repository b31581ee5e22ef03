"""An ensemble from beginning to end: simulated, summed up, stored; begun anew or resumed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from escalation.clocks.choice import clock_for
from escalation.clocks.python_policy import factories
from escalation.ensemble.engine import LOCAL, Acts, open_engine
from escalation.ensemble.executors import Executor, processes, threads
from escalation.ensemble.folder import MANIFEST, RESULTS, default_folder, stored_folders
from escalation.ensemble.identity import run_identity
from escalation.ensemble.interrupts import interrupts_deferred
from escalation.ensemble.journal import code
from escalation.ensemble.manifest import SUMMARY, ScenarioSource
from escalation.ensemble.read import Run, open_run
from escalation.ensemble.result import Ensemble, Reducer
from escalation.ensemble.run import run_ensemble
from escalation.ensemble.store import Store, requested
from escalation.ensemble.work import DIED, Job, traced
from escalation.errors import EnvironmentFault, InputError
from escalation.model.compile import compile_scenario
from escalation.model.world import World
from escalation.scenario.document import Scenario
from escalation.scenario.load import load
from escalation.scenario.write import content_hash, dump
from escalation.study.execution import Execution, Request
from escalation.study.finished import Finished
from escalation.study.flywheel.gather import FlywheelReducer, reducer_for
from escalation.study.objective import Precision, precision_of
from escalation.study.ranges import ranges_over
from escalation.study.source import Source
from escalation.study.summary import Summary, run_part, summarise, summary_of
from escalation.study.values import ScenarioPart

FEW = 4000
"""An ensemble that may stop early is divided into batches as if so many replications were asked for."""


@dataclass(frozen=True)
class EnsemblePlan:
    """What an ensemble is: every number of it follows from this.

    `overrides` say what of the scenario's file was changed for it, as it was asked for;
    `name` is the scenario's; `assumptions` say that their spread was asked for, and so what they leave open.
    """

    scenario: Scenario
    world: World
    seed: int
    replications: int
    acts: Acts
    reducer: FlywheelReducer
    precision: Precision | None = None
    overrides: tuple[str, ...] = ()
    name: str | None = None
    assumptions: float | None = None


def plan(
    scenario: Scenario,
    seed: int,
    replications: int,
    acts: Acts,
    precision: tuple[float, str] | None = None,
    overrides: Sequence[str] = (),
    assumptions: float | None = None,
    name: str | None = None,
) -> EnsemblePlan:
    """Return the plan of an ensemble; `precision` is a half-width and an outcome. Raises InputError."""
    world = compile_scenario(scenario)
    factories(world)
    rule = precision_of(precision[1], precision[0], world.outcomes) if precision else None
    reducer = reducer_for(world, min(replications, FEW) if rule else replications)
    return EnsemblePlan(
        scenario, world, seed, replications, acts, reducer, rule, tuple(overrides), name, assumptions
    )


def begin(
    what: EnsemblePlan, execution: Execution, folder: Path | Callable[[], Path] | None, source: str | None
) -> Finished:
    """Run an ensemble, and store it in `folder` where one is named, or given by a function of free names.

    `source` is what of the scenario was named, for the manifest. Raises InputError or EnvironmentFault for
    a folder or an engine that is no good, before anything is simulated.
    """
    executor = open_engine(execution.engine)
    if folder is None:
        return _finished(what, _run(what, execution, executor, None), execution)
    request = requested(
        scenario=ScenarioSource(
            name=what.name, source=source, title=what.scenario.title, sha256=content_hash(what.scenario)
        ),
        overrides=what.overrides, seed=what.seed, replications=what.replications, acts=what.acts,
        identity=_identity(what), clock=clock_for(what.world, execution.clock, what.replications)[0],
        engine=execution.engine, plan=what.reducer.plan.as_dict(),
        precision=what.precision.as_dict() if what.precision else None, assumptions=what.assumptions,
    )  # fmt: skip
    store = Store.new(folder, dump(what.scenario), request)
    return _with_store(what, execution, executor, store)


def play(
    source: Source, request: Request, execution: Execution, folder: Path | Callable[[], Path] | None
) -> Finished:
    """Return the ensemble of a scenario that has been opened, stored in `folder` where one is named."""
    return begin(plan_of(source, request), execution, folder, source.path or None)


def play_in_memory(what: EnsemblePlan, execution: Execution) -> Finished:
    """Return an ensemble that is not stored. Raises KeyboardInterrupt when it was interrupted."""
    finished = begin(what, execution, None, None)
    if finished.ensemble.interrupted:
        raise KeyboardInterrupt
    return finished


def stored_run(source: Source, request: Request, execution: Execution) -> Run | None:
    """Return the latest run below results/ that has all that `play` would find; None where there is none.

    It is complete and sound, and this code made it; its acts are at least those that are asked for, and a
    clock or an engine that is asked for is its own. What it is called may be another.
    """
    identity = _identity(plan_of(source, request))
    for folder in reversed(stored_folders(RESULTS)) if identity else ():
        with suppress(InputError, OSError, ValueError):
            if identity in (folder / MANIFEST).read_text(encoding="utf-8"):
                run = open_run(folder)
                if _serves(run, identity, request.acts, execution):
                    run.require_sound()
                    return run
    return None


def _serves(run: Run, identity: str, acts: Acts, execution: Execution) -> bool:
    manifest, ended, known = run.manifest, run.manifest.replications, get_args(Acts)
    return (
        manifest.identity == identity
        and manifest.status == "complete"
        and not (ended.failed or ended.truncated)
        and known.index(manifest.acts) >= known.index(acts)
        and execution.clock in ("auto", manifest.clock)
        and execution.engine in (LOCAL, manifest.engine)
    )


def answered(source: Source, run: Run) -> Summary:
    """Return the summary of a stored run for what was asked: under its name, title and question."""
    scenario = ScenarioPart.of(source.scenario, source.name)
    return summary_of(run).model_copy(
        update={"scenario": scenario, "overrides": source.overrides, "run": run_part(run)}
    )


def if_stored(source: Source, request: Request, execution: Execution) -> Source:
    """Return a scenario with its `stored_run`, where that is called the same; else as it is."""
    run = None if source.run else stored_run(source, request, execution)
    if run is None:
        return source
    about, words = run.manifest, (source.scenario.title, source.scenario.question)
    if (about.scenario.name, about.overrides) != (source.name, source.overrides) or words != (
        about.header.title, about.header.question
    ):  # fmt: skip
        return source
    if execution.say:
        execution.say(taken_words(source, run))
    return replace(source, run=run)


def taken_words(source: Source, run: Run) -> str:
    """Return the remark on a run that is not played again."""
    return f"{source.title}: was played before and is taken from {run.folder}; --fresh plays it anew"


def plan_of(source: Source, request: Request) -> EnsemblePlan:
    """Return the plan of a scenario that has been opened."""
    return plan(
        source.scenario, source.seed, source.replications, request.acts, request.rule, source.overrides,
        source.assumptions, source.name,
    )  # fmt: skip


def _identity(what: EnsemblePlan) -> str:
    """Return the hash of all that decides the numbers; empty where a policy in Python has a say."""
    if what.world.names.python:
        return ""
    return run_identity(
        content_hash(what.scenario), what.seed, what.replications, what.assumptions,
        what.precision and what.precision.as_dict(), what.reducer.plan.as_dict(), code(),
    )  # fmt: skip


def default_folder_of(source: Source) -> Path:
    """Return a new folder's name below `results/`, after the scenario, the time and a hash."""
    identity = run_identity(content_hash(source.scenario), source.seed, source.replications)
    return default_folder(source.name or "scenario", identity, datetime.now(UTC))


def resume_run(folder: Path, execution: Execution) -> Finished:
    """Go on with the interrupted run in `folder` (its name, or that of its hidden folder) to its end.

    Raises InputError when there is none, when another process is at work on it, when it was begun by other
    code or its scenario was changed; EnvironmentFault when the folder cannot be written.
    """
    executor = open_engine(execution.engine)
    store = Store.reopen(folder)
    try:
        what = _planned(store)
    except BaseException:
        store.release()
        raise
    return _with_store(what, execution, executor, store)


def _planned(store: Store) -> EnsemblePlan:
    scenario, request = load(store.scenario), store.request
    if content_hash(scenario) != request.scenario.sha256:
        raise InputError(f"{store.scenario}: was changed since the run began; it cannot be resumed")
    rule = request.precision
    precision = (rule["half_width"], rule["outcome"]) if rule else None
    return plan(
        scenario, request.seed, request.replications, request.acts, precision, request.overrides,
        request.assumptions, request.scenario.name,
    )  # fmt: skip


def _run(
    what: EnsemblePlan, execution: Execution, executor: Executor | None, store: Store | None
) -> Ensemble:
    clock, simulate = clock_for(what.world, execution.clock, what.replications)
    job = Job(what.world, what.seed, what.acts, simulate, what.reducer)
    return run_ensemble(
        job, what.replications, executor or _local_executor(clock, execution), store, what.precision,
        execution.on_progress or (lambda _: None),
    )  # fmt: skip


def reduced_ensemble(
    world: World, seed: int, replications: int, reducer: Reducer, execution: Execution
) -> Ensemble:
    """Return an ensemble played on this machine for its reducer; no acts are stored.

    Raises KeyboardInterrupt when the work is interrupted.
    """
    clock, simulate = clock_for(world, execution.clock, replications)
    job = Job(world, seed, "none", simulate, reducer)
    on_progress = execution.on_progress or (lambda _: None)
    ensemble = run_ensemble(job, replications, _local_executor(clock, execution), on_progress=on_progress)
    if ensemble.interrupted:
        raise KeyboardInterrupt
    return ensemble


def _local_executor(clock: str, execution: Execution) -> Executor:
    if clock != "compiled":
        return processes(execution.workers)
    execution.compile_rules()
    return threads(execution.workers)


def _finished(what: EnsemblePlan, ensemble: Ensemble, execution: Execution) -> Finished:
    precision = None
    if what.precision:
        columns = ensemble.columns(what.precision.outcomes)
        precision = what.precision.reached(ensemble.statuses, columns, what.replications)
    flywheel = what.reducer.flywheel(what.world, ensemble.reduced)
    ranges = None
    if what.assumptions is not None and not ensemble.interrupted:
        uncounted = replace(execution, on_progress=None)
        ranges = ranges_over(what.world, what.seed, what.assumptions, what.replications, uncounted)
    summary = summarise(ensemble, flywheel, what.name, what.overrides, precision, ranges)
    return Finished(
        what.scenario, what.world, ensemble, summary, fault=ensemble.fault, overrides=what.overrides,
        reducer=what.reducer,
    )  # fmt: skip


def _with_store(
    what: EnsemblePlan, execution: Execution, executor: Executor | None, store: Store
) -> Finished:
    try:
        store.prepare(what.world.header, what.reducer)
        finished = _finished(what, _run(what, execution, executor, store), execution)
        with interrupts_deferred():
            return _stored(store, finished, execution)
    except EnvironmentFault as fault:
        note = _closed(store)
        raise EnvironmentFault("\n".join(filter(None, (str(fault), note)))) from fault
    except BaseException:
        store.close()
        raise


def _stored(store: Store, finished: Finished, execution: Execution) -> Finished:
    """Return `finished` with its folder, or with why there is none and what is kept of it."""
    ensemble = finished.ensemble
    try:
        if finished.fault:
            raise finished.fault
        precision = finished.summary.precision
        further = {"precision": precision.model_dump()} if precision else {}
        summary = finished.summary.model_dump_json(indent=1, exclude={"run"}) + "\n"
        arrays = finished.reducer.stored(ensemble.reduced) if finished.reducer else {}
        folder = store.finish(ensemble, {SUMMARY: summary}, arrays, engine=execution.engine, **further)
    except EnvironmentFault as fault:
        rows = ensemble.rows if store.finished else ensemble.rows.loaded()
        return replace(finished, ensemble=replace(ensemble, rows=rows), fault=fault, remains=_closed(store))
    rows = ensemble.rows.moved(folder / "outcomes")
    return replace(finished, ensemble=replace(ensemble, rows=rows), folder=folder)


def _closed(store: Store) -> str | None:
    """Give a store up; what of it is kept, and how to go on with that."""
    count, hidden = store.finished, store.close()
    if hidden is None:
        return None
    return f"{count:,} replications are kept in {hidden}; `escalation resume {store.folder}` resumes them."


def failure_trace(finished: Finished) -> str | None:
    """Return the traceback of the first failed replication, which is played again; None without one."""
    first = next((number for number, text in finished.failures.items() if text != DIED), None)
    return None if first is None else traced(finished.world, finished.seed, first)
