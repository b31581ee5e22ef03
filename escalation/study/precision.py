"""How sure one outcome has to be for an ensemble to end, and how sure it became."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.errors import InputError, nearest
from escalation.model.world import FAILED, Outcome
from escalation.study.intervals import Z95, standard_error, wilson

MEASURES = {"probability": "prob", "date": "prob"}
"""What is measured of an outcome of each kind; of all others it is the `mean`."""

_FORM = re.compile(r"\s*(?:(?P<measure>prob|mean)\s*\(\s*(?P<inner>[^()\s]+)\s*\)|(?P<plain>[^()\s]+))\s*")


@dataclass(frozen=True)
class Precision:
    """A rule for an ensemble: enough when the 95% interval of `outcome` is at most twice `wanted` wide.

    `measure` is `prob` (of what is 0 or 1, or of a date's coming at all) or `mean`. `wanted`, the half-width,
    is in the outcome's own unit.
    """

    measure: str
    kind: str
    outcome: str
    wanted: float

    @property
    def outcomes(self) -> tuple[str]:
        """The outcomes that it wants to see."""
        return (self.outcome,)

    @property
    def name(self) -> str:
        """What is measured, as one writes it: `prob(concession.belarus)`."""
        return f"{self.measure}({self.outcome})"

    def __call__(
        self, statuses: npt.NDArray[np.int8], columns: Mapping[str, npt.NDArray[np.float64]]
    ) -> bool:
        """Return whether replications are enough: their statuses int8[n], the outcome float64[n]."""
        return self.half_width(statuses, columns) <= self.wanted

    def half_width(
        self, statuses: npt.NDArray[np.int8], columns: Mapping[str, npt.NDArray[np.float64]]
    ) -> float:
        """Return half the width of the 95% interval without failed replications; infinite if there is none.

        The interval of a probability is Wilson's, that of a mean 1.96 standard errors to either side.
        """
        values = columns[self.outcome][statuses != FAILED]
        if self.measure == "mean":
            error = standard_error(values)
            return math.inf if error is None else Z95 * error
        happened = ~np.isnan(values) if self.kind == "date" else values != 0.0
        low, high = wilson(int(np.count_nonzero(happened)), len(values))
        return (high - low) / 2 if len(values) else math.inf

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as plain JSON values."""
        return {"outcome": self.name, "half_width": self.wanted}


@dataclass(frozen=True)
class Reached:
    """How an ensemble with a precision ended: how sure it became, after how many of at most `limit`."""

    precision: Precision
    half_width: float
    replications: int
    limit: int

    @property
    def met(self) -> bool:
        """True when the precision, and not the limit, ended it."""
        return self.half_width <= self.precision.wanted

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values, None for a half-width that cannot be said."""
        found = self.half_width if math.isfinite(self.half_width) else None
        by = "precision" if self.met else "limit" if self.replications >= self.limit else "interrupt"
        return {**self.precision.as_dict(), "reached": found, "limit": self.limit, "stopped_by": by}


def precision_of(text: str, wanted: float, outcomes: Sequence[Outcome]) -> Precision:
    """Return the rule for `text`: `concession.eu`, `prob(concession.eu)` or `mean(package_days.eu)`.

    Raises InputError for what is no outcome, what is not measured of its kind, or a width not above 0.
    """
    if not (math.isfinite(wanted) and wanted > 0):
        raise InputError(
            f"precision: found {wanted:g}; allowed is a number above 0, in the outcome's own unit"
        )
    form = _FORM.fullmatch(text)
    if not form:
        raise InputError(f"outcome: found {text!r}; allowed is NAME, prob(NAME) or mean(NAME)")
    name = form["inner"] or form["plain"]
    spec = {outcome.name: outcome for outcome in outcomes}.get(name)
    if spec is None:
        near = nearest(name, [outcome.name for outcome in outcomes])
        raise InputError(f"outcome: {name}: no such outcome{f' (did you mean {near}?)' if near else ''}")
    measure = MEASURES.get(spec.kind, "mean")
    if form["measure"] not in (None, measure):
        raise InputError(f"outcome: {text}: {name} is a {spec.kind}; write {measure}({name})")
    return Precision(measure, spec.kind, name, wanted)
