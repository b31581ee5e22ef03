"""The rules that `scenarios/minimal.yaml` uses, as a Mesa 3 model with Mesa's own event scheduling.

Every actor is an agent with its own grievances, its own meetings and its own choice. What this scenario does
not use (vetoes, threats, members of blocs, patrons, lapsing) is left out, and so is what the package keeps
beside the acts: who caused what, tension and pressure over time. All of that is in Mesa's favour.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import mesa
from mesa.experimental.devs import DEVSimulator
from mesa_actor import Actor
from mesa_scenario import Parameters


class Flywheel(mesa.Model):
    """One replication; `chosen` counts the acts that each actor chose."""

    def __init__(self, parameters: Parameters, seed: int, simulator: DEVSimulator):
        super().__init__(seed=seed)
        self.simulator = simulator
        simulator.setup(self)
        self.end, self.takeover = parameters.end, parameters.takeover
        self.instruments, self.ties = parameters.instruments, parameters.ties
        self.constants = parameters.model
        self.chosen: Counter[str] = Counter()
        self.log: list[tuple[float, str, str, str, float]] = []
        self.named = {
            name: Actor(self, name, self.drawn(attributes)) for name, attributes in parameters.actors.items()
        }
        self.agents.do("meet")
        for time, blamed, magnitude, salience in parameters.shocks:
            simulator.schedule_event_absolute(self.shock, time, function_args=[blamed, magnitude, salience])
        for time, *act in parameters.history:
            simulator.schedule_event_absolute(self.script, time, function_args=act)
        simulator.schedule_event_absolute(self.take_over, self.takeover)

    @classmethod
    def played(cls, parameters: Parameters, seed: int) -> Flywheel:
        """Return the model after one replication."""
        simulator = DEVSimulator()
        model = cls(parameters, seed, simulator)
        simulator.run_until(model.end)
        return model

    def drawn(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """Return the attributes with what is uncertain drawn for this replication."""
        return {
            name: self.random.uniform(*value) if isinstance(value, tuple) and name != "repertoire" else value
            for name, value in attributes.items()
        }

    def shock(self, blamed: str, magnitude: float, salience: dict[str, float]) -> None:
        for name, care in salience.items():
            if name != blamed:
                self.named[name].jump(blamed, care * magnitude)

    def script(self, sender: str, target: str, what: str, size: float) -> None:
        self.named[sender].act(target, self.instruments[what], size)
        self.named[sender].discharge_by(target, self.instruments[what].severity)

    def take_over(self) -> None:
        """From here on the actors decide."""
        for one in self.agents:
            for about in one.towards:
                one.review_later(about)
