"""Objectives: one number over an ensemble's outcomes, written `prob(runaway) <= 0.05`.

    expression  =  measure [ ("<=" | ">=") number ]
    measure     =  FUNCTION "(" OUTCOME [ "," number ] ")"  |  OUTCOME

OUTCOME is the name of an outcome, or `R`, the flywheel's. An outcome alone is measured as its kind is: by
`prob` what happens or does not, else by `mean`. A text is read sign by sign and never run as code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from escalation.errors import InputError
from escalation.scenario.outcomes import kind_of

R = "R"
"""The acts that each hostile act calls forth: one number of the whole ensemble."""

LEVEL = 0.95
"""Level of an interval unless another is given."""

RELATIONS = ("<=", ">=")

EVENTS = frozenset({"probability", "date"})
AMOUNTS = frozenset({"count", "level", "rank"})


class Function(NamedTuple):
    """What can be measured: of which kinds of outcomes, and what its number means ('' for none)."""

    meaning: str
    kinds: frozenset[str]
    number: str = ""
    default: float | None = None


FUNCTIONS = {
    "mean": Function("the mean", AMOUNTS),
    "prob": Function("the share of replications in which it happens", EVENTS),
    "median": Function("the value that half of the replications do not exceed", AMOUNTS),
    "quantile": Function("the value that this share of the replications does not exceed", AMOUNTS, "share"),
    "cvar": Function("the mean of the highest replications, beyond this share", AMOUNTS, "share", LEVEL),
    "sd": Function("the standard deviation", AMOUNTS),
    "lower": Function("the lower end of the interval of mean, prob or R", EVENTS | AMOUNTS, "level", LEVEL),
    "upper": Function("the upper end of the interval of mean, prob or R", EVENTS | AMOUNTS, "level", LEVEL),
}
BOUNDS = ("lower", "upper")


class ExpressionError(InputError):
    """A mistake in an expression: `position` (from 0) is the sign of `text` at which it stands."""

    def __init__(
        self, text: str, position: int, found: str, allowed: str = "", near: str = "", where: str = ""
    ):
        self.text, self.position, self.where = text, position, where
        self.found, self.allowed, self.nearest = found, allowed, near
        line = f"{where}: {found}" if where else found
        line += f"; {allowed}" if allowed else ""
        line += f" (did you mean {near}?)" if near else ""
        visible = "".join(sign if sign.isprintable() else " " for sign in text)
        super().__init__(f"{line}\n  {visible}\n  {' ' * position}^")

    def at(self, where: str) -> ExpressionError:
        """Return the same mistake, said to be at `where`: an option or a file."""
        return ExpressionError(self.text, self.position, self.found, self.allowed, self.nearest, where)


@dataclass(frozen=True)
class Expression:
    """One measure of one outcome, with a limit where it is a condition.

    `function` is empty for an outcome alone whose kind is not known, and for `R` itself. `number` is the
    share or level of the functions that have one. `relation` is `<=`, `>=` or empty.
    """

    function: str
    outcome: str
    number: float | None = None
    relation: str = ""
    limit: float | None = None

    def __str__(self) -> str:
        limit = "" if self.limit is None else f" {self.relation} {shown(self.limit)}"
        return f"{self.measured}{limit}"

    @property
    def measured(self) -> str:
        """The expression without its limit, in canonical form; `parse` reads it back."""
        inner = self.outcome if self.number is None else f"{self.outcome}, {shown(self.number)}"
        return f"{self.function}({inner})" if self.function else self.outcome

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that it is measured from."""
        return () if self.outcome == R else (self.outcome,)

    @property
    def needs_flywheel(self) -> bool:
        """True when it is measured from the flywheel."""
        return self.outcome == R

    @property
    def is_share(self) -> bool:
        """True when its value is a probability."""
        return self.outcome != R and kind_of(self.outcome) in EVENTS

    def holds(self, value: float | None) -> bool | None:
        """Return whether `value` keeps to the limit; None without a value or a limit."""
        if value is None or self.limit is None:
            return None
        return value <= self.limit if self.relation == "<=" else value >= self.limit


def function_for(outcome: str) -> str:
    """Return the function by which an outcome alone is measured: `prob` or `mean`."""
    return "prob" if kind_of(outcome) in EVENTS else "mean"


def shown(number: float | None) -> str:
    """Return the shortest text that reads back as the same number."""
    text = repr(number)
    return text.removesuffix(".0")
