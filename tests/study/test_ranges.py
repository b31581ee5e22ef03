"""What assumptions leave open: they are drawn by their paths, and chance is taken out of the range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation import api
from escalation.errors import InputError
from escalation.model.compile import compile_scenario
from escalation.model.draws import LOGNORMAL, quantile
from escalation.scenario.base import Number
from escalation.scenario.load import load_text
from escalation.scenario.write import dump
from escalation.study.assumptions import leaves, with_assumptions
from escalation.study.points.uncertain import uncertainties
from escalation.study.ranges import range_of, settings_of

MARKED = ["actors.us.policy.join={value: 0.5, assumption: true}"]


def numbers(scenario) -> dict[str, Number]:
    return {path: leaf for path, leaf in leaves(scenario) if isinstance(leaf, Number)}


def test_assumptions_are_drawn_and_nothing_else_changes():
    before, after = (
        numbers(api.load("belarus_2020")),
        numbers(with_assumptions(api.load("belarus_2020"), 0.3)),
    )
    assert before.keys() == after.keys()
    changed = {path for path in before if before[path] != after[path]}
    marked = {path for path, one in before.items() if one.assumption and one.value}
    assert marked <= changed
    assert all(path in marked or path.startswith("instruments.") for path in changed)
    assert all(after[path].lognormal == (before[path].value, 0.3) for path in changed)
    assert all(after[path].nominal == before[path].nominal for path in before)


def test_an_instrument_marked_as_an_assumption_is_drawn_but_for_its_rung_and_keeps_its_sign():
    drawn = with_assumptions(api.load("belarus_2020"), 0.5)
    easing = drawn.instruments["easing"]
    assert easing.severity.lognormal is not None
    assert easing.severity.lognormal[0] < 0
    assert easing.rung == api.load("belarus_2020").instruments["easing"].rung
    values = settings_of(compile_scenario(drawn), 1, 50)
    place = [cell.path for cell in uncertainties(compile_scenario(drawn))].index(
        "instruments.easing.severity"
    )
    assert (values[:, place] < 0).all()


def test_every_draw_keeps_within_the_allowed_range():
    world = compile_scenario(with_assumptions(api.load("belarus_2020"), 1.5))
    values = settings_of(world, 1, 100)
    for column, cell in zip(values.T, world.cells, strict=True):
        assert cell.low <= column.min() <= column.max() <= cell.high, cell.path


def test_the_draws_of_a_number_do_not_depend_on_which_others_there_are():
    alone = api.load("minimal", MARKED)
    more = api.load("minimal", [*MARKED, "actors.eu.policy.inertia={value: 0.5, assumption: true}"])
    draws = []
    for scenario in (alone, more):
        world = compile_scenario(with_assumptions(scenario, 0.3))
        place = [cell.path for cell in world.cells].index("actors.us.policy.join")
        draws.append(settings_of(world, 1, 10)[:, place])
    assert (draws[0] == draws[1]).all()


def test_a_scenario_with_drawn_assumptions_is_written_and_read_as_it_is():
    drawn = with_assumptions(api.load("belarus_2020"), 0.3)
    assert load_text(dump(drawn)) == drawn


def test_what_is_set_is_not_drawn():
    scenario = with_assumptions(api.load("belarus_2020", ["actors.eu.policy.inertia=0.8"]), 0.3)
    assert scenario.actors["eu"].policy.inertia.value == 0.8  # type: ignore[union-attr]


def test_without_any_uncertain_number_there_is_nothing_to_draw():
    with pytest.raises(InputError, match=r"--assumptions 0\.3: .*no number is marked as an assumption"):
        with_assumptions(api.load("minimal", ["actors.belarus.policy.reciprocity=0.8"]), 0.3)


@given(st.floats(0.01, 5.0), st.floats(-10.0, -0.1))
def test_a_negative_log_normal_is_the_mirror_of_a_positive_one(spread, median):
    value = quantile(LOGNORMAL, median, spread, 0.0, 0.3, -0.524)
    assert value == -quantile(LOGNORMAL, -median, spread, 0.0, 0.7, 0.524)
    assert value < median


@pytest.mark.parametrize(("a", "b"), [(8.0, 8.0), (2.0, 6.0), (30.0, 30.0)])
def test_the_range_of_a_probability_is_that_of_the_probabilities_not_of_their_estimates(a, b):
    rng = np.random.default_rng(3)
    chances = rng.beta(a, b, 20_000)
    low, high = np.quantile(chances, [0.025, 0.975])
    found, raw = [], []
    for _ in range(40):
        p = rng.beta(a, b, 200)
        values = (rng.random((200, 10)) < p[:, None]).astype(float)
        band = range_of(values)
        found.append((band.low, band.high))
        raw.append(np.quantile(values.mean(axis=1), [0.025, 0.975]))
    error, without = (np.abs(np.mean(ends, axis=0) - (low, high)) for ends in (found, raw))
    assert (error < 0.05).all()
    assert error.sum() < without.sum() / 2


def test_where_the_numbers_do_nothing_the_range_is_narrow():
    rng = np.random.default_rng(4)
    widths = []
    for _ in range(20):
        band = range_of((rng.random((200, 10)) < 0.5).astype(float))
        widths.append(band.high - band.low)
    assert np.median(widths) < 0.2  # 0.62 without the correction


def test_a_range_stays_within_what_was_seen():
    band = range_of(np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]))
    assert band.low >= 0.0
    assert band.high <= 1.0


def test_failed_replications_are_left_out():
    values = np.array([[1.0, 3.0, np.nan], [2.0, 4.0, np.nan], [np.nan, np.nan, 9.0]])
    assert 1.0 <= range_of(values).low <= range_of(values).high <= 4.0
