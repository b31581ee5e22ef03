"""What the numbers of a run mean: the part of a scenario and its world that results are read by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from escalation.model.world import World
from escalation.scenario.base import RELATIONS
from escalation.scenario.document import Scenario
from escalation.scenario.outcomes import Outcome


@dataclass(frozen=True)
class Header:
    """The names, dates and question behind a run's columns; it is stored with the run.

    `answer` holds the outcomes that answer the question, in order. `actors`, `instruments` and `shocks`
    map a name to its label as printed, `families` an instrument to its family, in the order of the model's
    indices. `relations` are the places of a `relation.*` outcome, the best first. `runaway` is the tension
    above which a run has run away, `top_rung` the highest rung of the ladder; None in runs of old versions.
    `objectives` are the expressions that the scenario names, by their names. `told` are the first uses that
    its history already tells; none in runs of old versions.
    """

    title: str
    question: str
    start: date
    takeover: date
    end: date
    answer: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    actors: Mapping[str, str]
    instruments: Mapping[str, str]
    families: Mapping[str, str]
    shocks: Mapping[str, str]
    relations: tuple[str, ...] = RELATIONS
    runaway: float | None = None
    top_rung: float | None = None
    objectives: Mapping[str, str] = field(default_factory=dict)
    told: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the outcomes, in the order of the outcome row."""
        return tuple(outcome.name for outcome in self.outcomes)

    def to_json(self) -> dict[str, Any]:
        """Return the header as plain JSON values; `from_json` reads them back."""
        plain = asdict(self)
        return plain | {name: getattr(self, name).isoformat() for name in ("start", "takeover", "end")}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Header:
        """Return the header that `to_json` wrote; KeyError, TypeError or ValueError when it did not."""
        dates = {name: date.fromisoformat(plain[name]) for name in ("start", "takeover", "end")}
        lists = {name: tuple(plain[name]) for name in ("answer", "relations", "told") if name in plain}
        outcomes = tuple(Outcome(**outcome) for outcome in plain["outcomes"])
        return cls(**{**plain, **dates, **lists, "outcomes": outcomes})


def header_of(scenario: Scenario, world: World) -> Header:
    """Return the header of `scenario`, compiled to `world`."""
    names = world.names
    known = {f"first.{act.actor}.{act.instrument}" for act in scenario.history.values()}
    return Header(
        title=scenario.title,
        question=scenario.question,
        start=world.start,
        takeover=world.takeover,
        end=world.end,
        answer=scenario.outcomes.answer,
        outcomes=world.outcomes,
        actors=dict(zip(names.actors, names.actor_labels, strict=True)),
        instruments=dict(zip(names.instruments, names.instrument_labels, strict=True)),
        families={name: str(scenario.instruments[name].family) for name in names.instruments},
        shocks=dict(zip(names.shocks, names.shock_labels, strict=True)),
        runaway=float(world.tables.model["runaway"][0]),
        top_rung=float(max(world.tables.instrument["rung"], default=0.0)),
        objectives=scenario.outcomes.objectives,
        told=tuple(outcome.name for outcome in world.outcomes if outcome.name in known),
    )
