from __future__ import annotations

from typing import NamedTuple

import pytest

from escalation.model.compile import compile_scenario
from escalation.model.world import World
from escalation.scenario.document import Scenario
from escalation.scenario.load import load


class Case(NamedTuple):
    scenario: Scenario
    world: World


@pytest.fixture(scope="session")
def minimal() -> Case:
    scenario = load("shipped:minimal")
    return Case(scenario, compile_scenario(scenario))
