"""The text that `escalation new` writes: it loads, and carries the title as given."""

import pytest

from escalation.scenario.load import load_text
from escalation.scenario.write import template


@pytest.mark.parametrize("title", ["A case", 'Quotes " and: colons', "yes", "2020", "new\nline", "é — ü"])
def test_a_new_scenario_loads_with_its_title(title):
    scenario = load_text(template("my_case", title), name="my_case.yaml")
    assert scenario.title == title
    assert len(scenario.actors) == 2


def test_a_new_scenario_points_an_editor_to_the_schema():
    text = template("my_case", "A case")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    assert "escalation run my_case.yaml" in text
    assert max(map(len, text.splitlines())) <= 110


def test_its_example_of_objectives_holds_once_it_is_no_comment():
    text = template("my_case", "A case").replace("\n  # ", "\n  ")
    objectives = load_text(text, name="my_case.yaml").outcomes.objectives
    assert objectives == {"calm": "prob(runaway) <= 0.05", "cheap": "mean(cost.sender)"}
