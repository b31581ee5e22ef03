"""Compiling: a scenario becomes columns of numbers, with the names to read results by."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.errors import InputError
from escalation.model.calendar import meeting_days, script_times
from escalation.model.columns import Cells, Keys, limits_of
from escalation.model.layout import lay_out
from escalation.model.tables import NEVER, Tables
from escalation.model.world import Names, World
from escalation.scenario.actor import Actor, Dyad
from escalation.scenario.base import FAMILIES, RELATIONS
from escalation.scenario.document import Scenario
from escalation.scenario.instrument import Instrument

SENSITIVITIES = (
    "attention",
    "felt",
    "half_life",
    "threshold",
    "emergency",
    "habituation",
    "memory",
    "yield_threshold",
)
INSTITUTION = ("review", "emergency_lag", "linkage")
POLICY = (
    "reciprocity",
    "d_min",
    "inertia",
    "alpha",
    "bite",
    "alignment",
    "own_cost",
    "fear",
    "expected",
    "learning",
    "gradualism",
    "saturation",
    "yielding",
    "temperature",
    "more",
    "package_limit",
    "discharge",
    "resolve",
    "join",
)
INSTRUMENT = ("rung", "severity", "harm", "cost", "relief", "delay")
Fields = dict[str, Any]


def compile_scenario(scenario: Scenario) -> World:
    """Return the scenario as a `World`.

    Actors stand in the order of their names, instruments in the order of their (nominal) severity. Raises
    InputError when two names of the scenario share a hash.
    """
    actors = tuple(sorted(scenario.actors))
    instruments = tuple(
        sorted(scenario.instruments, key=lambda name: (scenario.instruments[name].severity.nominal, name))
    )
    keys = Keys()
    cells = Cells(keys)
    fields: Fields = {
        "actors": len(actors),
        "instruments": len(instruments),
        "families": len(FAMILIES),
        "shocks": len(scenario.shocks),
        "act_limit": scenario.model.act_limit,
        "event_limit": scenario.model.event_limit,
        "takeover": float((scenario.takeover - scenario.start).days),
        "end": float((scenario.end - scenario.start).days),
    }
    _actors(scenario, actors, instruments, keys, cells, fields)
    _dyads(scenario, actors, keys, cells, fields)
    _instruments(scenario, instruments, cells, fields)
    _shocks(scenario, actors, keys, cells, fields)
    _scripts(scenario, actors, instruments, cells, fields)
    _constants(scenario, cells)
    layout, outcomes = lay_out(scenario, actors, instruments)
    return World(
        tables=Tables(**fields, **layout, **cells.tables()),
        numbers=cells.numbers(),
        names=_names(scenario, actors, instruments),
        outcomes=outcomes,
        start=scenario.start,
        end=scenario.end,
        takeover=scenario.takeover,
    )


def _names(scenario: Scenario, actors: tuple[str, ...], instruments: tuple[str, ...]) -> Names:
    return Names(
        actors=actors,
        actor_labels=tuple(scenario.actors[name].name for name in actors),
        instruments=instruments,
        instrument_labels=tuple(scenario.instruments[name].label for name in instruments),
        families=tuple(scenario.instruments[name].family for name in instruments),
        shocks=tuple(scenario.shocks),
        shock_labels=tuple(shock.label for shock in scenario.shocks.values()),
    )


def _ints(values: Iterable[int]) -> npt.NDArray[np.int64]:
    return np.array(list(values), np.int64)


def _starts(groups: Iterable[Sized]) -> npt.NDArray[np.int64]:
    return np.cumsum([0, *map(len, groups)], dtype=np.int64)


def _actors(
    scenario: Scenario,
    names: tuple[str, ...],
    instruments: tuple[str, ...],
    keys: Keys,
    cells: Cells,
    fields: Fields,
) -> None:
    actors = [scenario.actors[name] for name in names]
    for name, actor in zip(names, actors, strict=True):
        path = f"actors.{name}"
        cells.add_all(actor.sensitivities, SENSITIVITIES, f"{path}.sensitivities")
        cells.add_all(actor.institution, INSTITUTION, f"{path}.institution")
        cells.add_all(actor.policy, POLICY, f"{path}.policy")
        _patron(actor, path, cells)
        for stage, lag in actor.institution.stages.items():
            cells.add("stage_median", lag.median, f"{path}.institution.stages.{stage}.median")
            cells.add("stage_spread", lag.spread, f"{path}.institution.stages.{stage}.spread")
        for member, veto in actor.institution.unanimity.items():
            where = f"{path}.institution.unanimity.{member}"
            cells.add("veto_base", veto.base, f"{where}.base", limits_of(veto, "base"))
            cells.add("veto_per_rung", veto.per_rung, f"{where}.per_rung")
        for instrument in instruments:
            extra = actor.policy.last_resort.get(instrument, 0.0)
            cells.add("last_resort", extra, f"{path}.policy.last_resort.{instrument}")
    meetings = [meeting_days(actor.institution.meetings, scenario.start, scenario.end) for actor in actors]
    members = [sorted(actor.members) for actor in actors]
    bloc = {
        member: names.index(name)
        for name, actor in zip(names, actors, strict=True)
        for member in actor.members
    }
    fields |= {
        "usable": _ints(
            actor.instruments is None or instrument in actor.instruments
            for actor in actors
            for instrument in instruments
        ),
        "stage_start": _starts([actor.institution.stages for actor in actors]),
        "meeting_start": _starts(meetings),
        "meeting": np.array([day for days in meetings for day in days], float),
        "veto_start": _starts([actor.institution.unanimity for actor in actors]),
        "veto_key": np.array(
            [
                keys("veto", name, member)
                for name, actor in zip(names, actors, strict=True)
                for member in actor.institution.unanimity
            ],
            np.uint64,
        ),
        "member_start": _starts(members),
        "member": _ints(names.index(member) for group in members for member in group),
        "bloc": _ints(bloc.get(name, -1) for name in names),
        "actor_key": np.array([keys("actor", name) for name in names], np.uint64),
    }


def _patron(actor: Actor, path: str, cells: Cells) -> None:
    if actor.patron is None:
        cells.add("absorbs", 0.0)
        cells.add("over", 1.0)
    else:
        cells.add_all(actor.patron, ("absorbs", "over"), f"{path}.patron")


def _dyads(scenario: Scenario, names: tuple[str, ...], keys: Keys, cells: Cells, fields: Fields) -> None:
    relation, dyad_keys = [], []
    for i in names:
        for j in names:
            dyad = scenario.dyads.get(i, {}).get(j, Dyad())
            cells.add_all(dyad, ("exposure", "dependence"), f"dyads.{i}.{j}")
            if i == j:
                cells.add("solidarity", 1.0)
            elif j in scenario.actors[i].members:
                cells.add("solidarity", scenario.actors[i].members[j], f"actors.{i}.members.{j}")
            else:
                cells.add_all(dyad, ("solidarity",), f"dyads.{i}.{j}")
            relation.append(RELATIONS.index(dyad.relation))
            dyad_keys.append(keys("dyad", i, j))
    fields["relation"] = _ints(relation)
    fields["dyad_key"] = np.array(dyad_keys, np.uint64)
    holds = list(scenario.holds.values())
    fields["hold_actor"] = _ints(names.index(hold.actor) for hold in holds)
    fields["hold_target"] = _ints(names.index(hold.target) for hold in holds)
    fields["hold_since"] = np.array(
        [_days(scenario, hold.since) if hold.since else 0.0 for hold in holds], float
    )
    fields["hold_until"] = np.array([_days(scenario, hold.until) for hold in holds], float)


def _days(scenario: Scenario, day: date) -> float:
    return float((day - scenario.start).days)


def _instruments(scenario: Scenario, names: tuple[str, ...], cells: Cells, fields: Fields) -> None:
    instruments: list[Instrument] = [scenario.instruments[name] for name in names]
    for name, instrument in zip(names, instruments, strict=True):
        path = f"instruments.{name}"
        cells.add_all(instrument, INSTRUMENT, path)
        cells.add("term", NEVER if instrument.term is None else instrument.term, f"{path}.term")
        cells.add("median", instrument.size.median if instrument.size else 1.0, f"{path}.size.median")
        cells.add("spread", instrument.size.spread if instrument.size else 0.0, f"{path}.size.spread")
        if instrument.severity.uncertain and np.prod(np.sign(instrument.severity.support())) < 0:
            raise InputError(f"{path}.severity must not change its sign between replications")
    requires = [[names.index(name) for name in instrument.requires] for instrument in instruments]
    fields |= {
        "first_hostile": sum(instrument.severity.nominal <= 0 for instrument in instruments),
        "family": _ints(FAMILIES.index(instrument.family) for instrument in instruments),
        "counted": _ints(
            instrument.severity.nominal > 0 and instrument.family not in ("verbal", "threat")
            for instrument in instruments
        ),
        "sized": _ints(instrument.size is not None for instrument in instruments),
        "once": _ints(instrument.once for instrument in instruments),
        "relation_to": _ints(
            -1 if instrument.relation is None else RELATIONS.index(instrument.relation)
            for instrument in instruments
        ),
        "requires_start": _starts(requires),
        "requires": _ints(index for group in requires for index in group),
    }


def _shocks(scenario: Scenario, actors: tuple[str, ...], keys: Keys, cells: Cells, fields: Fields) -> None:
    times = []
    for name, shock in scenario.shocks.items():
        path = f"shocks.{name}"
        cells.add_all(shock, ("magnitude",), path)
        cells.add("rate", shock.rate or 0.0, f"{path}.rate")
        for actor in actors:
            cells.add("salience", shock.salience.get(actor, 0.0), f"{path}.salience.{actor}")
        times.append(_days(scenario, shock.date) + 0.25 if shock.date else NEVER)
    fields["shock_time"] = np.array(times, float)
    fields["shock_blamed"] = _ints(actors.index(shock.blamed) for shock in scenario.shocks.values())
    fields["shock_key"] = np.array([keys("shock", name) for name in scenario.shocks], np.uint64)


def _scripts(
    scenario: Scenario, actors: tuple[str, ...], instruments: tuple[str, ...], cells: Cells, fields: Fields
) -> None:
    times = script_times(scenario)
    shocks = list(scenario.shocks)
    rows: dict[str, list[int]] = {}
    scripts = [(name, act, target) for name, act in scenario.history.items() for target in act.target]
    for index, (name, act, _) in enumerate(scripts):
        rows.setdefault(name, []).append(index)
        instrument = scenario.instruments[act.instrument]
        size = act.size or (instrument.size.median if instrument.size else 0.0)
        cells.add("scripted_size", size, f"history.{name}.size")
    causes = [
        [
            cause
            for answer in act.answers
            for cause in ([-1 - shocks.index(answer)] if answer in shocks else rows[answer])
        ]
        for _, act, _ in scripts
    ]
    fields |= {
        "scripts": len(scripts),
        "script_time": np.array([times[name] for name, _, _ in scripts], float),
        "script_actor": _ints(actors.index(act.actor) for _, act, _ in scripts),
        "script_target": _ints(actors.index(target) for _, _, target in scripts),
        "script_instrument": _ints(instruments.index(act.instrument) for _, act, _ in scripts),
        "script_cause_start": _starts(causes),
        "script_cause": _ints(cause for group in causes for cause in group),
    }


def _constants(scenario: Scenario, cells: Cells) -> None:
    cells.add_all(scenario.model, ("size_exponent", "habituation_floor", "recent"), "model")
    cells.add_all(scenario.outcomes, ("runaway", "concession"), "outcomes")
