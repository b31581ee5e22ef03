"""How an actor chooses: the proportional policy and its parameters.

A policy is written as a mapping (`{preset: graduated, reciprocity: 0.8}`) or in one line
(`graduated(reciprocity=0.8)`); `Policy.canonical` writes the line.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from escalation.scenario.base import Level, Name, Number, Part, Share, within
from escalation.scenario.canonical import line
from escalation.scenario.presets import PRESETS, PresetName

Weight = Annotated[Number, *within(-100, 100)]
"""A term of the utility: any sign, at most 100."""


def _number(value: float) -> Number:
    return Number(value=value)


class Policy(Part):
    """The proportional policy: an answer in proportion to grievance, weighed against its price.

    The order of the fields is the order of the terms in the utility.
    """

    kind: Literal["proportional"] = "proportional"
    """The kind of policy."""
    preset: PresetName | None = None
    """The preset that the parameters start from; a parameter given beside it wins."""

    reciprocity: Level = _number(1.0)
    """Proportionate severity per unit of grievance. Richardson 1960."""
    d_min: Level = _number(1.0)
    """Proportionate severity below which nothing is done."""
    inertia: Weight = _number(0.5)
    """Utility of doing nothing."""
    alpha: Level = _number(5.0)
    """Weight of proportionality: what a severity off the proportionate one costs."""
    bite: Level = _number(0.5)
    """Weight of the harm done to the target."""
    alignment: Level = _number(0.5)
    """Weight of what partners did to the target lately."""
    own_cost: Level = _number(1.0)
    """Weight of the cost to the sender."""
    fear: Level = _number(0.5)
    """Weight of the retaliation that is expected; nearly the same as a lower reciprocity."""
    expected: Level = _number(0.5)
    """Retaliation expected at the start: severity received per severity sent."""
    learning: Share = _number(0.1)
    """How far that expectation moves towards what the last package brought."""
    gradualism: Level = _number(0.5)
    """Price of each rung skipped above the highest one used so far. Kahn 1965."""
    last_resort: Annotated[dict[Name, Level], Field(default_factory=dict)]
    """Extra price of single instruments that are kept for the end."""
    saturation: Level = _number(0.3)
    """Price of each earlier use of the same instrument that is still in force."""
    audience: Level = _number(1.0)
    """Weight of keeping a promise that has fallen due, and cost of breaking it. Fearon 1994."""
    credibility: Share = _number(0.5)
    """How far its first threats are believed."""
    yielding: Level = _number(0.0)
    """Weight of the relief from pressure that a conciliatory act promises."""
    temperature: Annotated[Number, *within(1e-9, 1e9)] = _number(1.0)
    """Noise of the choice: towards 0 the best option, towards infinity any. McKelvey and Palfrey 1995."""
    more: Share = _number(0.3)
    """Probability that one more instrument joins the package."""
    package_limit: Annotated[Number, *within(1, 16)] = _number(3.0)
    """Most instruments in one package."""
    discharge: Share = _number(0.5)
    """Grievance discharged at adoption per unit of the package's largest hostile severity."""
    resolve: Level = _number(0.0)
    """How strongly a member that can do little harm is preferred to the bloc as a target."""
    join: Share = _number(0.0)
    """Probability that a package in preparation is brought forward to the day a partner adopts one."""

    @model_validator(mode="before")
    @classmethod
    def _start_from_preset(cls, data: Any) -> Any:
        name = data.get("preset") if isinstance(data, dict) else None
        preset = PRESETS.get(name) if isinstance(name, str) else None
        return preset.parameters | data if preset else data

    def canonical(self) -> str:
        """Return the policy in one line: its preset and every parameter that differs from it.

        Last resorts replace those of the preset. Whatever no line can hold is an ellipsis.
        """
        start = Policy.model_validate({"preset": self.preset} if self.preset else {})
        changed: dict[str, object] = {
            name: getattr(self, name)
            for name in PARAMETERS
            if _differs(getattr(self, name), getattr(start, name))
        }
        kept, own = start.last_resort, self.last_resort
        if any(name not in kept or _differs(price, kept[name]) for name, price in own.items()):
            changed["last_resort"] = own
        return line(self.preset or self.kind, changed)


def _differs(one: Number, other: Number) -> bool:
    return one.uncertain or one.nominal != other.nominal


PARAMETERS: tuple[str, ...] = tuple(
    name for name in Policy.model_fields if name not in ("kind", "preset", "last_resort")
)
"""The names of the policy's numbers, in the order of the utility."""
