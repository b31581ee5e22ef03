from __future__ import annotations

import pytest

from escalation import api
from escalation.scenario.base import Number
from escalation.study.assumptions import assumptions_of, changes, leaves, shown


def test_every_number_of_a_scenario_is_counted_once():
    scenario = api.load("belarus_2020")
    basis = assumptions_of(scenario)
    numbers = [value for _, value in leaves(scenario) if isinstance(value, Number)]
    instruments = sum(one.assumption for one in scenario.instruments.values())
    assert instruments > 0
    counted = len(basis.uncertain) + len(basis.assumed) - instruments + len(basis.supported) + basis.silent
    assert counted == len(numbers)


def test_an_uncertain_number_is_told_with_its_distribution_unit_and_path():
    rate = "shocks.new_crackdown.rate={triangular: [0.5, 2, 5]}"
    reciprocity = "actors.belarus.policy.reciprocity={uniform: [0.75, 1.1]}"
    basis = assumptions_of(api.load("belarus_2020", [rate, reciprocity]))
    told = {one.path: one for one in basis.uncertain}
    assert told["shocks.new_crackdown.rate"].value == "triangular 0.5 to 5, likeliest 2"
    assert told["shocks.new_crackdown.rate"].unit == "per year"
    assert told["actors.belarus.policy.reciprocity"].value == "uniform 0.75 to 1.1"


def test_a_source_is_told_of_numbers_acts_and_instruments():
    basis = assumptions_of(api.load("belarus_2020"))
    numbers = {one.path: one.source for one in basis.supported}
    assert numbers["actors.belarus.institution.stages.reaction.median"].startswith("18 public answers")
    facts = {one.path: one for one in basis.facts}
    assert facts["history.eu_first_list"].value.startswith("2020-10-02: Forty people")
    assert facts["holds.cyprus"].value == "cyprus withholds consent until 2020-10-01"
    assert "instruments.protest" in facts


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (3, "3"),
        ({"uniform": [1, 2.5]}, "uniform 1 to 2.5"),
        ({"normal": [1, 0.5]}, "normal 1 ± 0.5"),
        ({"lognormal": [12, 0.3]}, "log-normal, median 12, spread 0.3"),
        ({"triangular": [0, 0.5, 1]}, "triangular 0 to 1, likeliest 0.5"),
        ({"choice": [90, 180]}, "one of 90, 180"),
    ],
)
def test_a_number_is_said_as_it_is_written(written, said):
    assert shown(Number.model_validate(written)) == said


def test_a_scenario_does_not_differ_from_itself():
    assert changes(api.load("belarus_2020"), api.load("belarus_2020")) == []


def test_one_override_is_one_change():
    found = changes(api.load("minimal"), api.load("minimal", ["actors.us.policy.join=0.9"]))
    assert found == [("actors.us.policy.join", "0.5", "0.9")]


def test_what_is_only_in_one_of_two_scenarios_is_a_change_too():
    rows = changes(api.load("minimal"), api.load("belarus_2020"))
    found = {path: (before, after) for path, before, after in rows}
    assert found["actors.canada.name"] == ("", "Canada")
    assert found["instruments.trade_ban.label"][1] == ""
