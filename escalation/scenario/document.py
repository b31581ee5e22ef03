"""The file format: a whole scenario, as a file says it once it is read, extended and validated."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from escalation.scenario.actor import Actor
from escalation.scenario.base import (
    DISTINCT,
    ActorName,
    Answer,
    Count,
    Day,
    Days,
    EventName,
    Family,
    InstrumentName,
    Instruments,
    Level,
    MemberName,
    Name,
    Number,
    Objective,
    Part,
    Relation,
    Severity,
    Share,
    Sigma,
    Text,
    Within,
    constant,
    named,
)
from escalation.scenario.expression import answered

Rung = Annotated[Number, Within(0, 20)]
"""A place on the ladder, 0 to 20."""
Promised = Annotated[Number, Within(0, 10)]
"""A severity that is threatened, 0 to 10."""


class Size(Part):
    """How large one use is (names listed, posts cut): log-normal."""

    median: Annotated[Number, Within(1e-6, 1e9)]
    """The size that half of the uses stay below."""
    spread: Sigma = constant(0.0)
    """Standard deviation of the logarithm."""
    of: Text = "names"
    """What is counted."""


class Threat(Part):
    """What a threat promises, and when the promise falls due."""

    severity: Promised
    """Severity that is promised: an act at least as grave keeps the word."""
    rung: Rung = constant(2.0)
    """The next act of the target at or above this rung makes the promise fall due."""
    within: Days = constant(90.0)
    """Days for which the threat stands."""
    demand: bool = False
    """True when it also falls due at the end of that time unless the target has made a concession."""


def _of_one_sign(severity: Number) -> Number:
    low, high = severity.support()
    if low < 0 < high:
        words = "a severity is hostile (above 0) or conciliatory (below 0) in every replication"
        raise PydanticCustomError("number_shape", "{words}", {"words": words})
    return severity


class Instrument(Part):
    """One instrument of the ladder, hostile or conciliatory."""

    label: Text
    """What it is, as printed."""
    family: Family
    """The family it belongs to."""
    cameo: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,4}$")] | None = None
    """CAMEO event code, as text."""
    rung: Rung
    """Place on the ladder."""
    severity: Annotated[Severity, AfterValidator(_of_one_sign)]
    """How grave it is for the target, -10 to 10; negative is conciliatory."""
    harm: Level = constant(0.0)
    """Material harm to a fully exposed target, in units of severity."""
    cost: Level = constant(0.0)
    """Cost to a fully dependent sender."""
    relief: Level = constant(0.0)
    """Relief from pressure that a conciliatory act can hope for."""
    delay: Level = constant(0.0)
    """Days from adoption to force."""
    term: Days | None = None
    """Days after which it lapses by itself."""
    size: Size | None = None
    """Size of one use, where there is one."""
    addressed: Literal["one", "group", "all"] = "one"
    """Whom one use reaches: one target; a group, with those that the dyad lists in `jointly_with`; or, as a
    law, all at once that its sender has a quarrel with."""
    once: bool = False
    """True when a sender cannot use it again on a target while its own use on that target is in force."""
    requires: Annotated[tuple[InstrumentName, ...], Field(strict=False, max_length=8), DISTINCT] = ()
    """Instruments that the same sender must have used on the same target before."""
    relation: Relation | None = None
    """Diplomatic relation that it brings about."""
    threat: Threat | None = None
    """What it promises, when it is a threat."""
    lifts: Annotated[tuple[InstrumentName, ...], Field(strict=False, max_length=40), DISTINCT] = ()
    """Instruments whose latest measure in force, by the same sender on the same target, it ends."""
    source: Text | None = None
    """Where its figures come from."""
    assumption: bool = False
    """True when no fact supports its figures."""


class Dyad(Part):
    """What binds a sender to a target: `dyads.SENDER.TARGET`."""

    exposure: Share = constant(0.0)
    """How exposed the target is to the sender's measures."""
    dependence: Share = constant(0.0)
    """How much of an instrument's cost falls back on the sender."""
    solidarity: Share = constant(0.0)
    """How much the first feels what is done to the second, as a partner."""
    care: Level = constant(1.0)
    """How much the first answers the second at all: a factor of its reciprocity."""
    relation: Relation = "full"
    """Diplomatic relation at the start."""
    posts: Count | None = None
    """Posts of the target with the sender, which staff cuts and expulsions use up; enough if not given."""
    instruments: Instruments | None = None
    """What the sender can use on this target; without a list, all that it has."""
    jointly_with: Annotated[tuple[ActorName, ...], Field(strict=False, max_length=40), DISTINCT] = ()
    """Others that one act on this target reaches too, with instruments that are `addressed: group`."""


def _listed(data: Any) -> Any:
    return (data,) if isinstance(data, str) else data


Targets = Annotated[
    tuple[ActorName, ...],
    Field(strict=False, min_length=1, max_length=40),
    BeforeValidator(
        _listed,
        json_schema_input_type=ActorName | Annotated[list[ActorName], Field(min_length=1, max_length=40)],
    ),
    DISTINCT,
]
"""One actor or a list of actors."""


class Shock(Part):
    """Something that no modelled actor chose: dated, or random at a rate."""

    label: Text
    """What happens, as printed."""
    date: Day | None = None
    """When it happens."""
    foreseen: bool = False
    """True when its day is known long before: an anniversary, an election."""
    rate: Annotated[Number, Within(0, 366)] | None = None
    """Or how often it happens, per year (Poisson), from `simulate_from` on."""
    blamed: ActorName
    """The actor that is blamed."""
    magnitude: Level
    """How grave it is, on the scale of severities; with a `spread`, the median of what it can be."""
    spread: Sigma = constant(0.0)
    """Standard deviation of the logarithm of its magnitude, drawn anew each time that it happens."""
    salience: Annotated[dict[ActorName, Level], Field(max_length=40)]
    """How much each actor cares."""
    suggests: Annotated[dict[InstrumentName, Level], Field(default_factory=dict, max_length=40)]
    """Instruments that it suggests, and how much: a forced landing suggests closing the air."""
    source: Text | None = None
    """Where it is reported."""

    @model_validator(mode="after")
    def _dated_or_random(self) -> Self:
        if (self.date is None) == (self.rate is None):
            raise PydanticCustomError("shock_time", "a shock needs exactly one of date and rate")
        return self


class HistoryAct(Part):
    """An act that is known to have happened; simulation takes over after the last one."""

    date: Day
    """Day of adoption."""
    actor: ActorName
    """Who acted."""
    target: Targets
    """Whom it was aimed at: one name or a list."""
    instrument: InstrumentName
    """What was done."""
    size: Count | None = None
    """Names listed, posts cut; the instrument's median when unknown."""
    answers: Annotated[tuple[EventName, ...], Field(strict=False, max_length=40), DISTINCT] = ()
    """Acts and shocks of this file that it answers."""
    note: Text | None = None
    """What exactly happened."""
    source: Text | None = None
    """Where it is reported."""


class Hold(Part):
    """A member of a bloc that blocks every package against a target until a date."""

    actor: ActorName
    """The bloc."""
    member: MemberName
    """Who blocks."""
    target: ActorName
    """Against whom packages are blocked."""
    since: Day | None = None
    """First day of the hold; the start when missing."""
    until: Day
    """Day on which it ends."""
    source: Text | None = None
    """Where it is reported."""


SCHEMA_VERSION = 1


class Outcomes(Part):
    """What the scenario's question asks about."""

    answer: Annotated[tuple[Answer, ...], Field(strict=False, max_length=12), DISTINCT] = ()
    """What answers the question, first in the summary: outcomes or expressions, `prob(OUTCOME, DATE)` too."""
    first_use: Annotated[
        dict[ActorName, Annotated[tuple[InstrumentName, ...], Field(strict=False, max_length=40), DISTINCT]],
        Field(default_factory=dict),
    ]
    """Notable instruments per actor: the probability and date of their first use."""
    tension_at: Annotated[tuple[Day, ...], Field(strict=False, max_length=60), DISTINCT] = ()
    """Dates at which tension and pressure are recorded."""
    runaway: Level = constant(200.0)
    """Tension above which a replication counts as runaway."""
    concession: Level = constant(2.0)
    """An act of minus this severity or lower is a concession: it counts once, unless a shock undoes it."""
    objectives: Annotated[dict[Name, Objective], Field(default_factory=dict, max_length=40)]
    """What is wanted, by name: expressions over outcomes, as in `prob(runaway) <= 0.05`."""

    @property
    def answered(self) -> tuple[str, ...]:
        """The outcomes that the answers are measured from, in their order."""
        return answered(self.answer)


class Constants(Part):
    """Numbers of the model that belong to no actor."""

    size_exponent: Share = constant(0.3)
    """How much faster than not at all grievance grows with the size of an act."""
    habituation_floor: Share = constant(0.2)
    """What an act counts at least, however often repeated."""
    recent: Days = constant(30.0)
    """Days in which a partner's act loses half of its pull."""
    reputation: Share = constant(0.3)
    """How far credibility moves when a promise is kept or broken, and trust by what follows giving way."""
    aftermath: Days = constant(60.0)
    """Days after a concession in which new measures cost trust, and a new shock undoes it in the count."""
    act_limit: Annotated[int, Field(ge=1, le=100_000)] = 2_000
    """Acts after which a replication is truncated."""
    event_limit: Annotated[int, Field(ge=1, le=10_000_000)] = 50_000
    """Events after which a replication is truncated."""


class Scenario(Part):
    """One scenario, complete: all that the model knows of it."""

    schema_version: Literal[1]
    """Version of this file format."""
    title: Text
    """What the scenario is."""
    question: Text
    """The question it asks."""
    start: Day
    """First day: the clock begins here."""
    simulate_from: Day | None = None
    """Day from which the model decides; before it, only history and shocks happen."""
    end: Day
    """Day at which the simulation ends; not itself simulated."""
    actors: Annotated[dict[Name, Actor], named("actor"), Field(min_length=1, max_length=60)]
    """Who decides."""
    dyads: Annotated[dict[ActorName, dict[ActorName, Dyad]], Field(default_factory=dict)]
    """What binds them: `dyads.SENDER.TARGET`."""
    instruments: Annotated[dict[Name, Instrument], named("instrument"), Field(min_length=1, max_length=200)]
    """What can be done."""
    shocks: Annotated[dict[Name, Shock], named("shock"), Field(default_factory=dict, max_length=400)]
    """What no actor chose."""
    history: Annotated[dict[Name, HistoryAct], named("act"), Field(default_factory=dict, max_length=2000)]
    """What is known to have been done."""
    holds: Annotated[dict[Name, Hold], named("hold"), Field(default_factory=dict, max_length=100)]
    """Known vetoes."""
    outcomes: Outcomes = Field(default_factory=lambda: Outcomes.model_validate({}))
    """What is asked about."""
    model: Constants = Field(default_factory=Constants)
    """Numbers of the model that belong to no actor."""

    @property
    def takeover(self) -> date:
        """The day from which the model decides."""
        return self.simulate_from or self.start
