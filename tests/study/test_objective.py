"""Expressions over outcomes: what is read, what is refused and where, what they come to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import escalation
from escalation.model.compile import compile_scenario
from escalation.scenario import files
from escalation.scenario.expression import BOUNDS, FUNCTIONS, RELATIONS, Expression, ExpressionError, R, parse
from escalation.scenario.load import load, load_text
from escalation.scenario.outcomes import kind_of
from escalation.scenario.write import dump
from escalation.study.objective import estimate
from escalation.study.stats import wilson
from escalation.study.values import Estimate

NAMES = (
    "acts.eu", "cost.eu", "concession.eu", "first.eu.trade_ban", "relation.eu.us", "runaway",
    "tension.end", "tension.2021-04-01",
)  # fmt: skip

shares = st.floats(0.001, 0.999)
limits = st.tuples(st.sampled_from(RELATIONS), st.floats(allow_nan=False, allow_infinity=False))


@st.composite
def expressions(draw: Any) -> Expression:
    outcome = draw(st.sampled_from((*NAMES, R)))
    relation, limit = draw(st.one_of(st.just(("", None)), limits))
    if outcome == R:
        function = draw(st.sampled_from(("", *BOUNDS)))
        return Expression(function, R, 0.95 if function else None, relation, limit)
    fitting = [name for name, one in FUNCTIONS.items() if kind_of(outcome) in one.kinds]
    function = draw(st.sampled_from(fitting))
    number = draw(shares) if FUNCTIONS[function].number else None
    return Expression(function, outcome, number, relation, limit)


@given(expressions())
def test_what_is_written_is_read_back_the_same(expression: Expression) -> None:
    assert parse(str(expression), NAMES) == expression
    assert parse(f"  {expression} ".replace("(", " ( ").replace(",", " ,"), NAMES) == expression


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_place_in_it(text: str) -> None:
    try:
        parse(text, NAMES)
    except ExpressionError as error:
        found = error
    else:
        return
    assert 0 <= found.position <= len(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("concession.eu", "prob(concession.eu)"),
        ("first.eu.trade_ban", "prob(first.eu.trade_ban)"),
        ("cost.eu", "mean(cost.eu)"),
        ("R", "R"),
        ("upper(R) <= 1", "upper(R, 0.95) <= 1"),
        ("quantile(tension.2021-04-01,.5)>=1e2", "quantile(tension.2021-04-01, 0.5) >= 100"),
        ("cvar(cost.eu)", "cvar(cost.eu, 0.95)"),
    ],
)
def test_an_expression_has_one_canonical_form(text: str, canonical: str) -> None:
    assert str(parse(text, NAMES)) == canonical


@pytest.mark.parametrize(
    ("text", "mark", "said"),
    [
        ("", "", "nothing is measured"),
        ("mean(cots.eu)", "cots.eu", "no such outcome 'cots.eu' (did you mean cost.eu?)"),
        ("maen(cost.eu)", "maen", "no function 'maen'; known are mean, "),
        ("mean(runaway)", "mean", "runaway is a probability; write prob(runaway)"),
        ("prob(cost.eu)", "prob", "cost.eu is a level; write mean(cost.eu)"),
        ("mean(first.eu.trade_ban)", "mean", "is a date; write prob(first.eu.trade_ban)"),
        ("mean(R)", "mean", "R is one number of the whole ensemble; write R, lower(R) or upper(R)"),
        ("upper(R, 0.9)", "0.9", "the interval of R is known at 0.95 only; write upper(R)"),
        ("quantile(cost.eu)", ")", "quantile also needs a share; as in quantile(cost.eu, 0.95)"),
        ("quantile(cost.eu, 95)", "95", "a share of 95; allowed is above 0 and below 1"),
        ("mean(cost.eu, 0.5)", ", 0.5", "mean takes no number"),
        ("mean(cost.eu", "", "the bracket is not closed; write )"),
        ("mean()", ")", "')' is no outcome"),
        ("prob(runaway) < 0.05", "<", "'<' is no comparison; known are <= and >= (did you mean <=?)"),
        ("prob(runaway) ≤ 0.05", "≤", "did you mean <=?"),
        ("prob(runaway) <= five", "five", "'five' in place of the limit"),
        ("prob(runaway) <= 1e999", "1e999", "is too large for a number"),
        ("mean(cost.eu) + 1", "+ 1", "'+' has no meaning here"),
        ("mean(cost.eu) mean", "mean", "after the end of the expression"),
        ("mean", "", "mean of what; write mean(OUTCOME)"),
        ("__import__('os')", "'os')", "has no meaning here"),
    ],
)
def test_a_mistake_is_shown_at_the_sign_where_it_stands(text: str, mark: str, said: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, NAMES, "--outcome")
    first, shown, caret = str(caught.value).split("\n")
    assert first.startswith("--outcome: ")
    assert said in first
    place = caret.index("^") - 2
    assert shown[2:] == text
    assert place == (text.rindex(mark) if mark else len(text))


@pytest.mark.parametrize("name", files.shipped_names())
def test_the_kind_that_a_name_says_is_that_of_the_compiled_outcome(name: str) -> None:
    for outcome in compile_scenario(load(f"shipped:{name}")).outcomes:
        assert kind_of(outcome.name) == outcome.kind


def value(text: str, values: list[float]) -> Estimate:
    expression = parse(text, NAMES)
    return estimate(expression, {name: np.array(values, float) for name in expression.outcomes})


def test_means_and_probabilities_are_those_of_the_summary() -> None:
    run = escalation.run("minimal", replications=30, seed=3, acts="none")
    columns = {name: run.columns([name])[name] for name in ("package_days.eu", "concession.belarus")}
    figures = run.summary.figures
    mean = estimate(parse("mean(package_days.eu)"), columns)
    assert mean.model_copy(update={"unit": "days"}) == figures["package_days.eu"].mean
    chance = estimate(parse("prob(concession.belarus)"), columns)
    assert chance == figures["concession.belarus"].probability
    wheel = run.summary.flywheel
    reading = wheel.counted.R
    found = estimate(parse("R"), {}, wheel)
    assert (found.value, found.low, found.high) == (reading.value, reading.low, reading.high)
    assert estimate(parse("upper(R)"), {}, wheel).value == reading.high


def test_a_bound_is_an_end_of_the_interval() -> None:
    found = value("mean(cost.eu)", [1, 2, 3, 4])
    assert value("lower(cost.eu)", [1, 2, 3, 4]).value == found.low
    assert value("upper(cost.eu)", [1, 2, 3, 4]).value == found.high
    assert value("upper(runaway)", [0, 0, 1, 0]).value == wilson(1, 4).high
    assert value("upper(cost.eu, 0.5)", [1, 2, 3, 4]).value < found.high


def test_a_date_happened_when_it_is_a_number() -> None:
    assert value("first.eu.trade_ban", [math.nan, 0.0, 5.0, math.nan]).value == 0.5


def test_the_tail_mean_is_the_mean_of_the_highest() -> None:
    values = list(range(1, 101))
    assert value("cvar(cost.eu, 0.9)", values).value == pytest.approx(np.mean(values[90:]))


def test_quantiles_of_counts_are_values_that_occurred() -> None:
    assert value("median(acts.eu)", [1, 2, 3, 4]).value == 2
    assert value("median(cost.eu)", [1, 2, 3, 4]).value == 2.5


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("mean(cost.eu)", 1.0), ("median(cost.eu)", math.log(2)), ("quantile(cost.eu, 0.9)", math.log(10)),
        ("sd(cost.eu)", 1.0), ("cvar(cost.eu, 0.9)", math.log(10) + 1),
    ],
)  # fmt: skip
def test_an_interval_holds_the_truth_about_95_times_in_100(text: str, truth: float) -> None:
    """Exponential outcomes of mean 1, 400 ensembles of 400; sd and the tail hold somewhat less."""
    draws = np.random.default_rng(1).exponential(size=(400, 400))
    expression = parse(text, NAMES)
    found = [estimate(expression, {"cost.eu": row}) for row in draws]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert (0.87 if text.startswith(("sd", "cvar")) else 0.92) <= held <= 0.985, held
    spread = np.std([one.value for one in found])
    assert np.mean([one.error for one in found]) == pytest.approx(spread, rel=0.15)


def test_nothing_is_said_of_no_replication_and_no_interval_of_too_few() -> None:
    for text in ("mean(cost.eu)", "prob(runaway)", "quantile(cost.eu, 0.9)", "sd(cost.eu)", "lower(cost.eu)"):
        assert value(text, []).value is None
    assert value("mean(cost.eu)", [2.0]) == Estimate(value=2.0)
    assert value("quantile(cost.eu, 0.99)", [1, 2, 3]).low is None
    flat = value("sd(cost.eu)", [1, 1, 1, 1])
    assert flat == Estimate(value=0.0, low=0.0, high=0.0, error=0.0, too_few=True)
    assert estimate(parse("R"), {}, None).value is None


def test_a_limit_is_kept_or_not() -> None:
    low, high = parse("cost.eu <= 2", NAMES), parse("cost.eu >= 2", NAMES)
    assert (low.holds(2.0), low.holds(2.1), high.holds(2.0), high.holds(1.9)) == (True, False, True, False)
    assert low.holds(None) is None
    assert parse("cost.eu", NAMES).holds(1.0) is None


def test_the_interval_of_a_mean_is_students() -> None:
    found = value("mean(cost.eu)", [0.0, 1.0, 5.0, 2.0])
    assert found.too_few
    assert found.high == pytest.approx(2.0 + 3.182446 * found.error)
    assert value("upper(cost.eu, 0.95)", [0.0, 1.0, 5.0, 2.0]).value == found.high


OBJECTIVES = """
extends: shipped:minimal
outcomes:
  tension_at: [2021-04-01]
  objectives:
    calm: prob(runaway) <= 0.05
    late: 'quantile(tension.2021-04-01, 0.95)'
"""


def test_objectives_of_a_scenario_survive_being_written_and_read() -> None:
    scenario = load_text(OBJECTIVES)
    assert dict(scenario.outcomes.objectives) == {
        "calm": "prob(runaway) <= 0.05",
        "late": "quantile(tension.2021-04-01, 0.95)",
    }
    assert load_text(dump(scenario)) == scenario


def test_an_earlier_end_drops_the_objectives_about_what_lies_beyond_it() -> None:
    from datetime import date  # noqa: PLC0415

    assert list(load_text(OBJECTIVES, until=date(2021, 2, 1)).outcomes.objectives) == ["calm"]
