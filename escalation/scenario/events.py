"""What happens from outside or by script: shocks, history, holds."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from escalation.scenario.base import Count, Level, Name, Number, Part, Text, within


def _listed(data: Any) -> Any:
    return (data,) if isinstance(data, str) else data


Names = Annotated[
    tuple[Name, ...],
    Field(strict=False, min_length=1, max_length=40),
    BeforeValidator(_listed, json_schema_input_type=Name | list[Name]),
]
"""One name or a list of names."""


class Shock(Part):
    """Something that no modelled actor chose: dated, or random at a rate."""

    label: Text
    """What happens, as printed."""
    date: Date | None = None
    """When it happens."""
    rate: Annotated[Number, *within(0, 366)] | None = None
    """Or how often it happens, per year (Poisson), from `simulate_from` on."""
    blamed: Name
    """The actor that is blamed."""
    magnitude: Level
    """How grave it is, on the scale of severities."""
    salience: Annotated[dict[Name, Level], Field(max_length=40)]
    """How much each actor cares."""
    source: Text | None = None
    """Where it is reported."""

    @model_validator(mode="after")
    def _dated_or_random(self) -> Shock:
        if (self.date is None) == (self.rate is None):
            raise PydanticCustomError("shock_time", "a shock needs exactly one of date and rate")
        return self


class HistoryAct(Part):
    """An act that is known to have happened; simulation takes over after the last one."""

    date: Date
    """Day of adoption."""
    actor: Name
    """Who acted."""
    target: Names
    """Whom it was aimed at: one name or a list."""
    instrument: Name
    """What was done."""
    size: Count | None = None
    """Names listed, posts cut; the instrument's median when unknown."""
    answers: Annotated[tuple[Name, ...], Field(strict=False, max_length=40)] = ()
    """Acts and shocks of this file that it answers."""
    note: Text | None = None
    """What exactly happened."""
    source: Text | None = None
    """Where it is reported."""


class Hold(Part):
    """A member of a bloc that blocks every package against a target until a date."""

    actor: Name
    """The bloc."""
    member: Name
    """Who blocks."""
    target: Name
    """Against whom packages are blocked."""
    since: Date | None = None
    """First day of the hold; the start when missing."""
    until: Date
    """Day on which it ends."""
    source: Text | None = None
    """Where it is reported."""
