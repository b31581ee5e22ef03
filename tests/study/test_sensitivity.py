from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation import api
from escalation.errors import EscalationError, InputError
from escalation.scenario.expression import parse
from escalation.study import runner
from escalation.study.execution import Execution
from escalation.study.points.evaluate import Evaluator
from escalation.study.points.levers import levers_of
from escalation.study.points.variants import Variants
from escalation.study.sensitivity.morris import Effect, effects_of, morris_shares
from escalation.study.sensitivity.sensitivity import (
    OTHERS,
    SENSITIVITY,
    Sensitivity,
    SensitivityAsked,
    strongest,
)
from escalation.study.sensitivity.sobol import Indices, sobol_indices, sobol_shares
from escalation.study.sensitivity.space import DesignRows, Space, averaged, averages_of
from escalation.study.values import Estimate
from tests.study.asked import plan_sensitivity

FIRST, TOTAL, VARIANCE = (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437), 13.845
"""Of the Ishigami function with a = 7, b = 0.1 (Ishigami and Homma 1990; Saltelli and others 2008, 4.6)."""
RECIPROCITY = "actors.belarus.policy.reciprocity"
SMALL = {"points": 16, "trajectories": 4, "replications": 8}


def ishigami(shares: np.ndarray) -> np.ndarray:
    x1, x2, x3 = ((2.0 * shares - 1.0) * np.pi).T
    return np.asarray(np.sin(x1) + 7.0 * np.sin(x2) ** 2 + 0.1 * x3**4 * np.sin(x1))


def designed(n: int, seed: int = 1) -> list[np.ndarray]:
    A, B = sobol_shares(3, n, seed)
    mixed = [A.copy() for _ in range(3)]
    for place, points in enumerate(mixed):
        points[:, place] = B[:, place]
    return [A, B, *mixed]


def noisy(n: int, noise: float, averages: int = 8, size: int = 4) -> Indices:
    """The indices of the Ishigami function, each replication of which has an error of its own."""
    rng = np.random.default_rng(5)
    A, B, *AB = (
        ishigami(points) + rng.normal(0.0, noise / np.sqrt(size), (averages, n)) for points in designed(n)
    )
    return sobol_indices(A, B, np.stack(AB), size)


def values(known) -> list[float]:
    return [one.value for one in known]


def test_the_indices_of_the_ishigami_function_are_the_known_ones():
    found = noisy(2048, noise=0.0)
    assert values(found.first) == pytest.approx(FIRST, abs=0.02)
    assert values(found.total) == pytest.approx(TOTAL, abs=0.02)
    assert found.variance == pytest.approx(VARIANCE, rel=0.02)
    assert found.share.value == pytest.approx(1.0)
    assert found.together.value == pytest.approx(1 - sum(FIRST), abs=0.03)


def test_chance_at_a_point_does_not_inflate_the_indices():
    noise = 6.0
    found = noisy(2048, noise)
    assert values(found.first) == pytest.approx(FIRST, abs=0.06)
    assert values(found.total) == pytest.approx(TOTAL, abs=0.06)
    assert found.share.value == pytest.approx(VARIANCE / (VARIANCE + noise**2), abs=0.02)
    rng = np.random.default_rng(5)
    A, _, *AB = (ishigami(points) + rng.normal(0.0, noise / np.sqrt(32), 2048) for points in designed(2048))
    plain = 0.5 * np.mean((A - AB[2]) ** 2) / A.var()
    assert plain > TOTAL[2] + 0.04, "averages alone would make the third quantity more than it is"


def test_intervals_hold_the_known_indices():
    found = noisy(512, noise=3.0)
    for known, true in zip((*found.first, *found.total), (*FIRST, *TOTAL), strict=True):
        assert known.low - 0.01 <= true <= known.high + 0.01


def test_more_chance_than_the_design_can_tell_apart_is_said_and_gives_no_indices():
    rng = np.random.default_rng(2)
    A, B, C = (rng.normal(size=(8, 64)) for _ in range(3))
    found = sobol_indices(A, B, C[None], size=4)
    assert found.share.low <= 0.0
    assert values(found.first) == [None]


def test_what_never_varies_has_no_indices():
    same = np.full((8, 16), 3.0)
    found = sobol_indices(same, same, same[None], size=4)
    assert (found.mean, found.share.low, values(found.total)) == (3.0, None, [None])


def test_what_varies_in_one_row_alone_is_not_explained():
    """Most resamples of the rows have nothing in them that varies."""
    A = np.zeros((8, 64))
    A[:, 3] = np.arange(8.0)
    found = sobol_indices(A, np.zeros((8, 64)), np.zeros((1, 8, 64)), size=4)
    assert found.share.value > 0.0
    assert found.share.low <= 0.0
    assert values(found.total) == [None]


def test_a_straight_line_has_its_slope_as_effect_and_no_spread():
    shares = morris_shares(3, 10, seed=1)
    slopes = np.array([2.0, -1.0, 0.0])
    averages = np.repeat((shares @ slopes)[..., None], 4, axis=2)
    effects = effects_of(shares, averages, "abc")
    assert [one.mean.value for one in effects] == pytest.approx(0.9 * slopes)
    assert [one.size.value for one in effects] == pytest.approx(0.9 * np.abs(slopes))
    assert [one.spread for one in effects] == pytest.approx([0, 0, 0], abs=1e-9)
    assert [one.direction for one in effects[:2]] == ["+", "-"]
    assert [one.is_sure for one in effects] == [True, True, False]


def test_an_effect_that_is_chance_alone_is_as_large_as_chance_would_make_it():
    shares = morris_shares(2, 400, seed=1)
    averages = np.random.default_rng(1).normal(size=(400, 3, 8))
    for effect in effects_of(shares, averages, "ab"):
        assert effect.size.value == pytest.approx(effect.noise, rel=0.1)
        assert not effect.is_sure


def test_effects_are_those_that_salib_finds():
    analyze = pytest.importorskip("SALib.analyze.morris").analyze
    shares = morris_shares(3, 12, seed=4)
    values = ishigami(shares.reshape(-1, 3)).reshape(12, 4)
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}
    cube = np.round((shares - 0.05) / 0.9 * 3) / 3
    found = analyze(problem, cube.reshape(-1, 3), values.ravel(), num_levels=4, seed=1)
    effects = effects_of(shares, np.repeat(values[..., None], 2, axis=2), "abc")
    assert [one.mean.value for one in effects] == pytest.approx(list(found["mu"]))
    assert [one.size.value for one in effects] == pytest.approx(list(found["mu_star"]))
    assert [one.spread for one in effects] == pytest.approx(list(found["sigma"]))
    for one, half in zip(effects, found["mu_star_conf"], strict=True):
        assert one.size.half_width == pytest.approx(half, rel=0.15)


@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 99))
def test_in_a_trajectory_each_quantity_changes_once_by_two_levels(quantities, trajectories, seed):
    shares = morris_shares(quantities, trajectories, seed)
    assert shares.shape == (trajectories, quantities + 1, quantities)
    assert set(np.round((shares - 0.05) / 0.3, 9).ravel()) <= {0.0, 1.0, 2.0, 3.0}
    steps = np.diff(shares, axis=1)
    assert np.abs(steps).sum(axis=1) == pytest.approx(0.6)
    assert (np.count_nonzero(steps, axis=2) == 1).all()


def effect(size: float) -> Effect:
    estimate = Estimate(value=size, low=size, high=size, error=0.0)
    return Effect(quantity="a", mean=estimate, size=estimate, spread=0.0, noise=0.0)


@given(st.lists(st.floats(0, 10), min_size=4, max_size=4), st.integers(1, 6))
def test_no_quantity_that_is_screened_out_does_more_than_one_that_is_kept(sizes, top):
    kept = strongest([[effect(size) for size in sizes]], top)
    assert len(kept) == len(set(kept)) == min(top, 4)
    left = [size for place, size in enumerate(sizes) if place not in kept]
    assert min(sizes[place] for place in kept) >= max(left, default=0.0)


def test_a_quantity_that_matters_to_one_outcome_alone_is_kept():
    effects = [[effect(size) for size in row] for row in ((90.0, 80.0, 0.0), (0.0, 0.0, 0.1))]
    assert set(strongest(effects, 2)) == {0, 2}


@given(st.integers(2, 3000))
def test_replications_are_divided_into_two_averages_or_more_of_equal_size(replications):
    count = averages_of(replications)
    assert count >= 2
    assert replications % count == 0


@given(st.lists(st.floats(-5, 5), min_size=8, max_size=8), st.sets(st.integers(0, 7), max_size=7))
def test_failed_replications_are_in_no_average(numbers, failed):
    column = np.array(numbers)
    column[list(failed)] = np.nan
    found = averaged(column[None], 4)[0]
    good = column[~np.isnan(column)]
    assert not np.isnan(found).any()
    assert good.min() - 1e-9 <= found.min() <= found.max() <= good.max() + 1e-9
    if not failed:
        assert found == pytest.approx(column.reshape(4, 2).mean(axis=1))


def test_a_point_of_which_every_replication_fails_is_an_error():
    with pytest.raises(EscalationError, match="every replication of a point failed"):
        averaged(np.full((1, 8), np.nan), 4)


def test_a_row_of_a_design_is_what_a_run_with_these_values_gives():
    texts = ["actors.eu.policy=restrained|hardline", "actors.us.policy.join=0:1"]
    variants = Variants("minimal")
    space = Space(variants, levers_of(texts))
    assert [one.path for one in space.quantities] == [
        "actors.eu.policy",
        "actors.us.policy.join",
        RECIPROCITY,
    ]
    expression = parse("mean(acts.belarus)", variants.names)
    with Evaluator(variants, [expression], seed=3) as evaluator:
        played = DesignRows(space, evaluator, [expression], 4).play(np.array([[[0.9, 0.25, 0.5]]]), first=2)
    sets = ["actors.eu.policy=hardline", "actors.us.policy.join=0.25", f"{RECIPROCITY}=0.75"]
    plain = api.run("minimal", 12, seed=3, sets=sets).columns(["acts.belarus"])["acts.belarus"]
    assert played.values[0, 0, :, 0].tolist() == plain[8:12].tolist()


def test_a_lever_takes_the_place_of_the_distribution_at_its_path():
    space = Space(Variants("minimal"), levers_of([f"{RECIPROCITY}=0:2"]))
    (quantity,) = space.quantities
    assert (quantity.is_lever, quantity.range) == (True, "0 to 2")
    (cut,) = space.cuts(np.array([[0.25]]))
    assert cut.settings.tolist() == [[0.5]]


def test_without_levers_and_uncertain_numbers_there_is_nothing_to_analyse():
    with pytest.raises(InputError, match="has no uncertain number; name levers with --vary"):
        plan_sensitivity("minimal", sets=[f"{RECIPROCITY}=1"])


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("R", "escalation sweep"),
        ("quantile(cost.eu, 0.9)", "no average over replications"),
        ("mean(cost.e)", "did you mean cost.eu"),
    ],
)
def test_only_averages_can_be_apportioned(outcome, words):
    with pytest.raises(InputError, match=words):
        plan_sensitivity("minimal", outcomes=[outcome])


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"points": 60}, "powers of two, such as 32 and 64"),
        ({"points": 8}, "allowed is 16 to"),
        ({"replications": 1}, "allowed is 2 to"),
        ({"trajectories": 1}, "allowed is 4 to"),
        ({"top": 0}, "allowed is 1 to"),
        ({"seed": -1}, "seed: found -1"),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_what_can(numbers, words):
    with pytest.raises(InputError, match=words):
        plan_sensitivity("minimal", **numbers)


def test_objectives_are_what_is_looked_at_where_there_are_any():
    scenario = api.load(
        "minimal", ["outcomes.objectives.cost=mean(cost.eu) <= 3", "outcomes.objectives.spiral=R"]
    )
    asked = plan_sensitivity(scenario, **SMALL)
    assert [str(one) for one in asked.expressions] == ["mean(cost.eu)"]
    assert asked.left_out == ("R",)


def small(**changes: Any) -> SensitivityAsked:
    vary = ["actors.us.policy.join=0:1", "actors.eu.policy.inertia=0:1"]
    return plan_sensitivity("minimal", ["acts.belarus", "runaway"], vary, **(SMALL | changes))


def play(asked: SensitivityAsked, folder: Path | None = None, **work: Any) -> Sensitivity:
    return runner.begin(SENSITIVITY, asked, Execution(**({"clock": "compiled"} | work)), folder)


def numbers(result: Sensitivity) -> dict[str, Any]:
    return result.model_dump(exclude={"run"})


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("escalation.study.sensitivity.sensitivity.BLOCK", 120)


def test_an_analysis_that_was_interrupted_comes_to_the_same_as_one_that_was_not(tmp_path: Path) -> None:
    left = [2]

    def advance(_: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt

    with pytest.raises(runner.Interrupted, match="resumes it"):
        play(small(), tmp_path / "x", on_progress=advance)
    again = api.resume(tmp_path / "x", clock="compiled")
    assert numbers(again) == numbers(play(small()))
    assert api.open(tmp_path / "x") == again


def test_any_number_of_workers_gives_the_same():
    one, two = (numbers(play(small(), workers=workers)) for workers in (1, 2))
    assert one == two


def test_what_is_screened_out_has_one_index_together():
    result = play(small(top=1))
    effects = [one.effects for one in result.outcomes]
    (place,) = strongest(effects, 1)
    assert result.ranked == (effects[0][place].quantity, OTHERS)
    assert [len(one.effects) for one in result.outcomes] == [3, 3]
    assert [len(one.indices) for one in result.outcomes] == [2, 2]


def test_the_cost_is_what_is_played_and_reported_before_anything_is():
    costs, advanced = [], []
    result = play(
        small(), on_progress=advanced.append, on_event=lambda cost: costs.append((cost, sum(advanced)))
    )
    ((cost, before),) = costs
    assert before == 0
    assert cost.seconds > 0
    assert cost.replications == SENSITIVITY.work(small()) == sum(advanced) == result.played
    assert cost.points == 4 * 4 + 16 * 5


def test_an_analysis_is_refused_on_a_cluster():
    with pytest.raises(InputError, match="runs on this machine"):
        play(small(), engine="dask://somewhere:1")


def test_what_an_actor_does_depends_on_its_own_reciprocity_more_than_on_anothers_trifle():
    asked = plan_sensitivity(
        "minimal", ["acts.belarus"], ["actors.us.policy.join=0:1"], points=128, trajectories=8,
        replications=16,
    )  # fmt: skip
    (one,) = play(asked).outcomes
    join, reciprocity = one.effects
    assert reciprocity.mean.value > 3 * join.size.value
    assert one.is_explained
    assert max(index.total.value for index in one.indices) > 0.8
    assert 0.0 < one.share.value < 0.5
