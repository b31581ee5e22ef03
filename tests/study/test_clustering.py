"""The rival explanation against branching processes whose second moments are known."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from escalation.model.world import TRUNCATED
from escalation.study.flywheel.branching import sums_by_batch
from escalation.study.flywheel.clustering import Rival, rival
from escalation.study.flywheel.estimate import stack
from escalation.study.flywheel.pairs import Grid
from escalation.study.flywheel.plan import Plan
from tests.model.worlds import START, duel, instrument, world
from tests.study.hazards import ensemble, hazards

P = 0.6
CHAIN = {"a": {"a": P}, "b": {"b": P}}
"""Each act is answered once with probability P: clusters are geometric, of 1 / (1 - P) acts on average."""

OFTEN = {"label": "x", "rate": 20, "blamed": "a", "magnitude": 1, "salience": {"b": 1}}
"""A shock that comes 20 times a year, at any time."""


def found(data, replications=200) -> Rival:
    built, many = ensemble(data, replications)
    against = rival(stack(sums_by_batch(built, 0, many, replications, Plan(30.0))), built)
    assert against is not None
    return against


def near(data) -> float:
    return Grid(world(data)).near


def within(part, known: float) -> bool:
    """Return whether a known value lies within twice the interval: four standard errors."""
    half = 2 * (part.high - part.low) / 2
    return bool(abs(part.share - known) <= half)


def test_answers_to_shocks_on_one_day_cluster_as_the_moments_of_the_process_say():
    shocks = 8
    data = hazards(CHAIN, shocks=shocks, lag=0.5)
    against = found(data)
    mean, variance = shocks / (1 - P), shocks * P / (1 - P) ** 2
    even = mean**2 * near(data)
    excess = mean**2 + variance - mean - even
    assert against.clustering == pytest.approx((excess + even) / even, rel=0.1)
    assert within(against.shocks, shocks**2 * (1 - near(data)) / excess)
    assert within(against.baseline, (mean**2 - even) / excess)
    assert against.shocks.high < 0.3
    assert against.baseline.low > 0.9
    assert against.shocks.high - against.shocks.low < 0.1


def test_answers_to_shocks_at_any_time_are_no_moving_baseline():
    data = hazards(CHAIN, shocks=0, lag=0.5)
    data["shocks"] = {"often": OFTEN}
    against = found(data)
    # pairs of one cluster per cluster: P / (1 - P)^2
    assert against.clustering == pytest.approx(1 + 2 * P / (20 * near(data)), rel=0.1)
    assert within(against.shocks, 0)
    assert within(against.baseline, 0)
    assert against.shocks.high < 0.1


def test_shocks_that_nobody_answers_are_all_baseline():
    data = hazards({"a": {}, "b": {}}, shocks=60, salience=0.5)
    against = found(data)
    assert against.clustering > 5
    assert against.shocks == against.baseline
    # acts are a little less crowded than at a rate: each shock is answered once at most
    assert 1 < against.shocks.share < 1.05


def test_scripted_acts_that_a_passive_actor_lets_pass_are_all_baseline():
    data = duel(shocks={})
    days = [*range(30, 60, 2), *range(200, 230, 2)]
    data["actors"]["target"]["policy"] = {
        "kind": "scripted",
        "acts": {
            f"act_{d}": {"date": START + timedelta(days=d), "target": "sender", "instrument": "recall"}
            for d in days
        },
    }
    data["actors"]["sender"]["policy"] = {"preset": "passive"}
    against = found(data, 30)
    assert against.clustering > 2
    assert against.shocks == against.baseline
    # the same in every future: two futures share even what would pair an act with itself
    counts = np.bincount(days, minlength=365)
    pairs = (counts * Grid(world(data)).around(counts)).sum()
    even = len(days) ** 2 * near(data)
    assert against.shocks.share == pytest.approx((pairs - even) / (pairs - len(days) - even))
    assert against.shocks.high - against.shocks.low < 1e-9


def test_acts_at_an_even_rate_do_not_cluster():
    data = hazards({"a": {}, "b": {}}, shocks=0, lag=0.5)
    data["shocks"] = {"often": OFTEN}
    against = found(data)
    assert against.clustering == pytest.approx(1, abs=0.05)
    assert (against.shocks, against.baseline) == (None, None)


def test_parts_of_one_package_are_no_pair():
    data = duel(end=START + timedelta(days=40))
    data["instruments"] |= {"ban": instrument("transport", 3, 2)}
    policy = {"more": 1, "package_limit": 3, "reciprocity": 1.2}
    data["actors"]["sender"]["policy"] |= policy
    built, many = ensemble(data, 30)
    sums = sums_by_batch(built, 0, many, 30, Plan(10.0))
    for number, one in enumerate(many):
        counted = np.array(built.tables.instrument["counted"])[one.acts["instrument"]] == 1
        acts = np.flatnonzero(counted & (one.acts["origin"] != 0))
        packages, day = one.acts["package"][acts], one.acts["time"][acts] // 1
        pairs = [
            (m, n)
            for m in range(len(acts))
            for n in range(m)
            if packages[m] != packages[n] and abs(day[m] - day[n]) <= Grid(built).reach
        ]
        assert sums[number].pairs == len(pairs)
    assert any(len(one.acts["act"]) > 3 for one in many)


@pytest.mark.parametrize("days", [1, 40, 365, 2000])
def test_the_part_of_pairs_that_are_close_is_that_of_the_grid(days):
    grid = Grid(world(duel(end=START + timedelta(days=days))))
    assert grid.bins <= 1000
    assert grid.near == pytest.approx(grid.around(np.ones(grid.bins)).sum() / grid.bins**2)
    assert grid.days == (0 if days == 1 else 30)
    places = np.arange(grid.bins)
    counts = np.random.default_rng(1).random(grid.bins)
    by_hand = [counts[abs(places - place) <= grid.reach].sum() for place in places]
    assert grid.around(counts) == pytest.approx(by_hand)


def test_few_replications_and_those_cut_off_say_nothing():
    built, many = ensemble(hazards(CHAIN), 30)
    plan = Plan(30.0)
    assert rival(stack(sums_by_batch(built, 0, many[:19], 19, plan)), built) is None
    cut = [*many[:25], *(one._replace(status=TRUNCATED) for one in many[25:])]
    assert rival(stack(sums_by_batch(built, 0, cut, 30, plan)), built) is None
    assert rival(stack(sums_by_batch(built, 0, many, 30, plan)), built) is not None
