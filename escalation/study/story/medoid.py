"""Which replication is the most typical of a run."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from escalation.ensemble.result import Results
from escalation.errors import InputError
from escalation.model.header import Header
from escalation.model.world import FAILED

COMPARED = frozenset(("acts", "days", "first", "tension", "end_tension", "peak_tension"))
"""Measures by which replications are compared."""


def typical_row(results: Results, among: npt.NDArray[np.bool_] | None = None) -> int:
    """Return the row (from 0) of the medoid: the replication nearest to all others, the first of equals.

    Replications are compared by their acts and package days per actor, whether each notable first use
    happened, and tension, each divided by its standard deviation. The sum of squared distances to all others
    is least for the one nearest to the mean. Failed replications do not count, nor those that are not
    `among` the marked ones (all unless given); InputError when none is left.
    """
    good = (results.statuses != FAILED) & (True if among is None else among)
    if not good.any():
        raise InputError("no replication was finished without failing: none is typical")
    distance = np.where(good, 0.0, np.inf)
    for outcome in results.header.outcomes:
        if outcome.measure in COMPARED:
            values = results.columns([outcome.name])[outcome.name][good]
            distance[good] += _squares(values, outcome.kind == "date")
    return int(np.argmin(distance))


def compared_outcomes(header: Header) -> list[str]:
    """Return the outcomes by which replications are compared."""
    return [outcome.name for outcome in header.outcomes if outcome.measure in COMPARED]


def same_outcomes(stored: Iterable[float], again: Iterable[float]) -> bool:
    """Return whether two rows of outcomes agree, NaN with NaN, but for rounding on another machine."""
    return bool(np.allclose(list(stored), list(again), rtol=1e-6, atol=1e-9, equal_nan=True))


def _squares(values: npt.NDArray[np.float64], dated: bool) -> npt.NDArray[np.float64]:
    """Return the squared standardised distance of each value from the mean; 0 where all are equal."""
    values = ~np.isnan(values) * 1.0 if dated else values
    spread = np.std(values)
    if spread == 0.0 or not np.isfinite(spread):
        return np.zeros(len(values))
    return np.asarray(np.square((values - np.mean(values)) / spread), np.float64)
