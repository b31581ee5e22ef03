"""The names that a file can ask for are exactly those that a compiled scenario measures."""

import pytest

from escalation.model.compile import compile_scenario
from escalation.scenario import shipped
from escalation.scenario.load import load, load_text
from escalation.scenario.outcome_names import outcome_names
from tests.scenario.texts import VALID


@pytest.mark.parametrize("scenario", [load_text(VALID), *map(load, shipped.names())], ids=lambda s: s.title)
def test_the_names_known_to_the_file_format_are_those_that_the_model_measures(scenario):
    first_use = [(actor, name) for actor, names in scenario.outcomes.first_use.items() for name in names]
    dates = [str(day) for day in scenario.outcomes.tension_at]
    measured = {outcome.name for outcome in compile_scenario(scenario).outcomes}
    assert set(outcome_names(scenario.actors, first_use, dates)) == measured
