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

    @property
    def name(self) -> str:
        """What is measured, as one writes it: `prob(concession.belarus)`."""
        return str(self.expression)

    def __call__(
        self, statuses: npt.NDArray[np.int8], columns: Mapping[str, npt.NDArray[np.float64]]
    ) -> bool:
        """Return whether replications are enough: their statuses int8[n], the outcome float64[n].

        They are not while the interval itself is not to be trusted.
        """
        found = self.estimate(statuses, columns)
        return found.half_width is not None and found.half_width <= self.wanted and not found.too_few

    def estimate(
        self, statuses: npt.NDArray[np.int8], columns: Mapping[str, npt.NDArray[np.float64]]
    ) -> Estimate:
        """Return what the expression comes to without failed replications."""
        return estimate(self.expression, {name: columns[name][statuses != FAILED] for name in self.outcomes})

    def as_dict(self) -> dict[str, Any]:
        """Return the rule as plain JSON values."""
        return {"outcome": self.name, "half_width": self.wanted}


@dataclass(frozen=True)
class Reached:
    """How an ensemble with a precision ended: how sure it became, after how many of at most `limit`."""

    precision: Precision
    estimate: Estimate
    replications: int
    limit: int

    @property
    def half_width(self) -> float | None:
        """Half the width of the 95% interval; None without one."""
        return self.estimate.half_width

    @property
    def met(self) -> bool:
        """True when the precision, and not the limit, ended it."""
        found = self.half_width
        return found is not None and found <= self.precision.wanted and not self.estimate.too_few

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values, None for an undefined half-width."""
        by = "precision" if self.met else "limit" if self.replications >= self.limit else "interrupt"
        reached = {"reached": self.half_width, "too_few": self.estimate.too_few}
        return {**self.precision.as_dict(), **reached, "limit": self.limit, "stopped_by": by}


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
        place = text.index(expression.relation)
        raise ExpressionError(
            text, place, "a limit", "a precision is for a value; leave it out", where="outcome"
        )
    if expression.function in BOUNDS or expression.needs_flywheel:
        found = f"{expression} has no interval that is known before the end"
        raise ExpressionError(text, 0, found, "write mean(…), prob(…), quantile(…)", where="outcome")
    return Precision(expression, wanted)
