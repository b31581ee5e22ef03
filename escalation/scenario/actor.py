"""The file format of an actor: its institution, what it notices and feels, how it chooses, who helps it."""

from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

from escalation.scenario.base import (
    DISTINCT,
    ActorName,
    Day,
    Days,
    Instruments,
    Level,
    MeasureFamily,
    MemberName,
    Name,
    Number,
    Part,
    Share,
    Sigma,
    Spread,
    Text,
    Within,
    constant,
)
from escalation.scenario.policy import AnyPolicy, Policy

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Renewal = Annotated[
    str,
    StringConstraints(
        pattern=r"^((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
        r"|02-(0[1-9]|1[0-9]|2[0-8])|[1-9][0-9]? months?)$"
    ),
]
"""A day that every year has, as month-day (`02-28`), or a time after a measure's adoption (`12 months`)."""
WEEKDAYS: tuple[str, ...] = get_args(Weekday)


def _days(median: float, spread: float) -> Spread:
    return Spread(median=constant(median), spread=constant(spread))


def _one_stage() -> dict[str, Spread]:
    return {"reaction": _days(7.0, 0.8)}


class Meetings(Part):
    """When an institution can decide: the n-th weekday of each month, and further dates."""

    weekday: Weekday = "monday"
    """Day of the regular monthly meeting."""
    nth: Annotated[
        tuple[Annotated[int, Field(ge=1, le=4)], ...], Field(strict=False, max_length=4), DISTINCT
    ] = (3,)
    """Which of those weekdays in the month, 1 to 4."""
    skip_months: Annotated[
        tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(strict=False, max_length=12), DISTINCT
    ] = ()
    """Months without a regular meeting, 1 to 12."""
    also: Annotated[tuple[Day, ...], Field(strict=False, max_length=400), DISTINCT] = ()
    """Dates of further meetings."""


class Veto(Part):
    """How likely one member withholds consent at one meeting."""

    base: Share = constant(0.0)
    """Probability at rung 0."""
    per_rung: Annotated[Number, Within(-1, 1)] = constant(0.0)
    """Added for each rung of the package's highest instrument."""


class Crisis(Part):
    """After a grave shock, what adds to measures in force is decided without a meeting, again and again."""

    felt: Level
    """A shock felt at this or more begins a crisis."""
    days: Days = constant(30.0)
    """How long it lasts."""
    lag: Spread = Field(default_factory=lambda: _days(4.0, 0.6))
    """Days from a provocation, or from the last decision, to the next."""


class Institution(Part):
    """How a wish becomes an act: the time it takes, the meetings, and who can block it."""

    stages: Annotated[dict[Name, Spread], Field(default_factory=_one_stage, min_length=1, max_length=4)]
    """Stages between a provocation and a decision, each with its time in days; they add up."""
    meetings: Meetings | None = None
    """The meetings at which alone decisions fall; without them any day will do."""
    adoption: Spread | None = None
    """Days from a decision to the legal act, by written procedure; without it they are one."""
    working_week: bool = True
    """True when decisions and legal acts fall on Monday to Friday."""
    statement: Spread = Field(default_factory=lambda: _days(1.0, 0.8))
    """Days from a provocation to an answer in words."""
    review: Days = constant(90.0)
    """Days from the last own package to the next review of the measures in force (median)."""
    review_spread: Sigma = constant(0.5)
    """Standard deviation of the logarithm of those days."""
    irregular: bool = False
    """True when reviews come at random with that mean between them (Poisson)."""
    backoff: Annotated[Number, Within(1, 10)] = constant(1.2)
    """How much longer the days to the next review become after one that brought nothing."""
    floor: Level = constant(0.0)
    """Proportionate severity that a review begins with while measures are in force, of either side."""
    floor_half_life: Days = constant(1461.0)
    """Days since the last shock in which that halves."""
    crisis: Crisis | None = None
    """How it decides after a grave shock, where that differs."""
    emergency_lag: Level = constant(2.0)
    """Days to a decision when an emergency overrides stages and meetings."""
    unanimity: Annotated[dict[MemberName, Veto], Field(default_factory=dict, max_length=40)]
    """Members whose consent is needed and not certain."""
    renewals: Annotated[
        dict[MeasureFamily, Annotated[tuple[Renewal, ...], Field(strict=False, max_length=12), DISTINCT]],
        Field(default_factory=dict),
    ]
    """When measures in force must be renewed or lapse, by family: days of the year, or months of each."""
    linkage: Share = constant(0.5)
    """How much a veto weakens each time the same package comes back."""


class Sensitivities(Part):
    """What an actor notices, how it feels it and for how long."""

    attention: Share = constant(1.0)
    """Probability that an act is noticed."""
    felt: Level = constant(0.5)
    """Grievance per unit of harm and exposure, beside the severity itself."""
    half_life: Days = constant(180.0)
    """Days in which grievance halves."""
    voice: Level = constant(2.0)
    """Grievance that the actor answers in words."""
    threshold: Level = constant(2.0)
    """Grievance (or goodwill) that makes the actor deliberate."""
    emergency: Level = constant(12.0)
    """Grievance that makes it deliberate at once."""
    habituation: Share = constant(0.85)
    """What a repeated act still counts, per recent use of the same instrument."""
    memory: Days = constant(180.0)
    """Days in which the count of recent uses halves."""
    fatigue: Share = constant(0.9)
    """What a hostile act still counts, per package that the actor has received of late."""
    fatigue_memory: Days = constant(365.0)
    """Days in which the count of packages received halves."""
    yield_threshold: Level = constant(5.0)
    """Pressure, from all senders together, at which the actor considers relief from whoever presses most."""


class Patron(Part):
    """A state that absorbs part of the pressure, with time."""

    name: ActorName
    """The patron."""
    absorbs: Share
    """Largest share of the pressure that it takes over."""
    over: Days
    """Days in which half of that is reached."""


class Actor(Part):
    """A state or bloc that decides."""

    name: Text
    """Name as printed."""
    members: Annotated[dict[ActorName, Share], Field(default_factory=dict, max_length=40)]
    """Members of a bloc that are actors themselves, and how much the bloc feels what is done to them."""
    institution: Institution = Field(default_factory=lambda: Institution.model_validate({}))
    """How a wish becomes an act."""
    sensitivities: Sensitivities = Field(default_factory=Sensitivities)
    """What the actor notices and feels."""
    policy: AnyPolicy = Field(default_factory=lambda: Policy.model_validate({}))
    """How it chooses."""
    instruments: Instruments | None = None
    """What it can do; without a list, everything in the catalogue."""
    patron: Patron | None = None
    """Who helps it to bear pressure."""
