"""Levers, variants, names of paths, and playing many points: each gives what a run of its own gives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import escalation
from escalation.clocks import compiled_clock, simpy_clock
from escalation.clocks.simpy_clock import interpreted, new_state
from escalation.errors import InputError, ScenarioError
from escalation.model.compile import compile_scenario
from escalation.model.draws import stable_hash
from escalation.model.handle import uncertain_value
from escalation.model.world import FAILED, World
from escalation.scenario import files
from escalation.scenario.expression import parse
from escalation.scenario.load import load, load_text
from escalation.study.execution import Execution
from escalation.study.points.evaluate import Evaluator
from escalation.study.points.levers import design, lever_of, levers_of, short_names, unit_cube
from escalation.study.points.uncertain import uncertainties
from escalation.study.points.variants import Variants, label_of, labels_of
from tests.ensemble import clocks

RECIPROCITY = "actors.eu.policy.reciprocity"
EXPRESSIONS = ("mean(package_days.belarus)", "prob(concession.belarus)", "R")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a.b=0.2:1.4:4", (0.2, 0.6, 1.0, 1.4)),
        ("a.b=0:0.3:4", (0.0, 0.1, 0.2, 0.3)),
        ("a.b=-1:1:3", (-1.0, 0.0, 1.0)),
        ("a.b=0:1", (0.0, 0.25, 0.5, 0.75, 1.0)),
        ("a.b=1,2,4", (1.0, 2.0, 4.0)),
        ("a.b=x|y", ("x", "y")),
        ("a.b = x , y(c=1, d=2) ", ("x", "y(c=1, d=2)")),
        ("a.b=0.5|{uniform: [0.5, 1]}", ("0.5", "{uniform: [0.5, 1]}")),
        ("a.b='x|y'|z", ("'x|y'", "z")),
        ("a.date=2020-11-01|null", ("2020-11-01", "null")),
    ],
)
def test_a_lever_has_the_values_that_it_is_written_with(text: str, values: tuple[Any, ...]) -> None:
    lever = lever_of(text)
    assert lever.path in ("a.b", "a.date")
    assert lever.values() == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a.b", "this is not PATH=VALUES; write PATH=low:high"),
        ("=0:1", "this is not PATH=VALUES"),
        ("a.b=", "no values"),
        ("a.b=0.5", r"one value only.*--set PATH=VALUE sets one"),
        ("a.b=1:0", "the range 1 to 0; low must be below high"),
        ("a.b=0:1:1", "1 steps; allowed is a whole number, 2 to 10,000"),
        ("a.b=0:1:2.5", "2.5 steps"),
        ("a.b=0:1e999", "low must be below high"),
        ("a.b=2020-01-01:2021-01-01", "is no range of numbers"),
        ("a.b=x||y", "an empty choice"),
        ("a.b=x|y|x", "the choice x stands twice"),
    ],
)
def test_a_lever_that_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=f"^--vary {text.partition('=')[0]}.*{said}"):
        lever_of(text)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["a.b=0:1", "a.b=2:3"], "a.b is varied twice"),
        (["a.b.c=0:1", "a.b=x|y"], "a.b.c lies inside a.b"),
    ],
)
def test_nothing_is_varied_twice(texts: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        levers_of(texts)
    assert len(levers_of(["a.b=0:1", "a.bc=0:1"])) == 2


@given(st.floats(0, 1))
def test_a_lever_stays_between_its_ends(share: float) -> None:
    assert 0.1 <= float(lever_of("a=0.1:0.7").at(share)) <= 0.7
    assert lever_of("a=0.1:0.7:3").at(share) in (0.1, 0.4, 0.7)
    assert lever_of("a=x|y|z").at(share) == "xyz"[min(int(share * 3), 2)]


def test_levers_are_called_by_what_tells_them_apart() -> None:
    two = levers_of(["actors.eu.policy.bite=0:1", "actors.us.policy.bite=0:1", "actors.eu.policy.fear=0:1"])
    assert short_names(two) == ("eu bite", "us bite", "fear")
    assert short_names(two[:1]) == ("bite",)
    assert short_names(levers_of(["end=a|b", "holds.x.end=a|b"])) == ("end", "holds.x.end")


def test_a_grid_has_every_combination_and_a_hypercube_every_part() -> None:
    levers = levers_of(["a=0:1:2", "b=x|y|z"])
    assert [tuple(point.values()) for point in design("grid", levers, None, 1)] == [
        (0.0, "x"), (0.0, "y"), (0.0, "z"), (1.0, "x"), (1.0, "y"), (1.0, "z"),
    ]  # fmt: skip
    cube = unit_cube("lhs", 2, 8, 1)
    assert all(sorted((cube[:, n] * 8).astype(int)) == list(range(8)) for n in range(2))
    points = design("sobol", levers, 16, 1)
    assert points == design("sobol", levers, 16, 1) != design("sobol", levers, 16, 2)
    assert {point["b"] for point in points} == {"x", "y", "z"}


@pytest.mark.parametrize(
    ("form", "points", "said"),
    [
        ("grid", 5, "a grid has the points that its levers make"),
        ("sobol", 10, "allowed are powers of two, such as 8 and 16"),
        ("lhs", 100_001, "allowed is 1 to 100,000"),
    ],
)
def test_a_design_that_cannot_be_is_refused(form: str, points: int, said: str) -> None:
    with pytest.raises(InputError, match=said):
        design(form, levers_of(["a=0:1"]), points, 1)


def test_a_grid_without_end_is_refused() -> None:
    with pytest.raises(InputError, match=r"a grid of 1,000,000 points"):
        design("grid", levers_of(["a=0:1:1000", "b=0:1:1000"]), None, 1)


POINTS = (
    {RECIPROCITY: 0.3},
    {"actors.eu.policy": "graduated(reciprocity=0.8, fear=0.1)"},
    {"actors.eu.policy.preset": "hardline", "actors.belarus.policy.reciprocity": "{uniform: [0.1, 0.2]}"},
    {"model.act_limit": 30.0, "shocks.secret_inauguration.date": "2020-09-25"},
    {"dyads.us.eu.solidarity": 1.0, "history.us_list": "null"},
)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("loaded", [False, True])
def test_a_variant_is_what_set_makes_of_the_file(point: dict[str, Any], loaded: bool) -> None:
    variants = Variants(load("shipped:minimal") if loaded else "shipped:minimal")
    sets = [
        f"{path}={value:g}" if isinstance(value, float) else f"{path}={value}"
        for path, value in point.items()
    ]
    assert variants.scenario(point) == load("shipped:minimal", sets)
    assert variants.scenario({}) == load("shipped:minimal") == variants.base


def test_a_variant_that_cannot_be_is_refused_with_its_place() -> None:
    variants = Variants("shipped:minimal")
    with pytest.raises(
        ScenarioError, match=r"^--vary actors.eu.policy.recip=1, character 18: .*did you mean reciprocity"
    ):
        variants.scenario({"actors.eu.policy.recip": 1.0})
    with pytest.raises(
        ScenarioError, match=r"^--vary actors.eu.policy.reciprocity=-1, character 30: .*-1 is out of range"
    ):
        variants.require([lever_of(f"{RECIPROCITY}=-1:1")])
    with pytest.raises(ScenarioError, match="the catalogue cannot be varied"):
        variants.scenario({"catalogue": "none"})


def evaluator(variants: Variants, *texts: str, **options: Any) -> Evaluator:
    seed = options.pop("seed", 1)
    expressions = [parse(text, variants.names) for text in texts]
    return Evaluator(variants, expressions, seed, Execution(**options), planned=1)


@pytest.mark.parametrize(("clock", "workers"), [("simpy", 1), ("compiled", 1), ("compiled", 2)])
def test_a_trial_gives_the_numbers_of_a_run(clock: str, workers: int) -> None:
    variants = Variants("shipped:minimal")
    with evaluator(variants, *EXPRESSIONS, seed=7, workers=workers, clock=clock) as play:
        trial = play({RECIPROCITY: 0.9}, replications=60)
    run = escalation.run("shipped:minimal", 60, 7, acts="none", sets=[f"{RECIPROCITY}=0.9"], clock=clock)
    days, concession, wheel = trial.estimates
    figures = run.summary.figures
    assert days.value == figures["package_days.belarus"].mean.value
    assert concession == figures["concession.belarus"].probability
    assert wheel.value == run.summary.flywheel.counted.R.value
    assert trial.columns["package_days.belarus"].tolist() == run.columns(["package_days.belarus"])[
        "package_days.belarus"
    ].tolist()  # fmt: skip


def test_points_share_their_worlds_and_fresh_replications_follow_on() -> None:
    with evaluator(Variants("shipped:minimal"), "package_days.us", clock="compiled") as play:
        whole = play({}, 60).columns["package_days.us"]
        parts = [play({}, 30, first).columns["package_days.us"] for first in (0, 30)]
        same = play({"actors.eu.name": "Elsewhere"}, 60).columns["package_days.us"]
    assert np.array_equal(whole, np.concatenate(parts))
    assert np.array_equal(whole, same)


def test_a_failed_replication_is_counted_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.failing_each_third)
    with evaluator(Variants("shipped:minimal"), "package_days.us") as play:
        trial = play({}, 30)
    assert trial.failed == 10
    assert math.isfinite(trial.estimates[0].value)


def test_a_failure_of_compiled_code_is_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    real = compiled_clock.play

    def failing(world: Any, seed: int, replication: int) -> Any:
        if replication == 5:
            raise ZeroDivisionError
        return real(world, seed, replication)

    monkeypatch.setattr(compiled_clock, "play", failing)
    with evaluator(Variants("shipped:minimal"), "package_days.us", clock="compiled") as play:
        trial = play({}, 30)
    assert [n for n in range(30) if trial.statuses[n] == FAILED] == [5]
    assert np.isnan(trial.columns["package_days.us"][5])


@pytest.mark.parametrize("name", files.shipped_names())
def test_every_uncertain_number_of_a_scenario_is_listed_with_its_path(name: str) -> None:
    scenario = load(f"shipped:{name}")
    world = compile_scenario(scenario)
    found = uncertainties(world)
    assert [stable_hash("uncertain", one.path) for one in found] == world.tables.cell["key"].tolist()


MANY = """
extends: shipped:minimal
instruments: {listing: {size: {median: {lognormal: [20, 0.5]}}}}
history: {us_list: {size: null}}
actors:
  us: {policy: {temperature: {choice: [0.5, 0.6, 0.8]}, last_resort: {listing: {uniform: [0, 1]}}}}
  eu: {policy: {inertia: {normal: [0.5, 0.1]}}}
  belarus: {policy: {kind: scripted, acts: {one: {date: 2020-11-01, target: eu, instrument: listing}}}}
dyads: {eu: {belarus: {exposure: {triangular: [0.1, 0.2, 0.4]}}}}
"""


def test_sizes_that_are_not_said_are_uncertain_as_their_instrument_is() -> None:
    scenario = load_text(MANY)
    world = compile_scenario(scenario)
    paths = [one.path for one in uncertainties(world)]
    assert len(paths) == len(world.tables.cell) == 7
    assert {"history.us_list.size", "actors.belarus.policy.acts.one.size"} < set(paths)


@pytest.mark.parametrize("clock", ["simpy", "compiled"])
def test_numbers_set_by_hand_give_what_the_same_numbers_in_the_file_give(clock: str) -> None:
    variants = Variants(load_text(MANY))
    world = variants.world({})
    quantities = uncertainties(world)
    middle = {one.path: one.at(0.3) for one in quantities}
    settings = np.array([list(middle.values())] * 12)
    numbers = np.arange(5, 17)
    in_file = {path: value for path, value in middle.items() if not path.startswith("history.")}
    median = middle["instruments.listing.size.median"]
    assert all(value == median for path, value in middle.items() if path.startswith("history."))
    with evaluator(variants, "tension.end", "names_listed.us", clock=clock) as play:
        dialled = play.dialled(world, settings, numbers)
        fixed = play(in_file, 12, first=5)
    for name in ("tension.end", "names_listed.us"):
        assert np.array_equal(dialled.columns[name], fixed.columns[name])


@given(st.floats(0.001, 0.999))
def test_a_higher_share_is_a_higher_value_and_the_middle_is_the_nominal_one(share: float) -> None:
    scenario = load_text(MANY)
    for one in uncertainties(compile_scenario(scenario)):
        assert one.low <= one.at(share * 0.9) <= one.at(share) <= one.high
        assert one.at(0.5) == pytest.approx(one.number.nominal)


def test_a_distribution_is_drawn_as_its_shares_say() -> None:
    scenario = load_text(MANY)
    world = compile_scenario(scenario)
    rows = np.array([drawn_in(world, replication) for replication in range(1000)])
    for n, one in enumerate(uncertainties(world)):
        for share in (0.1, 0.4, 0.9):
            exact = np.mean(np.array(one.number.choice) <= one.at(share)) if one.number.choice else share
            assert np.mean(rows[:, n] <= one.at(share)) == pytest.approx(exact, abs=0.05)


def drawn_in(world: World, replication: int) -> list[float]:
    """Return the uncertain numbers of one replication, as the model draws them."""
    w = interpreted(world.tables)
    w.state = new_state(w)
    w.state.stream[0], w.state.stream[2] = 1, replication
    return [uncertain_value(w, cell) for cell in range(len(world.tables.cell))]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("actors.belarus.policy.reciprocity", "Belarus: reciprocity"),
        ("actors.eu.policy", "European Union: policy"),
        (
            "actors.eu.policy.last_resort.head_of_state_listing",
            "European Union: last resort, head of state listing",
        ),
        ("dyads.us.belarus.exposure", "United States towards Belarus: exposure"),
        ("outcomes.runaway", "outcomes, runaway"),
        ("end", "end"),
    ],
)
def test_a_path_is_called_whose_and_what_it_is(path: str, said: str) -> None:
    assert label_of(load("shipped:belarus_2020"), path) == said


def test_a_shock_is_called_by_its_label() -> None:
    scenario = load("shipped:belarus_2020")
    label = scenario.shocks["new_crackdown"].label
    assert label_of(scenario, "shocks.new_crackdown.rate").lower() == f"{label}: rate".lower()


def test_labels_that_read_alike_are_their_paths() -> None:
    paths = ["actors.eu.policy.join", "actors.eu.join", "actors.us.policy.join"]
    assert labels_of(load("shipped:minimal"), paths) == {
        paths[0]: paths[0], paths[1]: paths[1], paths[2]: "United States: join"
    }  # fmt: skip


def test_the_edge_of_a_lever_is_the_end_of_its_range_or_of_its_numbers() -> None:
    lever = lever_of("actors.eu.policy.reciprocity=0.2:1.2")
    assert [lever.is_edge(value) for value in (0.2, 0.21, 0.3, 0.7, 1.19, 1.2)] == [
        True,
        True,
        False,
        False,
        True,
        True,
    ]
    numbers = lever_of("actors.eu.policy.reciprocity=0.5|0.1|1.0")
    assert [numbers.is_edge(value) for value in (0.1, 0.5, 1.0)] == [True, False, True]
    assert not lever_of("actors.eu.policy=grit|hardline").is_edge("grit")
