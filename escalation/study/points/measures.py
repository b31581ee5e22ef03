"""What is measured at a point, and what one point comes to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from escalation.model.compile import compile_scenario
from escalation.scenario.document import Scenario
from escalation.scenario.expression import Expression, parse
from escalation.study.points.levers import Value
from escalation.study.points.variants import Variants
from escalation.study.values import SHARE, Count, Estimate, Part, Replications


class Measure(Part):
    """An expression, with what its outcome is called in the scenario; `R` has neither label nor unit."""

    expression: str
    """In canonical form: `prob(concession.eu)`, `mean(cost.eu) <= 1`, `R`."""
    label: str = ""
    """What its outcome is called."""
    unit: str = ""
    """`share` of a probability, else what its outcome counts."""

    @cached_property
    def parsed(self) -> Expression:
        """The expression."""
        return parse(self.expression)

    def of(self, estimate: Estimate) -> Estimate:
        """Return an estimate of it with its unit."""
        return estimate.model_copy(update={"unit": self.unit})


class PointResult(Part):
    """What came out at one point."""

    number: Count
    """Its number in the design, or that of the trial."""
    point: dict[str, Value]
    """The value of each lever, by its path."""
    estimates: tuple[Estimate, ...]
    """What each measure comes to."""
    replications: Replications
    """Replications that were played."""
    failed: Replications = 0
    """Of these, how many failed: they are in no estimate."""
    truncated: Replications = 0
    """Of these, how many were ended by a limit of acts or events."""


def measures_of(scenario: Scenario, expressions: Sequence[Expression]) -> tuple[Measure, ...]:
    """Return the measures that expressions are in a scenario."""
    known = {outcome.name: outcome for outcome in compile_scenario(scenario).outcomes}
    return tuple(
        Measure(
            expression=str(one), label=known[one.outcome].label,
            unit=SHARE if one.is_share else known[one.outcome].unit,
        )
        if one.outcome in known
        else Measure(expression=str(one))
        for one in expressions
    )  # fmt: skip


def expressions_of(
    variants: Variants, texts: Sequence[str], where: str = "--outcome"
) -> tuple[Expression, ...]:
    """Return expressions from texts or names of the scenario's objectives; without any, its own.

    Those are its objectives, else the outcomes that answer its question and `R`. Raises ExpressionError.
    """
    asked = variants.base.outcomes
    own = tuple(asked.objectives.values()) or (*asked.answer, "R")
    wanted = [asked.objectives.get(text, text) for text in texts] or own
    return tuple(dict.fromkeys(parse(text, variants.names, where) for text in wanted))
