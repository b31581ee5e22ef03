"""Small scenarios in Python, for tests of the model's laws."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

from escalation.clocks import compiled_clock
from escalation.clocks.simpy_clock import simulate
from escalation.model.compile import compile_scenario
from escalation.model.world import SHOCK, SIMULATED, Replication, World
from escalation.scenario.document import Scenario

START = date(2021, 1, 1)


def instrument(family: str, severity: float, rung: float = 1, **more: Any) -> dict[str, Any]:
    return {"label": family, "family": family, "severity": severity, "rung": rung, **more}


QUIET = {
    "inertia": 0,
    "alpha": 5,
    "bite": 0,
    "alignment": 0,
    "own_cost": 0,
    "fear": 0,
    "gradualism": 0,
    "saturation": 0,
    "more": 0,
    "package_limit": 1,
    "discharge": 0,
    "d_min": 0.1,
    "reciprocity": 1,
    "outspoken": 0,
}
"""A policy in which only proportionality speaks."""
PLAIN = {"stages": {"reaction": {"median": 5}}, "review": 10, "review_spread": 0, "backoff": 1}
"""An institution that decides five days after a provocation, and every ten days from then on."""


def actor(**more: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "name": "An actor",
        "policy": dict(QUIET),
        "institution": PLAIN | {"working_week": False},
        "sensitivities": {
            "half_life": 1000,
            "threshold": 1,
            "emergency": 1000,
            "habituation": 1,
            "fatigue": 1,
        },
    }
    for key, value in more.items():
        base[key] = base[key] | value if isinstance(value, dict) and key in base else value
    return base


def duel(**changes: Any) -> dict[str, Any]:
    """Two actors, `sender` and `target`: a shock makes `sender` deliberate about `target`."""
    data: dict[str, Any] = {
        "schema_version": 1,
        "title": "A duel",
        "question": "Who answers whom?",
        "start": START,
        "end": date(2022, 1, 1),
        "actors": {"sender": actor(), "target": actor(policy={"reciprocity": 0})},
        "dyads": {"sender": {"target": {"exposure": 0.5}}, "target": {"sender": {"exposure": 0.5}}},
        "instruments": {
            "protest": instrument("programme", 1, 0),
            "criticism": instrument("verbal", 1, 0),
            "listing": instrument("individual", 3, 2),
            "recall": instrument("diplomatic", 4, 3),
            "embargo": instrument("economic", 7, 6, harm=5, cost=4),
        },
        "shocks": {
            "outrage": {
                "label": "An outrage",
                "date": START,
                "blamed": "target",
                "magnitude": 5,
                "salience": {"sender": 1},
            },
        },
    }
    return deepcopy(data | changes)


def world(data: dict[str, Any]) -> World:
    return compile_scenario(Scenario.model_validate(data))


def outcome(built: World, result: Replication, name: str) -> float:
    return float(result.outcomes[[outcome.name for outcome in built.outcomes].index(name)])


def story(
    built: World, result: Replication, origins: tuple[int, ...] = (SIMULATED,)
) -> list[tuple[Any, ...]]:
    """Return the acts of a replication as (time, actor, target, instrument, size)."""
    log, names = result.acts, built.names
    return [
        (
            float(log["time"][n]),
            names.actors[log["actor"][n]],
            names.actors[log["target"][n]],
            names.instruments[log["instrument"][n]],
            float(log["size"][n]),
        )
        for n in range(len(log["act"]))
        if log["origin"][n] in origins and log["origin"][n] != SHOCK
    ]


def replications(built: World, seed: int, count: int) -> list[Replication]:
    """Play many replications, on the fast clock."""
    return [compiled_clock.simulate(built, seed, n) for n in range(count)]


def play(data: dict[str, Any], seed: int = 0, replication: int = 0) -> list[tuple[Any, ...]]:
    built = world(data)
    return story(built, simulate(built, seed, replication))
