"""Measuring: how acts and states become one row of outcomes, while they happen."""

from __future__ import annotations

import math

from escalation.model.feel import settle
from escalation.model.kernel import kernel
from escalation.model.numbers import Numbers
from escalation.model.pressure import pressure, settle_cost, settle_pressure
from escalation.model.state import STATUS, State
from escalation.model.tables import Tables
from escalation.model.world import TRUNCATED
from escalation.scenario.outcomes import Measure

(
    AT_ACTS,
    AT_FAMILY_ACTS,
    AT_DAYS,
    AT_FAMILY_DAYS,
    AT_LISTED,
    AT_PEAK,
    AT_FIRST,
    AT_TENSION,
    AT_PRESSURE,
    AT_END_TENSION,
    AT_PEAK_TENSION,
    AT_END_PRESSURE,
    AT_MEAN_PRESSURE,
    AT_COST,
    AT_RELATION,
    AT_CONCESSION,
    AT_FIRST_CONCESSION,
    AT_RUNAWAY,
    AT_TRUNCATED,
    AT_AUDIENCE,
) = map(int, Measure)
"""Groups of outcomes: `Tables.at[group]` is where each begins in the row."""

YEAR = 365.25
INDIVIDUAL = 2
"""The family whose sizes are names listed, by its place in the list of families."""


@kernel
def tension(tables: Tables, numbers: Numbers, state: State, now: float) -> float:
    """Return the sum of all grievances above 0."""
    total = 0.0
    for i in range(tables.actors):
        for j in range(tables.actors):
            ij = i * tables.actors + j
            if i != j and (state.from_acts[ij] != 0.0 or state.from_shocks[ij] != 0.0):
                total += max(0.0, settle(tables, numbers, state, i, j, now))
    return total


@kernel
def measure_tension(tables: Tables, numbers: Numbers, state: State, now: float) -> None:
    """Note a new peak of tension, and whether it is a runaway."""
    if now < tables.takeover:
        return
    level = tension(tables, numbers, state, now)
    if level > state.row[tables.at[AT_PEAK_TENSION]]:
        state.row[tables.at[AT_PEAK_TENSION]] = level
        if level > numbers.runaway[0]:
            state.row[tables.at[AT_RUNAWAY]] = 1.0


@kernel
def measure_date(tables: Tables, numbers: Numbers, state: State, ordinal: int, now: float) -> None:
    """Record tension and every actor's pressure at the `ordinal`-th date of record."""
    state.row[tables.at[AT_TENSION] + ordinal] = tension(tables, numbers, state, now)
    for i in range(tables.actors):
        place = tables.at[AT_PRESSURE] + ordinal * tables.actors + i
        state.row[place] = pressure(numbers, state, i, now)


@kernel
def count_day(state: State, place: int, day_place: int, day: int) -> None:
    """Count a day once, however many packages it holds."""
    if state.package_day[day_place] != day:
        state.package_day[day_place] = day
        state.row[place] += 1.0


@kernel
def measure_act(
    tables: Tables, numbers: Numbers, state: State, i: int, target: int, k: int, size: float, now: float
) -> None:
    """Count one act of `i`, if it falls into the simulated time."""
    if now < tables.takeover:
        return
    row, at, family, day = state.row, tables.at, tables.family[k], int(math.floor(now))
    by_family = i * tables.families + family
    row[at[AT_FAMILY_ACTS] + by_family] += 1.0
    count_day(state, at[AT_FAMILY_DAYS] + by_family, by_family, day)
    if tables.counted[k]:
        row[at[AT_ACTS] + i] += 1.0
        count_day(state, at[AT_DAYS] + i, tables.actors * tables.families + i, day)
    if family == INDIVIDUAL and tables.sized[k]:
        row[at[AT_LISTED] + i] += size
    if numbers.severity[k] > 0.0:
        peak = at[AT_PEAK] + i * tables.actors + target
        row[peak] = max(row[peak], numbers.rung[k])
    first = tables.first_use[i * tables.instruments + k]
    if first >= 0 and math.isnan(row[at[AT_FIRST] + first]):
        row[at[AT_FIRST] + first] = now
    if numbers.severity[k] <= -numbers.concession[0] and row[at[AT_CONCESSION] + i] == 0.0:
        row[at[AT_CONCESSION] + i] = 1.0
        row[at[AT_FIRST_CONCESSION] + i] = now


@kernel
def measure_end(tables: Tables, numbers: Numbers, state: State, end: float) -> None:
    """Fill in what is known only at the end; a truncated replication ended when it was cut off."""
    row, at = state.row, tables.at
    measure_tension(tables, numbers, state, end)
    row[at[AT_END_TENSION]] = tension(tables, numbers, state, end)
    for i in range(tables.actors):
        settle_pressure(numbers, state, i, end)
        settle_cost(state, i, end)
        row[at[AT_END_PRESSURE] + i] = pressure(numbers, state, i, end)
        row[at[AT_MEAN_PRESSURE] + i] = state.pressure_sum[i] / max(1.0, end - tables.takeover)
        row[at[AT_COST] + i] = state.cost[i] / YEAR
        row[at[AT_AUDIENCE] + i] = state.audience_cost[i]
        for j in range(tables.actors):
            ij = i * tables.actors + j
            row[at[AT_RELATION] + ij] = float(state.relation[ij])
    row[at[AT_TRUNCATED]] = 1.0 if state.tally[STATUS] == TRUNCATED else 0.0
