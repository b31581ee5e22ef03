from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from escalation import api
from escalation.errors import InputError, ScenarioError
from escalation.present.tune import finalists as finalist_table
from escalation.present.tune import opening, page, rows, sentences
from escalation.scenario.document import Scenario
from escalation.scenario.expression import parse
from escalation.scenario.load import load_text
from escalation.study import runner
from escalation.study.execution import Execution
from escalation.study.points.evaluate import Evaluator
from escalation.study.points.variants import Variants
from escalation.study.stats import jackknife_error
from escalation.study.tune.asked import Criterion, TuneAsked, criterion_of
from escalation.study.tune.final import choose
from escalation.study.tune.reading import (
    BATCHES,
    CaseOutcomes,
    Feedback,
    Scores,
    Verdict,
    beaten,
    loss_difference,
    read,
)
from escalation.study.tune.result import Finalist, Trial, Tuned
from escalation.study.tune.search import Search
from escalation.study.tune.study import TUNE
from escalation.study.tune.tuner import starts
from escalation.study.values import Estimate
from tests.study.hazards import hazards

RECIPROCITY = "actors.eu.policy.reciprocity"


@pytest.fixture(scope="module")
def minimal() -> Scenario:
    return api.load("minimal")


def tuned(what: TuneAsked, folder: Path | None = None, **work: Any) -> Tuned:
    return runner.begin(TUNE, what, Execution(**({"clock": "compiled"} | work)), folder)


def plan(scenario: Scenario, more: dict[str, Any], seed: int = 1) -> TuneAsked:
    return TuneAsked(scenario=scenario, seed=seed, **more)


def fields(**more: Any) -> dict[str, Any]:
    return more


def asked(**more: Any) -> dict[str, Any]:
    return {"vary": [f"{RECIPROCITY}=0.1:1.5"], "minimise": ["mean(package_days.belarus)"]} | more


# -------------------------------------------------------------------------------------------------
# Known optima

SHOCKS, ANSWERS = 10, 0.8


def duel(**more: float) -> Scenario:
    """`a` and `b` answer each other, `c` helps `a`: acts of b are SHOCKS + ANSWERS · (acts of a and of c)."""
    odds = {"a": {"a": 0.5, "b": 0.0, "c": 0.0}, "b": {"b": ANSWERS, "a": 0.0, "c": 0.0},
            "c": {"c": 0.0, "a": 0.2, "b": 0.0}}  # fmt: skip
    return Scenario.model_validate(hazards(odds, shocks=SHOCKS))


A, C = "actors.a.policy.answers", "actors.c.policy.answers_for.a"


def test_the_best_reciprocity_of_a_branching_process_is_found() -> None:
    """With answers q of a, b acts S/(1 − pq) times, c apart: at most 16 acts allow q = (1 − S/16)/p."""
    what = fields(vary=[f"{A}=0:1"], maximise=["mean(acts.a)"], subject_to=["mean(acts.b) <= 16"], trials=40,
                 replications=300, held_out=800)  # fmt: skip
    found = tuned(plan(without_c(duel()), what, 1))
    best = (1 - SHOCKS / 16) / ANSWERS
    assert found.satisfied
    assert found.chosen.point[A] == pytest.approx(best, abs=0.05)
    acts = found.chosen.goals[0]
    assert acts.value == pytest.approx(best * SHOCKS / (1 - ANSWERS * best), rel=0.15)
    assert found.stopped > 5


def without_c(scenario: Scenario) -> Scenario:
    return Variants(scenario).scenario({C: 0.0})


def test_a_known_pareto_front_is_found() -> None:
    """What c does costs acts of b and gains nothing: on the front acts of b are S + p · acts of a."""
    what = fields(vary=[f"{A}=0:0.9", f"{C}=0:0.9"], maximise=["mean(acts.a)"], minimise=["mean(acts.b)"],
                 trials=80, replications=300, held_out=800)  # fmt: skip
    found = tuned(plan(duel(), what, 1))
    assert found.sampler == "tpe"
    assert 4 <= len(found.finalists) <= 8
    off = []
    for one in found.finalists:
        by_a, by_b = (figure.value or 0.0 for figure in one.goals)
        off.append(by_b / (SHOCKS + ANSWERS * by_a) - 1)
    assert max(off) < 0.2
    assert abs(np.median(off)) < 0.05
    reach = [one.goals[0].value or 0.0 for one in found.finalists]
    assert max(reach) - min(reach) > 8
    waste = [one.point[C] for one in found.finalists]
    assert np.median(np.array(waste, float)) < 0.15


def test_several_levers_are_tuned_by_cma_es_and_the_waste_is_found() -> None:
    what = fields(vary=[f"{A}=0:0.9", f"{C}=0:0.9"], minimise=["mean(acts.b)"], trials=40, replications=200)
    found = tuned(plan(duel(), what, 3))
    assert found.sampler == "cmaes"
    assert found.chosen.point[A] == pytest.approx(0.0, abs=0.05)
    assert found.chosen.goals[0].value == pytest.approx(SHOCKS, abs=0.7)


# -------------------------------------------------------------------------------------------------
# Honesty


def test_the_reported_figure_is_that_of_a_run_with_the_held_out_seed(minimal: Scenario) -> None:
    what = plan(minimal, asked(trials=6, replications=60, held_out=150), 1)
    found = tuned(what)
    scenario = what.variants.scenario(found.chosen.point)
    run = api.run(scenario, found.held_out, found.held_out_seed)
    figure = run.summary.figures["package_days.belarus"]
    assert found.chosen.goals[0].value == pytest.approx(figure.mean.value, abs=1e-12)
    assert found.held_out_seed != found.seed


def test_optimism_is_the_tuned_figure_less_the_held_out_one(minimal: Scenario) -> None:
    for goal, sign in (("maximise", 1.0), ("minimise", -1.0)):
        what = fields(vary=[f"{RECIPROCITY}=0.1:1.5"], **{goal: ["prob(concession.belarus)"]}, trials=6,
                     replications=40)  # fmt: skip
        found = tuned(plan(minimal, what, 1))
        gap = (found.chosen.tuned[0] or 0.0) - (found.chosen.goals[0].value or 0.0)
        assert found.optimism[0].value == pytest.approx(sign * gap, abs=1e-12)


def test_a_lever_without_effect_gains_exactly_nothing(minimal: Scenario) -> None:
    what = asked(vary=["outcomes.runaway=500:600"], minimise=["mean(tension.end)"], trials=4, replications=20)
    found = tuned(plan(minimal, what, 1))
    assert (found.gains[0].value, found.gains[0].low, found.gains[0].high) == (0.0, 0.0, 0.0)
    assert all(one.changes[0].value == 0.0 for one in found.deviations)
    assert not found.gained
    assert opening(found)[0].startswith("The untuned policy is no worse: nothing gained")


def finalist(trial: int | None, *goals: float) -> Finalist:
    estimates = tuple(Estimate(value=value) for value in goals)
    return Finalist(trial=trial, point={RECIPROCITY: 0.5}, tuned=goals, goals=estimates, limits=(), kept=())


def test_a_policy_that_the_untuned_one_beats_is_said_to_be_beaten(minimal: Scenario) -> None:
    what = asked(minimise=["mean(cost.eu)", "mean(cost.us)"], trials=4, replications=20)
    found = tuned(plan(minimal, what, 1))
    found = found.model_copy(
        update={"untuned": finalist(None, 1.0, 1.0),
                "finalists": (finalist(0, 1.0, 1.1), finalist(1, 0.9, 1.2), finalist(2, 1.2, 1.2)),
                "chosen": finalist(0, 1.0, 1.1)}
    )  # fmt: skip
    assert [found.beaten(one) for one in found.finalists] == [True, False, True]
    assert [row[-1] for row in finalist_table(found).rows] == ["", "← beaten", "", "beaten"]
    said = list(sentences(found))
    assert said[0].startswith("1 of 3 finalists is not beaten")
    assert said[1].endswith("(trial 0), though another policy beats it on held-out replications.")


@pytest.mark.parametrize(
    ("low", "high", "gained"), [(-0.2, -0.1, True), (-0.2, 0.1, False), (0.1, 0.2, False)]
)
def test_something_is_gained_where_the_whole_interval_is_on_the_good_side(
    minimal: Scenario, low: float, high: float, gained: bool
) -> None:
    found = tuned(plan(minimal, asked(trials=4, replications=20), 1))
    gain = Estimate(value=(low + high) / 2, low=low, high=high)
    assert found.model_copy(update={"gains": (gain,)}).gained == gained
    other_way = found.model_copy(
        update={"gains": (gain,), "goals": (found.goals[0].model_copy(update={"direction": "maximise"}),)}
    )
    assert other_way.gained == (low > 0)


def test_a_limit_that_nothing_keeps_is_said_with_the_nearest_point(minimal: Scenario) -> None:
    what = plan(
        minimal, asked(subject_to=["mean(package_days.belarus) <= 0.1"], trials=12, replications=60), 1
    )
    done = tuned(what)
    assert not done.satisfied
    assert not any(trial.keeps for trial in done.trials)
    assert done.chosen.kept == ("no",)
    least = min(row[0] or 0.0 for one in done.trials for row in one.values)
    assert done.chosen.tuned[0] == pytest.approx(least, abs=0.5)


def test_trials_are_played_in_the_same_worlds(minimal: Scenario) -> None:
    done = tuned(plan(minimal, asked(trials=4, replications=60, racing=False), 5))
    with Evaluator(Variants(minimal), [parse("mean(package_days.belarus)")], seed=5) as evaluator:
        for one in done.trials:
            assert one.values[0][0] == evaluator(one.point, 60).estimates[0].value


def test_any_number_of_workers_gives_the_same_finding(minimal: Scenario) -> None:
    what = plan(minimal, asked(trials=6, replications=100), 1)
    one, two = (tuned(what, workers=n).model_dump(exclude={"run"}) for n in (1, 2))
    assert one == two


# -------------------------------------------------------------------------------------------------
# Racing


def test_racing_saves_replications_and_keeps_the_choice() -> None:
    what = fields(vary=["actors.a.policy.answers=0|0.2|0.4|0.6|0.8"], minimise=["mean(acts.b)"],
                 trials=5, replications=600)  # fmt: skip
    raced, not_raced = (tuned(plan(duel(), what | {"racing": racing})) for racing in (True, False))
    assert raced.stopped > 0
    assert not_raced.stopped == 0
    assert raced.played < not_raced.played
    assert raced.chosen.point == not_raced.chosen.point


def test_what_is_measured_by_the_flywheel_is_not_raced(minimal: Scenario) -> None:
    found = tuned(plan(minimal, asked(minimise=["R"], trials=4, replications=300), 1))
    assert found.stopped == 0
    assert found.chosen.goals[0].low is not None


# -------------------------------------------------------------------------------------------------
# Cases

POLICIES = ("restrained", "hardline", "grit", "conciliatory")


@pytest.mark.parametrize("robust", ["mean", "worst", "regret", "quantile=0.5"])
def test_a_robust_choice_is_the_one_that_its_cases_imply(minimal: Scenario, robust: str) -> None:
    what = fields(vary=[f"actors.eu.policy={'|'.join(POLICIES)}"], minimise=["mean(package_days.belarus)"],
                 against=["belarus=own,hardline,conciliatory"], robust=robust, replications=60, held_out=60,
                 racing=False)  # fmt: skip
    what = plan(minimal, what, 1)
    found = tuned(what)
    assert found.sampler == "every point"
    assert len(found.trials) == len(POLICIES)
    losses = np.array([[case[0] for case in values_at(what, name, fresh=True)] for name in POLICIES])
    rules = {
        "mean": losses.mean(axis=1),
        "worst": losses.max(axis=1),
        "regret": (losses - losses.min(axis=0)).max(axis=1),
        "quantile=0.5": np.median(losses, axis=1),
    }
    assert found.chosen.point["actors.eu.policy"] == POLICIES[int(rules[robust].argmin())]
    assert [one.case for one in found.in_cases] == ["belarus own", "belarus hardline", "belarus conciliatory"]


def values_at(what: TuneAsked, policy: str, fresh: bool) -> list[list[float]]:
    with Evaluator(what.variants, what.expressions, seed=what.seed) as evaluator:
        first = 1_000_000 if fresh else 0
        return [
            [evaluator({**case.point, "actors.eu.policy": policy}, 60, first).estimates[0].value or 0.0]
            for case in what.cases
        ]


REGRET = {"against": ["belarus=own,hardline"], "robust": "regret", "subject_to": ["mean(cost.eu) <= 1"]}


def test_a_regret_is_taken_against_the_best_that_keeps_the_limits(minimal: Scenario) -> None:
    scores = Scores(plan(minimal, asked(**REGRET)))
    values = {0: ((1.0, 5.0), (1.0, 5.0)), 1: ((3.0, 0.5), (4.0, 0.5)), 2: ((4.0, 0.5), (3.0, 0.5))}
    trials = [
        Trial(number=n, point={RECIPROCITY: n / 2}, replications=20, values=one) for n, one in values.items()
    ]
    assert not scores.admit(trials[0])
    assert scores.losses(trials[0]).tolist() == [0.0]
    assert scores.admit(trials[1])
    assert scores.losses(trials[1]).tolist() == [0.0]
    assert scores.losses(trials[0]).tolist() == [-2.0], "what misses a limit is no measure of regret"
    assert scores.admit(trials[2])
    assert [scores.losses(one).tolist() for one in trials[1:]] == [[1.0], [1.0]]


def test_columns_say_that_they_hold_regrets_and_a_limit_has_none(minimal: Scenario) -> None:
    what = asked(vary=["actors.eu.policy=restrained|hardline"], replications=20, **REGRET)
    found = tuned(plan(minimal, what))
    regret = "regret of mean(package_days.belarus)"
    table = finalist_table(found)
    assert table.headings[2:4] == (regret, "mean(cost.eu) ≤ 1")
    assert table.note.endswith(" Goals: largest regret of 2 cases; limits: worst of 2 cases.")
    assert f"{regret} low" in rows(found)[0]
    assert "mean(cost.eu) <= 1 low" in rows(found)[0]
    lines = list(sentences(found))
    assert lines[1].startswith("Largest regret of 2 cases, mean(package_days.belarus): ")
    assert any(line.startswith("mean(cost.eu) <= 1 (worst of 2 cases): ") for line in lines)
    assert page(found).title == "A small flywheel"


@given(arrays(np.float64, (4, 3), elements=st.floats(-10, 10)))
def test_robust_figures_lie_in_order(losses: np.ndarray) -> None:
    columns = losses.T[:, :, None].transpose(1, 0, 2)
    mean, worst, half = (Criterion(kind).of_losses(columns) for kind in ("mean", "worst", "worst"))
    assert (mean <= worst + 1e-12).all()
    assert (half == worst).all()
    quantile = Criterion("quantile", 0.9).of_losses(columns)
    assert (quantile <= worst + 1e-12).all()
    assert (Criterion("regret").of_losses(columns) >= 0).all()


@pytest.mark.parametrize("text", ["mean", "worst", "regret", "quantile=0.9"])
def test_how_cases_become_one_reads_back(text: str) -> None:
    assert str(criterion_of(text)) == text


@pytest.mark.parametrize("text", ["best", "quantile", "quantile=1", "quantile=x", "worst=2", ""])
def test_other_words_for_robust_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="--robust: found"):
        criterion_of(text)


# -------------------------------------------------------------------------------------------------
# Differences


@given(st.integers(1, 50), st.floats(0.1, 3))
def test_the_jackknife_of_a_mean_is_near_its_standard_error(seed: int, scale: float) -> None:
    values = np.random.default_rng(seed).normal(0, scale, 4000)
    reading = read([CaseOutcomes({"cost.eu": values}, np.zeros(4000, np.int8), {})], [parse("mean(cost.eu)")])
    error = jackknife_error(reading.without[:, 0])[0]
    assert reading.without.shape == (BATCHES, 1, 1)
    assert error == pytest.approx(scale / np.sqrt(4000), rel=0.75)
    assert reading.values[0, 0] == values.mean()


def test_identical_points_differ_by_exactly_nothing() -> None:
    verdict = Verdict(np.ones(1), np.zeros(0), np.random.default_rng(1).normal(size=(BATCHES, 1)),
                      np.zeros((BATCHES, 0)), np.zeros(1), np.zeros(1, bool))  # fmt: skip
    difference, error = loss_difference(verdict, verdict)
    assert (difference[0], error[0]) == (0.0, 0.0)


@given(arrays(np.float64, (7, 2), elements=st.integers(0, 5).map(float)))
def test_who_is_not_beaten_is_on_the_front(losses: np.ndarray) -> None:
    lost = beaten(losses)
    for n, one in enumerate(losses):
        better = [(other <= one).all() and (other < one).any() for other in losses]
        assert lost[n] == any(better)
    assert not lost.all()


def test_the_compromise_is_neither_end_of_a_round_front(minimal: Scenario) -> None:
    what = plan(minimal, asked(maximise=["mean(names_listed.eu)"]), 1)
    front = [(0.0, 1.0), (0.3, 0.3), (1.0, 0.0)]
    rest = np.zeros(0), np.zeros((BATCHES, 2)), np.zeros((BATCHES, 0)), np.zeros(2), np.zeros(2, bool)
    verdicts = [Verdict(np.array(one), *rest) for one in front]
    assert choose(what, verdicts) == 1


# -------------------------------------------------------------------------------------------------
# The search


def test_a_search_that_is_told_the_same_asks_the_same(minimal: Scenario) -> None:
    for more in ({}, {"subject_to": ["mean(cost.eu) <= 1"]}, {"maximise": ["mean(names_listed.eu)"]}):
        what = plan(minimal, asked(vary=[f"{RECIPROCITY}=0.1:1.5", "actors.eu.policy.gradualism=0:2"],
                                          **more), 7)  # fmt: skip
        asked_for = []
        for _ in range(2):
            search, points = Search(what, starts(what)), []
            for n in range(30):
                point = search.ask()
                points.append(point)
                loss = float(point[RECIPROCITY])
                told = Feedback([loss] * len(what.goals), [loss - 1] * len(what.limits))
                search.tell(None if n == 4 else told)
            asked_for.append(points)
        assert asked_for[0] == asked_for[1]
        assert len({tuple(point.items()) for point in asked_for[0]}) > 25


def test_the_sampler_follows_the_problem(minimal: Scenario) -> None:
    two = [f"{RECIPROCITY}=0.1:1.5", "actors.eu.policy.gradualism=0:2"]
    for more, sampler in (
        ({"vary": two}, "cmaes"),
        ({}, "tpe"),
        ({"vary": [*two, "actors.us.policy=grit|hardline"]}, "tpe"),
        ({"vary": two, "subject_to": ["runaway <= 0.1"]}, "tpe"),
        ({"vary": two, "maximise": ["names_listed.eu"]}, "tpe"),
        ({"vary": two, "maximise": ["names_listed.eu"], "trials": 2000}, "nsga2"),
        ({"vary": two, "sampler": "random"}, "random"),
        ({"vary": [f"{RECIPROCITY}=0.1:1.5:5"]}, "every point"),
    ):
        assert plan(minimal, asked(**more)).method == sampler, more


def test_a_tuning_starts_from_the_policy_as_it_is_and_from_the_presets(minimal: Scenario) -> None:
    what = plan(minimal, asked(vary=[f"{RECIPROCITY}=0.4:1.2", "actors.eu.policy.gradualism=0:2"]), 1)
    found = [tuple(point.values()) for point in starts(what)]
    assert found[0] == (0.7, 1.2)  # restrained, which minimal's EU is
    assert (0.9, 1.0) in found  # graduated
    assert (1.2, 0.1) in found  # hardline, its 1.4 within reach
    assert (0.4, 1.5) in found  # conciliatory


def test_a_preset_is_a_choice_and_keeps_what_is_tuned_beside_it(minimal: Scenario) -> None:
    what = asked(vary=[f"{RECIPROCITY}=0.2|0.9", "actors.eu.policy.preset=restrained|grit|hardline"],
                 trials=6, replications=40)  # fmt: skip
    what = plan(minimal, what, 1)
    assert [lever.path.split(".")[-1] for lever in what.levers] == ["preset", "reciprocity"]
    assert what.exhaustive
    scenario = what.variants.scenario({"actors.eu.policy.preset": "grit", RECIPROCITY: 0.2})
    policy = scenario.actors["eu"].policy
    assert (policy.preset, policy.reciprocity.nominal, policy.fear.nominal) == ("grit", 0.2, 0.8)  # type: ignore[union-attr]


def test_points_that_the_scenario_does_not_allow_are_counted_and_left_out(minimal: Scenario) -> None:
    what = asked(vary=["actors.eu.policy.package_limit=1|3", "actors.eu.policy=graduated|{kind: ladder}"])
    with pytest.raises((InputError, ScenarioError)):
        plan(minimal, what, 1)
    mixed = asked(vary=["actors.eu.policy.reciprocity=0.5|0.9", "actors.eu.policy.kind=proportional|ladder"],
                  trials=4, replications=40)  # fmt: skip
    done = tuned(plan(minimal, mixed, 1))
    assert sum(bool(one.fault) for one in done.trials) == 2
    assert "reciprocity" in done.faults[0]


def test_a_tuning_reads_back_as_it_was_stored(minimal: Scenario, tmp_path: Path) -> None:
    found = tuned(plan(minimal, asked(trials=4, replications=20)), tmp_path / "t")
    assert api.open(tmp_path / "t") == found
    assert [trial.number for trial in found.trials] == [0, 1, 2, 3]
    assert all(trial.estimates[0].value == trial.values[0][0] for trial in found.trials)


# -------------------------------------------------------------------------------------------------
# What is refused


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"vary": []}, "nothing to vary"),
        ({"minimise": []}, "nothing to aim at"),
        ({"minimise": ["mean(package_day.belarus)"]}, "did you mean package_days.belarus"),
        ({"minimise": ["prob(runaway) <= 0.1"]}, "a limit does not belong here"),
        ({"subject_to": ["prob(runaway)"]}, "the limit is missing"),
        ({"minimise": ["runaway", "prob(runaway)"]}, "is a goal twice"),
        ({"actor": "eurasia"}, "no actor 'eurasia'"),
        ({"against": ["belarus=hardlin"]}, "hardline"),
        ({"against": ["belarus"]}, "this is not ACTOR=POLICIES"),
        ({"against": ["balarus=grit"]}, "did you mean belarus"),
        ({"against": ["eu=grit,hardline"]}, "both tuned and part of a case"),
        ({"against": ["belarus=grit,grit"]}, "stands twice"),
        ({"robust": "worst"}, "--robust needs cases"),
        ({"uncertain": ["actors.us.policy.reciprocity=0:1:65"]}, "65 cases; allowed are 64"),
        ({"replications": 3}, "--replications: found 3"),
        ({"sampler": "cmaes", "subject_to": ["runaway <= 0.1"]}, "--sampler cmaes"),
        ({"vary": ["actors.eu.policy.recprocity=0:1"]}, "did you mean reciprocity"),
        ({"vary": ["actors.eu.policy.reciprocity=-1:1"]}, "reciprocity"),
        ({"vary": [f"{RECIPROCITY}=0:1", f"{RECIPROCITY}=0:2"]}, "is varied twice"),
    ],
)  # fmt: skip
def test_mistakes_are_answered_before_anything_is_played(
    minimal: Scenario, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        plan(minimal, asked(**change), 1)
    assert said in str(caught.value)


def test_paths_may_start_below_the_actor(minimal: Scenario) -> None:
    short = plan(minimal, asked(vary=["policy.reciprocity=0.1:1.5"], actor="eu"), 1)
    assert [lever.path for lever in short.levers] == [RECIPROCITY]
    whole = plan(minimal, asked(actor="us"), 1)
    assert [lever.path for lever in whole.levers] == [RECIPROCITY]


def test_objectives_of_the_scenario_can_be_named() -> None:
    scenario = load_text(
        "schema_version: 1\nextends: shipped:minimal\noutcomes: {objectives: {calm: prob(runaway) <= 0.1}}"
    )
    what = plan(scenario, asked(subject_to=["calm"]), 1)
    assert [str(limit) for limit in what.limits] == ["prob(runaway) <= 0.1"]


def test_cases_are_named_by_whose_they_are(minimal: Scenario) -> None:
    what = asked(against=["belarus=own,grit"], uncertain=["actors.us.policy.reciprocity=0.5|1",
                 "shocks.secret_inauguration.magnitude=3:5:2"])  # fmt: skip
    names = [case.name for case in plan(minimal, what, 1).cases]
    assert len(names) == 8
    assert names[0] == "belarus own, us reciprocity 0.5, magnitude 3"
    assert names[-1] == "belarus grit, us reciprocity 1, magnitude 5"


def test_a_best_value_at_the_edge_is_said_and_cost_and_retaliation_stand_beside_the_gain(
    minimal: Scenario,
) -> None:
    what = asked(maximise=["mean(acts.eu)"], trials=10, replications=40)
    found = tuned(plan(minimal, what, 1))
    lever = found.levers[0]
    said = " ".join(sentences(found))
    assert ("It lies at the edge of what was tried" in said) == lever.is_edge(found.chosen.point[lever.path])
    at_end = found.chosen.model_copy(update={"point": {lever.path: lever.ends[1]}})
    said = " ".join(sentences(found.model_copy(update={"chosen": at_end})))
    assert f"(0.1 to {lever.ends[1]:g}): a better policy may lie beyond." in said
    beside = {one.outcome for one in found.compared}
    assert {"cost.eu", "package_days.belarus", "relation.belarus.eu"} <= beside
