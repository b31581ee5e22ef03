"""Defaults are sane: the template, and actors with a preset alone, neither sleep nor explode."""

from __future__ import annotations

import numpy as np
import pytest

from escalation.clocks.simpy_clock import simulate
from escalation.model.compile import compile_scenario
from escalation.model.world import DONE
from escalation.scenario.actor import Actor
from escalation.scenario.document import Scenario
from escalation.scenario.load import load, load_text
from escalation.scenario.write import template

REPLICATIONS = 3
TARGETS = {
    "belarus_2020": "belarus",
    "myanmar_2021": "myanmar",
    "nicaragua_2018": "nicaragua",
    "russia_2018": "russia",
    "iran_2018": "iran",
}
PATRONS = ("russia", "china")


def package_days(scenario: Scenario, actors: list[str]) -> float:
    """Return the package days of some actors together, on the mean of a few replications."""
    world = compile_scenario(scenario)
    results = [simulate(world, 1, replication) for replication in range(REPLICATIONS)]
    assert all(result.status == DONE for result in results)
    names = [outcome.name for outcome in world.outcomes]
    columns = [names.index(f"package_days.{actor}") for actor in actors]
    return float(np.mean([result.outcomes[columns].sum() for result in results]))


def with_preset_alone(scenario: Scenario, names: list[str], preset: str) -> Scenario:
    """Return a scenario in which some actors are what their name and a preset make them."""
    alone = {
        name: Actor.model_validate({"name": name.capitalize(), "policy": {"preset": preset}})
        for name in names
    }
    return scenario.model_copy(update={"actors": scenario.actors | alone, "holds": {}})


@pytest.mark.parametrize("preset", ["tit_for_tat", "graduated", "restrained", "hardline", "grit"])
@pytest.mark.parametrize("episode", TARGETS)
def test_a_target_with_a_preset_alone_acts_now_and_then(episode: str, preset: str) -> None:
    target = TARGETS[episode]
    assert 1 <= package_days(with_preset_alone(load(episode), [target], preset), [target]) <= 30


@pytest.mark.parametrize("episode", TARGETS)
def test_a_quarrel_among_presets_alone_goes_on_and_does_not_run_away(episode: str) -> None:
    scenario = load(episode)
    names = [name for name in scenario.actors if name not in PATRONS or name == TARGETS[episode]]
    days = package_days(with_preset_alone(scenario, names, "graduated"), names)
    assert 1 <= days / len(names) <= 20


def test_the_untouched_template_stays_between_sleep_and_explosion() -> None:
    assert 2 <= package_days(load_text(template("case", "A case")), ["sender", "target"]) <= 30
