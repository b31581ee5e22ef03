"""Compiling what can be done and what is known to happen: instruments, shocks, scripted acts, calendars.

Dates become days from the scenario's start, as floats.
"""

from __future__ import annotations

from datetime import date, timedelta

from escalation.errors import InputError
from escalation.model.build import Build
from escalation.model.state import NEVER, NONE
from escalation.model.tables import (
    YEAR,
    InstrumentRow,
    RenewalRow,
    SalienceRow,
    ScriptRow,
    ShockRow,
    SuggestRow,
)
from escalation.model.world import HISTORY, NOON, SIMULATED
from escalation.scenario.actor import WEEKDAYS, Meetings
from escalation.scenario.base import COUNT, DAYS, FAMILIES, LEVEL, RELATIONS, WORDS, MeasureFamily, Within
from escalation.scenario.document import HistoryAct, Instrument, Scenario
from escalation.scenario.policy import Scripted, ScriptedAct

LEAST_HOSTILE = 1e-6
SHOCK_HOUR = 0.25
DEEPEST = 31
"""Longest chain of answers within one day that keeps its order."""


def compile_instruments(build: Build) -> None:
    """Add the record of every instrument."""
    index = build.instruments.index
    for name in build.instruments:
        instrument = build.scenario.instruments[name]
        row = InstrumentRow(
            family=FAMILIES.index(instrument.family),
            counted=int(instrument.severity.nominal > 0 and instrument.family not in WORDS),
            words=int(instrument.severity.nominal > 0 and instrument.family in WORDS),
            sized=int(instrument.size is not None),
            conditional=int(
                instrument.once
                or instrument.addressed == "all"
                or instrument.family == "diplomatic"
                or instrument.relation is not None
                or bool(instrument.requires or instrument.lifts)
            ),
            once=int(instrument.once),
            everyone=int(instrument.addressed == "all"),
            group=int(instrument.addressed == "group"),
            posts=int(instrument.family == "diplomatic" and instrument.size is not None),
            demand=int(instrument.threat is not None and instrument.threat.demand),
            relation_to=NONE if instrument.relation is None else RELATIONS.index(instrument.relation),
        )
        row.requires_from, row.requires_to = build.extend("requires", map(index, instrument.requires))
        row.lifts_from, row.lifts_to = build.extend("lifts", map(index, instrument.lifts))
        build.add("instrument", row)
        set_numbers(build, instrument, f"instruments.{name}")


def set_numbers(build: Build, instrument: Instrument, path: str) -> None:
    """Set the numbers of one instrument; what a part that is missing has no number for does nothing."""
    low, high = instrument.severity.support()
    if low * high < 0:
        raise InputError(f"{path}.severity must not change its sign between replications")
    build.set_all("instrument", instrument, ("rung", "harm", "cost", "relief", "delay"), path)
    # an uncertain severity stays hostile, or conciliatory, as it is nominally
    limits = Within(LEAST_HOSTILE, 10.0) if instrument.severity.nominal > 0 else Within(-10.0, 0.0)
    build.set("instrument", "severity", instrument.severity, f"{path}.severity", limits)
    if instrument.term is not None:
        build.set("instrument", "term", instrument.term, f"{path}.term", DAYS)
    if instrument.size is not None:
        build.set_all("instrument", instrument.size, ("median", "spread"), f"{path}.size")
    if instrument.threat is not None:
        threat, where = instrument.threat, f"{path}.threat"
        build.set_from("instrument", "promise", threat, "severity", where)
        build.set_from("instrument", "condition", threat, "rung", where)
        build.set_all("instrument", threat, ("within",), where)


def compile_shocks(build: Build) -> None:
    """Add the record of every shock, and how much each actor cares."""
    for name, shock in build.scenario.shocks.items():
        time = build.days(shock.date) + SHOCK_HOUR if shock.date else NEVER
        blamed = build.actors.index(shock.blamed)
        row = ShockRow(time=time, key=build.key("shock", name), blamed=blamed, foreseen=int(shock.foreseen))
        build.add("shock", row)
        build.set_all("shock", shock, ("magnitude", "spread"), f"shocks.{name}")
        row.suggest_from = len(build.columns["suggest"])
        for instrument, weight in shock.suggests.items():
            build.add("suggest", SuggestRow(instrument=build.instruments.index(instrument)))
            build.set("suggest", "weight", weight, f"shocks.{name}.suggests.{instrument}", LEVEL)
        row.suggest_to = len(build.columns["suggest"])
        if shock.rate is not None:
            build.set_from("shock", "rate", shock, "rate", f"shocks.{name}")
        for actor in build.actors:
            build.add("salience", SalienceRow())
            salience = shock.salience.get(actor, 0.0)
            build.set("salience", "salience", salience, f"shocks.{name}.salience.{actor}", LEVEL)


def compile_scripts(build: Build) -> None:
    """Add the record of every scripted act: history, and the acts of scripted policies."""
    scenario, times = build.scenario, script_times(build.scenario)
    shocks = list(scenario.shocks)
    rows: dict[str, list[int]] = {}
    history = [(name, act, target) for name, act in scenario.history.items() for target in act.target]
    for row, (name, _, _) in enumerate(history):
        rows.setdefault(name, []).append(row)
    for name, act, target in history:
        causes = [
            cause
            for answer in act.answers
            for cause in ([-1 - shocks.index(answer)] if answer in shocks else rows[answer])
        ]
        add_script(build, f"history.{name}", act.actor, target, act, times[name], HISTORY, causes)
    for actor in build.actors:
        policy = scenario.actors[actor].policy
        for name, planned in policy.acts.items() if isinstance(policy, Scripted) else ():
            if scenario.takeover <= planned.date < scenario.end:
                path, time = f"actors.{actor}.policy.acts.{name}", build.days(planned.date) + NOON
                add_script(build, path, actor, planned.target, planned, time, SIMULATED, [])


def add_script(
    build: Build,
    path: str,
    actor: str,
    target: str,
    act: HistoryAct | ScriptedAct,
    time: float,
    origin: int,
    causes: list[int],
) -> None:
    """Add the record of one scripted act of an actor against one target."""
    instrument = build.scenario.instruments[act.instrument]
    row = ScriptRow(
        time=time,
        actor=build.actors.index(actor),
        target=build.actors.index(target),
        instrument=build.instruments.index(act.instrument),
        origin=origin,
    )
    row.cause_from, row.cause_to = build.extend("script_cause", causes)
    build.add("script", row)
    size = act.size or (instrument.size.median if instrument.size else 0.0)
    build.set("script", "size", size, f"{path}.size", COUNT)


def meeting_days(meetings: Meetings | None, start: date, end: date) -> list[float]:
    """Return the times of an institution's meetings in [start, end), in days from the start, ascending."""
    if meetings is None:
        return []
    regular = {
        day
        for day in (start + timedelta(n) for n in range((end - start).days))
        if WEEKDAYS[day.weekday()] == meetings.weekday and (day.day - 1) // 7 + 1 in meetings.nth
        if day.month not in meetings.skip_months
    }
    days = regular | {day for day in meetings.also if start <= day < end}
    return sorted((day - start).days + NOON for day in days)


Renewals = dict[MeasureFamily, tuple[str, ...]]


def renewal_days(renewals: Renewals, start: date, end: date) -> list[RenewalRow]:
    """Return the yearly renewals (`MM-DD`) in [start, end), with what is renewed, ascending."""
    families: dict[date, int] = {}
    for family, times in renewals.items():
        for time in times:
            for year in range(start.year, end.year + 1) if "-" in time else ():
                day = date(year, int(time[:2]), int(time[3:]))
                families[day] = families.get(day, 0) | 1 << FAMILIES.index(family)
    days = sorted(day for day in families if start <= day < end)
    return [RenewalRow((day - start).days + NOON, families[day]) for day in days]


def renewed_after(renewals: Renewals) -> list[float]:
    """Return for each family the days after which it is renewed (`12 months`), the shortest of several."""
    after = dict.fromkeys(FAMILIES, NEVER)
    for family, times in renewals.items():
        for time in times:
            if "-" not in time:
                after[family] = min(after[family], int(time.split()[0]) * YEAR / 12)
    return list(after.values())


def script_times(scenario: Scenario) -> dict[str, float]:
    """Return when each scripted act happens: within a day in the order of the file, causes before answers."""
    history = scenario.history
    depth = dict.fromkeys(history, 0)
    for _ in range(DEEPEST):
        for name, act in history.items():
            same_day = [n for n in act.answers if n in history and history[n].date == act.date]
            depth[name] = max([depth[name], *(1 + depth[answered] for answered in same_day)])
    return {
        name: (act.date - scenario.start).days + NOON + min(depth[name], DEEPEST) / 64 + order / 2**20
        for order, (name, act) in enumerate(history.items())
    }
