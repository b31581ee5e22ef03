"""The scenarios of the other records: each rests on its record and says what it assumes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from escalation.clocks.simpy_clock import simulate
from escalation.model.compile import compile_scenario
from escalation.model.world import DONE
from escalation.scenario.base import Number, Part
from escalation.scenario.document import Scenario
from escalation.scenario.load import load
from escalation.study.backtest.asked import backtest_of
from escalation.study.source import open_scenario

EPISODES = {
    "myanmar_2021": ("myanmar", "2021-07:2021-09"),
    "nicaragua_2018": ("nicaragua", "2019-03:2019-05"),
    "russia_2018": ("russia", "2018-09:2018-11"),
    "iran_2018": ("iran", "2019-02:2019-04"),
}


@pytest.fixture(params=EPISODES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def scenario(name: str) -> Scenario:
    return load(name)


def test_the_past_is_the_record_up_to_the_takeover_and_nothing_later_is_known(scenario: Scenario) -> None:
    assert len(scenario.history) > 10
    assert all(act.date < scenario.takeover for act in scenario.history.values())
    dates = [shock.date for shock in scenario.shocks.values() if shock.date and not shock.foreseen]
    assert dates
    assert max(dates) < scenario.takeover


def test_random_shocks_are_as_large_and_as_rare_as_the_real_ones(scenario: Scenario, name: str) -> None:
    target = EPISODES[name][0]
    (shock,) = (shock for shock in scenario.shocks.values() if shock.rate and shock.blamed == target)
    assert (shock.rate.nominal if shock.rate else 0, shock.magnitude.nominal) == (1.2, 8)


def test_the_target_is_that_of_the_record_and_its_senders_are_scored(name: str) -> None:
    target, origins = EPISODES[name]
    asked = backtest_of(open_scenario(name), target, origins, "30,90", "unknown", (), None)
    assert asked.target_name == target
    assert {"us", "eu"} <= set(asked.forecast)


def test_every_exposure_has_a_source_or_is_marked_as_an_assumption(scenario: Scenario) -> None:
    unmarked = [
        path
        for path, number in numbers(scenario.dyads, "dyads")
        if not (number.assumption or number.source or not number.nominal or path.endswith("care"))
    ]
    assert unmarked == []


def numbers(value: Any, path: str) -> Iterator[tuple[str, Number]]:
    if isinstance(value, Number):
        yield path, value
    elif isinstance(value, Part):
        for field in type(value).model_fields:
            yield from numbers(getattr(value, field), f"{path}.{field}")
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from numbers(entry, f"{path}.{key}")


def test_a_year_of_each_episode_stays_between_sleep_and_explosion(scenario: Scenario) -> None:
    world = compile_scenario(scenario)
    results = [simulate(world, 1, replication) for replication in range(6)]
    assert all(result.status == DONE for result in results)
    acts = [int((result.acts["origin"] == 2).sum()) for result in results]
    assert 6 < sum(acts) < 600


def test_each_ends_after_a_year(scenario: Scenario) -> None:
    assert scenario.end == date(scenario.takeover.year + 1, scenario.takeover.month, scenario.takeover.day)
