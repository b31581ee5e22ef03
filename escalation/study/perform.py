"""An ensemble from beginning to end: simulated, summed up, stored; begun anew or gone on with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from escalation.clocks.choice import Simulate, clock_for
from escalation.clocks.python_policy import factories
from escalation.ensemble.engine import open_engine
from escalation.ensemble.header import Header, header_of
from escalation.ensemble.interrupts import interrupts_deferred
from escalation.ensemble.journal import Asked
from escalation.ensemble.reopen import Reopened, reopen
from escalation.ensemble.result import Begun, Ensemble, Keep
from escalation.ensemble.run import run_ensemble
from escalation.ensemble.store import Store
from escalation.ensemble.threads import Threads
from escalation.errors import EnvironmentFault, InputError
from escalation.model.compile import compile_scenario
from escalation.model.world import World
from escalation.scenario.document import Scenario
from escalation.scenario.load import load
from escalation.scenario.write import content_hash, dump
from escalation.study.execution import Execution
from escalation.study.finished import Finished
from escalation.study.flywheel.gather import FlywheelReducer, reducer_for
from escalation.study.precision import Precision, Reached, precision_of
from escalation.study.summary.summary import summarise

FEW = 4000
"""An ensemble that may stop early is divided into batches as if so many replications were asked for."""


Means = Execution


@dataclass(frozen=True)
class Plan:
    """What an ensemble is: every number of it follows from this.

    `overrides` say what of the scenario's file was changed for it, as it was asked for.
    """

    scenario: Scenario
    world: World
    seed: int
    replications: int
    acts: Keep
    reducer: FlywheelReducer
    precision: Precision | None = None
    overrides: tuple[str, ...] = ()

    @property
    def header(self) -> Header:
        """What the columns of the ensemble mean."""
        return header_of(self.scenario, self.world)


def plan(
    scenario: Scenario,
    seed: int,
    replications: int,
    acts: Keep,
    precision: tuple[float, str] | None = None,
    overrides: Sequence[str] = (),
) -> Plan:
    """Return the plan of an ensemble; `precision` is a half-width and an outcome. Raises InputError."""
    world = compile_scenario(scenario)
    factories(world)
    rule = precision_of(precision[1], precision[0], world.outcomes) if precision else None
    reducer = reducer_for(world, min(replications, FEW) if rule else replications)
    return Plan(scenario, world, seed, replications, acts, reducer, rule, tuple(overrides))


def begin(what: Plan, means: Means, folder: Path | None, source: str | None, name: str | None) -> Finished:
    """Run an ensemble, and store it in `folder` where one is named.

    `source` and `name` are those of the scenario, for the manifest. Raises InputError or EnvironmentFault for
    a folder or an engine that is no good, before anything is simulated.
    """
    executor = open_engine(means.engine)
    if folder is None:
        return _finished(what, _run(what, means, executor, None, None))
    asked = Asked(what.seed, what.replications, what.acts, _described(what, means, source, name))
    store = Store.new(folder, what.header, dump(what.scenario), asked, what.reducer)
    return _with_store(what, means, executor, store)


def go_on(place: Path, means: Means) -> Finished:
    """Go on with the interrupted run at `place` (its name, or that of its hidden folder) to its end.

    Raises InputError when there is none, when another process is at work on it, when it was begun by other
    code or its scenario was changed; EnvironmentFault when the place cannot be written.
    """
    executor = open_engine(means.engine)
    reopened = reopen(place)
    try:
        what = _planned(reopened)
        store = Store(reopened.workshop, what.header, reopened.asked, what.reducer, reopened.replacing)
        begun = store.begun()
    except BaseException:
        reopened.workshop.close()
        raise
    return _with_store(what, means, executor, store, begun)


def _planned(reopened: Reopened) -> Plan:
    """Return the plan of an interrupted run."""
    scenario, asked = load(reopened.scenario), reopened.asked
    if content_hash(scenario) != asked["described"]["scenario"]["sha256"]:
        raise InputError(f"{reopened.scenario}: was changed since the run began; it cannot be gone on with")
    rule = asked["described"].get("precision")
    precision = (rule["half_width"], rule["outcome"]) if rule else None
    overrides = asked["described"].get("overrides", ())
    return plan(scenario, asked["seed"], asked["replications"], asked["acts"], precision, overrides)


def _described(what: Plan, means: Means, source: str | None, name: str | None) -> Mapping[str, Any]:
    scenario = {
        "name": name,
        "source": source,
        "title": what.scenario.title,
        "sha256": content_hash(what.scenario),
    }
    rule = {"precision": what.precision.as_dict()} if what.precision else {}
    return {
        "scenario": scenario, "clock": _clock(what, means)[0], "engine": means.engine,
        "plan": what.reducer.plan_document(), "overrides": list(what.overrides), **rule,
    }  # fmt: skip


def _clock(what: Plan, means: Means) -> tuple[str, Simulate]:
    return clock_for(what.world, means.clock, what.replications)


COMPILING = "Compiling the rules once for this machine; this takes about half a minute."


def _run(what: Plan, means: Means, executor: Any, store: Store | None, begun: Begun | None) -> Ensemble:
    name, simulate = _clock(what, means)
    if name == "compiled" and executor is None:
        from escalation.clocks.compiled_clock import prepare  # noqa: PLC0415  # Numba is slow to import

        prepare(what.world, lambda: means.say(COMPILING) if means.say else None)
        executor = Threads(means.workers)
    return run_ensemble(
        what.scenario,
        what.world,
        what.seed,
        what.replications,
        executor.workers if executor else means.workers,
        what.acts,
        means.on_progress,
        store.shard if store else None,
        simulate=simulate,
        executor=executor,
        reducer=what.reducer,
        rule=what.precision,
        begun=begun,
    )


def _finished(what: Plan, ensemble: Ensemble) -> Finished:
    summary = summarise(ensemble, what.reducer.flywheel(what.world, ensemble.reduced))
    reached = None
    if what.precision:
        found = what.precision.estimate(ensemble.statuses, ensemble.columns(what.precision.outcomes))
        reached = Reached(what.precision, found, len(ensemble.statuses), what.replications)
    return Finished(
        what.scenario, what.world, ensemble, summary, fault=ensemble.fault, reached=reached,
        overrides=what.overrides, reducer=what.reducer,
    )  # fmt: skip


def _with_store(
    what: Plan, means: Means, executor: Any, store: Store, begun: Begun | None = None
) -> Finished:
    try:
        finished = _finished(what, _run(what, means, executor, store, begun))
        with interrupts_deferred():
            return _stored(store, finished, means)
    except EnvironmentFault as fault:
        note = _closed(store)
        raise EnvironmentFault("\n".join(filter(None, (str(fault), note)))) from fault
    except BaseException:
        store.close()
        raise


def _stored(store: Store, finished: Finished, means: Means) -> Finished:
    """Return `finished` with its folder, or with why there is none and what is kept of it."""
    ensemble = finished.ensemble
    try:
        if finished.fault:
            raise finished.fault
        further = {"engine": means.engine} | (
            {"precision": finished.reached.as_dict()} if finished.reached else {}
        )
        summary = json.dumps(finished.summary.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
        kept = finished.reducer.kept(ensemble.reduced) if finished.reducer else {}
        folder = store.finish(ensemble, further, {"summary.json": summary}, kept)
    except EnvironmentFault as fault:
        rows = ensemble.rows if store.finished else ensemble.rows.held()
        return replace(finished, ensemble=replace(ensemble, rows=rows), fault=fault, kept=_closed(store))
    rows = ensemble.rows.moved(folder / "outcomes")
    return replace(finished, ensemble=replace(ensemble, rows=rows), folder=folder)


def _closed(store: Store) -> str | None:
    """Give a store up; what of it is kept, and how to go on with that."""
    count, hidden = store.finished, store.close()
    if hidden is None:
        return None
    return (
        f"{count:,} replications are kept in {hidden}; `escalation resume {store.folder}` goes on with them."
    )
