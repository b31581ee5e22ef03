"""A whole scenario: what a file says once it is read, extended and validated."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from escalation.scenario.actor import Actor, Dyad
from escalation.scenario.base import Days, Level, Name, Number, Part, Share, Text
from escalation.scenario.events import HistoryAct, Hold, Shock
from escalation.scenario.instrument import Instrument

SCHEMA_VERSION = 1


def _number(value: float) -> Number:
    return Number(value=value)


class Outcomes(Part):
    """What the scenario's question asks about."""

    answer: Annotated[tuple[str, ...], Field(strict=False, max_length=12)] = ()
    """Outcomes that answer the question; they stand first in the summary."""
    first_use: Annotated[
        dict[Name, Annotated[tuple[Name, ...], Field(strict=False, max_length=40)]],
        Field(default_factory=dict),
    ]
    """Notable instruments per actor: the probability and date of their first use."""
    tension_at: Annotated[tuple[date, ...], Field(strict=False, max_length=60)] = ()
    """Dates at which tension and pressure are recorded."""
    runaway: Level = _number(200.0)
    """Tension above which a replication counts as runaway."""
    concession: Level = _number(2.0)
    """How conciliatory an act must be (severity below minus this, or equal) to count as a concession."""
    objectives: Annotated[dict[Name, Text], Field(default_factory=dict, max_length=40)]
    """What is wanted, by name: expressions over outcomes, as in `prob(runaway) <= 0.05`."""


class Constants(Part):
    """Numbers of the model that belong to no actor."""

    size_exponent: Share = _number(0.3)
    """How much faster than not at all grievance grows with the size of an act."""
    habituation_floor: Share = _number(0.2)
    """What an act counts at least, however often repeated."""
    recent: Days = _number(30.0)
    """Days in which a partner's act loses half of its pull."""
    reputation: Share = _number(0.3)
    """How far credibility moves when a promise is kept or broken."""
    act_limit: Annotated[int, Field(ge=1, le=100_000)] = 2_000
    """Acts after which a replication is truncated."""
    event_limit: Annotated[int, Field(ge=1, le=10_000_000)] = 50_000
    """Events after which a replication is truncated."""


class Scenario(Part):
    """One scenario, complete: the only thing that the model is told."""

    schema_version: Literal[1]
    """Version of this file format."""
    title: Text
    """What the scenario is."""
    question: Text
    """The question it asks."""
    start: date
    """First day: the clock begins here."""
    simulate_from: date | None = None
    """Day from which the model decides; before it, only history and shocks happen."""
    end: date
    """Day at which the simulation ends; not itself simulated."""
    actors: Annotated[dict[Name, Actor], Field(min_length=1, max_length=60)]
    """Who decides."""
    dyads: Annotated[dict[Name, dict[Name, Dyad]], Field(default_factory=dict)]
    """What binds them: `dyads.SENDER.TARGET`."""
    instruments: Annotated[dict[Name, Instrument], Field(min_length=1, max_length=200)]
    """What can be done."""
    shocks: Annotated[dict[Name, Shock], Field(default_factory=dict, max_length=400)]
    """What no actor chose."""
    history: Annotated[dict[Name, HistoryAct], Field(default_factory=dict, max_length=2000)]
    """What is known to have been done."""
    holds: Annotated[dict[Name, Hold], Field(default_factory=dict, max_length=100)]
    """Known vetoes."""
    outcomes: Outcomes = Field(default_factory=lambda: Outcomes.model_validate({}))
    """What is asked about."""
    model: Constants = Field(default_factory=Constants)
    """Numbers of the model that belong to no actor."""

    @property
    def takeover(self) -> date:
        """The day from which the model decides."""
        return self.simulate_from or self.start


__all__ = ["SCHEMA_VERSION", "Constants", "Outcomes", "Scenario"]
