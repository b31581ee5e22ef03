"""Compiling what can be done and what is known to happen: instruments, shocks, scripted acts."""

from __future__ import annotations

from escalation.errors import InputError
from escalation.model.build import Build, floats, ints, starts, words
from escalation.model.calendar import NOON, script_times
from escalation.model.columns import limits_of
from escalation.model.tables import NEVER
from escalation.model.world import HISTORY, SIMULATED
from escalation.scenario.base import COUNT, DAYS, FAMILIES, LEVEL, RELATIONS, Number, Part, Within
from escalation.scenario.document import HistoryAct, Instrument
from escalation.scenario.policy import Scripted

INSTRUMENT = ("rung", "harm", "cost", "relief", "delay")
LEAST_HOSTILE = 1e-6
SHOCK_HOUR = 0.25


def compile_instruments(build: Build) -> None:
    """Fill every column that is indexed by an instrument."""
    instruments = [build.scenario.instruments[name] for name in build.instruments]
    for name, instrument in zip(build.instruments, instruments, strict=True):
        _numbers(build, instrument, f"instruments.{name}")
    requires = [[build.instruments.index(name) for name in one.requires] for one in instruments]
    lifts = [[build.instruments.index(name) for name in one.lifts] for one in instruments]
    build.fields |= {
        "first_hostile": sum(one.severity.nominal <= 0 for one in instruments),
        "family": ints(FAMILIES.index(one.family) for one in instruments),
        "counted": ints(
            one.severity.nominal > 0 and one.family not in ("verbal", "threat") for one in instruments
        ),
        "sized": ints(one.size is not None for one in instruments),
        "conditional": ints(
            one.once or one.relation is not None or bool(one.requires or one.lifts) for one in instruments
        ),
        "once": ints(one.once for one in instruments),
        "relation_to": ints(
            -1 if one.relation is None else RELATIONS.index(one.relation) for one in instruments
        ),
        "requires_start": starts(requires),
        "requires": ints(index for group in requires for index in group),
        "demand": ints(one.threat is not None and one.threat.demand for one in instruments),
        "lifts_start": starts(lifts),
        "lifts": ints(index for group in lifts for index in group),
    }


def _numbers(build: Build, instrument: Instrument, path: str) -> None:
    cells = build.cells
    low, high = instrument.severity.support()
    if low * high < 0:
        raise InputError(f"{path}.severity must not change its sign between replications")
    cells.add_all(instrument, INSTRUMENT, path)
    cells.add("severity", instrument.severity, f"{path}.severity", of_one_sign(instrument.severity))
    if instrument.term is None:
        cells.add("term", NEVER)
    else:
        cells.add("term", instrument.term, f"{path}.term", DAYS)
    _optional(build, instrument.size, {"median": ("median", 1.0), "spread": ("spread", 0.0)}, f"{path}.size")
    promise = {"promise": ("severity", 0.0), "condition": ("rung", 0.0), "within": ("within", 0.0)}
    _optional(build, instrument.threat, promise, f"{path}.threat")


def of_one_sign(severity: Number) -> Within:
    """Return the range in which an uncertain severity stays hostile, or conciliatory, as it is nominally."""
    return Within(LEAST_HOSTILE, 10.0) if severity.nominal > 0 else Within(-10.0, 0.0)


def _optional(build: Build, part: Part | None, columns: dict[str, tuple[str, float]], path: str) -> None:
    """Fill `columns` from the fields of a part that may be missing, else with what does nothing."""
    for column, (field, missing) in columns.items():
        if part is None:
            build.cells.add(column, missing)
        else:
            build.cells.add(column, getattr(part, field), f"{path}.{field}", limits_of(part, field))


def compile_shocks(build: Build) -> None:
    """Fill every column that is indexed by a shock."""
    shocks = build.scenario.shocks
    for name, shock in shocks.items():
        build.cells.add_all(shock, ("magnitude",), f"shocks.{name}")
        build.cells.add("rate", shock.rate or 0.0, f"shocks.{name}.rate", limits_of(shock, "rate"))
        for actor in build.actors:
            build.cells.add(
                "salience", shock.salience.get(actor, 0.0), f"shocks.{name}.salience.{actor}", LEVEL
            )
    build.fields |= {
        "shock_time": floats(
            build.days(shock.date) + SHOCK_HOUR if shock.date else NEVER for shock in shocks.values()
        ),
        "shock_blamed": ints(build.actors.index(shock.blamed) for shock in shocks.values()),
        "shock_key": words(build.keys("shock", name) for name in shocks),
    }


def compile_scripts(build: Build) -> None:
    """Fill every column that is indexed by a scripted act: history, and the acts of scripted policies."""
    scenario, times = build.scenario, script_times(build.scenario)
    shocks = list(scenario.shocks)
    rows: dict[str, list[int]] = {}
    scripts = [(name, act, target) for name, act in scenario.history.items() for target in act.target]
    for index, (name, _, _) in enumerate(scripts):
        rows.setdefault(name, []).append(index)
    causes = [
        [
            cause
            for answer in act.answers
            for cause in ([-1 - shocks.index(answer)] if answer in shocks else rows[answer])
        ]
        for _, act, _ in scripts
    ]
    known = len(scripts)
    for name, act in _dated(build):
        times[name] = build.days(act.date) + NOON
        scripts.append((name, act, act.target[0]))
        causes.append([])
    for index, (name, act, _) in enumerate(scripts):
        size = scenario.instruments[act.instrument].size
        median = size.median if size else 0.0
        path = f"history.{name}.size" if index < known else f"{name}.size"
        build.cells.add("scripted_size", act.size or median, path, COUNT)
    build.fields |= {
        "scripts": len(scripts),
        "script_time": floats(times[name] for name, _, _ in scripts),
        "script_actor": ints(build.actors.index(act.actor) for _, act, _ in scripts),
        "script_target": ints(build.actors.index(target) for _, _, target in scripts),
        "script_instrument": ints(build.instruments.index(act.instrument) for _, act, _ in scripts),
        "script_origin": ints(HISTORY if index < known else SIMULATED for index in range(len(scripts))),
        "script_cause_start": starts(causes),
        "script_cause": ints(cause for group in causes for cause in group),
    }


def _dated(build: Build) -> list[tuple[str, HistoryAct]]:
    """Return the acts of scripted policies from the takeover on, as if they were history."""
    return [
        (
            f"actors.{actor}.policy.acts.{name}",
            HistoryAct(
                date=act.date, actor=actor, target=(act.target,), instrument=act.instrument, size=act.size
            ),
        )
        for actor in build.actors
        if isinstance(policy := build.scenario.actors[actor].policy, Scripted)
        for name, act in policy.acts.items()
        if build.scenario.takeover <= act.date < build.scenario.end
    ]
