from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation import api
from escalation.errors import EscalationError, InputError
from escalation.scenario.expression import parse
from escalation.study.points.evaluate import Evaluator
from escalation.study.points.levers import levers_of
from escalation.study.points.variants import Variants
from escalation.study.sensitivity.document import document, from_document
from escalation.study.sensitivity.morris import Effect, effects_of, morris_shares
from escalation.study.sensitivity.plan import SensitivityPlan, plan_sensitivity
from escalation.study.sensitivity.quantities import Space
from escalation.study.sensitivity.rows import Played, Rows, averaged, averages_of
from escalation.study.sensitivity.sensitivity import (
    REST,
    SensitivityMeans,
    cost_of,
    perform,
    strongest,
)
from escalation.study.sensitivity.sobol import Indices, sobol_indices, sobol_shares

FIRST, TOTAL, VARIANCE = (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437), 13.845
"""Of the Ishigami function with a = 7, b = 0.1 (Ishigami and Homma 1990; Saltelli and others 2008, 4.6)."""
RECIPROCITY = "actors.belarus.policy.reciprocity"
MEANS = SensitivityMeans(clock="compiled")
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
    return sobol_indices(A, B, np.stack(AB), size, seed=1)


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
    found = sobol_indices(A, B, C[None], size=4, seed=1)
    assert not found.told
    assert values(found.first) == [None]


def test_what_never_varies_has_no_indices():
    same = np.full((8, 16), 3.0)
    found = sobol_indices(same, same, same[None], size=4, seed=1)
    assert (found.mean, found.told, values(found.total)) == (3.0, False, [None])


def test_a_straight_line_has_its_slope_as_effect_and_no_spread():
    shares = morris_shares(3, 10, seed=1)
    slopes = np.array([2.0, -1.0, 0.0])
    averages = np.repeat((shares @ slopes)[..., None], 4, axis=2)
    effects = effects_of(shares, averages, seed=1)
    assert [one.mean for one in effects] == pytest.approx(0.9 * slopes)
    assert [one.size for one in effects] == pytest.approx(0.9 * np.abs(slopes))
    assert [one.spread for one in effects] == pytest.approx([0, 0, 0], abs=1e-9)
    assert [one.direction for one in effects[:2]] == ["+", "-"]
    assert [one.told for one in effects] == [True, True, False]


def test_an_effect_that_is_chance_alone_is_as_large_as_chance_would_make_it():
    shares = morris_shares(2, 400, seed=1)
    averages = np.random.default_rng(1).normal(size=(400, 3, 8))
    for effect in effects_of(shares, averages, seed=1):
        assert effect.size == pytest.approx(effect.noise, rel=0.1)
        assert not effect.told


@given(st.lists(st.floats(0, 10), min_size=4, max_size=4), st.integers(1, 6))
def test_no_quantity_that_is_screened_out_does_more_than_one_that_is_kept(sizes, top):
    kept = strongest([[Effect(size, 0.0, size, 0.0, 0.0, 0.0) for size in sizes]], top)
    assert len(kept) == len(set(kept)) == min(top, 4)
    left = [size for place, size in enumerate(sizes) if place not in kept]
    assert min(sizes[place] for place in kept) >= max(left, default=0.0)


def test_a_quantity_that_matters_to_one_outcome_alone_is_kept():
    effects = [
        [Effect(size, 0.0, size, 0.0, 0.0, 0.0) for size in row]
        for row in ((90.0, 80.0, 0.0), (0.0, 0.0, 0.1))
    ]
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
    variants = Variants.of("minimal")
    space = Space(variants, levers_of(texts))
    assert [one.path for one in space.quantities] == [
        "actors.eu.policy",
        "actors.us.policy.join",
        RECIPROCITY,
    ]
    expression = parse("mean(acts.belarus)", variants.names)
    with Evaluator(variants, [expression], seed=3) as evaluator:
        played = Rows(space, evaluator, [expression], 4).play(np.array([[[0.9, 0.25, 0.5]]]), first=2)
    sets = ["actors.eu.policy=hardline", "actors.us.policy.join=0.25", f"{RECIPROCITY}=0.75"]
    plain = api.run("minimal", 12, seed=3, sets=sets).columns(["acts.belarus"])["acts.belarus"]
    assert played.values[0, 0, :, 0].tolist() == plain[8:12].tolist()


def test_a_lever_takes_the_place_of_the_distribution_at_its_path():
    space = Space(Variants.of("minimal"), levers_of([f"{RECIPROCITY}=0:2"]))
    (quantity,) = space.quantities
    assert (quantity.is_lever, quantity.range) == (True, "0 to 2")
    (part,) = space.parts(np.array([[0.25]]))
    assert part.settings.tolist() == [[0.5]]


def test_without_levers_and_uncertain_numbers_there_is_nothing_to_analyse():
    with pytest.raises(InputError, match="has no uncertain number; name levers with --vary"):
        plan_sensitivity(api.load("minimal", [f"{RECIPROCITY}=1"]))


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
        plan_sensitivity(api.load("minimal"), outcomes=[outcome])


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"points": 60}, "powers of two, such as 32 and 64"),
        ({"points": 8}, "allowed is 16 to"),
        ({"replications": 1}, "allowed is 2 to"),
        ({"trajectories": 1}, "allowed is 4 to"),
        ({"top": 0}, "allowed is 1 to"),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_what_can(numbers, words):
    with pytest.raises(InputError, match=words):
        plan_sensitivity(api.load("minimal"), **numbers)


def test_objectives_are_what_is_looked_at_where_there_are_any():
    scenario = api.load(
        "minimal", ["outcomes.objectives.cost=mean(cost.eu) <= 3", "outcomes.objectives.spiral=R"]
    )
    plan = plan_sensitivity(scenario, **SMALL)
    assert [str(one) for one in plan.expressions] == ["mean(cost.eu)"]
    assert plan.left_out == ("R",)


class Failing(dict[str, Played]):
    """Pieces of which only so many can be kept before Ctrl-C."""

    left = 3

    def __setitem__(self, name: str, played: Played) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        super().__setitem__(name, played)


def small(**changes: object) -> SensitivityPlan:
    levers = levers_of(["actors.us.policy.join=0:1", "actors.eu.policy.inertia=0:1"])
    numbers = SMALL | changes
    return plan_sensitivity(api.load("minimal"), levers, ["acts.belarus", "runaway"], **numbers)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("escalation.study.sensitivity.sensitivity.BLOCK", 120)


def test_an_analysis_that_was_interrupted_comes_to_the_same_as_one_that_was_not():
    plan, pieces = small(), Failing()
    with pytest.raises(KeyboardInterrupt):
        perform(plan, MEANS, pieces)
    assert len(pieces) == 3
    again = perform(plan, MEANS, dict(pieces))
    assert replace(again, seconds=0.0) == replace(perform(plan, MEANS), seconds=0.0)


def test_any_number_of_workers_gives_the_same():
    one, two = (perform(small(), SensitivityMeans(workers, "compiled")) for workers in (1, 2))
    assert replace(one, seconds=0.0) == replace(two, seconds=0.0)


def test_what_is_screened_out_has_one_index_together():
    found = perform(small(top=1), MEANS)
    assert found.ranked == (RECIPROCITY, REST)
    assert [len(one.effects) for one in found.outcomes] == [3, 3]
    assert [len(one.indices.total) for one in found.outcomes] == [2, 2]


def test_the_cost_is_what_is_played_and_told_before_anything_is():
    told, advanced = [], []
    means = SensitivityMeans(
        on_progress=advanced.append, on_cost=lambda cost, _: told.append((cost, sum(advanced)))
    )
    found = perform(small(), means)
    ((cost, before),) = told
    assert before == 0
    assert cost.seconds > 0
    assert cost.replications == cost_of(small()).replications == sum(advanced) == found.played
    assert cost.points == 4 * 4 + 16 * 5


def test_an_analysis_reads_back_from_its_document_as_it_was():
    found = perform(small(), MEANS)
    plain = json.loads(json.dumps(document(found), allow_nan=False))
    assert from_document(plain) == replace(found, seconds=0.0)


def test_what_an_actor_does_depends_on_its_own_reciprocity_more_than_on_anothers_trifle():
    plan = plan_sensitivity(
        api.load("minimal"), levers_of(["actors.us.policy.join=0:1"]), ["acts.belarus"],
        points=128, trajectories=8, replications=16,
    )  # fmt: skip
    (one,) = perform(plan, MEANS).outcomes
    join, reciprocity = one.effects
    assert reciprocity.mean > 3 * join.size
    assert one.indices.told
    total = dict(zip(("first", "second"), values(one.indices.total), strict=True))
    assert max(total.values()) > 0.8
    assert 0.0 < one.indices.share.value < 0.5
