"""Which replications of two runs happened in the same world."""

from __future__ import annotations

from calendar import month_abbr
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from escalation.study.comparing.sides import Data
from escalation.study.flywheel.batches import Batches

Ints = npt.NDArray[np.int64]

DAYS = {
    "start": "their history begins",
    "takeover": "they are simulated from then on",
    "end": "they end",
}


class Match(NamedTuple):
    """Rows of two runs, int64[n] each, of the same replications; `dropped` pairs are left out as failed."""

    baseline: Ints
    other: Ints
    dropped: int


def why_unpaired(a: Data, b: Data) -> tuple[str, ...]:
    """Return why replication r of one and replication r of the other are different worlds; else nothing."""
    return tuple(_reasons(a, b))


def _reasons(a: Data, b: Data) -> Iterator[str]:
    if a.results.seed != b.results.seed:
        yield f"their seeds differ ({a.results.seed} and {b.results.seed})"
    for name, words in DAYS.items():
        one, other = getattr(a.header, name), getattr(b.header, name)
        if one != other:
            yield f"{words} on different days ({_day(one)} and {_day(other)})"
    silent = [data.side.name for data in (a, b) if data.model is None]
    if silent:
        yield f"it is not known with which version of the model {' and '.join(silent)} was made"
    elif a.model != b.model:
        yield "they were made with different versions of the model"
    elif not len(np.intersect1d(a.replications, b.replications)):
        yield "they have no replication in common"


def _day(at: date) -> str:
    return f"{at.day} {month_abbr[at.month]} {at.year}"


def matched(a: Data, b: Data) -> Match:
    """Return the rows of the replications that both runs finished and neither failed."""
    _, rows_a, rows_b = np.intersect1d(
        a.replications, b.replications, assume_unique=True, return_indices=True
    )
    good = a.good[rows_a] & b.good[rows_b]
    return Match(rows_a[good], rows_b[good], int((~good).sum()))


def matched_batches(a: Data, b: Data) -> tuple[Batches, Batches] | None:
    """Return the batches of both flywheels that hold the same replications; None where one has no batches."""
    if a.batches is None or b.batches is None:
        return None
    last = int(max(a.replications.max(initial=-1), b.replications.max(initial=-1))) + 1
    one, other = a.batches.of_each(a.replications, last), b.batches.of_each(b.replications, last)
    torn = np.concatenate([one[one != other], other[one != other]])
    whole = np.setdiff1d(np.intersect1d(a.batches.numbers, b.batches.numbers), torn)
    return a.batches.only(whole), b.batches.only(whole)
