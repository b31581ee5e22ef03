"""`scenarios/minimal.yaml` as the plain numbers that the Mesa model is made with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from escalation.model.compile_events import meeting_days
from escalation.scenario.document import Scenario

NOON = 0.5


def numbers(part: Any, *names: str) -> dict[str, float]:
    return {name: getattr(part, name).nominal for name in names}


@dataclass(frozen=True)
class Instrument:
    name: str
    family: str
    severity: float
    rung: float
    harm: float
    cost: float
    relief: float
    delay: float
    median: float
    spread: float

    @property
    def hostile(self) -> bool:
        return self.severity > 0.0


@dataclass(frozen=True)
class Parameters:
    """The scenario as plain numbers, read once for all replications."""

    end: float
    takeover: float
    instruments: dict[str, Instrument]
    actors: dict[str, dict[str, Any]]
    ties: dict[tuple[str, str], SimpleNamespace]
    shocks: list[tuple[float, str, float, dict[str, float]]]
    history: list[tuple[float, str, str, str, float]]
    model: SimpleNamespace

    @classmethod
    def of(cls, scenario: Scenario) -> Parameters:
        def days(day: date) -> float:
            return float((day - scenario.start).days)

        instruments = {name: instrument(name, one) for name, one in scenario.instruments.items()}
        order = {name: place for place, name in enumerate(scenario.history)}
        return cls(
            end=days(scenario.end),
            takeover=days(scenario.takeover),
            instruments=dict(sorted(instruments.items(), key=lambda item: item[1].severity)),
            actors={name: actor(scenario, name) for name in scenario.actors},
            ties={(i, j): tie(scenario, i, j) for i in scenario.actors for j in scenario.actors},
            shocks=[
                (
                    days(shock.date) + NOON / 2,
                    shock.blamed,
                    shock.magnitude.nominal,
                    {name: one.nominal for name, one in shock.salience.items()},
                )
                for shock in scenario.shocks.values()
            ],
            history=[
                (
                    days(act.date) + NOON + order[name] / 64,
                    act.actor,
                    act.target[0],
                    act.instrument,
                    size(act),
                )
                for name, act in scenario.history.items()
            ],
            model=SimpleNamespace(**numbers(scenario.model, "size_exponent", "habituation_floor", "recent")),
        )


def size(act: Any) -> float:
    return float(act.size.nominal) if act.size else 0.0


def instrument(name: str, one: Any) -> Instrument:
    sizes = numbers(one.size, "median", "spread") if one.size else {"median": 0.0, "spread": 0.0}
    rest = numbers(one, "severity", "rung", "harm", "cost", "relief", "delay")
    return Instrument(name=name, family=one.family, **rest, **sizes)


def actor(scenario: Scenario, name: str) -> dict[str, Any]:
    """Return the attributes of one agent; an uncertain number stays a pair, drawn when the model begins."""
    one = scenario.actors[name]
    policy: Any = one.policy
    parameters: dict[str, Any] = {}
    for part in (policy, one.sensitivities, one.institution):
        for field in type(part).model_fields:
            value = getattr(part, field)
            if hasattr(value, "nominal"):
                parameters[field] = value.uniform or value.nominal
    stages = [(stage.median.nominal, stage.spread.nominal) for stage in one.institution.stages.values()]
    meetings = meeting_days(one.institution.meetings, scenario.start, scenario.end)
    return parameters | {
        "stages": stages,
        "meetings": meetings,
        "repertoire": one.instruments or tuple(scenario.instruments),
    }


def tie(scenario: Scenario, i: str, j: str) -> SimpleNamespace:
    dyad = scenario.dyads.get(i, {}).get(j)
    if dyad is None:
        return SimpleNamespace(exposure=0.0, dependence=0.0, solidarity=float(i == j))
    return SimpleNamespace(**numbers(dyad, "exposure", "dependence", "solidarity"))
