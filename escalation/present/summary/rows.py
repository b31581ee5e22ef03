"""A summary as rows of values: one outcome or one number of the flywheel in each."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from escalation.model.header import Header
from escalation.present.summary.flywheel import Value, flywheel_values
from escalation.study.summary.summary import Figure, Summary

if TYPE_CHECKING:
    import duckdb

TEXTS = ("outcome", "label", "kind", "unit")
NUMBERS = (
    *("n", "mean", "mcse", "median"),
    *("low_50", "high_50", "low_95", "high_95"),
    *("probability", "probability_low", "probability_high"),
    *("estimate", "estimate_low", "estimate_high"),
)
HEADINGS = (*TEXTS, *NUMBERS)
"""The columns of a summary in CSV."""
DATES = ("median_date", "low_50_date", "high_50_date", "low_95_date", "high_95_date")
"""Further columns of an exported summary: the days of a date outcome as dates."""


def rows_of(summary: Summary) -> list[Sequence[Any]]:
    """Return one row of values per outcome, then those of the flywheel; None for what cannot be said."""
    rows = [_figure(figure) for figure in summary.figures.values()]
    wheel = summary.flywheel
    if wheel is None:
        return rows
    return rows + [_value(value, wheel.replications) for value in flywheel_values(wheel)]


def _value(value: Value, replications: int) -> Sequence[Any]:
    about = (value.name, value.label, "estimate", value.unit, replications)
    return (*about, *(None,) * 10, value.estimate, value.low, value.high)


def _figure(figure: Figure) -> Sequence[Any]:
    empty = (None, None)
    about = (figure.name, figure.label, figure.kind, figure.unit, figure.n)
    amount = (figure.mean, figure.mcse, figure.median, *(figure.band_50 or empty), *(figure.band_95 or empty))
    return (*about, *amount, figure.probability, *(figure.interval or empty), None, *empty)


def register_summary(
    connection: duckdb.DuckDBPyConnection, summary: Summary, names: Container[str] | None
) -> str:
    """Give a database the rows of a summary and return the query for them; `names` are all when None."""
    rows = [row for row in rows_of(summary) if names is None or row[0] in names]
    table: dict[str, Any] = {
        name: np.array([row[place] for row in rows], object if name in TEXTS else np.float64)
        for place, name in enumerate(HEADINGS)
    }
    shares = {name: _shares(figure, summary.header) for name, figure in summary.figures.items()}
    table["shares"] = np.array([shares.get(row[0], "") for row in rows], object)
    dates = {name: _dates(figure, summary.header) for name, figure in summary.figures.items()}
    for place, name in enumerate(DATES):
        table[name] = np.array([dates.get(row[0], ("",) * len(DATES))[place] for row in rows], object)
    connection.register("summary_rows", table)
    return f"SELECT {', '.join(_cells())} FROM summary_rows"


def _cells() -> list[str]:
    numbers = [f"CASE WHEN NOT isnan({name}) THEN {name} END AS {name}" for name in NUMBERS if name != "n"]
    dates = [f"CAST(nullif({name}, '') AS DATE) AS {name}" for name in DATES]
    return [*TEXTS, "CAST(n AS BIGINT) AS n", *numbers, *dates, "nullif(shares, '') AS shares"]


def _dates(figure: Figure, header: Header) -> tuple[str, ...]:
    bands = (figure.band_50, figure.band_95)
    if figure.kind != "date" or figure.median is None or None in bands:
        return ("",) * len(DATES)
    days = [figure.median, *(end for band in bands for end in band or ())]
    return tuple((header.start + timedelta(days=int(at))).isoformat() for at in days)


def _shares(figure: Figure, header: Header) -> str:
    """Return how often each rank occurred, as a JSON object; relations by name."""
    if not figure.shares:
        return ""
    named: Mapping[str, float] = figure.shares
    if figure.name.startswith("relation."):
        named = {header.relations[int(float(place))]: share for place, share in figure.shares.items()}
    return json.dumps(named, ensure_ascii=False)
