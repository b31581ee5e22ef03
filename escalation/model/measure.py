"""Measuring: how acts and states become one row of outcomes, while they happen."""

from __future__ import annotations

import math

from escalation.model.feel import pressure, settle, settle_cost, settle_pressure
from escalation.model.kernel import kernel
from escalation.model.state import NEVER
from escalation.model.tables import FAMILY_COUNT, INDIVIDUAL, YEAR, Tables
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

NAN = float("nan")


@kernel
def measure_begin(w: Tables) -> None:
    """Empty the row: what is measured at a date or may never happen is undefined, the rest 0."""
    first, last = w.at[AT_FIRST], w.at[AT_PRESSURE + 1]
    for column in range(w.outcomes):
        dated = first <= column < last
        if not dated and not 0 <= column - w.at[AT_FIRST_CONCESSION] < w.actors:
            w.state.row[column] = 0.0
        else:
            w.state.row[column] = NAN


@kernel
def tension(w: Tables, now: float) -> float:
    """Return the sum of all grievances above 0."""
    total = 0.0
    for i in range(w.actors):
        for j in range(w.actors):
            dyad = w.state.dyad[i * w.actors + j]
            if i != j and (dyad.from_acts != 0.0 or dyad.from_shocks != 0.0):
                total += max(0.0, settle(w, i, j, now))
    return total


@kernel
def measure_tension(w: Tables, now: float) -> None:
    """Note a new peak of tension, and whether it is a runaway."""
    if now < w.takeover:
        return
    row, level = w.state.row, tension(w, now)
    if level > row[w.at[AT_PEAK_TENSION]]:
        row[w.at[AT_PEAK_TENSION]] = level
        if level > w.model.runaway:
            row[w.at[AT_RUNAWAY]] = 1.0


@kernel
def measure_date(w: Tables, ordinal: int, now: float) -> None:
    """Record tension and every actor's pressure at the `ordinal`-th date of record."""
    w.state.row[w.at[AT_TENSION] + ordinal] = tension(w, now)
    for i in range(w.actors):
        w.state.row[w.at[AT_PRESSURE] + ordinal * w.actors + i] = pressure(w, i, now)


@kernel
def count_day(w: Tables, column: int, n: int, day: int) -> None:
    """Count a day once, however many packages it holds."""
    if w.state.package_day[n].day != day:
        w.state.package_day[n].day = day
        w.state.row[column] += 1.0


@kernel
def measure_peak(w: Tables, i: int, target: int, k: int, now: float) -> None:
    """Note the rung of a hostile act against one of those that it is addressed to."""
    if now >= w.takeover and w.instrument[k].severity > 0.0:
        peak = w.at[AT_PEAK] + i * w.actors + target
        w.state.row[peak] = max(w.state.row[peak], w.instrument[k].rung)


@kernel
def measure_act(w: Tables, i: int, k: int, size: float, now: float) -> None:
    """Count one act of `i`, if it falls into the simulated time."""
    if now < w.takeover:
        return
    row, at, instrument, day = w.state.row, w.at, w.instrument[k], int(math.floor(now))
    by_family = i * FAMILY_COUNT + instrument.family
    row[at[AT_FAMILY_ACTS] + by_family] += 1.0
    count_day(w, at[AT_FAMILY_DAYS] + by_family, by_family, day)
    if instrument.counted:
        row[at[AT_ACTS] + i] += 1.0
        count_day(w, at[AT_DAYS] + i, w.actors * FAMILY_COUNT + i, day)
    if instrument.family == INDIVIDUAL and instrument.sized:
        row[at[AT_LISTED] + i] += size
    first = w.repertoire[i * w.instruments + k].first_use
    if first >= 0 and math.isnan(row[at[AT_FIRST] + first]):
        row[at[AT_FIRST] + first] = now
    if instrument.severity <= -w.model.concession and row[at[AT_CONCESSION] + i] == 0.0:
        row[at[AT_CONCESSION] + i] = 1.0
        row[at[AT_FIRST_CONCESSION] + i] = now


@kernel
def undo_concession(w: Tables, i: int, now: float) -> None:
    """Take back the recent concessions of `i`: a new shock that it is blamed for undoes them in the count."""
    row, at, actor = w.state.row, w.at, w.state.actor[i]
    if now - actor.conceded_at > w.model.aftermath:
        return
    actor.conceded_at = -NEVER
    if now - row[at[AT_FIRST_CONCESSION] + i] <= w.model.aftermath:
        row[at[AT_CONCESSION] + i] = 0.0
        row[at[AT_FIRST_CONCESSION] + i] = NAN


@kernel
def measure_end(w: Tables, end: float) -> None:
    """Fill in what is known only at the end; a truncated replication ended when it was cut off."""
    row, at = w.state.row, w.at
    measure_tension(w, end)
    row[at[AT_END_TENSION]] = tension(w, end)
    for i in range(w.actors):
        settle_pressure(w, i, end)
        settle_cost(w, i, end)
        actor = w.state.actor[i]
        row[at[AT_END_PRESSURE] + i] = pressure(w, i, end)
        row[at[AT_MEAN_PRESSURE] + i] = actor.pressure_sum / max(1.0, end - w.takeover)
        row[at[AT_COST] + i] = actor.cost / YEAR
        row[at[AT_AUDIENCE] + i] = actor.audience_cost
        for j in range(w.actors):
            ij = i * w.actors + j
            row[at[AT_RELATION] + ij] = float(w.state.dyad[ij].relation)
    row[at[AT_TRUNCATED]] = 1.0 if w.state.tally.status == TRUNCATED else 0.0
