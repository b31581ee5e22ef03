"""How sure one outcome has to be for an ensemble to end, and how sure it became."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from escalation.errors import InputError
from escalation.model.world import FAILED
from escalation.scenario.expression import BOUNDS, Expression, ExpressionError, parse
from escalation.scenario.outcomes import Outcome
from escalation.study.objective import estimate
from escalation.study.values import Estimate

Statuses = npt.NDArray[np.int8]
Columns = Mapping[str, npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Precision:
    """A rule for an ensemble: enough when the 95% interval of `expression` is at most twice `wanted` wide.

    `wanted`, the half-width, is in the outcome's own unit.
    """

    expression: Expression
    wanted: float

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that it wants to see."""
        return self.expression.outcomes

    def __call__(self, statuses: Statuses, columns: Columns) -> bool:
        """Return whether replications are enough: their statuses int8[n], the outcome float64[n].

        They are not while the interval itself is not to be trusted.
        """
        return self._is_met(self.estimate(statuses, columns))

    def reached(self, statuses: Statuses, columns: Columns, limit: int) -> dict[str, Any]:
        """Return how an ensemble ended that could have `limit` replications at most, as plain JSON values."""
        measured = self.estimate(statuses, columns)
        stopped_by = "limit" if len(statuses) >= limit else "interrupt"
        return self.as_dict() | {
            "reached": measured.half_width,
            "too_few": measured.too_few,
            "limit": limit,
            "stopped_by": "precision" if self._is_met(measured) else stopped_by,
        }

    def estimate(self, statuses: Statuses, columns: Columns) -> Estimate:
        """Return what the expression comes to without failed replications."""
        return estimate(self.expression, {name: columns[name][statuses != FAILED] for name in self.outcomes})

    def _is_met(self, measured: Estimate) -> bool:
        half_width = measured.half_width
        return half_width is not None and half_width <= self.wanted and not measured.too_few

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as plain JSON values."""
        return {"outcome": str(self.expression), "half_width": self.wanted}


def precision_of(text: str, wanted: float, outcomes: Sequence[Outcome]) -> Precision:
    """Return the rule for `text`: an expression (`prob(concession.eu)`), or an outcome alone.

    Raises InputError for what is no such expression, or a width not above 0.
    """
    if not (math.isfinite(wanted) and wanted > 0):
        raise InputError(
            f"precision: found {wanted:g}; allowed is a number above 0, in the outcome's own unit"
        )
    expression = parse(text, [outcome.name for outcome in outcomes], "outcome")
    if expression.limit is not None:
        index = text.index(expression.relation)
        raise ExpressionError(
            text, index, "a limit", "a precision is for a value; leave it out", where="outcome"
        )
    if expression.function in BOUNDS or expression.needs_flywheel:
        problem = f"{expression} has no interval that is known before the end"
        raise ExpressionError(text, 0, problem, "write mean(…), prob(…), quantile(…)", where="outcome")
    return Precision(expression, wanted)
