"""The differences between two runs, outcome by outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.scenario.outcomes import Outcome
from escalation.study.comparing.comparison import Difference, Level, Measure
from escalation.study.comparing.estimates import Estimates, paired, unpaired
from escalation.study.comparing.pairing import Match
from escalation.study.comparing.sides import Data
from escalation.study.stats import Interval

Array = npt.NDArray[np.float64]

MOST_CELLS = 8_000_000
"""Numbers of both runs together that are read at a time."""


class Column(NamedTuple):
    """One measure of one outcome."""

    outcome: Outcome
    measure: Measure


def common_outcomes(a: Data, b: Data) -> list[Outcome]:
    """Return the outcomes that both runs measure, of one kind and unit, in the baseline's order."""
    there = {outcome.name: outcome for outcome in b.header.outcomes}
    return [one for one in a.header.outcomes if one.name in there and _alike(one, there[one.name])]


def differences(
    a: Data, b: Data, outcomes: Sequence[Outcome], match: Match | None, headline: frozenset[str]
) -> list[Difference]:
    """Return the differences in outcomes that both have; without a match the runs are compared unpaired."""
    rows = (match.baseline, match.other) if match else (np.flatnonzero(a.good), np.flatnonzero(b.good))
    if not min(map(len, rows)):
        return []
    horizon, found = float(min(a.horizon, b.horizon)), list[Difference]()
    for block in _blocks(outcomes, len(a.replications) + len(b.replications)):
        columns = [column for outcome in block for column in _columns(outcome)]
        x, y = (_values(side, columns, at, horizon) for side, at in zip((a, b), rows, strict=True))
        shares = np.array([column.measure == "probability" for column in columns])
        estimates = paired(x, y, shares) if match else unpaired(x, y, shares)
        found += [_row(column, estimates, k, headline) for k, column in enumerate(columns)]
    return found


def _alike(one: Outcome, other: Outcome) -> bool:
    return (one.kind, one.unit) == (other.kind, other.unit)


def _blocks(outcomes: Sequence[Outcome], rows: int) -> Iterator[Sequence[Outcome]]:
    size = max(1, MOST_CELLS // rows)
    return (outcomes[first : first + size] for first in range(0, len(outcomes), size))


def _columns(outcome: Outcome) -> list[Column]:
    if outcome.kind == "date":
        return [Column(outcome, "probability"), Column(outcome, "restricted_mean")]
    return [Column(outcome, "probability" if outcome.kind == "probability" else "mean")]


def _values(data: Data, columns: Sequence[Column], rows: npt.NDArray[np.int64], horizon: float) -> Array:
    """Return the columns' values, float64[n, k]; what did not come within the horizon came at its end."""
    names = list(dict.fromkeys(column.outcome.name for column in columns))
    raw = data.results.columns(names)
    values = np.empty((len(rows), len(columns)))
    for k, (outcome, measure) in enumerate(columns):
        values[:, k] = raw[outcome.name][rows]
        if outcome.kind == "date":
            came = values[:, k] < horizon  # NaN, never, is below nothing
            values[:, k] = came if measure == "probability" else np.where(came, values[:, k], horizon)
    return values


def _row(column: Column, of: Estimates, k: int, headline: frozenset[str]) -> Difference:
    outcome = column.outcome
    return Difference(
        name=outcome.name,
        measure=column.measure,
        label=outcome.label,
        kind=outcome.kind,
        unit="share" if column.measure == "probability" else outcome.unit,
        headline=outcome.name in headline,
        n=of.n,
        baseline=Level(float(of.baseline[k]), _interval(of.baseline_interval[k])),
        other=Level(float(of.other[k]), _interval(of.other_interval[k])),
        difference=float(of.difference[k]),
        interval=_interval(of.interval[k]),
        p=_said(of.p[k]),
        equal=bool(of.equal[k]),
        p_exceeds=float(of.p_exceeds[k]),
        p_equal=float(of.p_equal[k]),
        variance_ratio=_said(of.variance_ratio[k]),
        standardised=_said(of.standardised[k]),
    )


def _said(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def _interval(ends: Array) -> Interval | None:
    return None if np.isnan(ends).any() else Interval(float(ends[0]), float(ends[1]))
