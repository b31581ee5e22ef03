"""The table of outcomes: what a scenario is measured by, in parts that make up its name."""

import pytest

from escalation.model.compile import compile_scenario
from escalation.scenario import files
from escalation.scenario.load import load, load_text
from escalation.scenario.outcomes import Measure, kind_of
from tests.scenario.texts import VALID


@pytest.mark.parametrize(
    "scenario", [load_text(VALID), *map(load, files.shipped_names())], ids=lambda s: s.title
)
def test_an_outcome_is_made_of_its_parts_and_stands_once_in_the_row(scenario):
    outcomes = compile_scenario(scenario).outcomes
    assert len({outcome.name for outcome in outcomes}) == len(outcomes)
    for outcome in outcomes:
        group = Measure[outcome.measure.upper()]
        assert group.form.format(**vars(outcome)) == outcome.name
        assert outcome.kind == group.kind == kind_of(outcome.name)


def test_the_groups_of_the_row_come_in_the_order_of_the_table():
    groups = [Measure[outcome.measure.upper()] for outcome in compile_scenario(load("belarus_2020")).outcomes]
    assert groups == sorted(groups)
    assert set(groups) == set(Measure)
