"""Who decides: actors with their institutions and sensitivities, and the dyads between them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from escalation.scenario.base import Days, Level, Name, Number, Part, Relation, Share, Spread, Text, within
from escalation.scenario.kinds import AnyPolicy
from escalation.scenario.policy import Policy

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MonthDay = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$")]
"""A day that every year has, as month-day: `02-28`."""
WEEKDAYS: tuple[str, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _number(value: float) -> Number:
    return Number(value=value)


def _one_stage() -> dict[str, Spread]:
    return {"reaction": Spread(median=_number(7.0), spread=_number(0.8))}


class Meetings(Part):
    """When an institution can decide: the n-th weekday of each month, and further dates."""

    weekday: Weekday = "monday"
    """Day of the regular monthly meeting."""
    nth: Annotated[tuple[Annotated[int, Field(ge=1, le=4)], ...], Field(strict=False, max_length=4)] = (3,)
    """Which of those weekdays in the month, 1 to 4."""
    skip_months: Annotated[
        tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(strict=False, max_length=12)
    ] = ()
    """Months without a regular meeting, 1 to 12."""
    also: Annotated[tuple[date, ...], Field(strict=False, max_length=400)] = ()
    """Dates of further meetings."""


class Veto(Part):
    """How likely one member withholds consent at one meeting."""

    base: Share = _number(0.0)
    """Probability at rung 0."""
    per_rung: Annotated[Number, *within(-1, 1)] = _number(0.0)
    """Added for each rung of the package's highest instrument."""


class Institution(Part):
    """How a wish becomes an act: the time it takes, the meetings, and who can block it."""

    stages: Annotated[dict[Name, Spread], Field(default_factory=_one_stage, min_length=1, max_length=4)]
    """Stages between a provocation and a decision, each with its time in days; they add up."""
    meetings: Meetings | None = None
    """The meetings at which alone decisions fall; without them any day will do."""
    review: Days = _number(60.0)
    """Days after which an actor without meetings deliberates again while the grievance lasts."""
    irregular: bool = False
    """True when reviews come at random with that mean between them (Poisson), not after a fixed time."""
    emergency_lag: Level = _number(2.0)
    """Days to a decision when an emergency overrides stages and meetings."""
    unanimity: Annotated[dict[Name, Veto], Field(default_factory=dict, max_length=40)]
    """Members whose consent is needed and not certain."""
    renewals: Annotated[tuple[MonthDay, ...], Field(strict=False, max_length=12)] = ()
    """Days of the year (month-day) at which measures in force must be renewed or lapse."""
    linkage: Share = _number(0.5)
    """How much a veto weakens each time the same package comes back."""


class Sensitivities(Part):
    """What an actor notices, how it feels it and for how long."""

    attention: Share = _number(1.0)
    """Probability that an act is noticed."""
    felt: Level = _number(0.5)
    """Grievance per unit of harm and exposure, beside the severity itself."""
    half_life: Days = _number(180.0)
    """Days in which grievance halves."""
    threshold: Level = _number(2.0)
    """Grievance (or goodwill) that makes the actor deliberate."""
    emergency: Level = _number(12.0)
    """Grievance that makes it deliberate at once."""
    habituation: Share = _number(0.85)
    """What a repeated act still counts, per recent use of the same instrument."""
    memory: Days = _number(180.0)
    """Days in which the count of recent uses halves."""
    yield_threshold: Level = _number(5.0)
    """Pressure at which the actor begins to consider relief."""


class Patron(Part):
    """A state that absorbs part of the pressure, with time."""

    name: Name
    """The patron."""
    absorbs: Share
    """Largest share of the pressure that it takes over."""
    over: Days
    """Days in which half of that is reached."""


class Actor(Part):
    """A state or bloc that decides."""

    name: Text
    """Name as printed."""
    members: Annotated[dict[Name, Share], Field(default_factory=dict, max_length=40)]
    """Members of a bloc that are actors themselves, and how much the bloc feels what is done to them."""
    institution: Institution = Field(default_factory=lambda: Institution.model_validate({}))
    """How a wish becomes an act."""
    sensitivities: Sensitivities = Field(default_factory=Sensitivities)
    """What the actor notices and feels."""
    policy: AnyPolicy = Field(default_factory=lambda: Policy.model_validate({}))
    """How it chooses."""
    instruments: Annotated[tuple[Name, ...], Field(strict=False, max_length=200)] | None = None
    """What it can do; without a list, everything in the catalogue."""
    patron: Patron | None = None
    """Who helps it to bear pressure."""


class Dyad(Part):
    """What binds a sender to a target: `dyads.SENDER.TARGET`."""

    exposure: Share = _number(0.0)
    """How exposed the target is to the sender's measures."""
    dependence: Share = _number(0.0)
    """How much of an instrument's cost falls back on the sender."""
    solidarity: Share = _number(0.0)
    """How much the first feels what is done to the second, as a partner."""
    relation: Relation = "full"
    """Diplomatic relation at the start."""
    instruments: Annotated[tuple[Name, ...], Field(strict=False, max_length=200)] | None = None
    """What the sender can use on this target; without a list, all that it has."""
