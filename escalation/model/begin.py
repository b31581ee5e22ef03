"""Beginning: one replication's uncertain numbers are drawn, and the known future goes into the outbox."""

from __future__ import annotations

import math

from escalation.model.draws import UNCERTAIN, normal, uniform
from escalation.model.handle import next_shock
from escalation.model.kernel import kernel
from escalation.model.measure import AT_FIRST, AT_FIRST_CONCESSION, AT_PRESSURE
from escalation.model.numbers import Numbers
from escalation.model.outbox import emit
from escalation.model.state import OUT, State
from escalation.model.tables import MEASURE, RENEWAL, SCRIPTED, SHOCKED, TAKEOVER, Tables

NAN = float("nan")
UNIFORM, NORMAL, LOGNORMAL, TRIANGULAR, CHOICE_OF = range(5)
"""Kinds of distributions of an uncertain number."""


@kernel
def triangular(low: float, mode: float, high: float, draw: float) -> float:
    """Return the value below which a triangular distribution has probability `draw`."""
    if high <= low:
        return low
    if draw < (mode - low) / (high - low):
        return low + math.sqrt(draw * (high - low) * (mode - low))
    return high - math.sqrt((1.0 - draw) * (high - low) * (high - mode))


@kernel
def drawn(tables: Tables, state: State, cell: int) -> float:
    """Return this replication's value of one uncertain number, within its allowed range."""
    kind, key = tables.cell_kind[cell], tables.cell_key[cell]
    a, b = tables.cell_a[cell], tables.cell_b[cell]
    if kind == UNIFORM:
        value = a + (b - a) * uniform(state.stream, UNCERTAIN, 0, key)
    elif kind == NORMAL:
        value = a + b * normal(state.stream, UNCERTAIN, 0, key)
    elif kind == LOGNORMAL:
        value = a * math.exp(b * normal(state.stream, UNCERTAIN, 0, key))
    elif kind == TRIANGULAR:
        value = triangular(a, b, tables.cell_c[cell], uniform(state.stream, UNCERTAIN, 0, key))
    else:
        first, last = tables.cell_choice_start[cell], tables.cell_choice_start[cell + 1]
        value = tables.cell_choice[first + int(uniform(state.stream, UNCERTAIN, 0, key) * (last - first))]
    return min(tables.cell_high[cell], max(tables.cell_low[cell], value))


@kernel
def begin(tables: Tables, numbers: Numbers, state: State) -> None:
    """Draw the uncertain numbers into `numbers`, set the initial state, and emit what is known to come.

    `state` is fresh and its `stream` set.
    """
    for cell in range(len(tables.cell_column)):
        numbers.columns[tables.cell_column[cell]][tables.cell_index[cell]] = drawn(tables, state, cell)
    for ij in range(tables.actors * tables.actors):
        state.relation[ij] = tables.relation[ij]
        state.expected[ij] = numbers.expected[ij // tables.actors]
        state.credibility[ij] = numbers.credibility[ij // tables.actors]
    first, last = tables.at[AT_FIRST], tables.at[AT_PRESSURE + 1]
    for place in range(tables.outcomes):
        dated = first <= place < last
        if not dated and not 0 <= place - tables.at[AT_FIRST_CONCESSION] < tables.actors:
            state.row[place] = 0.0
        else:
            state.row[place] = NAN
    state.tally[OUT] = 0
    for ordinal in range(len(tables.measure_time)):
        emit(tables, state, tables.measure_time[ordinal], MEASURE, tables.actors, ordinal, 0)
    for shock in range(tables.shocks):
        if numbers.rate[shock] > 0.0:
            next_shock(tables, numbers, state, shock, 0, tables.takeover)
        else:
            emit(tables, state, tables.shock_time[shock], SHOCKED, tables.actors, shock, 0)
    for script in range(tables.scripts):
        emit(tables, state, tables.script_time[script], SCRIPTED, tables.script_actor[script], script, 0)
    for i in range(tables.actors):
        for n in range(tables.renewal_start[i], tables.renewal_start[i + 1]):
            emit(tables, state, tables.renewal[n], RENEWAL, i, 0, 0)
    emit(tables, state, tables.takeover, TAKEOVER, tables.actors, 0, 0)
