"""What the numbers of a run mean: the part of a scenario and its world that results are read by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from escalation.scenario.base import RELATIONS
from escalation.scenario.document import Scenario
from escalation.scenario.expression import answered
from escalation.scenario.outcomes import Outcome


@dataclass(frozen=True)
class Header:
    """The names, dates and question behind a run's columns; it is stored with the run.

    `answer` holds what answers the question, in order: outcomes or expressions over them. `actors`,
    `instruments` and `shocks` map a name to its label as printed, `families` an instrument to its family, in
    the order of the model's indices. `relations` are the places of a `relation.*` outcome, the best first.
    `runaway` is the tension above which a run has run away, `top_rung` the highest rung of the ladder.
    `objectives` are the expressions that the scenario names, by their names. `scripted` are the first uses
    that its history holds. `ladders` are the hostile instruments that each actor has, by rung.
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
    runaway: float
    top_rung: float
    relations: tuple[str, ...] = RELATIONS
    objectives: Mapping[str, str] = field(default_factory=dict)
    scripted: tuple[str, ...] = ()
    ladders: Mapping[str, Mapping[int, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def answered(self) -> tuple[str, ...]:
        """The outcomes that the answers are measured from, in their order."""
        return answered(self.answer)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the outcomes, in the order of the outcome row."""
        return tuple(outcome.name for outcome in self.outcomes)


def header_of(
    scenario: Scenario, actors: Sequence[str], instruments: Sequence[str], outcomes: tuple[Outcome, ...]
) -> Header:
    """Return the header of `scenario`, whose names and outcomes stand in the order of the model's indices."""
    scripted = {f"first.{act.actor}.{act.instrument}" for act in scenario.history.values()}
    return Header(
        title=scenario.title,
        question=scenario.question,
        start=scenario.start,
        takeover=scenario.takeover,
        end=scenario.end,
        answer=scenario.outcomes.answer,
        outcomes=outcomes,
        actors={name: scenario.actors[name].name for name in actors},
        instruments={name: scenario.instruments[name].label for name in instruments},
        families={name: str(scenario.instruments[name].family) for name in instruments},
        shocks={name: shock.label for name, shock in scenario.shocks.items()},
        runaway=float(scenario.outcomes.runaway.nominal),
        top_rung=float(max((item.rung.nominal for item in scenario.instruments.values()), default=0.0)),
        objectives=scenario.outcomes.objectives,
        scripted=tuple(outcome.name for outcome in outcomes if outcome.name in scripted),
        ladders={name: _ladder(scenario, name) for name in actors},
    )


def _ladder(scenario: Scenario, actor: str) -> dict[int, tuple[str, ...]]:
    """Return the names of the hostile instruments of an actor, by rung."""
    own = scenario.actors[actor].instruments
    hostile = {
        name: int(instrument.rung.nominal)
        for name, instrument in scenario.instruments.items()
        if instrument.severity.nominal > 0 and (own is None or name in own)
    }
    return {rung: tuple(n for n in hostile if hostile[n] == rung) for rung in sorted(set(hostile.values()))}
